/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vmcore/windows.h"

#include <elf.h>

#include "vmcore/vmcore.h"

#ifndef EM_LOONGARCH
#define EM_LOONGARCH 258
#endif

#define BIT64(n) (UINT64_C(1) << (n))

static void add_window(struct vmcore *vmcore, uint64_t virtual, uint64_t size, uint64_t physical)
{
	if (vmcore->window_count < WINDOWS_MAX && size > 0)
		vmcore->windows[vmcore->window_count++] =
		    (struct window){.virtual = virtual, .size = size, .physical = physical};
}

static bool number(const struct vmcore *vmcore, const char *name, uint64_t *value)
{
	return vmcoreinfo_number(&vmcore->dump.info, name, value);
}

/* An address of something in the kernel's image. */
static bool kernel_symbol(const struct vmcore *vmcore, uint64_t *address)
{
	static const char *const names[] = {"_stext", "prb", "log_buf", "init_uts_ns"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (vmcoreinfo_symbol(&vmcore->dump.info, names[i], address))
			return true;
	return false;
}

/* The kernel's image, from __START_KERNEL_map on (Documentation/arch/x86/x86_64/mm.rst). */
static void find_x86_64(struct vmcore *vmcore)
{
	uint64_t phys_base, size = BIT64(30);

	number(vmcore, "KERNEL_IMAGE_SIZE", &size);
	if (!number(vmcore, "phys_base", &phys_base)) {
		if (!vmcore->dump.has_phys_base)
			return;
		phys_base = vmcore->dump.phys_base;
	}
	if (size <= BIT64(31))
		add_window(vmcore, UINT64_C(0xffffffff80000000), size, phys_base);
}

/* Where memory begins in a 32-bit kernel's address space: a choice of its configuration, of which
 * the kernel's image lies close behind the right one. */
static void find_32_bit(struct vmcore *vmcore, uint64_t physical)
{
	static const uint64_t starts[] = {0xc0000000, 0xb0000000, 0x80000000, 0x78000000,
					  0x40000000};
	uint64_t symbol;

	if (!kernel_symbol(vmcore, &symbol))
		return;
	for (size_t i = 0; i < sizeof(starts) / sizeof(*starts); i++)
		if (symbol >= starts[i]) {
			add_window(vmcore, starts[i], BIT64(32) - starts[i], physical);
			return;
		}
}

/*
 * Memory is the lower half of the kernel's addresses and its image in the upper; before Linux 5.4
 * it was the other way round (arch/arm64/include/asm/memory.h), which the address of a symbol
 * tells.
 */
static void find_arm64(struct vmcore *vmcore)
{
	uint64_t bits, actual, t1sz, phys_offset, image_offset, symbol, half, start;
	bool image_above;

	if (!number(vmcore, "VA_BITS", &bits) || bits < 36 || bits > 52 ||
	    !kernel_symbol(vmcore, &symbol))
		return;
	actual = bits;
	if (number(vmcore, "TCR_EL1_T1SZ", &t1sz) && t1sz >= 12 && t1sz <= 28)
		actual = 64 - t1sz;
	half = BIT64(actual - 1);
	image_above = symbol & half;
	start = image_above ? -BIT64(bits) : -half;
	if (number(vmcore, "PHYS_OFFSET", &phys_offset)) {
		uint64_t first = image_above ? -(half * 2) : -half;

		add_window(vmcore, first, half, phys_offset + (first - start));
	}
	if (number(vmcore, "kimage_voffset", &image_offset)) {
		uint64_t first = image_above ? -half : -(half * 2);

		add_window(vmcore, first, half, first - image_offset);
	}
}

/* arch/riscv/kernel/crash_core.c (before 6.7: machine_kexec.c). */
static void find_riscv(struct vmcore *vmcore)
{
	uint64_t page_offset, physical, link, distance;

	if (number(vmcore, "KERNEL_LINK_ADDR", &link) &&
	    number(vmcore, "va_kernel_pa_offset", &distance))
		add_window(vmcore, link, BIT64(31), link - distance);
	if (number(vmcore, "PAGE_OFFSET", &page_offset) &&
	    (number(vmcore, "phys_ram_base", &physical) ||
	     number(vmcore, "PHYS_OFFSET", &physical)))
		add_window(vmcore, page_offset,
			   vmcore->dump.word == 4 ? BIT64(32) - page_offset : -page_offset,
			   physical);
}

/* Whatever a dump says of its architecture is only used when the address is in no range of its. */
void windows_find(struct vmcore *vmcore)
{
	uint64_t physical = vmcore->dump.phys_base;

	switch (vmcore->dump.machine) {
	case EM_X86_64:
		find_x86_64(vmcore);
		break;
	case EM_386:
		find_32_bit(vmcore, 0);
		break;
	case EM_ARM:
		number(vmcore, "PHYS_OFFSET", &physical);
		find_32_bit(vmcore, physical);
		break;
	case EM_AARCH64:
		find_arm64(vmcore);
		break;
	case EM_RISCV:
		find_riscv(vmcore);
		break;
	case EM_PPC64: /* arch/powerpc/include/asm/page.h, PAGE_OFFSET */
		add_window(vmcore, UINT64_C(0xc000000000000000), BIT64(60), 0);
		break;
	case EM_S390: /* the identity mapping, up to Linux 6.9 */
		add_window(vmcore, 0, BIT64(63), 0);
		break;
	case EM_LOONGARCH: /* direct mapped windows (asm/addrspace.h, CACHE_BASE, UNCACHE_BASE) */
		add_window(vmcore, UINT64_C(0x9000000000000000), BIT64(48), 0);
		add_window(vmcore, UINT64_C(0x8000000000000000), BIT64(48), 0);
		break;
	default:
		break;
	}
}
