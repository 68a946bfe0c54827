/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "handover/unchanged.h"

#include <string.h>

#include "base/cleanup.h"
#include "handover/make-plan.h"
#include "machine/kernel.h"
#include "record/compose.h"
#include "record/read.h"

struct record_request request_for_record(const struct request *request)
{
	return (struct record_request){
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
}

static bool same_command_line(const struct record *record, const struct request *request,
			      const struct machine_kernel *kernel)
{
	cleanup_free char *command_line = NULL;

	return compose_command_line(request, kernel, &command_line, NULL) == 0 &&
	       strcmp(command_line, record->command_line) == 0;
}

static bool files_are_unchanged(const struct record *record)
{
	for (size_t i = 0; i < record->file_count; i++)
		if (record_file_state(&record->files[i]) != FILE_UNCHANGED)
			return false;
	return true;
}

bool request_is_loaded(const struct request *request, const struct machine_kernel *kernel,
		       const struct root *root)
{
	cleanup_with(record_fini) struct record record = {};
	struct record_request asked = request_for_record(request);
	uint64_t loaded;

	/* Of a secret the record keeps nothing to compare. */
	if (request->file_count)
		return false;
	/* Asked anew: what was read before the lock was taken may be no longer true. */
	return root_read_number(root, "/sys/kernel/kexec_loaded", 10, &loaded) == FACT_KNOWN &&
	       loaded && record_state(root) == RECORD_CONFIRMED &&
	       record_read(&record, root, RECORD_FILE, NULL) == 0 &&
	       record_is_of_this_boot(&record, root) && record_is_of_request(&record, &asked) &&
	       same_command_line(&record, request, kernel) && files_are_unchanged(&record);
}
