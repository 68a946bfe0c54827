/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "handover/handover.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "handover/make-plan.h"
#include "load/load.h"
#include "machine/machine.h"
#include "record/record.h"

/* One loader at a time. Without a writable /run there is no lock, only the kernel's own. */
static int take_lock(const struct root *root)
{
	int fd;

	root_make_folder(root, RECORD_FOLDER);
	fd = root_open_file(root, RECORD_FOLDER "/lock", O_RDWR | O_CREAT | O_NOFOLLOW);
	if (fd < 0)
		return -1;
	while (flock(fd, LOCK_EX) < 0 && errno == EINTR)
		;
	return fd;
}

int handover_plan(const struct request *request, const struct root *root, struct plan **plan,
		  struct error *error)
{
	cleanup_with(machine_fini) struct machine machine = {};
	int r;

	r = machine_read(&machine, root, error);
	if (r < 0)
		return r;
	return make_plan(request, &machine, attempt_first(request, &machine), plan, error);
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

static bool nothing_is_loaded(const struct root *root)
{
	uint64_t loaded;

	return root_read_number(root, "/sys/kernel/kexec_loaded", 10, &loaded) == FACT_KNOWN &&
	       !loaded;
}

/* What a damaged or missing record cannot undo: the kernel is loaded, so this is only a note. */
static void remember(const struct root *root, struct plan *plan)
{
	struct error error = {};

	if (record_write(root, plan, &error) < 0)
		plan_note(plan, PLAN_WARNING, "not recorded in %s: %s", RECORD_FILE,
			  strerror(error.failures[0].code));
}

int handover_load(const struct request *request, const struct root *root,
		  const struct load_calls *calls, struct plan **result, struct error *error)
{
	cleanup_with(machine_fini) struct machine machine = {};
	cleanup_close int lock = -1;
	struct attempt attempt;
	int r;

	r = machine_read(&machine, root, error);
	if (r == 0)
		r = check_permitted(&machine.kernel, request, error);
	if (r < 0)
		return r;
	lock = take_lock(root);
	attempt = attempt_first(request, &machine);
	do {
		cleanup_plan struct plan *plan = NULL;
		struct load_options options = {
		    .debug = request->debug && machine_kernel_at_least(&machine.kernel, 6, 8)};

		r = make_plan(request, &machine, attempt, &plan, error);
		if (r < 0)
			return r;
		if (request->planned)
			request->planned(plan);
		r = load_plan(plan, &options, calls, root, error);
		if (r == 0) {
			remember(root, plan);
			*result = steal_pointer(plan);
			return 0;
		}
		/* No other method helps a file that changes; its image was unloaded again. */
		if (error_last_kind(error) == ERROR_CHANGED) {
			if (nothing_is_loaded(root))
				record_remove(root, error);
			return r;
		}
	} while (attempt_next(request, &machine.kernel, -r, &attempt));
	return r;
}

int handover_unload(const struct root *root, const struct load_calls *calls,
		    enum method_wish method, struct error *error)
{
	cleanup_close int lock = take_lock(root);
	int r;

	r = load_unload(calls, method != METHOD_SEGMENTS_ONLY, method != METHOD_FILE_ONLY, error);
	if (r == 0)
		r = record_remove(root, error);
	return r;
}

int handover_check_loaded(const struct root *root, struct error *error)
{
	cleanup_close int folder = -1;
	uint64_t loaded;

	switch (root_read_number(root, "/sys/kernel/kexec_loaded", 10, &loaded)) {
	case FACT_KNOWN:
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
