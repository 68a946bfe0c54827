/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/payload.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/blob.h"
#include "base/bytes.h"
#include "base/cleanup.h"
#include "image/bzimage.h"
#include "image/unwrap/formats.h"
#include "test-support/test.h"

enum { ROOM = 64 << 10, BEFORE = 1000, BEHIND = 64 };

struct file {
	uint8_t bytes[ROOM];
	size_t size;
};

/* Files of fuzz/corpus/unwrap that hold the file `plain`, in each format that a kernel can be in.
 */
static const struct {
	const char *file, *decoder;
	bool has_size, checked;
} rows[] = {
    {"gzip", "gzip", true, true},  {"bzip2", "bzip2", false, true},
    {"lzma", "xz", false, false},  {"xz-crc32", "xz", false, true},
    {"lzo", "lzo", false, true},   {"lz4-legacy", "lz4", false, false},
    {"zstd", "zstd", false, true},
};

static void read_corpus(struct file *file, const char *name)
{
	char path[512];
	FILE *in;

	snprintf(path, sizeof(path), "%s/unwrap/%s", KEXEC_CORPUS, name);
	in = fopen(path, "rb");
	assert_non_null(in);
	file->size = fread(file->bytes, 1, sizeof(file->bytes), in);
	fclose(in);
}

static bool is_built(const char *decoder)
{
	char name[16];

	snprintf(name, sizeof(name), " %s ", decoder);
	return strstr(" " KEXEC_DECODERS " ", name);
}

/* A stream in the middle of a file, as in a bzImage. */
static struct blob *image_of(const struct file *stream, bool add_size, uint32_t size,
			     struct bzimage *image)
{
	struct blob *blob = blob_new_memory(BEFORE + stream->size + 4 + BEHIND);

	assert_non_null(blob);
	memset(blob->memory, 0xa5, blob->size);
	memcpy(blob->memory + BEFORE, stream->bytes, stream->size);
	*image = (struct bzimage){
	    .kernel_offset = BEFORE - 100, .payload_offset = 100, .payload_size = stream->size};
	if (add_size) {
		store_le(blob->memory + BEFORE + stream->size, 4, size);
		image->payload_size += 4;
	}
	return blob;
}

/* NULL, or as many bytes as the file says. */
static uint8_t *unpack(const struct blob *blob, const struct bzimage *image, size_t *size,
		       struct error *error)
{
	struct payload payload;
	uint8_t *pages;
	int r;

	assert_int_equal(payload_find(&payload, blob, image, error), 0);
	*size = payload.size;
	r = payload_unpack(&pages, &payload, blob, NULL, error);
	assert_int_equal(r, pages ? 0 : -EINVAL);
	return pages;
}

static void test_each_format_of_kernels_is_unpacked(void **state)
{
	struct file plain, stream;

	(void)state;
	read_corpus(&plain, "plain");
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_blob struct blob *blob = NULL;
		struct error error = {};
		struct bzimage image;
		uint8_t *got;
		size_t size;

		if (!is_built(rows[i].decoder))
			continue;
		read_corpus(&stream, rows[i].file);
		blob = image_of(&stream, !rows[i].has_size, (uint32_t)plain.size, &image);
		got = unpack(blob, &image, &size, &error);
		assert_no_failure(&error);
		assert_int_equal(size, plain.size);
		assert_memory_equal(got, plain.bytes, plain.size);
		*got = 'x'; /* it can be changed still */
		munmap(got, size);
	}
}

static void test_another_size_than_it_says_is_damage(void **state)
{
	struct file plain, stream;

	(void)state;
	read_corpus(&plain, "plain");
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		if (rows[i].has_size || !is_built(rows[i].decoder))
			continue;
		read_corpus(&stream, rows[i].file);
		for (int more = -1; more <= 1; more += 2) {
			cleanup_blob struct blob *blob = NULL;
			struct error error = {};
			struct bzimage image;
			size_t size;

			blob = image_of(&stream, true, (uint32_t)((int)plain.size + more), &image);
			assert_null(unpack(blob, &image, &size, &error));
			assert_failed(&error, ERROR_IMAGE, "corrupt");
		}
	}
}

static void test_a_damaged_stream_is_an_error(void **state)
{
	struct file plain, stream;

	(void)state;
	read_corpus(&plain, "plain");
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_blob struct blob *blob = NULL;
		struct error error = {};
		struct bzimage image;
		size_t size;

		if (!rows[i].checked || !is_built(rows[i].decoder))
			continue;
		read_corpus(&stream, rows[i].file);
		stream.bytes[stream.size / 2] ^= 0x10;
		blob = image_of(&stream, !rows[i].has_size, (uint32_t)plain.size, &image);
		assert_null(unpack(blob, &image, &size, &error));
		assert_int_equal(error_kind(&error), ERROR_IMAGE);
	}
}

static void test_what_is_not_compressed_in_a_known_way_is_unknown(void **state)
{
	static const struct {
		uint64_t size;
		const char *bytes;
	} odd[] = {{0, ""},
		   {19, "\x1f\x8b"},
		   {500, "\x7f"
			 "ELF"},
		   {500, "BZ"}};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(odd); i++) {
		struct file stream = {.size = odd[i].size};
		cleanup_blob struct blob *blob = NULL;
		struct payload payload;
		struct bzimage image;

		strcpy((char *)stream.bytes, odd[i].bytes);
		blob = image_of(&stream, false, 0, &image);
		assert_int_equal(payload_find(&payload, blob, &image, NULL), PAYLOAD_UNKNOWN);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_each_format_of_kernels_is_unpacked),
	    cmocka_unit_test(test_another_size_than_it_says_is_damage),
	    cmocka_unit_test(test_a_damaged_stream_is_an_error),
	    cmocka_unit_test(test_what_is_not_compressed_in_a_known_way_is_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
