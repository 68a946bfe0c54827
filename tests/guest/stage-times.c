/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Prints how long each stage of a load takes on this machine, outside of any guest: a line each of
 * its name, nanoseconds, and the bytes that it made or went through. They are the library's own
 * functions, one behind the other, on the CPUs that this process may use; nothing is loaded.
 *
 * usage: stage-times KERNEL INITRD
 */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "base/blob.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/parallel.h"
#include "explain/explain.h"
#include "image/image.h"
#include "image/initrd.h"
#include "image/payload.h"
#include "image/vmlinux.h"
#include "plan/digest.h"

/* By so much the kernel is moved: how far makes no difference. */
#define DISTANCE (UINT64_C(64) << 20)

static uint64_t started;

static void start(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	started = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void end(const char *stage, uint64_t bytes)
{
	uint64_t before = started;

	start();
	printf("%s %" PRIu64 " %" PRIu64 "\n", stage, started - before, bytes);
}

/* The kernel's file as it is read for the record; the initrd's likewise. */
static int read_files(const char *kernel, const char *initrd, struct error *error)
{
	const char *paths[] = {kernel, initrd};
	uint64_t size = 0, digest;

	start();
	for (int i = 0; i < 2; i++) {
		cleanup_blob struct blob *file = NULL;
		int r = blob_open(&file, paths[i], error);

		if (r == 0)
			r = digest_blob(file, 0, file->size, &digest, error);
		if (r < 0)
			return r;
		size += file->size;
	}
	end("read", size);
	return 0;
}

static int refused(const char *path, const char *why, struct error *error)
{
	return error_add(error, ERROR_IMAGE, 0, "unpack kernel", path, "%s", why);
}

/* The blob is the unpacked file, which the kernel is a part of. */
static int prepare_kernel(const char *path, struct blob **blob, struct vmlinux *vmlinux,
			  struct error *error)
{
	struct payload payload;
	const char *why;
	struct image image;
	uint8_t *pages;
	int r = image_open(&image, path, UINT64_MAX, error);

	if (r < 0)
		return r;
	start();
	r = payload_find(&payload, image.file, &image.bzimage, error);
	if (r == 0)
		r = payload_unpack(&pages, &payload, image.file, NULL, error);
	image_close(&image);
	if (r != 0)
		return refused(path, "it cannot be unpacked", error);
	end("unpack-kernel", payload.size);
	*blob = blob_from_pages(pages, payload.size);
	if (!*blob)
		return error_memory(error, "unpack kernel");
	start();
	why = vmlinux_read(vmlinux, pages, payload.size);
	if (!why)
		why = vmlinux_relocate(vmlinux, DISTANCE);
	if (why)
		return refused(path, why, error);
	vmlinux_trim(vmlinux);
	end("relocate", vmlinux->content_size);
	return 0;
}

static int unpack_initrd(const char *path, struct initrds *initrds, struct error *error)
{
	const struct initrd_unpacking unpacking = {
	    .room = {UINT64_MAX, UINT64_MAX, UINT64_MAX},
	    .cpus = parallel_cpus(),
	};
	int r;

	start();
	r = initrds_open(initrds, &path, 1, &unpacking, NULL, error);
	if (r == 0)
		end("unpack-initrd", initrds->joined->size);
	return r;
}

static int run(const char *kernel, const char *initrd, struct error *error)
{
	cleanup_initrds struct initrds initrds = {};
	cleanup_blob struct blob *unpacked = NULL;
	struct vmlinux vmlinux;
	uint64_t digest;
	int r;

	r = read_files(kernel, initrd, error);
	if (r == 0)
		r = prepare_kernel(kernel, &unpacked, &vmlinux, error);
	if (r == 0)
		r = unpack_initrd(initrd, &initrds, error);
	if (r < 0)
		return r;
	start();
	r = digest_blob(unpacked, vmlinux.offset, vmlinux.content_size, &digest, error);
	if (r == 0)
		r = digest_blob(initrds.joined, 0, initrds.joined->size, &digest, error);
	if (r == 0)
		end("digest", vmlinux.content_size + initrds.joined->size);
	return r;
}

int main(int argc, char **argv)
{
	struct error error = {};

	if (argc != 3)
		return 2;
	if (run(argv[1], argv[2], &error) < 0) {
		explain_error(stderr, EXPLAIN_LOAD, &error, NULL);
		return 1;
	}
	return 0;
}
