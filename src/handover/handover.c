/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "handover/handover.h"

#include <fcntl.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/hold-signals.h"
#include "base/json.h"
#include "handover/lock.h"
#include "handover/make-plan.h"
#include "handover/secret-files.h"
#include "handover/unchanged.h"
#include "load/load.h"
#include "machine/machine.h"
#include "record/compose.h"
#include "record/next-boot.h"
#include "record/record.h"

int handover_plan(const struct request *request, const struct root *root, struct plan **plan,
		  struct error *error)
{
	cleanup_with(machine_fini) struct machine machine = {};
	cleanup_with(secret_files_fini) struct secret_files secrets = {};
	int r;

	r = machine_read(&machine, root, error);
	if (r == 0)
		r = secret_files_read(&secrets, request, root, false, error);
	if (r < 0)
		return r;
	return make_plan(request, &secrets, &machine, attempt_first(request, &machine), plan,
			 error);
}

static int check_permitted(const struct machine_kernel *kernel, const struct request *request,
			   struct error *error)
{
	if (kernel->privilege_fact == FACT_KNOWN && !kernel->may_load)
		return error_add(error, ERROR_FORBIDDEN, 0, "load", request->kernel,
				 "this process has no CAP_SYS_BOOT");
	if (kernel->load_disabled_fact == FACT_KNOWN && kernel->load_disabled)
		return error_add(error, ERROR_FORBIDDEN, 0, "load", request->kernel,
				 "the sysctl kernel.kexec_load_disabled is 1");
	return 0;
}

/* With the lock held: another process may have loaded or unloaded while this one waited for it. */
static bool is_or_may_be_loaded(const struct root *root)
{
	uint64_t loaded;

	return root_read_number(root, "/sys/kernel/kexec_loaded", 10, &loaded) != FACT_KNOWN ||
	       loaded;
}

/* What all attempts of a load have in common. */
struct job {
	const struct request *request;
	const struct machine_kernel *kernel;
	const struct root *root;
	const struct load_calls *calls;
	bool was_loaded;
};

/*
 * The loading call, and the record around it; `record` is NULL where it could not be composed. A
 * signal that would end the process in between waits: it would leave the record unconfirmed.
 */
static int call_and_record(const struct job *job, const struct plan *plan,
			   struct json_object *record, struct handover_result *result,
			   struct error *error)
{
	struct error *unrecorded = &result->unrecorded;
	const bool debug = job->request->debug;
	const struct load_options options = {.debug = debug &&
						      machine_kernel_at_least(job->kernel, 6, 8)};
	cleanup_signals sigset_t signals = signals_hold();
	struct record_change change;
	struct load_result loaded;
	int r;

	record_begin(&change, job->root, record, unrecorded);
	r = load_plan(plan, &options, job->calls, job->root, &loaded, error);
	if (r == 0)
		record_confirm(&change, job->root, unrecorded);
	else if (loaded.replaced) /* what the old record describes is gone */
		record_remove(job->root, error);
	else
		record_cancel(&change, job->root, error);
	if (loaded.replaced)
		record_hand_on(job->root, debug ? unrecorded : NULL);
	result->changed = loaded.replaced && (job->was_loaded || !loaded.emptied);
	return r;
}

static int carry_out(const struct job *job, const struct plan *plan, struct handover_result *result,
		     struct error *error)
{
	const struct record_request asked = request_for_record(job->request);
	cleanup_json struct json_object *record = NULL;

	result->unrecorded = (struct error){};
	record = record_compose(plan, &asked, job->root, &result->unrecorded);
	record_keep_previous(job->root);
	return call_and_record(job, plan, record, result, error);
}

int handover_load(const struct request *request, const struct root *root,
		  const struct load_calls *calls, struct handover_result *result,
		  struct error *error)
{
	cleanup_with(machine_fini) struct machine machine = {};
	cleanup_with(secret_files_fini) struct secret_files secrets = {};
	struct job job = {request, &machine.kernel, root, calls};
	/* To do nothing needs no permission. Of a secret it is not known whether it is loaded. */
	bool may_be_loaded = request->if_changed && request->file_count == 0;
	cleanup_close int lock = -1;
	struct attempt attempt;
	enum plan_method first;
	int r;

	*result = (struct handover_result){};
	r = machine_read(&machine, root, error);
	if (r == 0 && !may_be_loaded)
		r = check_permitted(&machine.kernel, request, error);
	/* Before the lock: they may come through a pipe, with somebody typing at its other end. */
	if (r == 0)
		r = secret_files_read(&secrets, request, root, true, error);
	if (r < 0)
		return r;
	lock = lock_take(root, request->waiting);
	job.was_loaded = is_or_may_be_loaded(root);
	if (may_be_loaded && request_is_loaded(request, &machine.kernel, root))
		return 0;
	r = check_permitted(&machine.kernel, request, error);
	if (r < 0)
		return r;
	attempt = attempt_first(request, &machine);
	first = attempt.choice.method;
	do {
		cleanup_plan struct plan *plan = NULL;

		r = make_plan(request, &secrets, &machine, attempt, &plan, error);
		if (r < 0)
			return r;
		if (request->planned)
			request->planned(plan);
		attempt.form = plan->form;
		attempt.initrds_unpacked = plan->initrds_unpacked > 0;
		r = carry_out(&job, plan, result, error);
		plan_wipe(plan);
		if (r == 0) {
			result->fell_back = attempt.choice.method != first;
			result->plan = steal_pointer(plan);
			return 0;
		}
	} while (r > 0 && attempt_next(request, &machine.kernel, r, &attempt));
	return r > 0 ? -r : r;
}

int handover_unload(const struct root *root, const struct load_calls *calls,
		    enum method_wish method, void (*waiting)(long holder), bool *was_loaded,
		    struct error *error)
{
	cleanup_close int lock = lock_take(root, waiting);
	cleanup_signals sigset_t signals = signals_hold();
	struct record_change change;
	int r;

	if (was_loaded)
		*was_loaded = is_or_may_be_loaded(root);
	record_keep_previous(root);
	record_begin(&change, root, NULL, NULL);
	r = load_unload(calls, method != METHOD_SEGMENTS_ONLY, method != METHOD_FILE_ONLY, error);
	if (r == 0)
		record_remove(root, error);
	else
		record_cancel(&change, root, error);
	if (r == 0)
		record_hand_on(root, NULL);
	return r;
}

int handover_check_loaded(const struct root *root, bool *known, struct error *error)
{
	cleanup_close int folder = -1;
	uint64_t loaded;

	*known = false;
	switch (root_read_number(root, "/sys/kernel/kexec_loaded", 10, &loaded)) {
	case FACT_KNOWN:
		*known = true;
		if (!loaded)
			return error_add(error, ERROR_NOT_LOADED, 0, "jump", NULL,
					 "no kernel is loaded");
		break;
	case FACT_ABSENT:
		folder = root_open_file(root, "/sys/kernel", O_PATH | O_DIRECTORY);
		if (folder >= 0)
			return error_add(
			    error, ERROR_UNSUPPORTED, 0, "jump", NULL,
			    "the running kernel has no kexec (there is /sys/kernel and "
			    "no /sys/kernel/kexec_loaded)");
		break;
	case FACT_UNREADABLE:
		break;
	}
	return 0;
}

int handover_check_jump(const struct root *root, struct error *error)
{
	bool may_jump, known;

	if (machine_privilege_read(root, &may_jump) == FACT_KNOWN && !may_jump)
		return error_add(error, ERROR_FORBIDDEN, 0, "jump", NULL,
				 "this process has no CAP_SYS_BOOT");
	return handover_check_loaded(root, &known, error);
}
