/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "handover/handover.h"

#include <errno.h>
#include <fcntl.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/hold-signals.h"
#include "base/json.h"
#include "handover/lock.h"
#include "handover/make-plan.h"
#include "handover/secret-files.h"
#include "handover/status.h"
#include "handover/unchanged.h"
#include "handover/way-back.h"
#include "load/load.h"
#include "machine/machine.h"
#include "record/compose.h"
#include "record/next-boot.h"
#include "record/record.h"

static int read_machine(struct machine *machine, const struct request *request,
			const struct root *root, struct error *error)
{
	int r = machine_read(machine, root, error);

	if (r == 0 && request->kind == PLAN_CRASH)
		r = machine_crash_read(&machine->crash, root, error);
	return r;
}

int handover_plan(const struct request *request, const struct root *root, struct plan **plan,
		  struct error *error)
{
	cleanup_with(machine_fini) struct machine machine = {};
	cleanup_with(secret_files_fini) struct secret_files secrets = {};
	int r;

	r = read_machine(&machine, request, root, error);
	if (r == 0)
		r = secret_files_read(&secrets, request, root, false, error);
	if (r < 0)
		return r;
	return make_plan(request, &secrets, &machine, attempt_first(request, &machine), plan,
			 error);
}

static int check_permitted(const struct machine *machine, const struct request *request,
			   struct error *error)
{
	const struct machine_kernel *kernel = &machine->kernel;
	const struct machine_crash *crash = &machine->crash;

	if (kernel->privilege_fact == FACT_KNOWN && !kernel->may_load)
		return error_add(error, ERROR_FORBIDDEN, 0, "load", request->kernel,
				 "this process has no CAP_SYS_BOOT");
	if (kernel->load_disabled_fact == FACT_KNOWN && kernel->load_disabled)
		return error_add(error, ERROR_FORBIDDEN, 0, "load", request->kernel,
				 "the sysctl kernel.kexec_load_disabled is 1");
	if (request->kind == PLAN_CRASH && crash->load_limit_fact == FACT_KNOWN &&
	    crash->load_limited && crash->load_limit == 0)
		return error_add(error, ERROR_FORBIDDEN, 0, "check limit of loads", request->kernel,
				 "the sysctl kernel.kexec_load_limit_panic is 0");
	return 0;
}

/* With the lock held: another process may have loaded or unloaded while this one waited for it. A
 * kernel that can load none for a panic has no such file. */
static bool is_or_may_be_loaded(enum plan_kind kind, const struct root *root)
{
	bool loaded;
	enum fact fact = status_loaded(kind, root, &loaded);

	return loaded || fact == FACT_UNREADABLE || (fact == FACT_ABSENT && kind == PLAN_NORMAL);
}

/* What all attempts of a load have in common. */
struct job {
	const struct request *request;
	const struct machine *machine;
	const struct secret_files *secrets;
	const struct root *root;
	const struct load_calls *calls;
	struct way_back *back; /* of a crash image */
	bool was_loaded;
};

static int make_way_back(const struct job *job, const struct attempt *attempt, struct error *error)
{
	bool allowed = job->request->allow_disarm;
	int r = 0;

	if (job->request->kind == PLAN_NORMAL)
		return 0;
	if (attempt->number == 1)
		r = way_back_prepare(job->back, job->machine, job->root, allowed, error);
	return r < 0 ? r : way_back_check_limit(job->back, job->root, allowed, error);
}

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
	const struct load_options options = {
	    .debug = debug && machine_kernel_at_least(&job->machine->kernel, 6, 8)};
	cleanup_signals sigset_t signals = signals_hold();
	struct record_change change;
	struct load_result loaded;
	int r;

	record_begin(&change, plan->kind, job->root, record, unrecorded);
	r = load_plan(plan, &options, job->calls, job->root, &loaded, error);
	if (r == 0)
		record_confirm(&change, job->root, unrecorded);
	else if (loaded.replaced && !(plan->kind == PLAN_CRASH && loaded.emptied))
		record_remove(plan->kind, job->root, error); /* what it describes is gone */
	else                                                 /* or will be loaded again */
		record_cancel(&change, job->root, error);
	if (loaded.replaced && plan->kind == PLAN_NORMAL)
		record_hand_on(job->root, debug ? unrecorded : NULL);
	result->changed = loaded.replaced && (job->was_loaded || !loaded.emptied);
	return r;
}

static int carry_out(const struct job *job, const struct plan *plan, struct handover_result *result,
		     struct error *error)
{
	cleanup_free char *command_line = NULL;
	struct record_request asked;
	cleanup_json struct json_object *record = NULL;

	result->unrecorded = (struct error){};
	if (request_for_record(job->request, job->machine, &asked, &command_line) == 0)
		record = record_compose(plan, &asked, job->root, &result->unrecorded);
	else
		record_write_failed(&result->unrecorded, -ENOMEM);
	if (plan->kind == PLAN_NORMAL)
		record_keep_previous(job->root);
	return call_and_record(job, plan, record, result, error);
}

/* Each attempt has a plan of its own. 0, or negative and final. */
static int attempt_all(const struct job *job, struct handover_result *result, struct error *error)
{
	const struct request *request = job->request;
	struct attempt attempt = attempt_first(request, job->machine);
	enum plan_method first = attempt.choice.method;
	int r;

	attempt.recorded = true;
	do {
		cleanup_plan struct plan *plan = NULL;

		r = make_plan(request, job->secrets, job->machine, attempt, &plan, error);
		if (r == 0)
			r = make_way_back(job, &attempt, error);
		if (r < 0)
			return r;
		if (request->planned)
			request->planned(plan);
		attempt.form = plan->form;
		attempt.initrds_unpacked = plan->initrds_unpacked > 0;
		r = carry_out(job, plan, result, error);
		plan_wipe(plan);
		if (r == 0) {
			result->fell_back = attempt.choice.method != first;
			result->plan = steal_pointer(plan);
			return 0;
		}
	} while (r > 0 && attempt_next(request, &job->machine->kernel, r, &attempt));
	return r > 0 ? -r : r;
}

/* The kernel's own word has the end. */
static int check_armed(const struct request *request, const struct root *root, struct error *error)
{
	bool armed;

	if (machine_crash_is_loaded(root, &armed) != FACT_KNOWN || armed)
		return 0;
	return error_add(error, ERROR_REFUSED, 0, "check crash image", request->kernel,
			 "the running kernel took it, and says that no crash kernel is loaded");
}

/* All that can be found wrong is found before the first call, so that nothing is lost by it. */
static int arm(struct job *job, struct handover_result *result, struct error *error)
{
	cleanup_with(way_back_fini) struct way_back back = {};
	cleanup_signals sigset_t signals = signals_hold();
	int r;

	job->back = &back;
	r = attempt_all(job, result, error);
	if (r == 0)
		r = check_armed(job->request, job->root, error);
	if (r == 0)
		return 0;
	way_back_take(&back, job->calls, job->root, &result->disarmed, &result->restored, error);
	if (result->disarmed || result->plan)
		record_remove(PLAN_CRASH, job->root, error);
	plan_free(result->plan);
	result->plan = NULL;
	result->changed = result->disarmed || (result->changed && !result->restored);
	return r;
}

int handover_load(const struct request *request, const struct root *root,
		  const struct load_calls *calls, struct handover_result *result,
		  struct error *error)
{
	cleanup_with(machine_fini) struct machine machine = {};
	cleanup_with(secret_files_fini) struct secret_files secrets = {};
	struct job job = {request, &machine, &secrets, root, calls};
	/* To do nothing needs no permission. Of a secret it is not known whether it is loaded. */
	bool may_be_loaded = request->if_changed && request->file_count == 0;
	cleanup_close int lock = -1;
	int r;

	*result = (struct handover_result){};
	r = read_machine(&machine, request, root, error);
	if (r == 0 && !may_be_loaded)
		r = check_permitted(&machine, request, error);
	/* Before the lock: they may come through a pipe, with somebody typing at its other end. */
	if (r == 0)
		r = secret_files_read(&secrets, request, root, true, error);
	if (r < 0)
		return r;
	lock = lock_take(root, request->waiting);
	job.was_loaded = is_or_may_be_loaded(request->kind, root);
	if (may_be_loaded && request_is_loaded(request, &machine, root))
		return 0;
	r = check_permitted(&machine, request, error);
	if (r < 0)
		return r;
	return request->kind == PLAN_CRASH ? arm(&job, result, error)
					   : attempt_all(&job, result, error);
}

int handover_unload(enum plan_kind kind, const struct root *root, const struct load_calls *calls,
		    enum method_wish method, void (*waiting)(long holder), bool *was_loaded,
		    struct error *error)
{
	cleanup_close int lock = lock_take(root, waiting);
	cleanup_signals sigset_t signals = signals_hold();
	struct record_change change;
	int r;

	if (was_loaded)
		*was_loaded = is_or_may_be_loaded(kind, root);
	if (kind == PLAN_NORMAL)
		record_keep_previous(root);
	record_begin(&change, kind, root, NULL, NULL);
	r = load_unload(calls, kind, method != METHOD_SEGMENTS_ONLY, method != METHOD_FILE_ONLY,
			error);
	if (r == 0)
		record_remove(kind, root, error);
	else
		record_cancel(&change, root, error);
	if (r == 0 && kind == PLAN_NORMAL)
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
