/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/linux-x86/linux-x86.h"

#include <elf.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "boot/command-line.h"
#include "boot/linux-x86/boot-params.h"
#include "boot/linux-x86/direct.h"
#include "boot/linux-x86/layout.h"
#include "boot/linux-x86/setup-data.h"
#include "machine/console.h"
#include "machine/firmware.h"
#include "machine/kernel.h"
#include "purgatory/parameters.h"
#include "purgatory/purgatory.h"

#define FOUR_GIB      UINT64_C(0x100000000)
#define KERNEL_LOWEST UINT64_C(0x1000000) /* above what DMA of old devices can reach */

/*
 * kexec_file_load keeps room behind the command line for "elfcorehdr=0x…", also where it adds none,
 * and counts the NUL (MAX_ELFCOREHDR_STR_LEN, arch/x86/kernel/kexec-bzimage64.c).
 */
#define FILE_METHOD_RESERVED 31

_Static_assert((int)BOOT_SEED_SIZE == (int)SETUP_DATA_SEED_SIZE, "the whole seed is handed on");

static int check_command_line(const struct boot_source *source, enum plan_method method,
			      struct error *error)
{
	uint64_t limit = source->image->bzimage.command_line_max;
	size_t length = strlen(source->command_line);

	if (method == PLAN_FILE)
		limit = limit > FILE_METHOD_RESERVED ? limit - FILE_METHOD_RESERVED : 0;
	if (length <= limit)
		return 0;
	if (source->added_length)
		return error_add(error, ERROR_TOO_LONG, 0, "check command line",
				 blob_name(source->image->file),
				 "the command line has %zu characters with what a crash kernel is "
				 "told on it (up to %zu), and this kernel takes at most %" PRIu64,
				 length, source->added_length, limit);
	return error_add(error, ERROR_TOO_LONG, 0, "check command line",
			 blob_name(source->image->file),
			 "the command line has %zu characters, and this kernel takes at most "
			 "%" PRIu64 " by %s",
			 length, limit, plan_method_call(method));
}

static const char *linux_x86_describe(const struct image *image)
{
	return image->bzimage.entry_64 ? "Linux/x86, 64-bit entry" : "Linux/x86, 32-bit entry";
}

static int linux_x86_check(const struct boot_source *source, enum plan_method method,
			   struct error *error)
{
	const struct bzimage *image = &source->image->bzimage;

	if (source->running->five_level_paging && image->entry_64 &&
	    !(image->xloadflags & BZIMAGE_XLF_5LEVEL))
		return error_add(error, ERROR_UNSUPPORTED, 0, "check kernel",
				 blob_name(source->image->file),
				 "it cannot be entered with 5-level page tables (LA57), which the "
				 "running kernel uses");
	if (method == PLAN_SEGMENTS && source->firmware->boot_params_fact != FACT_KNOWN)
		return error_add(
		    error, ERROR_UNSUPPORTED, 0, "check machine", "/sys/kernel/boot_params/data",
		    "it cannot be read, and the next kernel would not find its screen, "
		    "ACPI and EFI without it; -s needs it not");
	return check_command_line(source, method, error);
}

/* By the signature that the first boot loader left: EL64, or EL32 for a 32-bit firmware. */
static bool machine_has_efi(const struct machine_firmware *firmware)
{
	return firmware->boot_params_fact == FACT_KNOWN &&
	       memcmp(firmware->boot_params + BP_EFI_INFO, "EL", 2) == 0;
}

static bool efi_is_handed_on(const struct boot_source *source)
{
	const struct machine_firmware *firmware = source->firmware;

	return firmware->efi_fact == FACT_KNOWN && firmware->boot_params_fact == FACT_KNOWN &&
	       (source->image->bzimage.xloadflags & BZIMAGE_XLF_EFI_KEXEC) &&
	       memcmp(firmware->boot_params + BP_EFI_INFO, "EL64", 4) == 0;
}

static struct setup_data_source setup_data_source(const struct plan *plan,
						  const struct boot_source *source)
{
	return (struct setup_data_source){
	    .seed = source->seed,
	    .told = &plan->told,
	    .firmware = source->firmware,
	    .hand_on_efi = efi_is_handed_on(source),
	};
}

/* The limits of a segment, narrowed to what the user allows. */
static struct range limits(const struct boot_source *source, uint64_t min, uint64_t max)
{
	return (struct range){min > source->load_min ? min : source->load_min,
			      max < source->load_max ? max : source->load_max};
}

static uint64_t ceiling(const struct boot_source *source)
{
	const struct bzimage *image = &source->image->bzimage;

	return image->entry_64 && (image->xloadflags & BZIMAGE_XLF_ABOVE_4G) ? UINT64_MAX
									     : FOUR_GIB;
}

/*
 * High, like all segments: plan/place.c says why. Low where the next kernel is told to leave memory
 * alone: without KASLR it runs where it was loaded; and for a 32-bit kernel, which reaches only the
 * first 896 MiB from where it runs. A kernel that is not relocatable has exactly one place.
 */
static int claim_kernel(struct plan *plan, const struct boot_source *source, struct error *error)
{
	const struct bzimage *image = &source->image->bzimage;
	struct range where = {KERNEL_LOWEST, ceiling(source)};
	uint64_t size = image->init_size;
	int r;

	/* Loaded below its preferred address, a kernel unpacks itself there all the same. */
	if (image->preferred_address > where.start)
		where.start = image->preferred_address;
	if (!image->relocatable && (!align_up(image->init_size, PAGE_BYTES, &size) ||
				    !range_from_size(image->preferred_address, size, &where) ||
				    where.end > ceiling(source)))
		return error_add(error, ERROR_IMAGE, 0, "claim segment", "kernel",
				 "its preferred address 0x%" PRIx64 " is no place for it",
				 image->preferred_address);
	where = limits(source, where.start, where.end);
	r = direct_claim(plan, source, where, error);
	if (r != DIRECT_UNSUITABLE)
		return r;
	return plan_claim(
	    plan,
	    &(struct plan_claim){
		.name = "kernel",
		.content = source->image->file,
		.content_offset = image->kernel_offset,
		.content_size = image->kernel_size,
		.checked_size = source->check ? image->kernel_size : 0,
		.memory_size = image->init_size,
		.alignment = image->relocatable ? image->alignment : 0,
		.limits = where,
		.lowest = !image->entry_64 || command_line_limits_memory(source->command_line),
	    },
	    error);
}

/* Claims a segment of our own making, `size` zeroed bytes that fill() will write. */
static int claim_own(struct plan *plan, const struct boot_source *source, const char *name,
		     uint64_t size, struct error *error)
{
	return plan_claim_zeros(plan,
				(struct plan_claim){
				    .name = name,
				    .content_size = size,
				    .checked_size = source->check ? size : 0,
				    .limits = limits(source, 0, ceiling(source)),
				},
				error);
}

static int claim_purgatory(struct plan *plan, const struct boot_source *source, struct error *error)
{
	uint64_t size = (uint64_t)(purgatory_x86_64_end - purgatory_x86_64);
	int r;

	plan->check_segment = plan->segment_count;
	plan->check_offset =
	    PURGATORY_PARAMETERS_OFFSET + offsetof(struct purgatory_parameters, checks);
	r = plan_claim_zeros(plan,
			     (struct plan_claim){
				 .name = "purgatory",
				 .content_size = size,
				 .checked_size = source->check ? PURGATORY_PARAMETERS_OFFSET : 0,
				 .memory_size = PURGATORY_WINDOW_SIZE,
				 .limits = limits(source, 0, ceiling(source)),
			     },
			     error);
	if (r >= 0)
		memcpy(plan->segments[r].content->memory, purgatory_x86_64, size);
	return r;
}

static int claim_initrds(struct plan *plan, const struct boot_source *source, struct error *error)
{
	uint64_t max = ceiling(source);

	if (!source->initrds)
		return 0;
	if (max == FOUR_GIB)
		max = source->image->bzimage.initrd_max + 1;
	return plan_claim(plan,
			  &(struct plan_claim){
			      .name = "initrd",
			      .content = source->initrds,
			      .content_size = source->initrds->size,
			      .checked_size = source->check ? source->initrds->size : 0,
			      .limits = limits(source, 0, max),
			  },
			  error);
}

static int linux_x86_claim(struct plan *plan, const struct boot_source *source, struct error *error)
{
	struct setup_data_source setup_data = setup_data_source(plan, source);
	int r;

	plan->check = source->check;
	r = claim_kernel(plan, source, error);
	if (r >= 0)
		r = claim_own(plan, source, "boot_params",
			      BOOT_PARAMS_SIZE + strlen(source->command_line) + 1, error);
	if (r >= 0)
		r = claim_own(plan, source, "setup_data",
			      setup_data_build(&setup_data, NULL, 0).size, error);
	if (r >= 0)
		r = claim_purgatory(plan, source, error);
	if (r >= 0)
		r = claim_initrds(plan, source, error);
	if (r < 0)
		return r;
	if (machine_has_efi(source->firmware) && !setup_data.hand_on_efi &&
	    plan_note(plan, PLAN_WARNING,
		      "EFI's runtime services are not handed on: the next kernel or the "
		      "firmware cannot do it") < 0)
		return error_memory(error, "claim segments");
	return 0;
}

static uint64_t start_of(const struct plan *plan, enum linux_x86_segment segment)
{
	return plan->segments[segment].destination.start;
}

static void fill_boot_params(struct plan *plan, const struct boot_source *source,
			     const struct setup_data_layout *layout)
{
	uint8_t *page = plan->segments[LINUX_X86_BOOT_PARAMS].content->memory;
	struct boot_params_addresses addresses = {
	    .command_line = start_of(plan, LINUX_X86_BOOT_PARAMS) + BOOT_PARAMS_SIZE,
	    .setup_data = start_of(plan, LINUX_X86_SETUP_DATA),
	    .randomised = plan->randomised,
	};

	if (source->initrds) {
		addresses.initrd = start_of(plan, LINUX_X86_INITRD);
		addresses.initrd_size = source->initrds->size;
	}
	if (layout->efi_map_size) {
		addresses.efi_map = start_of(plan, LINUX_X86_SETUP_DATA) + layout->efi_map;
		addresses.efi_map_size = layout->efi_map_size;
	}
	boot_params_fill(page, &source->image->bzimage, source->firmware, &plan->told, &addresses);
	memcpy(page + BOOT_PARAMS_SIZE, source->command_line, strlen(source->command_line) + 1);
}

/* From the segment's start. */
static uint64_t kernel_entry(const struct plan *plan, const struct bzimage *image)
{
	if (plan->form == PLAN_DIRECT)
		return plan->kernel_entry;
	return image->entry_64 ? BZIMAGE_ENTRY_64 : BZIMAGE_ENTRY_32;
}

static void fill_purgatory(struct plan *plan, const struct boot_source *source,
			   const struct setup_data_layout *layout)
{
	struct purgatory_parameters parameters = {
	    .magic = PURGATORY_MAGIC,
	    .entry = start_of(plan, LINUX_X86_KERNEL) + kernel_entry(plan, &source->image->bzimage),
	    .mode = source->image->bzimage.entry_64 ? PURGATORY_ENTER_LONG_MODE
						    : PURGATORY_ENTER_PROTECTED_MODE,
	    .argument = start_of(plan, LINUX_X86_BOOT_PARAMS),
	    .stamp = start_of(plan, LINUX_X86_SETUP_DATA) + layout->stamp,
	};

	if (source->console->serial_fact == FACT_KNOWN)
		parameters.serial_port = source->console->serial_port;
	parameters.backup_source = plan->backed_up.start;
	parameters.backup_size = range_size(plan->backed_up);
	parameters.backup = plan->backup;
	memcpy(plan->segments[LINUX_X86_PURGATORY].content->memory + PURGATORY_PARAMETERS_OFFSET,
	       &parameters, sizeof(parameters));
}

static int linux_x86_fill(struct plan *plan, const struct boot_source *source, struct error *error)
{
	struct setup_data_source setup_data = setup_data_source(plan, source);
	struct setup_data_layout layout;

	layout = setup_data_build(&setup_data, plan->segments[LINUX_X86_SETUP_DATA].content->memory,
				  start_of(plan, LINUX_X86_SETUP_DATA));
	fill_boot_params(plan, source, &layout);
	fill_purgatory(plan, source, &layout);
	plan->entry = start_of(plan, LINUX_X86_PURGATORY);
	if (source->console->serial_fact != FACT_KNOWN && source->check &&
	    plan_note(plan, PLAN_NOTE,
		      "no serial console that purgatory could report to: a damaged segment "
		      "would end in a silent reset") < 0)
		return error_memory(error, "fill segments");
	return 0;
}

/* boot_params has had a field for it since protocol 2.14 (boot.rst). */
static bool linux_x86_wants_acpi_word(const struct boot_source *source)
{
	return source->firmware->acpi_rsdp && !efi_is_handed_on(source) &&
	       source->image->bzimage.protocol < 0x20e &&
	       !command_line_has(source->command_line, "acpi_rsdp");
}

const struct boot_protocol boot_linux_x86 = {
    .kind = IMAGE_BZIMAGE,
    .elf_machine = EM_X86_64,
    .describe = linux_x86_describe,
    .check = linux_x86_check,
    .prepare = direct_prepare,
    .claim = linux_x86_claim,
    .fill = linux_x86_fill,
    .wants_acpi_word = linux_x86_wants_acpi_word,
};
