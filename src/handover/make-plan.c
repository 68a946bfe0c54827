/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "handover/make-plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/parallel.h"
#include "base/words.h"
#include "boot/command-line.h"
#include "crash/words.h"
#include "handover/initrd-notes.h"
#include "handover/initrd-room.h"
#include "handover/plan-for-panic.h"
#include "handover/secret-files.h"
#include "image/initrd.h"
#include "image/payload.h"
#include "machine/machine.h"

#define UNWRAP_MAX (UINT64_C(1) << 30)

/* The files of an attempt; the plan owns the blobs. */
struct material {
	struct image image;
	const struct boot_protocol *protocol;
	struct boot_source source;
	bool packed; /* the initrds are compressed, and stay so */
	struct payload_job kernel;
	struct progress progress;
};

static void material_fini(struct material *material)
{
	payload_job_fini(&material->kernel);
	progress_end(&material->progress);
}

static int reuse_for_crash(const struct request *request, const struct machine *machine,
			   char **reused, struct error *error)
{
	cleanup_with(crash_words_fini) struct crash_words words = {};
	const struct machine_crash *crash = &machine->crash;
	bool wanted = request->crash_words && crash->words_fact != FACT_ABSENT;
	int r;

	if (wanted && crash->words_fact == FACT_UNREADABLE)
		return error_add(error, ERROR_FILE, 0, "read words for a crash kernel",
				 crash->words_path, "it cannot be read");
	if (wanted) {
		r = crash_words_parse(&words, crash->words, crash->words_path, error);
		if (r < 0)
			return r;
	}
	*reused = crash_reuse_command_line(machine->kernel.command_line, wanted ? &words : NULL);
	return 0;
}

static int reuse_command_line(const struct request *request, const struct machine *machine,
			      char **reused, struct error *error)
{
	int r = 0;

	if (!machine->kernel.command_line)
		return error_add(error, ERROR_FILE, 0, "reuse command line", "/proc/cmdline",
				 "it cannot be read");
	if (request->kind == PLAN_CRASH)
		r = reuse_for_crash(request, machine, reused, error);
	else
		*reused = command_line_clean(machine->kernel.command_line);
	if (r == 0 && !*reused)
		return error_memory(error, "compose command line");
	return r;
}

int compose_command_line(const struct request *request, const struct machine *machine,
			 char **command_line, struct error *error)
{
	cleanup_free char *reused = NULL, *whole = NULL;
	const char *base = request->command_line;

	if (request->reuse_command_line) {
		int r = reuse_command_line(request, machine, &reused, error);

		if (r < 0)
			return r;
		base = reused;
	}
	whole = words_join(base, request->append);
	if (whole)
		*command_line = command_line_change(whole, request->removed, request->removed_count,
						    request->added, request->added_count);
	return *command_line ? 0 : error_memory(error, "compose command line");
}

static int check_type(const struct request *request, const struct image *image, struct error *error)
{
	const char *name = image_kind_name(image->kind);

	if (!request->type || strcasecmp(request->type, name) == 0 ||
	    (image->kind == IMAGE_BZIMAGE && strcasecmp(request->type, "bzImage64") == 0))
		return 0;
	return error_add(error, ERROR_IMAGE, 0, "check type", request->kernel,
			 "--type says %s, and the file is a %s", request->type, name);
}

/* What may be unpacked into memory: no kernel needs more, and half of what is free stays free. */
static uint64_t unwrap_limit(const struct machine_memory *memory)
{
	uint64_t half = memory->available / 2;

	return half && half < UNWRAP_MAX ? half : UNWRAP_MAX;
}

static int note_wrapping(struct plan *plan, const struct image *image)
{
	int r = 0;

	if (image->unwrapped.count)
		r = plan_note(plan, PLAN_NOTE, "the kernel was unwrapped: %s",
			      image->unwrapped.layers);
	for (unsigned int i = 0; r == 0 && i < image->unwrapped.count; i++)
		if (*image->unwrapped.trailing[i])
			r = plan_note(plan, PLAN_NOTE, "%s", image->unwrapped.trailing[i]);
	if (r == 0 && *image->trailing)
		r = plan_note(plan, PLAN_NOTE, "%s", image->trailing);
	return r;
}

/* The plan takes the blobs over: the kernel's, and the one that it was unwrapped from. */
static int open_kernel(const struct request *request, const struct machine *machine,
		       struct plan *plan, struct image *image, struct error *error)
{
	int r = image_open(image, request->kernel, unwrap_limit(&machine->memory), error);

	if (r < 0)
		return r;
	plan->kernel = plan_own(plan, image->file);
	plan->wrapped = plan_own(plan, image->wrapped);
	if (!plan->kernel || (image->wrapped && !plan->wrapped) || note_wrapping(plan, image) < 0)
		return error_memory(error, "open kernel");
	return check_type(request, image, error);
}

static uint64_t unpacked_size(const struct initrds *initrds)
{
	uint64_t size = 0;

	for (size_t i = 0; i < initrds->count; i++)
		size += initrds->files[i].unpacked.unpacked;
	return size;
}

/* What was available when the machine was read, less what this plan has taken of it. */
static uint64_t memory_left(const struct machine_memory *memory, const struct plan *plan)
{
	uint64_t taken = plan->initrds_unpacked + (plan->wrapped ? plan->kernel->size : 0);

	return memory->available > taken ? memory->available - taken : 0;
}

/* Opens the initrds, and unpacks them and the kernel side by side where that is wanted. */
static int open_initrds(const struct request *request, const struct secret_files *secrets,
			const struct machine *machine, struct attempt attempt, struct plan *plan,
			struct material *material, struct error *error)
{
	struct boot_source *source = &material->source;
	/* For a crash kernel there is no blackout to shorten, and memory is what it lacks. */
	bool unpacks = plan->method == PLAN_SEGMENTS && plan->kind == PLAN_NORMAL &&
		       !request->plain && !attempt.packed;
	struct initrd_unpacking unpacking = {
	    .progress = &material->progress,
	    .digest_files = attempt.recorded,
	};
	cleanup_initrds struct initrds initrds = {};
	cleanup_blob struct blob *archive = NULL;
	int r = secrets ? secret_files_pack(secrets, plan, &archive, error) : 0;

	if (r < 0 || (request->initrd_count == 0 && !archive))
		return r;
	if (unpacks)
		material->protocol->prepare(source, &material->kernel);
	unpacking.beside = material->kernel.job.run ? &material->kernel.job : NULL;
	unpacking.cpus = parallel_cpus();
	unpacking.room =
	    initrd_room(request, &machine->memory, &material->image, source->command_line);
	r = initrds_open(&initrds, request->initrds, request->initrd_count,
			 unpacks ? &unpacking : NULL, &archive, error);
	if (r < 0)
		return r;
	plan->initrds = source->initrds = plan_own(plan, steal_pointer(initrds.joined));
	plan->initrds_unpacked = unpacked_size(&initrds);
	source->memory_available = memory_left(&machine->memory, plan);
	if (!plan->initrds || initrd_notes(plan, &initrds) < 0 ||
	    (attempt.packed &&
	     plan_note(plan, PLAN_WARNING,
		       "compressed initrds are left for the next kernel to unpack, because %s",
		       attempt.packed) < 0))
		return error_memory(error, "open initrd");
	material->packed = initrds.compressed;
	return 0;
}

/* The two maps that placing needs; what is not known is never guessed. */
static int take_maps(struct plan *plan, const struct machine *machine, struct error *error)
{
	const struct machine_memory *memory = &machine->memory;

	if (memory->firmware_fact != FACT_KNOWN)
		return error_add(error, ERROR_UNSUPPORTED, 0, "read the memory map",
				 "/sys/firmware/memmap",
				 memory->firmware_fact == FACT_ABSENT
				     ? "it does not exist (is /sys mounted, has the kernel "
				       "CONFIG_FIRMWARE_MEMMAP?)"
				     : "it cannot be understood");
	if (memory->iomem_fact == FACT_ABSENT)
		return error_add(error, ERROR_UNSUPPORTED, 0, "read the memory map", "/proc/iomem",
				 "it is missing or empty (is /proc mounted?)");
	if (memory->iomem_fact != FACT_KNOWN)
		return error_add(error, ERROR_FORBIDDEN, 0, "read the memory map", "/proc/iomem",
				 "the kernel hides its addresses from this user, and without them "
				 "nothing can be placed");
	plan->total_ram = memory->total;
	if (map_copy(&plan->told, &memory->firmware) < 0 ||
	    map_copy(&plan->usable, &memory->usable) < 0 ||
	    map_subtract_all(&plan->usable, &machine->firmware.efi_tables) < 0)
		return error_memory(error, "read the memory map");
	if (memory->poison_fact == FACT_UNREADABLE &&
	    plan_note(
		plan, PLAN_WARNING,
		"the kernel counts broken memory (HardwareCorrupted), and where it is cannot be "
		"read: a segment might lie on it") < 0)
		return error_memory(error, "read the memory map");
	if (machine->firmware.efi_tables_fact == FACT_UNREADABLE &&
	    plan_note(
		plan, PLAN_WARNING,
		"EFI's tables cannot be located (no /dev/mem): a segment might lie on one that "
		"the next kernel writes to") < 0)
		return error_memory(error, "read the memory map");
	return 0;
}

static int place_segments(struct plan *plan, const struct material *material,
			  const struct machine *machine, struct error *error)
{
	const struct boot_protocol *protocol = material->protocol;
	const struct boot_source *source = &material->source;
	int r;

	r = take_maps(plan, machine, error);
	if (r == 0)
		r = protocol->claim(plan, source, error);
	if (r == 0)
		r = plan_place(plan, error);
	if (r == 0)
		r = protocol->fill(plan, source, error);
	return r;
}

static int describe(struct plan *plan, const struct request *request,
		    const struct material *material, struct attempt attempt,
		    const char *command_line)
{
	plan->method_reason = strdup(attempt.choice.reason);
	plan->protocol = strdup(material->protocol->describe(&material->image));
	plan->kernel_path = strdup(request->kernel);
	plan->kernel_version = strdup(material->image.bzimage.version);
	plan->command_line = strdup(command_line);
	return plan->method_reason && plan->protocol && plan->kernel_path && plan->kernel_version &&
		       plan->command_line
		   ? 0
		   : -ENOMEM;
}

/* Limits ask for something that the kernel does by itself when it places the segments. */
static int check_limits(const struct request *request, struct attempt attempt, struct error *error)
{
	if (attempt.choice.method != PLAN_FILE ||
	    (request->load_min == 0 && request->load_max == UINT64_MAX))
		return 0;
	return error_add(error, ERROR_USAGE, 0, "choose method", "--mem-min, --mem-max",
			 "they cannot take effect with kexec_file_load, which is used because %s",
			 attempt.choice.reason);
}

/* Said once, when it costs the user time that he did not choose to spend. */
static int note_form(struct plan *plan, const struct request *request, struct attempt attempt,
		     bool packed)
{
	/* Of the second call, it is said what made it necessary. */
	enum plan_weight weight =
	    plan->method == PLAN_FILE && attempt.number > 1 ? PLAN_NOTE : PLAN_WARNING;
	bool chosen = request->plain || plan->kind == PLAN_CRASH ||
		      (plan->method == PLAN_FILE && request->method != METHOD_ANY);

	if (plan->method == PLAN_FILE &&
	    plan_set_form(plan, PLAN_PLAIN, "kexec_file_load takes the file as it is") < 0)
		return -ENOMEM;
	if (plan->form == PLAN_DIRECT || chosen)
		return 0;
	if (plan->method == PLAN_FILE && packed &&
	    plan_note(plan, weight,
		      "compressed initrds are left for the next kernel to unpack, because %s",
		      plan->method_reason) < 0)
		return -ENOMEM;
	return plan_note(plan, weight,
			 "the kernel will unpack itself during the blackout, because %s",
			 plan->method == PLAN_FILE ? plan->method_reason : plan->form_reason);
}

static int make_plan_in_form(const struct request *request, const struct secret_files *secrets,
			     const struct machine *machine, struct attempt attempt,
			     struct plan **result, struct error *error)
{
	cleanup_plan struct plan *plan = plan_new(attempt.choice.method);
	cleanup_free char *command_line = NULL;
	cleanup_with(material_fini) struct material material = {};
	int r;

	progress_start(&material.progress, request->progress);
	if (!plan)
		return error_memory(error, "make plan");
	plan->kind = request->kind;
	r = check_limits(request, attempt, error);
	if (r == 0)
		r = compose_command_line(request, machine, &command_line, error);
	if (r == 0)
		r = open_kernel(request, machine, plan, &material.image, error);
	if (r < 0)
		return r;
	if (attempt.recorded && plan->method == PLAN_SEGMENTS && plan->kind == PLAN_NORMAL &&
	    !request->plain && !plan->wrapped)
		blob_digest_while_reading(material.image.file);
	material.protocol = boot_protocol_find(material.image.kind);
	if (!material.protocol)
		return error_add(error, ERROR_UNSUPPORTED, 0, "choose boot protocol",
				 request->kernel, "no boot protocol starts such a kernel");
	if (describe(plan, request, &material, attempt, command_line) < 0)
		return error_memory(error, "make plan");
	material.source = (struct boot_source){
	    .image = &material.image,
	    .command_line = plan->command_line,
	    .load_min = request->load_min,
	    .load_max = request->load_max,
	    .check = !request->skip_check,
	    .seed = request->have_seed ? request->seed : NULL,
	    .kaslr_seed = request->have_seed ? request->kaslr_seed : NULL,
	    .plain = attempt.plain,
	    .memory_available = memory_left(&machine->memory, plan),
	    .unpacking = &material.kernel,
	    .progress = &material.progress,
	    .running = &machine->kernel,
	    .firmware = &machine->firmware,
	    .console = &machine->console,
	};
	r = open_initrds(request, secrets, machine, attempt, plan, &material, error);
	if (r < 0)
		return r;
	if (plan->kind == PLAN_CRASH)
		r = plan_for_panic(plan, material.protocol, &material.source, request, machine,
				   error);
	else
		r = material.protocol->check(&material.source, plan->method, error);
	if (r == 0 && plan->method == PLAN_FILE && request->skip_check &&
	    plan_note(plan, PLAN_WARNING,
		      "-i has no effect with kexec_file_load: what is checked is "
		      "the running kernel's affair") < 0)
		r = error_memory(error, "make plan");
	if (r == 0 && plan->method == PLAN_SEGMENTS && plan->kind == PLAN_NORMAL)
		r = place_segments(plan, &material, machine, error);
	if (r == 0 && note_form(plan, request, attempt, material.packed) < 0)
		r = error_memory(error, "make plan");
	if (r == 0)
		r = plan_seal(plan, error);
	/* On failure too: its form decides what is tried next. */
	*result = steal_pointer(plan);
	return r;
}

static void plan_drop(struct plan **plan)
{
	plan_free(*plan);
	*plan = NULL;
}

/*
 * What takes less room, where there was none for `plan`: first the kernel as it is, then with the
 * initrds as they are the kernel as it was wanted, `plain`, and as it is. False: nothing is left.
 */
static bool give_way(const struct plan *plan, const char *plain, struct attempt *attempt)
{
	if (plan->form == PLAN_DIRECT) {
		attempt->plain = "with the kernel unpacked there is no room for all segments";
		return true;
	}
	if (!plan->initrds_unpacked)
		return false;
	attempt->packed = "with them unpacked there is no room for all segments";
	attempt->plain = plain;
	return true;
}

int make_plan(const struct request *request, const struct secret_files *secrets,
	      const struct machine *machine, struct attempt attempt, struct plan **result,
	      struct error *error)
{
	const char *plain = attempt.plain;
	bool again;

	*result = NULL;
	do {
		struct error failure = {};
		int r;

		r = make_plan_in_form(request, secrets, machine, attempt, result, &failure);
		if (r == 0)
			return 0;
		again = *result && r != -ENOMEM && error_kind(&failure) == ERROR_NO_ROOM &&
			give_way(*result, plain, &attempt);
		plan_drop(result);
		if (!again) {
			error_append(error, &failure);
			return r;
		}
	} while (again);
	return 0;
}
