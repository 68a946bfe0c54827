/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Loads a kernel as `kexec -c -l` does, with one byte of one segment flipped on its way into the
 * kernel, as if memory had been damaged after the load. For the tests of purgatory's check.
 *
 * usage: load-damaged SEGMENT-NUMBER OFFSET KERNEL INITRD COMMAND-LINE
 *
 * The number is the segment's place in the plan; the offset is from its first byte, or when
 * negative from behind its last.
 */
#include <linux/kexec.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/root.h"
#include "explain/explain.h"
#include "handover/handover.h"
#include "load/load.h"

static size_t damaged_segment;
static long damaged_offset;

static long load_with_damage(unsigned long entry, unsigned long count,
			     struct kexec_segment *segments, unsigned long flags)
{
	struct kexec_segment *segment = &segments[damaged_segment];
	char *copy;

	if (damaged_segment >= count)
		abort();
	copy = malloc(segment->bufsz);
	if (!copy)
		abort();
	memcpy(copy, segment->buf, segment->bufsz);
	copy[damaged_offset < 0 ? (long)segment->bufsz + damaged_offset : damaged_offset] ^= 1;
	segment->buf = copy;
	return load_calls_live.kexec_load(entry, count, segments, flags);
}

int main(int argc, char **argv)
{
	struct load_calls calls = load_calls_live;
	struct root root;
	struct error error = {};
	struct handover_result result;
	struct request request = {.method = METHOD_SEGMENTS_ONLY, .load_max = UINT64_MAX};
	const char *initrds[1];

	if (argc != 6)
		return 2;
	damaged_segment = strtoul(argv[1], NULL, 0);
	damaged_offset = strtol(argv[2], NULL, 0);
	initrds[0] = argv[4];
	request.kernel = argv[3];
	request.initrds = initrds;
	request.initrd_count = 1;
	request.command_line = argv[5];
	calls.kexec_load = load_with_damage;
	if (root_open(&root, "/", &error) < 0 ||
	    handover_load(&request, &root, &calls, &result, &error) < 0) {
		explain_error(stderr, EXPLAIN_LOAD, &error, NULL);
		return 1;
	}
	printf("damaged %s\n", result.plan->segments[damaged_segment].name);
	return 0;
}
