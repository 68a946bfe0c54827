/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What purgatory does between the two kernels: verify, stamp, return to entry.S for the jump; or
 * name what is damaged and reset the machine.
 */
#include <stddef.h>
#include <stdint.h>

#include "purgatory/digest.h"
#include "purgatory/memory.h"
#include "purgatory/parameters.h"
#include "purgatory/x86_64/layout.h"
#include "purgatory/x86_64/serial.h"
#include "purgatory/x86_64/simd.h"

_Static_assert(WINDOW_SIZE == PURGATORY_WINDOW_SIZE, "window");
_Static_assert(PARAMETERS_OFFSET == PURGATORY_PARAMETERS_OFFSET, "parameters");
_Static_assert(PARAMETERS_MAGIC == PURGATORY_MAGIC, "magic");
_Static_assert(PARAMETERS_SIZE == sizeof(struct purgatory_parameters), "size");
_Static_assert(PARAMETERS_ENTRY == offsetof(struct purgatory_parameters, entry), "entry");
_Static_assert(PARAMETERS_MODE == offsetof(struct purgatory_parameters, mode), "mode");
_Static_assert(ENTER_PROTECTED_MODE == PURGATORY_ENTER_PROTECTED_MODE, "mode's value");
_Static_assert(PARAMETERS_ARGUMENT == offsetof(struct purgatory_parameters, argument), "argument");

void purgatory_main(struct purgatory_parameters *parameters, uint64_t entered);
_Noreturn void purgatory_triple_fault(void);

static inline uint64_t read_tsc(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

/* Waits about a millisecond per unit on anything: long enough for a chip set, never for ever. */
static void pause_for_reset(unsigned int units)
{
	for (uint64_t i = 0; i < units * UINT64_C(200000); i++)
		__asm__ volatile("pause");
}

/* A ladder of ways, each given time to act before the next is tried. */
static _Noreturn void reset_machine(void)
{
	/* Keyboard controller: pulse the reset line once its input buffer is empty. */
	for (unsigned int i = 0; i < 65536 && (port_read(0x64) & 2); i++)
		__asm__ volatile("pause");
	port_write(0x64, 0xfe);
	pause_for_reset(50);
	/* Reset control register of PCI chip sets: full reset, first prepared, then done. */
	port_write(0xcf9, 0x0a);
	port_write(0xcf9, 0x0e);
	pause_for_reset(50);
	purgatory_triple_fault();
}

static _Noreturn void give_up(const struct purgatory_parameters *parameters,
			      const struct check_entry *entry, uint64_t digest)
{
	uint16_t port = (uint16_t)parameters->serial_port;

	serial_text(port, "\r\nkexec: segment \"");
	serial_text(port, entry->name);
	serial_text(port, "\" at ");
	serial_number(port, entry->start);
	serial_text(port, " was damaged before the jump (digest ");
	serial_number(port, digest);
	serial_text(port, ", expected ");
	serial_number(port, entry->digest);
	serial_text(port, ")\r\nkexec: resetting the machine\r\n");
	serial_drain(port);
	reset_machine();
}

static void verify_each(const struct purgatory_parameters *parameters,
			uint64_t (*digest_of)(const void *bytes, size_t size))
{
	const struct check_table *checks = &parameters->checks;

	for (uint64_t i = 0; i < checks->count && i < CHECK_ENTRIES_MAX; i++) {
		const struct check_entry *entry = &checks->entries[i];
		uint64_t digest = digest_of((const void *)(uintptr_t)entry->start, entry->size);

		if (digest != entry->digest)
			give_up(parameters, entry, digest);
	}
}

/* How wide the registers were that it was done with, in bits; 0 when nothing is to be verified. */
static uint32_t verify(const struct purgatory_parameters *parameters)
{
	struct simd simd;

	if (!parameters->checks.count)
		return 0;
	simd_begin(&simd);
	verify_each(parameters, simd.avx2 ? purgatory_digest_avx2 : purgatory_digest_sse2);
	simd_end(&simd);
	return simd.avx2 ? 256 : 128;
}

static void back_up(const struct purgatory_parameters *parameters)
{
	if (parameters->backup_size)
		memcpy((void *)(uintptr_t)parameters->backup,
		       (const void *)(uintptr_t)parameters->backup_source, parameters->backup_size);
}

void purgatory_main(struct purgatory_parameters *parameters, uint64_t entered)
{
	uint32_t width = verify(parameters);
	struct purgatory_stamp *stamp = (void *)(uintptr_t)parameters->stamp;

	back_up(parameters);
	if (!stamp)
		return;
	stamp->entered = entered;
	stamp->checked = (uint32_t)parameters->checks.count;
	stamp->width = width;
	stamp->left = read_tsc();
}
