/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/initrd-unpack.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/blob.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/parallel.h"
#include "base/range.h"
#include "image/initrd.h"
#include "image/newc-walk.h"
#include "image/unwrap/extent.h"
#include "image/unwrap/formats.h"

static const char step_name[] = "unpack initrd";

/* What all files have in common. */
struct unpack {
	struct jobs jobs;
	struct sink_budget budget;
	_Atomic bool over, exhausted; /* then nothing is unpacked at all */
	_Atomic bool threaded;        /* a stream is being decoded by threads of its library */
};

/* A compressed stream of a file; `packed` is where it lies there. */
struct stream {
	struct job job;
	struct unpack *unpack;
	const struct scan *scan;
	struct stream *previous;
	const struct format *format; /* NULL: not one that is known here */
	struct range packed;
	struct sink_ahead ahead;
	struct blob *content;  /* owned: what is inside; NULL: it stays packed */
	enum initrd_stop stop; /* by its content */
	bool followed;         /* by something that the kernel does not take there */
	char reason[sizeof(((struct initrd_unpacked *)0)->stop_reason)];
};

/* A file: its streams, and where archives lie that are not compressed. */
struct scan {
	struct job job;
	struct unpack *unpack;
	struct blob view; /* of what is not bootconfig */
	uint64_t offset;
	struct stream *streams; /* the last one is the first */
	size_t count;
};

static bool is_given_up(struct unpack *unpack)
{
	return atomic_load(&unpack->over) || atomic_load(&unpack->exhausted);
}

/* What the decoder said, where that keeps a stream packed; otherwise it is this load's failure. */
static int judge_failure(struct stream *stream, const struct sink *sink, const struct error *failed,
			 int r, struct error *error)
{
	const struct failure *failure = &failed->failures[0];

	if (sink->exhausted)
		atomic_store(&stream->unpack->exhausted, true);
	else if (failure->kind == ERROR_TOO_LONG)
		atomic_store(&stream->unpack->over, true);
	else if (failure->kind == ERROR_IMAGE)
		stream->stop = INITRD_STOP_DAMAGED;
	else if (failure->kind == ERROR_UNSUPPORTED)
		stream->stop = INITRD_STOP_UNSUPPORTED;
	else
		return error_add(error, failure->kind, failure->code, failure->step,
				 failure->subject, "%s", failure->detail),
		       r;
	snprintf(stream->reason, sizeof(stream->reason), "%.*s", (int)sizeof(stream->reason) - 1,
		 failure->detail);
	return 0;
}

/* Whether the kernel would unpack all of what is inside. */
static int check_content(struct stream *stream, const struct sink *sink, struct error *error)
{
	struct blob_piece piece = {.size = sink->size, .memory = sink->map};
	struct blob content = {.size = sink->size, .pieces = &piece, .piece_count = 1};
	struct newc_walk walk = {};
	int r = sink->size ? newc_walk(&walk, &content, 0, content.size, error) : 0;

	if (!walk.whole)
		stream->stop = INITRD_STOP_CONTENT;
	else if (walk.for_early_boot)
		stream->stop = INITRD_STOP_EARLY;
	return r;
}

static int decode(struct stream *stream, struct source *source, struct error *error)
{
	struct unpack *unpack = stream->unpack;
	struct error failed = {};
	struct sink sink = {
	    .name = blob_name(source->blob),
	    .format = source->format,
	    .fd = -1,
	    .limit = unpack->budget.limit,
	    .budget = &unpack->budget,
	    .ahead = &stream->ahead,
	};
	uint8_t *pages;
	int r = stream->format->decode(source, &sink, &failed);

	stream->packed.end = source->offset;
	if (r < 0)
		r = judge_failure(stream, &sink, &failed, r, error);
	else
		r = check_content(stream, &sink, error);
	pages = r < 0 || stream->stop || is_given_up(unpack) ? NULL : sink_take(&sink);
	sink_close(&sink, NULL);
	if (!pages)
		return r;
	stream->content = blob_from_pages(pages, sink.size);
	return stream->content ? 0 : error_memory(error, step_name);
}

/*
 * liblzma has threads of its own, as many as there are CPUs, because blocks are too many and too
 * small to be jobs. Only one stream at a time gets them, or there would be CPUs times CPUs.
 */
static int decode_with_threads(struct stream *stream, struct source *source, struct error *error)
{
	struct unpack *unpack = stream->unpack;
	bool others;
	int r;

	if (stream->format->decode != decode_xz)
		return decode(stream, source, error);
	others = atomic_exchange(&unpack->threaded, true);
	source->threads = others ? 1 : unpack->jobs.cpus;
	r = decode(stream, source, error);
	if (!others)
		atomic_store(&unpack->threaded, false);
	return r;
}

static int run_stream(struct job *job, struct error *error)
{
	struct stream *stream = (struct stream *)job;
	cleanup_free struct source *source = NULL;

	if (is_given_up(stream->unpack))
		return 0;
	source = calloc(1, sizeof(*source));
	if (!source)
		return error_memory(error, step_name);
	source->blob = &stream->scan->view;
	source->format = stream->format->name;
	source->single = true;
	source->progress = stream->unpack->jobs.progress;
	source->offset = stream->packed.start;
	return decode_with_threads(stream, source, error);
}

static int read_head(const struct scan *scan, uint64_t offset, uint8_t *buffer, struct bytes *head,
		     struct error *error)
{
	uint64_t left = scan->view.size - offset;

	*head = (struct bytes){buffer, left < FORMAT_HEAD_SIZE ? left : FORMAT_HEAD_SIZE};
	return blob_read(&scan->view, offset, buffer, head->size, error);
}

static struct stream *add_stream(struct scan *scan, struct bytes head)
{
	struct stream *stream = calloc(1, sizeof(*stream));

	if (!stream)
		return NULL;
	stream->job.run = run_stream;
	stream->unpack = scan->unpack;
	stream->ahead.jobs = &scan->unpack->jobs;
	stream->scan = scan;
	stream->format = format_find(head);
	stream->packed = (struct range){scan->offset, scan->view.size};
	stream->previous = scan->streams;
	scan->streams = stream;
	scan->count++;
	return stream;
}

/* A size that is known before, so that it need not be tried. */
static int check_stated_size(struct stream *stream, struct error *error)
{
	uint64_t size;
	int r = stream_stated_size(&stream->scan->view, stream->packed.start, stream->format, &size,
				   error);

	if (r == 0 && size > stream->unpack->budget.limit)
		atomic_store(&stream->unpack->over, true);
	return r;
}

/* Decodes a stream, or lets others do it where its end is known without; goes on behind it. 1 when
 * it could be decoded, or may be; 0 when not. */
static int take_stream(struct scan *scan, struct bytes head, struct error *error)
{
	struct stream *stream = add_stream(scan, head);
	uint64_t end;
	int r;

	if (!stream)
		return error_memory(error, step_name);
	if (!stream->format) {
		stream->stop = INITRD_STOP_UNSUPPORTED;
		return 0;
	}
	r = check_stated_size(stream, error);
	if (r == 0 && scan->unpack->jobs.cpus > 1)
		r = stream_extent(&scan->view, scan->offset, stream->format, &end, error);
	if (r < 0)
		return r;
	if (r > 0) {
		jobs_add(&scan->unpack->jobs, &stream->job); /* from now on it is others' */
		scan->offset = end;
		return !is_given_up(scan->unpack);
	}
	r = run_stream(&stream->job, error);
	scan->offset = stream->packed.end;
	return r < 0 ? r : !stream->stop && !is_given_up(scan->unpack);
}

static int skip_zeros(struct scan *scan, struct error *error)
{
	return initrd_skip_zeros(&scan->view, scan->view.size, &scan->offset, error);
}

/* The kernel's decoder of legacy lz4 ends at a block of size 0, and at the end. */
static bool ends_for_the_kernel(const struct scan *scan, const struct stream *stream,
				uint64_t stream_end)
{
	return strcmp(stream->format->name, "legacy lz4") != 0 || scan->offset == scan->view.size ||
	       scan->offset - stream_end >= 4;
}

/* What is behind a stream and zeros: the end, or something that the kernel takes there. */
static int check_follower(struct scan *scan, struct stream *stream, struct error *error)
{
	uint64_t stream_end = scan->offset;
	uint8_t buffer[FORMAT_HEAD_SIZE];
	struct bytes head;
	int r = skip_zeros(scan, error);

	if (r == 0)
		r = read_head(scan, scan->offset, buffer, &head, error);
	if (r < 0)
		return r;
	if (!ends_for_the_kernel(scan, stream, stream_end) ||
	    (head.size > 0 && !initrd_is_compressed(head) &&
	     !(newc_begins(head.data, head.size) && scan->offset % NEWC_WALK_ALIGNMENT == 0)))
		stream->followed = true;
	return !stream->followed;
}

/* Archives that are not compressed. 1 when something may follow that the kernel takes there. */
static int pass_archives(struct scan *scan, struct error *error)
{
	struct newc_walk walk;
	bool more;
	int r = newc_walk(&walk, &scan->view, scan->offset, scan->view.size, error);

	if (r < 0)
		return r;
	more = walk.next > scan->offset && walk.next % NEWC_WALK_ALIGNMENT == 0;
	progress_add(scan->unpack->jobs.progress, walk.next - scan->offset);
	scan->offset = walk.next;
	return more;
}

static int run_scan(struct job *job, struct error *error)
{
	struct scan *scan = (struct scan *)job;
	int r = skip_zeros(scan, error);

	while (r >= 0 && scan->offset < scan->view.size && !is_given_up(scan->unpack)) {
		uint8_t buffer[FORMAT_HEAD_SIZE];
		struct bytes head;

		r = read_head(scan, scan->offset, buffer, &head, error);
		if (r < 0)
			break;
		if (initrd_is_compressed(head)) {
			r = take_stream(scan, head, error);
			if (r > 0)
				r = check_follower(scan, scan->streams, error);
		} else if (newc_begins(head.data, head.size) &&
			   scan->offset % NEWC_WALK_ALIGNMENT == 0) {
			r = pass_archives(scan, error);
		} else {
			break;
		}
		if (r <= 0)
			break;
	}
	return r < 0 ? r : 0;
}

/* What is read behind the last stream that is unpacked is handed on as it is. */
struct layout {
	struct stream **streams; /* in the file's order */
	size_t count;            /* of those that are unpacked */
};

/*
 * Leaves out the first stream that cannot be unpacked, and all behind it. What then begins the rest
 * must lie on a multiple of 4 there, because it will here, and what is behind it counts on that.
 */
static int choose_streams(const struct scan *scan, struct layout *layout, struct initrd *initrd,
			  struct error *error)
{
	struct initrd_unpacked *unpacked = &initrd->unpacked;
	const struct stream *stream = scan->streams;

	for (size_t i = scan->count; i-- > 0; stream = stream->previous)
		layout->streams[i] = (struct stream *)(uintptr_t)stream;
	while (layout->count < scan->count && !layout->streams[layout->count]->stop &&
	       !layout->streams[layout->count]->followed)
		layout->count++;
	if (layout->count < scan->count) {
		stream = layout->streams[layout->count];
		unpacked->stop = stream->stop ? stream->stop : INITRD_STOP_FOLLOWED;
		unpacked->stop_offset = stream->packed.start;
		unpacked->stop_format = stream->format ? stream->format->name : "compressed";
		snprintf(unpacked->stop_reason, sizeof(unpacked->stop_reason), "%s",
			 stream->reason);
	}
	for (; layout->count > 0; layout->count--) {
		uint64_t rest = layout->streams[layout->count - 1]->packed.end;
		int r = initrd_skip_zeros(&scan->view, scan->view.size, &rest, error);

		if (r < 0 || rest == scan->view.size || rest % NEWC_WALK_ALIGNMENT == 0)
			return r;
	}
	return 0;
}

/* What lies between streams, or behind the last one, without the zeros before it. */
static int add_raw_part(const struct scan *scan, uint64_t start, uint64_t end,
			struct initrd_unpacked *unpacked, struct error *error)
{
	int r = initrd_skip_zeros(&scan->view, end, &start, error);

	if (r == 0 && start < end)
		unpacked->parts[unpacked->part_count++] =
		    (struct initrd_part){start, end - start, false, NULL};
	return r;
}

static void add_format(struct initrd_unpacked *unpacked, const char *name)
{
	size_t length = strlen(unpacked->formats);

	if (!strstr(unpacked->formats, name))
		snprintf(unpacked->formats + length, sizeof(unpacked->formats) - length, "%s%s",
			 length ? ", " : "", name);
}

static int lay_out(const struct scan *scan, const struct layout *layout,
		   struct initrd_unpacked *unpacked, struct error *error)
{
	uint64_t end = 0;
	int r = 0;

	unpacked->parts = calloc(2 * layout->count + 1, sizeof(*unpacked->parts));
	if (!unpacked->parts)
		return error_memory(error, step_name);
	for (size_t i = 0; r == 0 && i < layout->count; i++) {
		struct stream *stream = layout->streams[i];

		r = add_raw_part(scan, end, stream->packed.start, unpacked, error);
		unpacked->parts[unpacked->part_count++] =
		    (struct initrd_part){0, stream->content->size, true, stream->content};
		unpacked->packed += range_size(stream->packed);
		unpacked->unpacked += stream->content->size;
		stream->content = NULL;
		add_format(unpacked, stream->format->name);
		end = stream->packed.end;
	}
	return r < 0 ? r : add_raw_part(scan, end, scan->view.size, unpacked, error);
}

/* The first failure in the file's order: the scan's own is behind those of its streams. */
static int first_failure(const struct scan *scan, struct error *error)
{
	const struct job *failed = scan->job.result < 0 ? &scan->job : NULL;

	for (const struct stream *stream = scan->streams; stream; stream = stream->previous)
		if (stream->job.result < 0)
			failed = &stream->job;
	if (!failed)
		return 0;
	for (size_t i = 0; error && i < failed->error.count; i++)
		error_add(error, failed->error.failures[i].kind, failed->error.failures[i].code,
			  failed->error.failures[i].step, failed->error.failures[i].subject, "%s",
			  failed->error.failures[i].detail);
	return failed->result;
}

static int finish_file(struct scan *scan, struct initrd *initrd, struct error *error)
{
	cleanup_free struct stream **streams = calloc(scan->count + 1, sizeof(struct stream *));
	struct layout layout = {.streams = streams};
	int r = first_failure(scan, error);

	if (r == 0 && !streams)
		r = error_memory(error, step_name);
	if (r < 0 || is_given_up(scan->unpack))
		return r;
	r = choose_streams(scan, &layout, initrd, error);
	if (r == 0 && layout.count > 0)
		r = lay_out(scan, &layout, &initrd->unpacked, error);
	return r;
}

static void scans_free(struct scan *scans, size_t count)
{
	for (size_t i = 0; scans && i < count; i++)
		while (scans[i].streams) {
			struct stream *stream = scans[i].streams;

			scans[i].streams = stream->previous;
			blob_free(stream->content);
			free(stream);
		}
	free(scans);
}

/* Half of what is left beside the initrds as they are, where the unpacked bytes count twice. */
static uint64_t twice_within(uint64_t room, uint64_t packed)
{
	return room > packed ? (room - packed) / 2 : 0;
}

static void decide_room(struct initrds *initrds, const struct initrd_room *room, uint64_t packed)
{
	uint64_t most = room->limit > packed ? room->limit - packed : 0;

	initrds->short_of = INITRD_SHORT_OF_LIMIT;
	if (twice_within(room->now, packed) < most) {
		most = twice_within(room->now, packed);
		initrds->short_of = INITRD_SHORT_OF_MEMORY_NOW;
	}
	if (twice_within(room->next, packed) < most) {
		most = twice_within(room->next, packed);
		initrds->short_of = INITRD_SHORT_OF_MEMORY_NEXT;
	}
	initrds->unpacked_most = most;
}

static void start_scans(struct unpack *unpack, struct scan *scans, struct initrds *initrds)
{
	for (size_t i = 0; i < initrds->count; i++) {
		const struct initrd *initrd = &initrds->files[i];

		scans[i] = (struct scan){.unpack = unpack, .view = *initrd->blob};
		scans[i].job.run = run_scan;
		if (initrd->bootconfig.state == BOOTCONFIG_VALID)
			scans[i].view.size = initrd->bootconfig.start;
		if (initrd->content != INITRD_ARCHIVE)
			continue;
		progress_expect(unpack->jobs.progress, scans[i].view.size);
	}
	for (size_t i = 0; i < initrds->count; i++)
		if (initrds->files[i].content == INITRD_ARCHIVE)
			jobs_add(&unpack->jobs, &scans[i].job);
}

static int unpack_all(struct unpack *unpack, struct initrds *initrds,
		      const struct initrd_unpacking *unpacking, struct error *error)
{
	struct scan *scans = calloc(initrds->count, sizeof(*scans));
	int r = 0;

	if (!scans)
		return error_memory(error, step_name);
	jobs_start(&unpack->jobs, unpacking->cpus, unpacking->progress);
	if (unpacking->beside)
		jobs_add(&unpack->jobs, unpacking->beside);
	start_scans(unpack, scans, initrds);
	jobs_finish(&unpack->jobs);
	for (size_t i = 0; r == 0 && i < initrds->count; i++)
		r = finish_file(&scans[i], &initrds->files[i], error);
	scans_free(scans, initrds->count);
	return r;
}

int initrds_unpack(struct initrds *initrds, const struct initrd_unpacking *unpacking,
		   struct error *error)
{
	struct unpack unpack = {};
	uint64_t packed = 0;
	int r;

	for (size_t i = 0; i < initrds->count; i++) {
		packed += initrds->files[i].blob->size;
		if (unpacking->digest_files)
			blob_digest_while_reading(initrds->files[i].blob);
	}
	decide_room(initrds, &unpacking->room, packed);
	unpack.budget.limit = initrds->unpacked_most;
	r = unpack_all(&unpack, initrds, unpacking, error);
	if (atomic_load(&unpack.exhausted))
		initrds->short_of = INITRD_SHORT_OF_ADDRESSES;
	else if (!atomic_load(&unpack.over))
		initrds->short_of = INITRD_SHORT_OF_NOTHING;
	return r;
}

void initrd_unpacked_fini(struct initrd_unpacked *unpacked)
{
	for (size_t i = 0; i < unpacked->part_count; i++)
		blob_free(unpacked->parts[i].content);
	free(unpacked->parts);
	*unpacked = (struct initrd_unpacked){};
}
