/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/unwrap/formats.h"

#include "base/blob.h"
#include "base/error.h"
#include "base/range.h"

const struct format formats[] = {
    {"gzip", "gzip-compressed data", FORMAT_MAGIC_GZIP, decode_gzip},
    {"xz", "xz-compressed data", FORMAT_MAGIC_XZ, decode_xz},
    {"zstd", "zstd-compressed data", FORMAT_MAGIC_ZSTD, decode_zstd},
    {"lz4", "lz4-compressed data", FORMAT_MAGIC_LZ4, decode_lz4},
    {"legacy lz4", "lz4-compressed data (legacy framing)", FORMAT_MAGIC_LZ4_LEGACY, decode_lz4},
    {"bzip2", "bzip2-compressed data", FORMAT_MAGIC_BZIP2, decode_bzip2},
    {"LZO", "LZO-compressed data", FORMAT_MAGIC_LZO, decode_lzo},
    {"lzma", "lzma-compressed data", NULL, 0, decode_lzma},
};

_Static_assert(sizeof(formats) / sizeof(*formats) == FORMAT_COUNT, "no row is missing");

/*
 * The header of an lzma file (doc/lzma-file-format.txt of xz): properties, of which all encoders
 * write 0x5d unless told otherwise; the dictionary's size, of which they write 2^n or 2^n +
 * 2^(n-1); the size of what is inside, all ones when unknown.
 */
static bool looks_like_lzma(struct bytes head)
{
	uint8_t properties;
	uint32_t dictionary;
	uint64_t size;

	return bytes_u8(head, 0, &properties) && properties == 0x5d &&
	       bytes_le32(head, 1, &dictionary) && dictionary >= 4096 &&
	       (is_power_of_two(dictionary) ||
		(dictionary % 3 == 0 && is_power_of_two(dictionary / 3))) &&
	       bytes_le64(head, 5, &size) && (size == UINT64_MAX || size < UINT64_C(1) << 38);
}

const struct format *format_find(struct bytes head)
{
	for (const struct format *format = formats; format < formats + FORMAT_COUNT; format++)
		if (format->magic ? bytes_match(head, 0, format->magic, format->magic_size)
				  : looks_like_lzma(head))
			return format;
	return NULL;
}

/* RFC 8878, section 3.1.2; doc/lz4_Frame_format.md of lz4. */
bool format_is_skippable(const uint8_t magic[4])
{
	return (load_le(magic, 4) & 0xfffffff0) == 0x184d2a50;
}

bool format_next_is_skippable(const struct source *source)
{
	uint8_t magic[4];

	return source->blob->size - source->offset >= sizeof(magic) &&
	       blob_read(source->blob, source->offset, magic, sizeof(magic), NULL) == 0 &&
	       format_is_skippable(magic);
}

int format_absent(const struct source *source, const char *library, struct error *error)
{
	return error_add(error, ERROR_UNSUPPORTED, 0, "unwrap", blob_name(source->blob),
			 "it is %s-compressed, and this kexec was built without %s, which unpacks "
			 "that",
			 source->format, library);
}
