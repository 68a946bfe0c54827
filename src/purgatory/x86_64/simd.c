/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Intel SDM volume 1, sections 13.2 and 13.3 (XSAVE, XCR0), 14.3 and 14.7.1 (how AVX and AVX2 are
 * detected); volume 2, CPUID. Bit 27 of leaf 1, OSXSAVE, shows CR4 and is therefore not asked.
 */
#include "purgatory/x86_64/simd.h"

enum {
	LEAF1_ECX_XSAVE = 1 << 26,
	LEAF1_ECX_AVX = 1 << 28,
	LEAF7_EBX_AVX2 = 1 << 5,
	XCR0_X87_SSE_AVX = 7,
	CR4_OSXSAVE = 1 << 18,
};

struct cpuid {
	uint32_t eax, ebx, ecx, edx;
};

static struct cpuid cpuid(uint32_t leaf)
{
	struct cpuid r;

	__asm__ volatile("cpuid"
			 : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx)
			 : "a"(leaf), "c"(0));
	return r;
}

static uint64_t read_cr4(void)
{
	uint64_t value;

	__asm__ volatile("mov %%cr4, %0" : "=r"(value));
	return value;
}

static void write_cr4(uint64_t value)
{
	__asm__ volatile("mov %0, %%cr4" : : "r"(value) : "memory");
}

static uint64_t read_xcr0(void)
{
	uint32_t low, high;

	__asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	return (uint64_t)high << 32 | low;
}

static void write_xcr0(uint64_t value)
{
	__asm__ volatile("xsetbv"
			 :
			 : "a"((uint32_t)value), "d"((uint32_t)(value >> 32)), "c"(0)
			 : "memory");
}

bool simd_cpu_has_avx2(void)
{
	const uint32_t wanted = LEAF1_ECX_XSAVE | LEAF1_ECX_AVX;

	return cpuid(0).eax >= 0xd && (cpuid(1).ecx & wanted) == wanted &&
	       cpuid(7).ebx & LEAF7_EBX_AVX2 &&
	       (cpuid(0xd).eax & XCR0_X87_SSE_AVX) == XCR0_X87_SSE_AVX;
}

/* The old kernel left its XCR0, which as a rule allows AVX: then nothing but CR4 changes. */
void simd_begin(struct simd *simd)
{
	simd->avx2 = simd_cpu_has_avx2();
	simd->xcr0_changed = false;
	if (!simd->avx2)
		return;
	simd->cr4 = read_cr4();
	write_cr4(simd->cr4 | CR4_OSXSAVE);
	simd->xcr0 = read_xcr0();
	if ((simd->xcr0 & XCR0_X87_SSE_AVX) == XCR0_X87_SSE_AVX)
		return;
	write_xcr0(simd->xcr0 | XCR0_X87_SSE_AVX);
	simd->xcr0_changed = true;
}

void simd_end(const struct simd *simd)
{
	if (simd->xcr0_changed)
		write_xcr0(simd->xcr0);
	if (simd->avx2)
		write_cr4(simd->cr4);
}
