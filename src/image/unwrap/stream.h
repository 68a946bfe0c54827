/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What all decoders share: a source that is read in chunks, a sink that counts against a limit, and
 * the loop between them.
 *
 * A sink is a mapping, of a memory file or of pages of our own, so that decoders write where the
 * bytes stay. Touching a page of a memory file that the kernel has no memory for would kill the
 * process, so that its pages are allocated before, some at a time, with fallocate(2), which says so
 * instead. Pages of our own can be large ones, which costs a quarter. The packed bytes are never on
 * the heap as a whole. Nothing here is global, so that any number of streams can be decoded at the
 * same time, each with its own source and sink.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/parallel.h"

struct blob;
struct error;

enum { STREAM_CHUNK = 256 << 10 };

/* Packed bytes. Begin with `blob` and `format` set, others that are wanted, and the rest zero. */
struct source {
	const struct blob *blob;
	const char *format; /* its name, for messages */
	bool single;        /* only one stream is decoded, whatever follows */
	unsigned int
	    threads; /* that the library may use, which then reads ahead; 0: its caller's */
	struct progress *progress; /* counts the bytes that are decoded; NULL: nobody does */
	uint64_t offset;           /* in the blob, of the first byte that is not decoded yet */
	size_t start, end;         /* of the bytes in the buffer that are not decoded yet */
	uint8_t buffer[STREAM_CHUNK];
};

/* A limit that several sinks share. What counts is what was ever written, so that the outcome does
 * not depend on who is first. */
struct sink_budget {
	uint64_t limit; /* bytes */
	_Atomic uint64_t used;
};

/*
 * Pages of a sink that a CPU with nothing else to do gets ready, while the sink is written to: to
 * clear them takes a fifth of the time. Begin with `jobs` set and everything else zero; it must
 * stay until that queue is finished.
 */
struct sink_ahead {
	struct job job;
	struct jobs *jobs;
	_Atomic int state;
	uint8_t *pages;
	size_t size;
	bool ready; /* the last ones that were asked for are */
};

/* Unpacked bytes. Begin with the first four fields set, `budget` and `ahead` if wanted, and the
 * rest zero. */
struct sink {
	const char *name;           /* for messages: the file that is unpacked */
	const char *format;         /* likewise */
	int fd;                     /* a memory file, empty; -1: pages of our own */
	uint64_t limit;             /* bytes; one more is an error */
	struct sink_budget *budget; /* NULL: nothing is shared */
	struct sink_ahead *ahead;   /* for pages of our own; NULL: nobody helps */
	uint64_t size;              /* bytes written so far */
	bool exhausted;             /* there was no memory for them */
	uint8_t *map;               /* NULL: not yet */
	uint64_t mapped;            /* bytes: what is allowed, and SINK_SLACK */
	uint64_t ready;             /* bytes of it that are allocated */
};

/* How far a decoder may write behind the limit before it is told. */
enum { SINK_SLACK = 8 << 20 };

/* A decoder: from the source's offset to the end of the stream, with all members of the same
 * format that follow directly, unless only one is asked for. 0 or a negative errno with a failure
 * added. */
typedef int stream_decoder(struct source *source, struct sink *sink, struct error *error);

/* Copies exactly `size` bytes and goes on behind them; fewer left is a truncated stream. */
int source_read(struct source *source, void *to, size_t size, struct error *error);

/* The next `size` bytes, at most STREAM_CHUNK, in the buffer, without going on; NULL and a failure
 * when there are fewer. */
const uint8_t *source_peek(struct source *source, size_t size, struct error *error);

/* Bytes up to the end of the blob. */
uint64_t source_left(const struct source *source);

/* Goes on behind bytes that were peeked at. */
void source_skip(struct source *source, size_t size);

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

/*
 * Where the next bytes go, and for how many of them there is room: at least `wanted`, which is at
 * most SINK_SLACK, or what sink_allows(). Within one sink the bytes are contiguous and stay where
 * they are. NULL with a failure added.
 */
uint8_t *sink_room(struct sink *sink, size_t wanted, size_t *room, struct error *error);

/* So many bytes were written there. 0 or a negative errno, as sink_allows(). */
int sink_advance(struct sink *sink, size_t size, struct error *error);

/* Ends the mapping; a memory file then ends with the last byte. 0 or a negative errno. */
int sink_close(struct sink *sink, struct error *error);

/* Ends the sink, and hands its pages over, sink->size bytes and zeros behind them. The caller ends
 * them with munmap(2). NULL when there are none. */
uint8_t *sink_take(struct sink *sink);

/* One call of a library: what it may read and write, how much of it it did, and why it failed. */
struct stream_step {
	const uint8_t *in;
	size_t in_size, in_used;
	bool last; /* nothing is behind it in the source */
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
