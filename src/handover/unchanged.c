/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "handover/unchanged.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "handover/make-plan.h"
#include "handover/status.h"
#include "machine/machine.h"
#include "record/compose.h"
#include "record/read.h"

int request_for_record(const struct request *request, const struct machine *machine,
		       struct record_request *asked, char **command_line)
{
	*asked = (struct record_request){
	    .kernel = request->kernel,
	    .initrds = request->initrds,
	    .initrd_count = request->initrd_count,
	    .method = request->method,
	    .plain = request->plain,
	    .check = !request->skip_check,
	    .load_min = request->load_min,
	    .load_max = request->load_max,
	    .program_version = request->program_version,
	};
	if (request->kind == PLAN_NORMAL)
		return 0;
	if (compose_command_line(request, machine, command_line, NULL) < 0)
		return -ENOMEM;
	asked->command_line = *command_line;
	asked->hotplug = request->hotplug;
	asked->memmap_words = request->memmap_words;
	return crash_fingerprint(&machine->crash, &asked->machine);
}

static bool same_command_line(const struct record *record, const struct request *request,
			      const struct machine *machine)
{
	cleanup_free char *command_line = NULL;

	return compose_command_line(request, machine, &command_line, NULL) == 0 &&
	       strcmp(command_line, record->command_line) == 0;
}

static bool files_are_unchanged(const struct record *record)
{
	for (size_t i = 0; i < record->file_count; i++)
		if (record_file_state(&record->files[i]) != FILE_UNCHANGED)
			return false;
	return true;
}

static bool is_loaded(const struct request *request, const struct machine *machine,
		      const struct record_request *asked, const struct root *root)
{
	cleanup_with(record_fini) struct record record = {};

	if (record_state_of(request->kind, root) != RECORD_CONFIRMED ||
	    record_read(&record, root, record_file(request->kind), NULL) < 0)
		return false;
	return record.kind == request->kind && record_is_of_this_boot(&record, root) &&
	       record_is_of_request(&record, asked) &&
	       /* A crash kernel's has places in it; the record of what was asked has it, too. */
	       (request->kind == PLAN_CRASH || same_command_line(&record, request, machine)) &&
	       files_are_unchanged(&record);
}

/* Asked anew: what was read before the lock was taken may be no longer true. */
static bool kernel_has_one(enum plan_kind kind, const struct root *root)
{
	bool loaded;

	return status_loaded(kind, root, &loaded) == FACT_KNOWN && loaded;
}

bool request_is_loaded(const struct request *request, const struct machine *machine,
		       const struct root *root)
{
	cleanup_free char *command_line = NULL;
	struct record_request asked;

	/* Of a secret the record keeps nothing to compare. */
	if (request->file_count)
		return false;
	return kernel_has_one(request->kind, root) &&
	       request_for_record(request, machine, &asked, &command_line) == 0 &&
	       is_loaded(request, machine, &asked, root);
}
