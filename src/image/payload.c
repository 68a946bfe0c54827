/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/payload.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/blob.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "image/bzimage.h"
#include "image/unwrap/formats.h"

enum { SIZE_FIELD = 4 };

static const char step_name[] = "unpack kernel";

int payload_find(struct payload *payload, const struct blob *file, const struct bzimage *image,
		 struct error *error)
{
	uint64_t start = image->kernel_offset + image->payload_offset, size = image->payload_size;
	uint8_t buffer[FORMAT_HEAD_SIZE], field[SIZE_FIELD];
	int r;

	*payload = (struct payload){};
	if (size < sizeof(buffer) + sizeof(field))
		return PAYLOAD_UNKNOWN;
	r = blob_read(file, start, buffer, sizeof(buffer), error);
	if (r == 0)
		r = blob_read(file, start + size - sizeof(field), field, sizeof(field), error);
	if (r < 0)
		return r;
	payload->format = format_find((struct bytes){buffer, sizeof(buffer)});
	if (!payload->format)
		return PAYLOAD_UNKNOWN;
	if (payload->format->decode != decode_gzip)
		size -= sizeof(field);
	payload->packed = (struct range){start, start + size};
	payload->size = load_le(field, sizeof(field));
	return payload->size ? 0 : PAYLOAD_UNKNOWN;
}

static int damaged(const struct payload *payload, const struct blob *file, const char *what,
		   struct error *error)
{
	return error_add(
	    error, ERROR_IMAGE, 0, step_name, blob_name(file),
	    "the kernel inside is corrupt: there is %s in its %s data than the %" PRIu64
	    " bytes that there should be",
	    what, payload->format->name, payload->size);
}

static int check_size(const struct payload *payload, const struct sink *sink,
		      const struct blob *file, struct error *error)
{
	return sink->size == payload->size ? 0 : damaged(payload, file, "less", error);
}

int payload_unpack(uint8_t **pages, const struct payload *payload, const struct blob *file,
		   struct progress *progress, struct error *error)
{
	cleanup_free struct source *source = calloc(1, sizeof(*source));
	struct blob stream = *file; /* the same pieces, seen only up to the stream's end */
	struct sink sink = {
	    .name = blob_name(file),
	    .format = payload->format->name,
	    .fd = -1,
	    .limit = payload->size,
	};
	struct error failure = {};
	int r;

	*pages = NULL;
	if (!source)
		return error_memory(error, step_name);
	stream.size = payload->packed.end;
	source->blob = &stream;
	source->offset = payload->packed.start;
	source->format = payload->format->name;
	source->progress = progress;
	progress_expect(progress, range_size(payload->packed));
	r = payload->format->decode(source, &sink, &failure);
	if (r == 0)
		r = check_size(payload, &sink, file, error);
	else if (error_kind(&failure) == ERROR_TOO_LONG)
		r = damaged(payload, file, "more", error);
	else
		error_append(error, &failure);
	if (sink.exhausted)
		r = -ENOSPC;
	if (r == 0)
		*pages = sink_take(&sink);
	sink_close(&sink, NULL);
	return r;
}

static int run(struct job *base, struct error *error)
{
	struct payload_job *job = (struct payload_job *)base;

	job->done = true;
	return payload_unpack(&job->pages, &job->payload, job->file, job->progress, error);
}

void payload_job_prepare(struct payload_job *job, const struct payload *payload,
			 const struct blob *file, struct progress *progress)
{
	*job = (struct payload_job){
	    .job.run = run,
	    .payload = *payload,
	    .file = file,
	    .progress = progress,
	};
}

void payload_job_fini(struct payload_job *job)
{
	if (job->pages)
		munmap(job->pages, job->payload.size);
	job->pages = NULL;
}
