/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/unwrap/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/blob.h"
#include "base/error.h"
#include "base/pages.h"

/* Linux 5.14, include/uapi/asm-generic/mman-common.h. */
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

static const char step_name[] = "unwrap";

/* Makes sure that there are so many bytes in the buffer, or all up to the source's end. */
static int source_fill(struct source *source, size_t wanted, struct error *error)
{
	uint64_t left = source_left(source);
	size_t have = source->end - source->start, size;
	int r;

	if (have >= wanted || have == left)
		return 0;
	memmove(source->buffer, source->buffer + source->start, have);
	size = sizeof(source->buffer) - have;
	size = left - have < size ? (size_t)(left - have) : size;
	source->start = 0;
	source->end = have;
	r = blob_read(source->blob, source->offset + have, source->buffer + have, size, error);
	if (r == 0)
		source->end += size;
	return r;
}

uint64_t source_left(const struct source *source)
{
	return source->blob->size - source->offset;
}

const uint8_t *source_peek(struct source *source, size_t size, struct error *error)
{
	int r = source_fill(source, size, error);

	if (r == 0 && source->end - source->start < size)
		r = source_truncated(source, error);
	return r < 0 ? NULL : source->buffer + source->start;
}

void source_skip(struct source *source, size_t size)
{
	source->start += size;
	source->offset += size;
	progress_add(source->progress, size);
}

void source_seek(struct source *source, uint64_t offset)
{
	if (offset > source->offset)
		progress_add(source->progress, offset - source->offset);
	source->offset = offset;
	source->start = source->end = 0;
}

int source_read(struct source *source, void *to, size_t size, struct error *error)
{
	int r;

	if (size > source_left(source))
		return source_truncated(source, error);
	r = blob_read(source->blob, source->offset, to, size, error);
	if (r == 0)
		source_seek(source, source->offset + size);
	return r;
}

bool source_next_is(const struct source *source, const void *bytes, size_t size)
{
	uint8_t next[16];

	return size <= sizeof(next) && size <= source->blob->size - source->offset &&
	       blob_read(source->blob, source->offset, next, size, NULL) == 0 &&
	       memcmp(next, bytes, size) == 0;
}

int source_truncated(const struct source *source, struct error *error)
{
	return error_add(error, ERROR_IMAGE, 0, step_name, blob_name(source->blob),
			 "the %s data is truncated: the file ends at offset %" PRIu64
			 ", in the middle of it",
			 source->format, source->blob->size);
}

int source_corrupt(const struct source *source, const char *reason, struct error *error)
{
	char where[48] = "";

	if (source->offset && !source->threads) /* or it is not known where */
		snprintf(where, sizeof(where), " before offset %" PRIu64, source->offset);
	return error_add(error, ERROR_IMAGE, 0, step_name, blob_name(source->blob),
			 "the %s data is corrupt%s: %s", source->format, where, reason);
}

int source_unsupported(const struct source *source, const char *reason, struct error *error)
{
	return error_add(error, ERROR_UNSUPPORTED, 0, step_name, blob_name(source->blob),
			 "the %s data cannot be unpacked here: %s", source->format, reason);
}

static int over_limit(const struct sink *sink, uint64_t limit, struct error *error)
{
	return error_add(error, ERROR_TOO_LONG, 0, step_name, sink->name,
			 "what is in the %s data is more than %" PRIu64 " bytes, the limit here",
			 sink->format, limit);
}

int sink_allows(const struct sink *sink, uint64_t size, struct error *error)
{
	const struct sink_budget *budget = sink->budget;
	uint64_t used = budget ? atomic_load(&budget->used) : 0;

	if (size > sink->limit - sink->size)
		return over_limit(sink, sink->limit, error);
	if (budget && (used > budget->limit || size > budget->limit - used))
		return over_limit(sink, budget->limit, error);
	return 0;
}

static int no_memory(struct sink *sink, int code, struct error *error)
{
	sink->exhausted = true;
	return error_add(error, ERROR_NO_ROOM, code, step_name, sink->name,
			 "there is no memory for what is in the %s data", sink->format);
}

/* RLIMIT_FSIZE counts for memory files, too. With it comes SIGXFSZ, which is the program's affair.
 */
static int over_file_size(const struct sink *sink, struct error *error)
{
	return error_add(error, ERROR_FILE, EFBIG, step_name, sink->name,
			 "what is in the %s data is larger than a file may become here (ulimit -f)",
			 sink->format);
}

/* Addresses may be scarce (RLIMIT_AS): then for as much as there is. */
static int sink_map(struct sink *sink, struct error *error)
{
	int flags = sink->fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE : MAP_SHARED;
	uint64_t most = (uint64_t)SIZE_MAX / 4 + 1;
	void *map;

	sink->mapped =
	    sink->limit < most - SINK_SLACK ? whole_pages(sink->limit + SINK_SLACK) : most;
	do
		map = mmap(NULL, (size_t)sink->mapped, PROT_READ | PROT_WRITE, flags, sink->fd, 0);
	while (map == MAP_FAILED && errno == ENOMEM &&
	       (sink->mapped = whole_pages(sink->mapped / 2)) > SINK_SLACK);
	if (map == MAP_FAILED)
		return no_memory(sink, errno, error);
	sink->map = map;
	if (sink->fd < 0)
		madvise(map, (size_t)sink->mapped, MADV_HUGEPAGE);
	return 0;
}

/* What has become of pages that were asked for. */
enum {
	AHEAD_NONE,    /* done, or none were asked for */
	AHEAD_WAITING, /* in the queue */
	AHEAD_RUNNING,
	AHEAD_REVOKED, /* still in the queue, and not wanted any more */
};

static int run_ahead(struct job *job, struct error *error)
{
	struct sink_ahead *ahead = (struct sink_ahead *)job;
	int state = AHEAD_WAITING;

	(void)error;
	if (atomic_compare_exchange_strong(&ahead->state, &state, AHEAD_RUNNING))
		ahead->ready = madvise(ahead->pages, ahead->size, MADV_POPULATE_WRITE) == 0;
	atomic_store(&ahead->state, AHEAD_NONE);
	return 0;
}

/* Nobody touches the pages behind this but the caller. Whoever runs is done within milliseconds. */
static void ahead_settle(struct sink_ahead *ahead)
{
	int state = AHEAD_WAITING;

	if (!ahead || atomic_compare_exchange_strong(&ahead->state, &state, AHEAD_REVOKED))
		return;
	while (atomic_load(&ahead->state) == AHEAD_RUNNING)
		sched_yield();
}

/* As many as there are, so that little is done in vain. */
static uint64_t next_size(const struct sink *sink)
{
	enum { ALLOCATE_MIN = 64 << 10, ALLOCATE_MAX = 4 << 20 };

	if (sink->ready < ALLOCATE_MIN)
		return ALLOCATE_MIN;
	return sink->ready > ALLOCATE_MAX ? ALLOCATE_MAX : sink->ready;
}

/* Of the pages that are not ready yet those that come next. */
static void ahead_ask(struct sink *sink)
{
	struct sink_ahead *ahead = sink->ahead;
	uint64_t size = next_size(sink), room = sink->mapped - sink->ready;

	size = size < room ? size : room;
	if (!ahead || ahead->jobs->cpus < 2 || size == 0 ||
	    atomic_load(&ahead->state) != AHEAD_NONE)
		return;
	ahead->job.run = run_ahead;
	ahead->pages = sink->map + sink->ready;
	ahead->size = size;
	ahead->ready = false;
	atomic_store(&ahead->state, AHEAD_WAITING);
	jobs_add(ahead->jobs, &ahead->job);
}

/* How many bytes of them are ready, and now the sink's. */
static uint64_t ahead_take(struct sink *sink)
{
	struct sink_ahead *ahead = sink->ahead;

	ahead_settle(ahead);
	if (!ahead || !ahead->ready || ahead->pages != sink->map + sink->ready)
		return 0;
	ahead->ready = false;
	sink->ready += ahead->size;
	return ahead->size;
}

/*
 * Older kernels than 5.14 have no MADV_POPULATE_WRITE: there pages are entered into the page tables
 * when they are touched, which for a memory file is safe once it has them.
 */
static int sink_populate(struct sink *sink, uint64_t size, struct error *error)
{
	while (sink->fd >= 0 && fallocate(sink->fd, 0, (off_t)sink->ready, (off_t)size) < 0)
		if (errno != EINTR)
			return errno == EFBIG ? over_file_size(sink, error)
					      : no_memory(sink, errno, error);
	if (madvise(sink->map + sink->ready, (size_t)size, MADV_POPULATE_WRITE) < 0 &&
	    errno == ENOMEM)
		return no_memory(sink, errno, error);
	sink->ready += size;
	return 0;
}

/* Allocates some more pages, at least those of `wanted` bytes. */
static int sink_allocate(struct sink *sink, uint64_t wanted, struct error *error)
{
	uint64_t taken = ahead_take(sink), more, room = sink->mapped - sink->ready;
	int r = 0;

	if (taken < wanted) {
		wanted -= taken;
		if (wanted > room)
			return no_memory(sink, ENOMEM, error);
		more = next_size(sink);
		more = more < wanted ? whole_pages(wanted) : more;
		r = sink_populate(sink, more < room ? more : room, error);
	}
	if (r == 0)
		ahead_ask(sink);
	return r;
}

uint8_t *sink_room(struct sink *sink, size_t wanted, size_t *room, struct error *error)
{
	int r = sink->map ? 0 : sink_map(sink, error);

	if (r == 0 && sink->ready - sink->size < wanted)
		r = sink_allocate(sink, sink->size + wanted - sink->ready, error);
	if (r < 0)
		return NULL;
	*room = (size_t)(sink->ready - sink->size);
	return sink->map + sink->size;
}

int sink_advance(struct sink *sink, size_t size, struct error *error)
{
	struct sink_budget *budget = sink->budget;
	int r = size <= sink->limit - sink->size ? 0 : over_limit(sink, sink->limit, error);

	if (r == 0 && budget && atomic_fetch_add(&budget->used, size) + size > budget->limit)
		r = over_limit(sink, budget->limit, error);
	if (r == 0)
		sink->size += size;
	return r;
}

/* Decoders may have written behind what they say they wrote. */
static void clear_tail(struct sink *sink)
{
	uint64_t end = whole_pages(sink->size);

	if (end > sink->size)
		memset(sink->map + sink->size, 0, (size_t)(end - sink->size));
}

int sink_close(struct sink *sink, struct error *error)
{
	if (!sink->map)
		return 0;
	ahead_settle(sink->ahead);
	munmap(sink->map, (size_t)sink->mapped);
	sink->map = NULL;
	if (sink->fd >= 0 && ftruncate(sink->fd, (off_t)sink->size) < 0)
		return error_add(error, ERROR_FILE, errno, step_name, sink->name,
				 "a memory file cannot be cut to its size");
	return 0;
}

uint8_t *sink_take(struct sink *sink)
{
	uint64_t end = whole_pages(sink->size);
	uint8_t *pages = sink->map;

	if (!pages || end == 0) {
		sink_close(sink, NULL);
		return NULL;
	}
	ahead_settle(sink->ahead);
	clear_tail(sink);
	munmap(pages + end, (size_t)(sink->mapped - end));
	sink->map = NULL;
	return pages;
}

int stream_decode(struct source *source, struct sink *sink,
		  enum stream_result (*step)(void *library, struct stream_step *step),
		  void *library, struct error *error)
{
	enum { ROOM_MIN = 32 << 10, ROOM_MAX = 1 << 20 };

	for (;;) {
		struct stream_step now = {};
		enum stream_result result;
		int r = source_fill(source, 1, error);

		if (r < 0)
			return r;
		now.out = sink_room(sink, ROOM_MIN, &now.out_size, error);
		if (!now.out)
			return -ENOMEM;
		now.in = source->buffer + source->start;
		now.in_size = source->end - source->start;
		now.last = now.in_size == source_left(source);
		now.out_size = now.out_size < ROOM_MAX ? now.out_size : ROOM_MAX;
		result = step(library, &now);
		source_skip(source, now.in_used);
		r = sink_advance(sink, now.out_used, error);
		if (r < 0)
			return r;
		if (result == STREAM_END)
			return 0;
		if (result == STREAM_NO_MEMORY)
			return error_memory(error, step_name);
		if (result == STREAM_CORRUPT)
			return source_corrupt(source, now.reason, error);
		if (result == STREAM_UNSUPPORTED)
			return source_unsupported(source, now.reason, error);
		if (now.in_used == 0 && now.out_used == 0)
			return now.in_size == 0
				   ? source_truncated(source, error)
				   : source_corrupt(source, "it cannot be decoded", error);
	}
}
