/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "load/load.h"

#include <errno.h>
#include <linux/kexec.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "load/kernel-log.h"
#include "plan/plan.h"

/* Linux 6.8, include/uapi/linux/kexec.h; older kernels refuse flags that they do not know. */
#ifndef KEXEC_FILE_DEBUG
#define KEXEC_FILE_DEBUG 0x00000008
#endif

/* Linux 6.6, likewise; on x86 it is enough for all that changes there. */
#ifndef KEXEC_UPDATE_ELFCOREHDR
#define KEXEC_UPDATE_ELFCOREHDR 0x00000004
#endif

/* Which kind of failure an errno of the loading calls is (facts: kernel/kexec.c, kexec_file.c). */
static enum error_kind kind_of(int code)
{
	switch (code) {
	case EPERM:
	case EACCES:
		return ERROR_FORBIDDEN;
	case ENOSYS:
	case ENOTSUP:
		return ERROR_UNSUPPORTED;
	case ENOEXEC:
		return ERROR_IMAGE;
	case ENOMEM:
	case EADDRNOTAVAIL:
		return ERROR_NO_ROOM;
	case EBUSY:
		return ERROR_BUSY;
	case ETXTBSY:
		return ERROR_CHANGED;
	case EFBIG:
		return ERROR_TOO_LONG;
	case EIO:
		return ERROR_FILE;
	case ENODATA:
	case ENOKEY:
	case EKEYREJECTED:
	case EBADMSG:
	case ELIBBAD:
	case ENOPKG:
		return ERROR_SIGNATURE;
	default:
		return ERROR_REFUSED;
	}
}

/* Returns the errno itself, positive: the documented result of load_plan(). */
static int refused(struct error *error, const char *call, const struct plan *plan, int log_mark)
{
	int code = errno;
	char log[512];

	kernel_log_since(log_mark, log, sizeof(log));
	error_add(error, kind_of(code), code, call, plan->kernel_path,
		  "the running kernel refused it%s%s%s", *log ? " and logged \"" : "", log,
		  *log ? "\"" : "");
	return code;
}

static int load_segments(const struct plan *plan, const struct load_calls *calls, int log_mark,
			 struct error *error)
{
	struct kexec_segment segments[PLAN_SEGMENTS_MAX];
	unsigned long flags = KEXEC_ARCH_DEFAULT;

	if (plan->kind == PLAN_CRASH)
		flags |= KEXEC_ON_CRASH;
	if (plan->hotplug)
		flags |= KEXEC_UPDATE_ELFCOREHDR;
	for (size_t i = 0; i < plan->segment_count; i++) {
		const struct plan_segment *segment = &plan->segments[i];

		segments[i] = (struct kexec_segment){
		    .buf = segment->content->address + segment->content_offset,
		    .bufsz = segment->content_size,
		    .mem = (const void *)(uintptr_t)segment->destination.start,
		    .memsz = range_size(segment->destination),
		};
	}
	if (calls->kexec_load(plan->entry, plan->segment_count, segments, flags) < 0)
		return refused(error, "kexec_load", plan, log_mark);
	return 0;
}

static int load_file(const struct plan *plan, const struct load_options *options,
		     const struct load_calls *calls, int log_mark, struct error *error)
{
	unsigned long flags = options->debug ? KEXEC_FILE_DEBUG : 0;
	cleanup_blob_whole struct blob_whole initrd = {.fd = -1};

	if (plan->kind == PLAN_CRASH)
		flags |= KEXEC_FILE_ON_CRASH;
	if (plan->initrds) {
		int r = blob_whole_open(&initrd, plan->initrds, PLAN_INITRD_ALIGNMENT, error);

		if (r < 0)
			return r;
	} else {
		flags |= KEXEC_FILE_NO_INITRAMFS;
	}
	if (calls->kexec_file_load(plan->kernel->files[0].fd, initrd.fd,
				   strlen(plan->command_line) + 1, plan->command_line, flags) < 0)
		return refused(error, "kexec_file_load", plan, log_mark);
	return 0;
}

int load_plan(const struct plan *plan, const struct load_options *options,
	      const struct load_calls *calls, const struct root *root, struct load_result *result,
	      struct error *error)
{
	cleanup_close int log_mark = -1;
	int r, changed;

	*result = (struct load_result){};
	if (!plan->sealed)
		return error_add(error, ERROR_INTERNAL, 0, "load", plan->kernel_path,
				 "the plan was not sealed");
	r = plan_unchanged(plan, error);
	if (r < 0)
		return r;
	log_mark = kernel_log_mark(root);
	r = plan->method == PLAN_FILE ? load_file(plan, options, calls, log_mark, error)
				      : load_segments(plan, calls, log_mark, error);
	result->replaced = r == 0;
	changed = plan_unchanged(plan, error);
	if (changed < 0 && result->replaced)
		result->emptied = load_unload(calls, plan->kind, true, true, error) == 0;
	return changed < 0 ? changed : r;
}

int load_unload(const struct load_calls *calls, enum plan_kind kind, bool by_file, bool by_segments,
		struct error *error)
{
	unsigned long of_file = KEXEC_FILE_UNLOAD, of_segments = KEXEC_ARCH_DEFAULT;

	if (kind == PLAN_CRASH) {
		of_file |= KEXEC_FILE_ON_CRASH;
		of_segments |= KEXEC_ON_CRASH;
	}
	errno = ENOSYS;
	if (by_file && calls->kexec_file_load(-1, -1, 0, NULL, of_file) == 0)
		return 0;
	if (errno == ENOSYS && by_segments && calls->kexec_load(0, 0, NULL, of_segments) == 0)
		return 0;
	return error_add(error, kind_of(errno), errno, "unload", NULL,
			 "the running kernel refused to unload");
}

int load_execute(const struct load_calls *calls, struct error *error)
{
	calls->reboot_kexec();
	return error_add(error, kind_of(errno), errno, "reboot", NULL,
			 "the running kernel did not jump");
}
