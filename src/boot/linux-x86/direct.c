/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/linux-x86/direct.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/mman.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/words.h"
#include "boot/command-line.h"
#include "boot/linux-x86/kaslr.h"
#include "image/payload.h"
#include "image/vmlinux.h"
#include "machine/firmware.h"
#include "machine/kernel.h"

_Static_assert((int)BOOT_KASLR_SEED_SIZE == (int)KASLR_SEED_SIZE, "the whole seed is used");

/* UEFI 2.10, section 7.2: memory that is mirrored. The kernel lies in it, where there is any. */
#define EFI_MEMORY_MORE_RELIABLE UINT64_C(0x10000)

/* What a load takes beside the memory file, the kernel's copy and the initrd: page tables, the
 * decoder's window, and what the system needs to go on. */
#define RESERVE (UINT64_C(48) << 20)

/* What the kernel's entry takes for granted of its own place (__startup_64(),
 * arch/x86/boot/startup/map_kernel.c): without it, it halts silently. */
#define PAGE_TABLE_SPAN (UINT64_C(2) << 20)

/* A kernel on its way, and why it cannot go: an empty reason while nothing stands against it. */
struct direct {
	const struct boot_source *source;
	struct kaslr_options options;
	uint8_t *pages; /* the ELF file and what is behind it, NULL until it is unpacked */
	uint64_t size;  /* bytes of it */
	struct vmlinux vmlinux;
	struct range where;
	bool randomised; /* its virtual address */
	char reason[PLAN_REASON_SIZE];
};

static void direct_fini(struct direct *direct)
{
	if (direct->pages)
		munmap(direct->pages, direct->size);
	kaslr_options_fini(&direct->options);
}

static void stop(struct direct *direct, const char *reason)
{
	if (reason && !*direct->reason)
		snprintf(direct->reason, sizeof(direct->reason), "%.*s",
			 (int)sizeof(direct->reason) - 1, reason);
}

static const char *obstacle_of_paging(const struct boot_source *source)
{
	const struct machine_kernel *running = source->running;
	bool goes_on = source->image->bzimage.xloadflags & BZIMAGE_XLF_5LEVEL_ENABLED;
	bool refused = command_line_has_flag(source->command_line, "no5lvl");

	if (running->five_level_paging && (refused || !goes_on))
		return "the running kernel uses 5-level page tables (LA57), and the next one is "
		       "not to";
	if (!running->five_level_paging && !refused && goes_on && running->command_line &&
	    command_line_has_flag(running->command_line, "no5lvl"))
		return "the running kernel was told no5lvl, and the next one was not";
	if (!running->five_level_paging && !refused && goes_on && running->has_five_level)
		return "the running kernel does not use 5-level page tables (LA57), and the next "
		       "one would";
	return NULL;
}

/* Whether it turns SME on by itself, where the CPU has it, is not known of an older one. */
static bool next_may_encrypt(const struct boot_source *source)
{
	unsigned int major, minor;

	if (command_line_has_flag(source->command_line, "mem_encrypt=on"))
		return true;
	if (!source->running->has_sme ||
	    command_line_has_flag(source->command_line, "mem_encrypt=off"))
		return false;
	return sscanf(source->image->bzimage.version, "%u.%u", &major, &minor) != 2 ||
	       major < SME_ON_REQUEST_MAJOR ||
	       (major == SME_ON_REQUEST_MAJOR && minor < SME_ON_REQUEST_MINOR);
}

static const char *obstacle_of_machine(const struct boot_source *source)
{
	const struct machine_firmware *firmware = source->firmware;

	if (source->running->confidential)
		return "this is a confidential guest";
	if (source->running->encrypts_memory || next_may_encrypt(source))
		return "memory is or may be encrypted (SME, SEV)";
	for (size_t i = 0; i < firmware->efi_range_count; i++)
		if (firmware->efi_ranges[i].attribute & EFI_MEMORY_MORE_RELIABLE)
			return "some memory is mirrored, and which is not known here";
	return NULL;
}

static const char *obstacle(const struct boot_source *source)
{
	const char *why;

	if (source->plain)
		return source->plain;
	if (!source->image->bzimage.entry_64)
		return "it has no 64-bit entry";
	if (!source->image->bzimage.relocatable)
		return "it is not relocatable";
	if (source->image->bzimage.alignment < PAGE_TABLE_SPAN)
		return "its header asks for less than the 2 MiB that its entry needs";
	why = obstacle_of_paging(source);
	return why ? why : obstacle_of_machine(source);
}

static int read_options(struct direct *direct, struct error *error)
{
	if (kaslr_options_read(&direct->options, direct->source->command_line) < 0)
		return error_memory(error, "read command line");
	stop(direct, direct->options.obstacle);
	if (!direct->options.off && !direct->source->kaslr_seed)
		stop(direct, "there are no random bytes yet to choose its addresses by");
	return 0;
}

/* Before it is unpacked: its pages, and the running kernel's copies of all. */
static void check_memory(struct direct *direct, const struct plan *plan, uint64_t size)
{
	const struct boot_source *source = direct->source;
	uint64_t initrds = source->initrds ? source->initrds->size : 0;
	uint64_t needed = 2 * size + initrds + RESERVE;

	if (needed > source->memory_available)
		snprintf(direct->reason, sizeof(direct->reason),
			 "there is too little memory: %" PRIu64
			 " MiB are available, and it needs %" PRIu64 " MiB unpacked",
			 source->memory_available >> 20, needed >> 20);
	else if (plan->total_ram && size + initrds > plan->total_ram / 2)
		stop(direct, "unpacked it is larger than half of the memory, the kernel's limit");
}

/* What was done beside the initrds, or else now. */
static int unpack_payload(struct direct *direct, const struct payload *payload, struct error *error)
{
	struct payload_job *job = direct->source->unpacking;

	if (!job || !job->done)
		return payload_unpack(&direct->pages, payload, direct->source->image->file,
				      direct->source->progress, error);
	direct->pages = steal_pointer(job->pages);
	error_append(error, &job->job.error);
	return job->job.result;
}

static int unpack(struct direct *direct, const struct plan *plan, struct error *error)
{
	const struct image *image = direct->source->image;
	struct error failure = {};
	struct payload payload;
	int r = payload_find(&payload, image->file, &image->bzimage, error);

	if (r < 0)
		return r;
	if (r == PAYLOAD_UNKNOWN)
		stop(direct, "what is inside is not compressed in a known way");
	else
		check_memory(direct, plan, payload.size);
	if (*direct->reason)
		return 0;
	r = unpack_payload(direct, &payload, &failure);
	direct->size = payload.size;
	if (r == 0)
		return 0;
	if (error_kind(&failure) == ERROR_UNSUPPORTED ||
	    (error_kind(&failure) == ERROR_NO_ROOM && r != -ENOMEM)) {
		stop(direct, failure.failures[0].detail);
		return 0;
	}
	error_append(error, &failure);
	return r;
}

/* Only what is certain before the initrds are known: claiming looks again, and at the rest. */
void direct_prepare(const struct boot_source *source, struct payload_job *job)
{
	cleanup_with(direct_fini) struct direct direct = {.source = source};
	const struct image *image = source->image;
	struct payload payload;

	stop(&direct, obstacle(source));
	if (*direct.reason || read_options(&direct, NULL) < 0 || *direct.reason ||
	    payload_find(&payload, image->file, &image->bzimage, NULL) != 0 ||
	    2 * payload.size + RESERVE > source->memory_available)
		return;
	payload_job_prepare(job, &payload, image->file, source->progress);
}

/* The kernel's addresses; a physical one that is not drawn is left to plan_place(). */
static int choose_place(struct direct *direct, const struct plan *plan, struct error *error)
{
	struct vmlinux *vmlinux = &direct->vmlinux;
	const struct kaslr_source kaslr = {
	    .told = &plan->told,
	    .usable = &plan->usable,
	    .options = &direct->options,
	    .limits = direct->where,
	    .size = vmlinux->memory_size,
	    .alignment = direct->source->image->bzimage.alignment,
	    .seed = direct->source->kaslr_seed,
	};
	uint64_t start;
	bool found;

	if (vmlinux->physical % kaslr.alignment)
		stop(direct, "its segments are not aligned as its header says");
	if (*direct->reason || direct->options.off)
		return 0;
	if (kaslr_draw_physical(&kaslr, &found, &start) < 0)
		return error_memory(error, "choose addresses");
	if (!found) {
		stop(direct, "there is no room for it where its decompressor would look");
		return 0;
	}
	direct->where = (struct range){start, start + vmlinux->memory_size};
	if (!relocations_any(&vmlinux->relocations))
		return 0;
	direct->randomised = true;
	stop(direct, vmlinux_relocate(vmlinux, kaslr_draw_virtual(&kaslr, vmlinux->physical)));
	return 0;
}

static int prepare(struct direct *direct, const struct plan *plan, struct error *error)
{
	int r;

	stop(direct, obstacle(direct->source));
	r = read_options(direct, error);
	if (r == 0 && !*direct->reason)
		r = unpack(direct, plan, error);
	if (r < 0 || *direct->reason)
		return r;
	stop(direct, vmlinux_read(&direct->vmlinux, direct->pages, direct->size));
	if (!*direct->reason)
		r = choose_place(direct, plan, error);
	if (r == 0 && !*direct->reason)
		vmlinux_trim(&direct->vmlinux);
	return r;
}

/* What is left of the file behind the kernel is given back. */
static int take_content(struct direct *direct, struct plan *plan, struct error *error)
{
	uint64_t size = direct->vmlinux.offset + direct->vmlinux.content_size, kept;

	if (align_up(size, PAGE_BYTES, &kept) && kept < direct->size)
		munmap(direct->pages + kept, direct->size - kept);
	plan->unpacked = plan_own(plan, blob_from_pages(steal_pointer(direct->pages), size));
	return plan->unpacked ? 0 : error_memory(error, "unpack kernel");
}

static int claim_direct(struct direct *direct, struct plan *plan, struct error *error)
{
	const struct boot_source *source = direct->source;
	const struct vmlinux *vmlinux = &direct->vmlinux;
	int r = take_content(direct, plan, error);

	if (r < 0)
		return r;
	plan->kernel_entry = vmlinux->entry;
	plan->randomised = direct->randomised;
	return plan_claim(plan,
			  &(struct plan_claim){
			      .name = "kernel",
			      .content = plan->unpacked,
			      .content_offset = vmlinux->offset,
			      .content_size = vmlinux->content_size,
			      .checked_size = source->check ? vmlinux->content_size : 0,
			      .memory_size = vmlinux->memory_size,
			      .alignment = source->image->bzimage.alignment,
			      .limits = direct->where,
			      .lowest = command_line_limits_memory(source->command_line),
			  },
			  error);
}

static const char *describe(const struct direct *direct)
{
	if (direct->options.off)
		return "it is unpacked already, where nokaslr lets it lie";
	return direct->randomised
		   ? "it is unpacked already, at random addresses"
		   : "it is unpacked already, at a random physical address (it has no relocations)";
}

int direct_claim(struct plan *plan, const struct boot_source *source, struct range where,
		 struct error *error)
{
	cleanup_with(direct_fini) struct direct direct = {.source = source, .where = where};
	int r = prepare(&direct, plan, error);

	if (r < 0)
		return r;
	if (*direct.reason)
		return plan_set_form(plan, PLAN_PLAIN, direct.reason) < 0
			   ? error_memory(error, "claim segment")
			   : DIRECT_UNSUITABLE;
	if (plan_set_form(plan, PLAN_DIRECT, describe(&direct)) < 0)
		return error_memory(error, "claim segment");
	return claim_direct(&direct, plan, error);
}
