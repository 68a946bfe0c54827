/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What all decoders share: a source that is read in chunks, a sink that is written in chunks and
 * counts against a limit, and the loop between them.
 *
 * Neither the packed nor the unpacked bytes are ever on the heap as a whole, but a decoder's
 * library keeps a window of them (unwrap.h). Nothing here is global, so that any number of streams
 * can be decoded at the same time, each with its own source and sink.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct blob;
struct error;

enum { STREAM_CHUNK = 64 << 10 };

/* Packed bytes. Begin with `blob` and `format` set and everything else zero. */
struct source {
	const struct blob *blob;
	const char *format; /* its name, for messages */
	uint64_t offset;    /* in the blob, of the first byte that is not decoded yet */
	size_t start, end;  /* of the bytes in the buffer that are not decoded yet */
	uint8_t buffer[STREAM_CHUNK];
};

/* Unpacked bytes. Begin with the first five fields set and everything else zero. */
struct sink {
	const char *name;   /* for messages: the file that is unpacked */
	const char *format; /* likewise */
	int fd;
	uint64_t start; /* offset in the file where the bytes go */
	uint64_t limit; /* bytes; one more is an error */
	uint64_t size;  /* bytes written so far */
	uint8_t buffer[STREAM_CHUNK];
};

/* A decoder: from the source's offset to the end of the stream, with all members of the same
 * format that follow directly. 0 or a negative errno with a failure added. */
typedef int stream_decoder(struct source *source, struct sink *sink, struct error *error);

/* Copies exactly `size` bytes and goes on behind them; fewer left is a truncated stream. */
int source_read(struct source *source, void *to, size_t size, struct error *error);

/* Whether these bytes come next. */
bool source_next_is(const struct source *source, const void *bytes, size_t size);

/* Goes on at an offset. */
void source_seek(struct source *source, uint64_t offset);

/* The failures of a stream. Each adds one and returns a negative errno. */
int source_truncated(const struct source *source, struct error *error);
int source_corrupt(const struct source *source, const char *reason, struct error *error);
int source_unsupported(const struct source *source, const char *reason, struct error *error);

/* Whether so many more bytes are within the limit; if not, a negative errno with a failure. */
int sink_allows(const struct sink *sink, uint64_t size, struct error *error);

/* Appends bytes. 0 or a negative errno; over the limit nothing of them is written. */
int sink_write(struct sink *sink, const void *bytes, size_t size, struct error *error);

/* One call of a library: what it may read and write, how much of it it did, and why it failed. */
struct stream_step {
	const uint8_t *in;
	size_t in_size, in_used;
	uint8_t *out;
	size_t out_size, out_used;
	const char *reason;
};

enum stream_result {
	STREAM_MORE,        /* it wants more input, or more room */
	STREAM_END,         /* this member is complete */
	STREAM_CORRUPT,     /* and `reason` says why */
	STREAM_UNSUPPORTED, /* it may be whole, but not for us; likewise */
	STREAM_NO_MEMORY,   /* the library could not get memory */
};

/* Calls `step` until one member is complete. 0 or a negative errno. */
int stream_decode(struct source *source, struct sink *sink,
		  enum stream_result (*step)(void *library, struct stream_step *step),
		  void *library, struct error *error);
