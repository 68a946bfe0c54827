/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "handover/status.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "handover/lock.h"
#include "machine/crash.h"
#include "record/next-boot.h"
#include "record/timeline.h"

/* Documentation/arch/x86/boot.rst, type_of_loader: the upper four bits. */
#define LOADER_TYPE_KEXEC 0xd

/* The record and the kernel are not read in one moment: a change in between shows here. */
#define READS_MAX 3

#define COMMAND_LINE_MAX 65536

enum fact status_loaded(enum plan_kind kind, const struct root *root, bool *loaded)
{
	uint64_t number = 0;
	enum fact fact;

	if (kind == PLAN_CRASH)
		return machine_crash_is_loaded(root, loaded);
	fact = root_read_number(root, "/sys/kernel/kexec_loaded", 10, &number);
	*loaded = fact == FACT_KNOWN && number != 0;
	return fact;
}

/* An image, of one of the two kinds, with its place in struct status. */
struct image {
	enum plan_kind kind;
	enum fact *fact;
	bool *loaded;
	enum status_record *record_state;
	struct record *record;
};

static enum status_record judge_confirmed(const struct image *image, const struct root *root)
{
	if (*image->fact != FACT_KNOWN)
		return STATUS_RECORD_UNKNOWN;
	if (!*image->loaded)
		return STATUS_RECORD_STALE;
	if (record_read(image->record, root, record_file(image->kind), NULL) < 0)
		return STATUS_RECORD_UNREADABLE;
	return record_is_of_this_boot(image->record, root) ? STATUS_RECORD_CONFIRMED
							   : STATUS_RECORD_OTHER_BOOT;
}

static enum status_record judge_unconfirmed(const struct root *root)
{
	bool held;

	if (lock_is_held(root, &held) != FACT_KNOWN)
		return STATUS_RECORD_UNCONFIRMED;
	return held ? STATUS_RECORD_UNDER_WAY : STATUS_RECORD_INTERRUPTED;
}

static enum status_record judge_record(const struct image *image, const struct root *root,
				       enum record_state state)
{
	switch (state) {
	case RECORD_UNCONFIRMED:
		return judge_unconfirmed(root);
	case RECORD_CONFIRMED:
		return judge_confirmed(image, root);
	case RECORD_UNREADABLE:
		return STATUS_RECORD_UNREADABLE;
	case RECORD_NONE:
		break;
	}
	if (*image->fact != FACT_KNOWN)
		return STATUS_RECORD_UNKNOWN;
	return *image->loaded ? STATUS_RECORD_MISSING : STATUS_RECORD_NONE;
}

static void read_image(const struct image *image, const struct root *root)
{
	enum record_state state;

	for (int reads = 0; reads < READS_MAX; reads++) {
		record_fini(image->record);
		state = record_state_of(image->kind, root);
		*image->fact = status_loaded(image->kind, root, image->loaded);
		*image->record_state = judge_record(image, root, state);
		if (record_state_of(image->kind, root) == state)
			break;
	}
	if (*image->record_state != STATUS_RECORD_CONFIRMED)
		record_fini(image->record);
}

static void read_loaded(struct status *status, const struct root *root)
{
	struct status_crash *crash = &status->crash;
	const struct image normal = {
	    PLAN_NORMAL,           &status->loaded_fact, &status->loaded,
	    &status->record_state, &status->record,
	};
	const struct image panic = {
	    PLAN_CRASH,           &status->crash_fact, &status->crash_loaded,
	    &crash->record_state, &crash->record,
	};

	read_image(&normal, root);
	read_image(&panic, root);
}

/* Where its ranges are hidden, the size of the upper part is not. */
static int read_reservation(struct status_crash *status, const struct root *root,
			    struct error *error)
{
	cleanup_with(machine_crash_fini) struct machine_crash crash = {};
	int r = machine_crash_read(&crash, root, error);

	if (r < 0)
		return r;
	status->low_fact = crash.ranges_fact;
	if (crash.ranges_fact == FACT_KNOWN) {
		status->reserved = range_size(crash.upper);
		status->reserved_low = map_total(&crash.reserved) - status->reserved;
	} else if (crash.size_fact == FACT_KNOWN) {
		status->reserved = crash.size;
	} else {
		return 0;
	}
	status->reserved_fact = status->reserved ? FACT_KNOWN : FACT_ABSENT;
	return 0;
}

static int compare_files(enum file_state **states, const struct record *record, struct error *error)
{
	size_t count = record->file_count;

	*states = calloc(count ? count : 1, sizeof(**states));
	if (!*states)
		return error_memory(error, "read status");
	for (size_t i = 0; i < count; i++)
		(*states)[i] = record_file_state(&record->files[i]);
	return 0;
}

/* A record of an earlier boot, of the same kernel and command line as this one's. */
static bool started_this_kernel(const struct record *previous, const struct root *root)
{
	cleanup_free char *command_line = NULL;
	char release[80];
	size_t size;

	if (root_read_line(root, "/proc/sys/kernel/osrelease", release, sizeof(release)) !=
		FACT_KNOWN ||
	    strcmp(release, previous->kernel_version) != 0 ||
	    root_read(root, "/proc/cmdline", COMMAND_LINE_MAX, &command_line, &size) < 0)
		return false;
	if (size && command_line[size - 1] == '\n')
		command_line[size - 1] = '\0';
	return strcmp(command_line, previous->command_line) == 0;
}

/*
 * Our purgatory leaves a stamp, and only a load by segments has it: the record of a load that was
 * never jumped into does not stand for another tool's of the same kernel.
 */
static bool fits_stamp(const struct record *previous, enum fact stamp_fact)
{
	return stamp_fact == FACT_UNREADABLE ||
	       (stamp_fact == FACT_KNOWN) == (previous->method == PLAN_SEGMENTS);
}

static void read_start(struct status *status, const struct root *root)
{
	status->stamp_fact = timeline_read_stamp(root, &status->stamp);
	status->loader_fact =
	    root_read_number(root, "/proc/sys/kernel/bootloader_type", 10, &status->loader_type);
	if (status->stamp_fact == FACT_KNOWN ||
	    (status->loader_fact == FACT_KNOWN && status->loader_type >> 4 == LOADER_TYPE_KEXEC))
		status->start = STATUS_START_KEXEC;
	else if (status->loader_fact == FACT_KNOWN)
		status->start = STATUS_START_LOADER;
	if (status->start != STATUS_START_KEXEC)
		return;
	status->previous_known = record_read_previous(&status->previous, root) == 0 &&
				 fits_stamp(&status->previous, status->stamp_fact) &&
				 started_this_kernel(&status->previous, root);
	if (!status->previous_known)
		record_fini(&status->previous);
}

static enum status_reboot judge_reboot(const struct status *status)
{
	const struct init_system *init = &status->init;

	if (status->loaded_fact != FACT_KNOWN)
		return STATUS_REBOOT_UNKNOWN;
	if (!status->loaded)
		return STATUS_REBOOT_FIRMWARE;
	if (init->systemd_fact != FACT_KNOWN)
		return STATUS_REBOOT_UNKNOWN;
	if (!init->systemd)
		return init->kexec_script ? STATUS_REBOOT_UNKNOWN : STATUS_REBOOT_FIRMWARE;
	if (init->version_fact != FACT_KNOWN)
		return STATUS_REBOOT_UNKNOWN;
	if (init->version < SYSTEMD_JUMPS_SINCE)
		return STATUS_REBOOT_FIRMWARE;
	return init->logind ? STATUS_REBOOT_JUMPS : STATUS_REBOOT_UNKNOWN;
}

int status_read(struct status *status, const struct root *root, struct error *error)
{
	int r;

	*status = (struct status){};
	read_loaded(status, root);
	read_start(status, root);
	init_system_read(&status->init, root);
	/* A container's init system says nothing of the machine's. */
	status->reboot =
	    init_system_is_of_container(root) ? STATUS_REBOOT_UNKNOWN : judge_reboot(status);
	r = read_reservation(&status->crash, root, error);
	if (r == 0)
		r = compare_files(&status->file_states, &status->record, error);
	if (r == 0)
		r = compare_files(&status->crash.file_states, &status->crash.record, error);
	return r;
}

void status_fini(struct status *status)
{
	record_fini(&status->record);
	record_fini(&status->previous);
	record_fini(&status->crash.record);
	free(status->file_states);
	free(status->crash.file_states);
	*status = (struct status){};
}

uint64_t status_crash_used(const struct status *status)
{
	const struct status_crash *crash = &status->crash;

	return crash->record_state == STATUS_RECORD_CONFIRMED &&
		       crash->record.segments_size <= crash->reserved
		   ? crash->record.segments_size
		   : 0;
}

const char *status_record_name(enum status_record state)
{
	switch (state) {
	case STATUS_RECORD_NONE:
		return "none";
	case STATUS_RECORD_CONFIRMED:
		return "confirmed";
	case STATUS_RECORD_UNDER_WAY:
		return "under-way";
	case STATUS_RECORD_INTERRUPTED:
		return "interrupted";
	case STATUS_RECORD_UNCONFIRMED:
		return "unconfirmed";
	case STATUS_RECORD_STALE:
		return "stale";
	case STATUS_RECORD_MISSING:
		return "missing";
	case STATUS_RECORD_OTHER_BOOT:
		return "other-boot";
	case STATUS_RECORD_UNREADABLE:
		return "unreadable";
	case STATUS_RECORD_UNKNOWN:
		break;
	}
	return "unknown";
}

const char *status_start_name(enum status_start start)
{
	switch (start) {
	case STATUS_START_KEXEC:
		return "kexec";
	case STATUS_START_LOADER:
		return "boot-loader";
	case STATUS_START_UNKNOWN:
		break;
	}
	return NULL;
}

const char *status_reboot_name(enum status_reboot reboot)
{
	switch (reboot) {
	case STATUS_REBOOT_JUMPS:
		return "jumps";
	case STATUS_REBOOT_FIRMWARE:
		return "firmware";
	case STATUS_REBOOT_UNKNOWN:
		break;
	}
	return NULL;
}
