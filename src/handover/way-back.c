/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "handover/way-back.h"

#include <errno.h>

#include "base/error.h"
#include "handover/attempt.h"
#include "handover/make-plan.h"
#include "load/load.h"
#include "machine/machine.h"

static int refuse(struct error *error, const char *subject, const char *why)
{
	return error_add(error, ERROR_RISKY, 0, "check way back", subject,
			 "a crash kernel is loaded, which the running kernel drops before it looks "
			 "at another, and it could not be loaded again, because %s",
			 why);
}

/* NULL when there is a record; without memory `*r` is -ENOMEM. */
static const char *why_no_record(struct way_back *back, const struct root *root, int *r)
{
	if (record_state_of(PLAN_CRASH, root) != RECORD_CONFIRMED)
		return "there is no record of it that can be relied on (another tool loaded it, or "
		       "a load was interrupted)";
	*r = record_read(&back->record, root, RECORD_CRASH_FILE, NULL);
	if (*r == -ENOMEM)
		return NULL;
	if (*r < 0 || back->record.kind != PLAN_CRASH)
		return "the record of it cannot be read";
	if (!record_is_of_this_boot(&back->record, root))
		return "the record of it is of another boot";
	if (back->record.added_file_count)
		return "files that are secret were put into its initrd";
	return NULL;
}

static int check_files(const struct record *record, struct error *error)
{
	for (size_t i = 0; i < record->file_count; i++)
		switch (record_file_state(&record->files[i])) {
		case FILE_UNCHANGED:
			break;
		case FILE_CHANGED:
			return refuse(error, record->files[i].path, "this file has changed");
		case FILE_GONE:
			return refuse(error, record->files[i].path, "this file is gone");
		case FILE_UNKNOWN:
			return refuse(error, record->files[i].path, "this file cannot be read");
		}
	return 0;
}

static struct request request_of(const struct record *record)
{
	return (struct request){
	    .kind = PLAN_CRASH,
	    .kernel = record->asked_kernel,
	    .initrds = (const char *const *)record->asked_initrds,
	    .initrd_count = record->asked_initrd_count,
	    .command_line = record->asked_command_line,
	    .method = record->method == PLAN_FILE ? METHOD_FILE_ONLY : METHOD_SEGMENTS_ONLY,
	    .plain = record->asked_plain,
	    .skip_check = !record->asked_check,
	    .load_min = record->asked_min,
	    .load_max = record->asked_max,
	    .hotplug = (enum crash_hotplug)record->asked_hotplug,
	    .memmap_words = record->asked_memmap_words,
	};
}

static int plan_it(struct way_back *back, const struct machine *machine, struct error *error)
{
	struct request request = request_of(&back->record);
	struct error failure = {};
	int r;

	r = make_plan(&request, NULL, machine, attempt_first(&request, machine), &back->plan,
		      &failure);
	if (r == -ENOMEM)
		error_append(error, &failure);
	else if (r < 0)
		r = refuse(error, back->record.asked_kernel, failure.failures[0].detail);
	return r;
}

static int prepare(struct way_back *back, const struct machine *machine, const struct root *root,
		   struct error *error)
{
	int r = 0;
	const char *why = why_no_record(back, root, &r);

	if (r == -ENOMEM)
		return error_memory(error, "prepare the way back");
	if (why)
		return refuse(error, NULL, why);
	r = check_files(&back->record, error);
	return r < 0 ? r : plan_it(back, machine, error);
}

int way_back_prepare(struct way_back *back, const struct machine *machine, const struct root *root,
		     bool allowed, struct error *error)
{
	enum fact fact = machine_crash_is_loaded(root, &back->armed);
	struct error failure = {};
	int r;

	if (fact == FACT_UNREADABLE)
		back->armed = true;
	if (!back->armed)
		return 0;
	r = prepare(back, machine, root, &failure);
	if (r == 0 || (allowed && r != -ENOMEM))
		return 0;
	error_append(error, &failure);
	return r;
}

int way_back_check_limit(const struct way_back *back, const struct root *root, bool allowed,
			 struct error *error)
{
	uint64_t left;

	if (!back->armed || allowed ||
	    root_read_number(root, "/proc/sys/kernel/kexec_load_limit_panic", 10, &left) !=
		FACT_KNOWN ||
	    left > 1)
		return 0;
	return refuse(error, "kernel.kexec_load_limit_panic",
		      "this sysctl allows one more load only");
}

/* Not where it cannot be known: to load over an image that is there would be no gain. */
static bool is_disarmed(const struct root *root)
{
	bool loaded;

	return machine_crash_is_loaded(root, &loaded) == FACT_KNOWN && !loaded;
}

void way_back_take(const struct way_back *back, const struct load_calls *calls,
		   const struct root *root, bool *disarmed, bool *restored, struct error *error)
{
	const struct load_options options = {};
	struct load_result result;

	*disarmed = back->armed && is_disarmed(root);
	*restored = false;
	if (!*disarmed || !back->plan)
		return;
	if (load_plan(back->plan, &options, calls, root, &result, error) == 0)
		*disarmed = is_disarmed(root);
	*restored = !*disarmed;
}

void way_back_fini(struct way_back *back)
{
	record_fini(&back->record);
	plan_free(back->plan);
	*back = (struct way_back){};
}
