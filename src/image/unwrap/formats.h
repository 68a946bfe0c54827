/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The formats that a file may be compressed in: how each is known, and its decoder.
 *
 * A decoder whose library this build lacks is replaced by one that says so (absent-*.c): the format
 * is recognised all the same.
 */
#pragma once

#include "base/bytes.h"
#include "image/unwrap/stream.h"

/* Bytes and their count, as arguments. */
#define FORMAT_MAGIC_GZIP "\x1f\x8b", 2
#define FORMAT_MAGIC_XZ                                                                            \
	"\xfd"                                                                                     \
	"7zXZ\0",                                                                                  \
	    6
#define FORMAT_MAGIC_ZSTD       "\x28\xb5\x2f\xfd", 4
#define FORMAT_MAGIC_LZ4        "\x04\x22\x4d\x18", 4
#define FORMAT_MAGIC_LZ4_LEGACY "\x02\x21\x4c\x18", 4
#define FORMAT_MAGIC_BZIP2      "BZh", 3
#define FORMAT_MAGIC_LZO        "\x89LZO\0\r\n\x1a\n", 9

struct format {
	const char *name;        /* "gzip" */
	const char *description; /* "gzip-compressed data" */
	const char *magic;       /* the first bytes; NULL for lzma, which has none */
	size_t magic_size;
	stream_decoder *decode;
};

enum { FORMAT_HEAD_SIZE = 16, FORMAT_COUNT = 8 };

/* All of them, FORMAT_COUNT rows. */
extern const struct format formats[];

/* The format that a file's first bytes (FORMAT_HEAD_SIZE, or all of it) are of; NULL: none. */
const struct format *format_find(struct bytes head);

/* Whether a frame that zstd and lz4 skip begins so (0x184d2a50 to 0x184d2a5f); whether one comes
 * next. */
bool format_is_skippable(const uint8_t magic[4]);
bool format_next_is_skippable(const struct source *source);

stream_decoder decode_gzip, decode_xz, decode_lzma, decode_zstd, decode_lz4, decode_bzip2,
    decode_lzo;

/* What a decoder does when the build lacks its library: a failure that says so. */
int format_absent(const struct source *source, const char *library, struct error *error);
