/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "load/load.h"

#include <errno.h>
#include <linux/kexec.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "load/kernel-log.h"
#include "plan/plan.h"

/* Linux 6.8, include/uapi/linux/kexec.h; older kernels refuse flags that they do not know. */
#ifndef KEXEC_FILE_DEBUG
#define KEXEC_FILE_DEBUG 0x00000008
#endif

enum { INITRD_ALIGNMENT = 4 };

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

static int refused(struct error *error, const char *call, const struct plan *plan, int log_mark)
{
	int code = errno;
	char log[512];

	kernel_log_since(log_mark, log, sizeof(log));
	return error_add(error, kind_of(code), code, call, plan->kernel_path,
			 "the running kernel refused it%s%s%s", *log ? " and logged \"" : "", log,
			 *log ? "\"" : "");
}

static int load_segments(const struct plan *plan, const struct load_calls *calls, int log_mark,
			 struct error *error)
{
	struct kexec_segment segments[PLAN_SEGMENTS_MAX];

	for (size_t i = 0; i < plan->segment_count; i++) {
		const struct plan_segment *segment = &plan->segments[i];

		segments[i] = (struct kexec_segment){
		    .buf = segment->content->address + segment->content_offset,
		    .bufsz = segment->content_size,
		    .mem = (const void *)(uintptr_t)segment->destination.start,
		    .memsz = range_size(segment->destination),
		};
	}
	if (calls->kexec_load(plan->entry, plan->segment_count, segments, KEXEC_ARCH_DEFAULT) < 0)
		return refused(error, "kexec_load", plan, log_mark);
	return 0;
}

static int copy_file(int to, const struct blob_file *file, struct error *error)
{
	off_t offset = 0;

	while ((uint64_t)offset < file->size) {
		ssize_t n = sendfile(to, file->fd, &offset, file->size - (uint64_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_add(error, ERROR_FILE, errno, "join initrds", file->path,
					 "at offset %lld", (long long)offset);
		if (n == 0)
			return error_add(error, ERROR_CHANGED, 0, "join initrds", file->path,
					 "it became shorter while it was read");
	}
	return 0;
}

/* One file is handed on as it is; several are joined in memory, 4-byte aligned. */
static int initrd_for_file_load(const struct blob *initrds, int *joined, struct error *error)
{
	if (!initrds)
		return -1;
	if (initrds->file_count == 1)
		return initrds->files[0].fd;
	*joined = memfd_create("kexec-initrd", MFD_CLOEXEC);
	if (*joined < 0)
		return error_add(error, ERROR_NO_ROOM, errno, "join initrds", blob_name(initrds),
				 "memfd_create failed");
	for (size_t i = 0; i < initrds->file_count; i++) {
		static const char zeros[INITRD_ALIGNMENT];
		size_t padding = (INITRD_ALIGNMENT - initrds->files[i].size % INITRD_ALIGNMENT) %
				 INITRD_ALIGNMENT;
		int r = copy_file(*joined, &initrds->files[i], error);

		if (r < 0)
			return r;
		if (i + 1 < initrds->file_count && write(*joined, zeros, padding) < 0)
			return error_add(error, ERROR_NO_ROOM, errno, "join initrds",
					 initrds->files[i].path, "writing to a memfd failed");
	}
	return *joined;
}

static int load_file(const struct plan *plan, const struct load_options *options,
		     const struct load_calls *calls, int log_mark, struct error *error)
{
	unsigned long flags = options->debug ? KEXEC_FILE_DEBUG : 0;
	cleanup_close int joined = -1;
	int initrd;

	initrd = initrd_for_file_load(plan->initrds, &joined, error);
	if (plan->initrds && initrd < 0)
		return initrd;
	if (!plan->initrds)
		flags |= KEXEC_FILE_NO_INITRAMFS;
	if (calls->kexec_file_load(plan->kernel->files[0].fd, initrd,
				   strlen(plan->command_line) + 1, plan->command_line, flags) < 0)
		return refused(error, "kexec_file_load", plan, log_mark);
	return 0;
}

int load_plan(const struct plan *plan, const struct load_options *options,
	      const struct load_calls *calls, const struct root *root, struct error *error)
{
	cleanup_close int log_mark = -1;
	int r;

	if (!plan->sealed)
		return error_add(error, ERROR_INTERNAL, 0, "load", plan->kernel_path,
				 "the plan was not sealed");
	r = plan_unchanged(plan, error);
	if (r < 0)
		return r;
	log_mark = kernel_log_mark(root);
	r = plan->method == PLAN_FILE ? load_file(plan, options, calls, log_mark, error)
				      : load_segments(plan, calls, log_mark, error);
	if (r < 0)
		return r;
	r = plan_unchanged(plan, error);
	if (r < 0)
		load_unload(calls, true, true, error);
	return r;
}

int load_unload(const struct load_calls *calls, bool by_file, bool by_segments, struct error *error)
{
	errno = ENOSYS;
	if (by_file && calls->kexec_file_load(-1, -1, 0, NULL, KEXEC_FILE_UNLOAD) == 0)
		return 0;
	if (errno == ENOSYS && by_segments &&
	    calls->kexec_load(0, 0, NULL, KEXEC_ARCH_DEFAULT) == 0)
		return 0;
	return error_add(error, kind_of(errno), errno, "unload", NULL,
			 "the running kernel refused to unload");
}

int load_execute(const struct load_calls *calls, struct error *error)
{
	calls->reboot_kexec();
	return error_add(error, errno == EINVAL ? ERROR_NOT_LOADED : kind_of(errno), errno,
			 "reboot", NULL, "the kernel did not jump");
}
