/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-support/marker.h"

#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "test-support/test.h"

enum {
	CHUNK = 1 << 20,
	MASK = 0xa5,
};

/* Larger mappings are a sanitizer's own, of which the smallest has 256 MiB. */
#define MAPPING_MAX (UINT64_C(200) << 20)

static struct marker watched; /* the latest */
static bool watching;
static size_t given_back;

void marker_make(struct marker *marker)
{
	/* Otherwise what is freed goes back to the kernel, and no scan would find it. */
	mallopt(M_MMAP_THRESHOLD, 32 << 20);
	mallopt(M_TRIM_THRESHOLD, 1 << 30);
	mallopt(M_PERTURB, 0); /* Meson sets it: what is freed would be overwritten */
	/* What is drawn here never was the marker: it is so only without the mask. */
	assert_int_equal(getrandom(marker->disguised, MARKER_SIZE, 0), MARKER_SIZE);
	watched = *marker;
	watching = true;
	given_back = 0;
}

void marker_write(const struct marker *marker, const char *path, size_t size)
{
	cleanup_close int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
	size_t start = (size - MARKER_SIZE) / 2;

	assert_true(fd >= 0 && size >= MARKER_SIZE);
	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	for (size_t i = 0; i < MARKER_SIZE; i++) {
		uint8_t byte = marker->disguised[i] ^ MASK;

		assert_int_equal(pwrite(fd, &byte, 1, (off_t)(start + i)), 1);
	}
}

size_t marker_count(const struct marker *marker, const void *bytes, size_t size)
{
	const uint8_t *at = bytes, *end = at + size;
	size_t count = 0;

	for (; at && end - at >= MARKER_SIZE; at++) {
		size_t same = 0;

		at = memchr(at, marker->disguised[0] ^ MASK, (size_t)(end - at) - MARKER_SIZE + 1);
		if (!at)
			break;
		while (same < MARKER_SIZE && (at[same] ^ MASK) == marker->disguised[same])
			same++;
		count += same == MARKER_SIZE;
	}
	return count;
}

static uint8_t chunk[CHUNK];

/* One mapping, a chunk at a time; chunks overlap by what a marker could straddle. */
static size_t scan_mapping(const struct marker *marker, int memory, uint64_t start, uint64_t end)
{
	size_t count = 0;

	for (uint64_t at = start; at < end;) {
		size_t size = end - at < CHUNK ? (size_t)(end - at) : CHUNK;
		ssize_t n = pread(memory, chunk, size, (off_t)at);

		if (n <= 0) /* a guard page, or the kernel's own */
			break;
		count += marker_count(marker, chunk, (size_t)n);
		at += (size_t)n < CHUNK ? (size_t)n : CHUNK - MARKER_SIZE + 1;
	}
	return count;
}

/* As libc's, after a look at what is given back. */
int munmap(void *address, size_t size)
{
	cleanup_close int memory = watching ? open("/proc/self/mem", O_RDONLY | O_CLOEXEC) : -1;
	uint64_t start = (uint64_t)(uintptr_t)address;

	if (memory >= 0)
		given_back += scan_mapping(&watched, memory, start, start + size);
	return (int)syscall(SYS_munmap, address, size);
}

size_t marker_scan(const struct marker *marker)
{
	cleanup_fclose FILE *maps = fopen("/proc/self/maps", "re");
	cleanup_close int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	size_t count = given_back;
	char line[4352];

	if (given_back)
		print_message("the marker was in pages that were given back\n");
	given_back = 0;

	assert_true(maps && memory >= 0);
	while (fgets(line, sizeof(line), maps)) {
		unsigned long start, end;
		char write;
		size_t here;

		assert_int_equal(sscanf(line, "%lx-%lx %*c%c", &start, &end, &write), 3);
		if (write != 'w' || end - start > MAPPING_MAX)
			continue;
		memset(chunk, 0, sizeof(chunk));
		here = scan_mapping(marker, memory, start, end);
		if (here && !count)
			print_message("the marker is in %s", line);
		count += here;
	}
	memset(chunk, 0, sizeof(chunk));
	return count;
}
