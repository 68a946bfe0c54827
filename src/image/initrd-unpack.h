/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Unpacking the compressed members of initrds before the next kernel gets them, so that it need
 * not.
 *
 * A member is a compressed stream whose content the kernel would have unpacked: it becomes plain
 * cpio in memory. Where the kernel would stop (init/initramfs.c), because a stream
 * is damaged, or holds no archives, or is followed by something else, the file stays as it is from
 * that stream on, so that the next kernel decides as it would have. So it does with a stream that
 * this build cannot decode, and with one that holds files which the kernel would find too early if
 * they were not compressed.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct blob;
struct error;
struct initrd;
struct initrds;
struct job;
struct progress;

/* How much room there is, in bytes. The initrds together count once or, packed and unpacked, with
 * what is unpacked counted twice. 0: none. */
struct initrd_room {
	uint64_t limit; /* for all as the kernel takes them */
	uint64_t now;   /* in this kernel: they, and what is unpacked once more */
	uint64_t next;  /* in the next kernel: they, and the files that they become */
};

struct initrd_unpacking {
	struct initrd_room room;
	struct progress *progress; /* counts the bytes of the files; NULL: nobody does */
	unsigned int cpus;
	bool digest_files;  /* while they are read (base/file-digest.h) */
	struct job *beside; /* another's job, which takes long; NULL: none */
};

/* A part of a file as it is handed on. */
struct initrd_part {
	uint64_t offset, size; /* in the file, or of what was unpacked */
	bool unpacked;
	struct blob *content; /* owned until it is joined; NULL: it is in the file */
};

/* What kept a stream, and all behind it in its file, from being unpacked. */
enum initrd_stop {
	INITRD_STOP_NONE,
	INITRD_STOP_DAMAGED,
	INITRD_STOP_UNSUPPORTED, /* this build cannot decode it */
	INITRD_STOP_CONTENT,     /* there are no cpio archives inside, or not only whole ones */
	INITRD_STOP_FOLLOWED,    /* by something that the kernel does not take */
	INITRD_STOP_EARLY,       /* newc_walk.for_early_boot */
};

/* What there is too little of to unpack anything. */
enum initrd_short_of {
	INITRD_SHORT_OF_NOTHING,
	INITRD_SHORT_OF_LIMIT,
	INITRD_SHORT_OF_MEMORY_NOW,
	INITRD_SHORT_OF_MEMORY_NEXT,
	INITRD_SHORT_OF_ADDRESSES, /* this process may not have so much (RLIMIT_AS, RLIMIT_DATA) */
};

/* What became of one file. Begin with everything zero. */
struct initrd_unpacked {
	struct initrd_part *parts; /* owned; NULL: the file is handed on as it is */
	size_t part_count;
	uint64_t packed, unpacked; /* bytes of the streams that were unpacked, before and after */
	char formats[40];          /* theirs, "zstd, xz" */
	enum initrd_stop stop;
	uint64_t stop_offset; /* of the stream in the file */
	const char *stop_format;
	char stop_reason[160]; /* the decoder's; may be empty */
};

/*
 * Unpacks what can be unpacked of all files. Either all of it is, or `initrds->short_of` says why
 * nothing is; only a file that cannot be read, or a lack of memory for our own work, is an error.
 * With 0 `unpacking->beside` has been run; else it may have been.
 */
int initrds_unpack(struct initrds *initrds, const struct initrd_unpacking *unpacking,
		   struct error *error);

void initrd_unpacked_fini(struct initrd_unpacked *unpacked);
