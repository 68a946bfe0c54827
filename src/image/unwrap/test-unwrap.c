/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/unwrap/unwrap.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/blob.h"
#include "base/bytes.h"
#include "base/cleanup.h"
#include "image/recognise.h"
#include "image/unwrap/formats.h"
#include "test-support/test.h"

enum { STREAM_MAX = 4096, ROOM = 1 << 20 };

struct file {
	uint8_t bytes[STREAM_MAX];
	size_t size;
};

/* Files of fuzz/corpus/unwrap. All but the empty ones hold the file `plain`. */
static const struct row {
	const char *file;
	const char *decoder; /* as Meson's option is called */
	const char *layers;
	bool checked; /* it has a checksum over all that is inside */
	size_t whole; /* at how many lengths what is left of it is a stream of its own */
} rows[] = {
    {"gzip", "gzip", "gzip", true},                     /* gzip -n */
    {"gzip-two-members", "gzip", "gzip", true, 1},      /* two of gzip -n, half of it each */
    {"xz", "xz", "xz", true},                           /* xz */
    {"xz-crc32", "xz", "xz", true},                     /* xz --check=crc32 --x86 --lzma2 */
    {"xz-two-streams", "xz", "xz", true, 9},            /* two of xz, 8 NULs between */
    {"lzma", "xz", "lzma", false},                      /* lzma */
    {"zstd", "zstd", "zstd", true},                     /* zstd */
    {"zstd-skippable", "zstd", "zstd", true, 3},        /* two of zstd, frames to skip around */
    {"lz4", "lz4", "lz4", true},                        /* lz4 */
    {"lz4-checked", "lz4", "lz4", true},                /* lz4 -9 -BX -B4 */
    {"lz4-skippable", "lz4", "lz4", false, 3},          /* lz4, lz4 -l, frames to skip around */
    {"lz4-legacy", "lz4", "legacy lz4", false},         /* lz4 -l */
    {"bzip2", "bzip2", "bzip2", true},                  /* bzip2 */
    {"bzip2-two-streams", "bzip2", "bzip2", true, 1},   /* two of bzip2 */
    {"lzo", "lzo", "LZO", true},                        /* lzop */
    {"lzo-crc32", "lzo", "LZO", true},                  /* lzop -9 --crc32 */
    {"lzo-two-files", "lzo", "LZO", true, 1},           /* two of lzop */
    {"xz-in-gzip", "gzip xz", "gzip, xz", true},        /* xz | gzip -n */
    {"gzip-4", "gzip", "gzip, gzip, gzip, gzip", true}, /* gzip -n four times */
};

/* Whole files that are not unpacked, because of what they ask for. */
static const struct {
	const char *file, *decoder, *words;
} unsupported_rows[] = {
    /* xz --lzma2=dict=256MiB */
    {"large-xz", "xz", "the xz data cannot be unpacked here: its dictionary is too large"},
    /* xz, with check 5 of the 15 that there can be */
    {"unknown-check-xz", "xz", "liblzma does not know its kind of checksum"},
    /* lzma --lzma1=dict=256MiB */
    {"large-lzma", "xz", "its dictionary is too large"},
    /* zstd --long=28, from a pipe */
    {"large-zstd", "zstd", "its window is too large (at most 128 MiB"},
    /* lzop --filter=1 */
    {"filtered-lzo", "lzo", "it was filtered"},
};

static const struct {
	const char *file, *decoder;
} empty_rows[] = {
    {"empty-gzip", "gzip"}, {"empty-xz", "xz"},       {"empty-lzma", "xz"},
    {"empty-zstd", "zstd"}, {"empty-lz4", "lz4"},     {"empty-lz4-legacy", "lz4"},
    {"empty-lzo", "lzo"},   {"empty-bzip2", "bzip2"},
};

/* Whether this build has all these decoders, separated by blanks. */
static bool built(const char *decoders)
{
	cleanup_free char *words = strdup(decoders);
	char *rest = NULL;

	assert_non_null(words);
	for (char *word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		char wanted[32];

		snprintf(wanted, sizeof(wanted), " %s ", word);
		if (!strstr(" " KEXEC_DECODERS " ", wanted))
			return false;
	}
	return true;
}

static struct file corpus(const char *name)
{
	struct file file = {};
	cleanup_free char *path = NULL;
	cleanup_fclose FILE *stream = NULL;

	assert_true(asprintf(&path, KEXEC_CORPUS "/unwrap/%s", name) > 0);
	stream = fopen(path, "r");
	assert_non_null(stream);
	file.size = fread(file.bytes, 1, sizeof(file.bytes), stream);
	assert_in_range(file.size, 1, sizeof(file.bytes) - 1);
	return file;
}

/* As a blob of exactly that size, so that the sanitizer sees any byte read behind it. */
static int unwrap_bytes(struct unwrapped *unwrapped, const uint8_t *bytes, size_t size,
			uint64_t limit, struct error *error)
{
	cleanup_blob struct blob *blob = blob_new_memory(size);
	int r;

	assert_non_null(blob);
	memcpy(blob->memory, bytes, size);
	*error = (struct error){};
	r = unwrap(unwrapped, blob, limit, error);
	assert_int_equal(r<0, error->count> 0);
	if (r < 0) {
		assert_null(unwrapped->blob);
	} else {
		assert_int_equal(unwrapped->count > 0, unwrapped->blob != NULL);
		assert_int_equal(unwrapped->count > 0, *unwrapped->layers != '\0');
		if (unwrapped->blob)
			assert_in_range(unwrapped->blob->size, 1, limit);
	}
	return r;
}

static bool holds(const struct unwrapped *unwrapped, const struct file *plain)
{
	uint8_t bytes[STREAM_MAX];

	return unwrapped->blob && unwrapped->blob->size == plain->size &&
	       blob_read(unwrapped->blob, 0, bytes, plain->size, NULL) == 0 &&
	       memcmp(bytes, plain->bytes, plain->size) == 0 &&
	       blob_map(unwrapped->blob, NULL) == 0 &&
	       memcmp(unwrapped->blob->address, plain->bytes, plain->size) == 0;
}

static void test_what_the_tools_wrap_is_unwrapped(void **state)
{
	struct file plain = corpus("plain");

	(void)state;
	for (const struct row *row = rows; row < rows + ELEMENTS(rows); row++) {
		struct file file = corpus(row->file);
		struct unwrapped unwrapped;
		struct error error;

		if (!built(row->decoder))
			continue;
		unwrap_bytes(&unwrapped, file.bytes, file.size, ROOM, &error);
		assert_no_failure(&error);
		assert_row(row->file, holds(&unwrapped, &plain));
		assert_string_equal(unwrapped.layers, row->layers);
		for (unsigned int i = 0; i < unwrapped.count; i++)
			assert_string_equal(unwrapped.trailing[i], "");
		blob_free(unwrapped.blob);
	}
}

static void test_each_format_has_a_row_and_is_recognised(void **state)
{
	(void)state;
	for (size_t i = 0; i < FORMAT_COUNT; i++) {
		bool found = false;

		for (const struct row *row = rows; row < rows + ELEMENTS(rows); row++) {
			struct file file = corpus(row->file);
			struct bytes head = {file.bytes, file.size};

			if (strcmp(row->layers, formats[i].name) != 0 || format_find(head) == NULL)
				continue;
			found = true;
			assert_ptr_equal(format_find(head), &formats[i]);
			assert_string_equal(recognise(head).description, formats[i].description);
		}
		assert_row(formats[i].name, found);
	}
}

static void test_what_is_not_wrapped_is_left_alone(void **state)
{
	struct file plain = corpus("plain");
	struct unwrapped unwrapped;
	struct error error;

	(void)state;
	for (size_t size = 1; size <= 16; size++) {
		assert_int_equal(unwrap_bytes(&unwrapped, plain.bytes, size, 0, &error), 0);
		assert_null(unwrapped.blob);
	}
}

static void test_the_result_is_a_sealed_memory_file_that_is_called_after_its_layers(void **state)
{
	const int seals = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK;
	struct file file = corpus("xz-in-gzip");
	struct unwrapped unwrapped;
	struct error error;

	(void)state;
	if (!built("gzip xz"))
		skip();
	assert_int_equal(unwrap_bytes(&unwrapped, file.bytes, file.size, ROOM, &error), 0);
	assert_string_equal(blob_name(unwrapped.blob), "memory: inside gzip, xz");
	assert_int_equal(unwrapped.blob->file_count, 1);
	assert_int_equal(fcntl(unwrapped.blob->files[0].fd, F_GET_SEALS) & seals, seals);
	assert_int_equal(blob_unchanged(unwrapped.blob, &error), 0);
	blob_free(unwrapped.blob);
}

/* Where a member ends or the magic is not complete, what is left may be whole; then it is no more
 * than a part of the content. */
static void test_a_stream_that_is_cut_anywhere_is_refused(void **state)
{
	(void)state;
	for (const struct row *row = rows; row < rows + ELEMENTS(rows); row++) {
		struct file file = corpus(row->file);
		size_t whole = 0;

		if (!built(row->decoder))
			continue;
		for (size_t size = 1; size < file.size; size++) {
			struct unwrapped unwrapped;
			struct error error;

			if (unwrap_bytes(&unwrapped, file.bytes, size, ROOM, &error) < 0) {
				assert_int_equal(error_kind(&error), ERROR_IMAGE);
			} else if (unwrapped.blob) {
				whole++;
				blob_free(unwrapped.blob);
			} else {
				assert_in_range(size, 1, 25);
			}
		}
		assert_row(row->file, whole == row->whole);
	}
}

static void test_a_cut_stream_is_said_to_be_truncated(void **state)
{
	(void)state;
	for (const struct row *row = rows; row < rows + ELEMENTS(rows); row++) {
		struct file file = corpus(row->file);
		struct unwrapped unwrapped;
		struct error error;
		char words[64];

		if (!built(row->decoder) || strstr(row->file, "skippable"))
			continue;
		snprintf(words, sizeof(words), "data is truncated: the file ends at offset %zu",
			 file.size - 1);
		assert_true(unwrap_bytes(&unwrapped, file.bytes, file.size - 1, ROOM, &error) < 0);
		assert_failed(&error, ERROR_IMAGE, words);
	}
}

/* A changed byte is found, or means nothing (a time in a header), or the file is now something
 * else. Without a checksum only the limit holds, which unwrap_bytes() looks at. */
static void test_a_changed_byte_is_found_where_there_is_a_checksum(void **state)
{
	struct file plain = corpus("plain");

	(void)state;
	for (const struct row *row = rows; row < rows + ELEMENTS(rows); row++) {
		struct file file = corpus(row->file);
		size_t refused = 0;

		if (!built(row->decoder))
			continue;
		for (size_t i = 0; i < file.size; i++) {
			uint8_t change = (uint8_t)(1 << i % 8);
			struct unwrapped unwrapped;
			struct error error;

			file.bytes[i] ^= change;
			refused +=
			    unwrap_bytes(&unwrapped, file.bytes, file.size, ROOM, &error) < 0;
			if (row->checked && unwrapped.blob)
				assert_row(row->file, holds(&unwrapped, &plain));
			blob_free(unwrapped.blob);
			file.bytes[i] ^= change;
		}
		assert_row(row->file, refused > file.size / (row->checked ? 2 : 8));
	}
}

static void test_the_limit_is_exact(void **state)
{
	struct file plain = corpus("plain");

	(void)state;
	for (const struct row *row = rows; row < rows + ELEMENTS(rows); row++) {
		struct file file = corpus(row->file);
		struct unwrapped unwrapped;
		struct error error;
		char words[64];
		uint64_t limit = plain.size;

		if (!built(row->decoder) || strchr(row->layers, ','))
			continue;
		snprintf(words, sizeof(words), "more than %zu bytes, the limit", plain.size - 1);
		assert_int_equal(unwrap_bytes(&unwrapped, file.bytes, file.size, limit, &error), 0);
		assert_row(row->file, holds(&unwrapped, &plain));
		blob_free(unwrapped.blob);
		assert_true(unwrap_bytes(&unwrapped, file.bytes, file.size, limit - 1, &error) < 0);
		assert_failed(&error, ERROR_TOO_LONG, words);
		assert_true(unwrap_bytes(&unwrapped, file.bytes, file.size, 0, &error) < 0);
		assert_failed(&error, ERROR_TOO_LONG, "more than 0 bytes");
	}
}

/* Two layers are in memory at the same time: the limit is for both. */
static void test_the_limit_is_for_a_layer_and_what_is_inside_it(void **state)
{
	struct file plain = corpus("plain"), outer = corpus("xz-in-gzip"), inner = corpus("xz");
	uint64_t limit = plain.size + inner.size;
	struct unwrapped unwrapped;
	struct error error;

	(void)state;
	if (!built("gzip xz"))
		skip();
	assert_int_equal(unwrap_bytes(&unwrapped, outer.bytes, outer.size, limit, &error), 0);
	assert_true(holds(&unwrapped, &plain));
	blob_free(unwrapped.blob);
	assert_true(unwrap_bytes(&unwrapped, outer.bytes, outer.size, limit - 1, &error) < 0);
	assert_failed(&error, ERROR_TOO_LONG, "the limit here");
}

static void test_a_bomb_ends_at_the_limit(void **state)
{
	struct file file = corpus("bomb-bzip2");
	struct unwrapped unwrapped;
	struct error error;

	(void)state;
	if (!built("bzip2"))
		skip();
	assert_true(unwrap_bytes(&unwrapped, file.bytes, file.size, 1 << 20, &error) < 0);
	assert_failed(&error, ERROR_TOO_LONG, "more than 1048576 bytes");
}

static void test_an_empty_content_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(empty_rows); i++) {
		struct file file = corpus(empty_rows[i].file);
		struct unwrapped unwrapped;
		struct error error;

		if (!built(empty_rows[i].decoder))
			continue;
		assert_int_equal(unwrap_bytes(&unwrapped, file.bytes, file.size, ROOM, &error),
				 -EINVAL);
		assert_failed(&error, ERROR_IMAGE, "there is nothing inside the ");
	}
}

static void test_what_a_whole_file_asks_for_in_vain_is_no_corruption(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(unsupported_rows); i++) {
		struct file file = corpus(unsupported_rows[i].file);
		struct unwrapped unwrapped;
		struct error error;

		if (!built(unsupported_rows[i].decoder))
			continue;
		assert_true(unwrap_bytes(&unwrapped, file.bytes, file.size, ROOM, &error) < 0);
		assert_failed(&error, ERROR_UNSUPPORTED, unsupported_rows[i].words);
	}
}

/* A frame's first bytes are wrong. */
static void test_no_place_is_named_where_nothing_was_decoded(void **state)
{
	uint8_t bytes[64] = "\x04\x22\x4d\x18";
	struct unwrapped unwrapped;
	struct error error;

	(void)state;
	if (!built("lz4"))
		skip();
	assert_true(unwrap_bytes(&unwrapped, bytes, sizeof(bytes), ROOM, &error) < 0);
	assert_failed(&error, ERROR_IMAGE, "the lz4 data is corrupt: ");
}

static void test_one_layer_more_than_the_most_is_refused(void **state)
{
	struct file file = corpus("gzip-5");
	struct unwrapped unwrapped;
	struct error error;

	(void)state;
	if (!built("gzip"))
		skip();
	assert_int_equal(unwrap_bytes(&unwrapped, file.bytes, file.size, ROOM, &error), -EINVAL);
	assert_failed(&error, ERROR_IMAGE, "more than 4 layers");
	assert_failed(&error, ERROR_IMAGE, "inside gzip, gzip, gzip, gzip");
}

static void test_what_follows_a_stream_is_explained_or_refused(void **state)
{
	struct file plain = corpus("plain");

	(void)state;
	for (const struct row *row = rows; row < rows + ELEMENTS(rows); row++) {
		struct file file = corpus(row->file);
		struct unwrapped unwrapped;
		struct error error;
		char words[64];

		if (!built(row->decoder))
			continue;
		memset(file.bytes + file.size, 0, 40);
		unwrap_bytes(&unwrapped, file.bytes, file.size + 37, ROOM, &error);
		assert_no_failure(&error);
		assert_row(row->file, holds(&unwrapped, &plain));
		assert_contains(unwrapped.trailing[0], "data: NUL padding (37 bytes)");
		blob_free(unwrapped.blob);

		memcpy(file.bytes + file.size + 40, "rubbish\n", 8);
		assert_true(unwrap_bytes(&unwrapped, file.bytes, file.size + 48, ROOM, &error) < 0);
		snprintf(words, sizeof(words), "at offset %zu, there are 8 bytes", file.size + 40);
		assert_failed(&error, ERROR_IMAGE, words);
		assert_failed(&error, ERROR_IMAGE, "they look like text");
	}
}

/* A file can be sparse, so that each byte of it would take hours. */
static void test_no_more_than_a_gib_behind_a_stream_is_looked_at(void **state)
{
	(void)state;
	alarm(30); /* instead of the test's whole time limit */
	for (const struct row *row = rows; row < rows + ELEMENTS(rows); row++) {
		cleanup_blob struct blob *blob = NULL;
		struct file file = corpus(row->file);
		struct unwrapped unwrapped;
		struct error error = {};
		int fd = blob_memory_file("sparse");

		if (!built(row->decoder)) {
			close(fd);
			continue;
		}
		assert_true(fd >= 0 && write(fd, file.bytes, file.size) == (ssize_t)file.size &&
			    ftruncate(fd, (off_t)1 << 42) == 0);
		assert_int_equal(blob_from_memory_file(&blob, fd, "sparse", &error), 0);
		assert_true(unwrap(&unwrapped, blob, ROOM, &error) < 0);
		assert_failed(&error, ERROR_IMAGE, "bytes that do not belong to it");
	}
	alarm(0);
}

static void test_a_device_tree_behind_a_stream_is_noted(void **state)
{
	struct file file = corpus("appended-device-tree");
	struct unwrapped unwrapped;
	struct error error;

	(void)state;
	if (!built("gzip"))
		skip();
	assert_int_equal(unwrap_bytes(&unwrapped, file.bytes, file.size, ROOM, &error), 0);
	assert_string_equal(
	    unwrapped.trailing[0],
	    "behind the gzip data: NUL padding (5 bytes), a device tree (48 bytes)");
	blob_free(unwrapped.blob);
}

/* A rubbish of any kind, behind the magic of each format, ends in an error and not in a crash. */
static void test_rubbish_behind_a_magic_is_refused(void **state)
{
	unsigned int seed = 11;

	(void)state;
	for (size_t i = 0; i < FORMAT_COUNT * 200; i++) {
		const struct format *format = &formats[i % FORMAT_COUNT];
		struct unwrapped unwrapped;
		uint8_t bytes[300] = "\x5d\0\0\x80\0\xff\xff\xff\xff\xff\xff\xff\xff";
		size_t known = format->magic ? format->magic_size : 13;
		struct error error;

		if (format->magic)
			memcpy(bytes, format->magic, format->magic_size);
		for (size_t at = known; at < sizeof(bytes); at++)
			bytes[at] = (uint8_t)rand_r(&seed);
		unwrap_bytes(&unwrapped, bytes, sizeof(bytes), ROOM, &error);
		if (format->magic && format->decode != decode_lz4)
			assert_null(unwrapped.blob);
		blob_free(unwrapped.blob);
	}
}

/* A block of legacy lz4 that is not full is the last: what follows is not read as another, even
 * though it begins as one of 24 bytes would. A frame to skip lets it follow without padding. */
static void test_what_follows_the_last_block_of_legacy_lz4_is_no_block(void **state)
{
	static const uint8_t signature[24] = {24, 0, 0, 0, 0, 2, 2, 0, 0x30};
	struct file plain = corpus("plain"), stream = corpus("lz4-legacy"), file = {};
	size_t skipped = 8 + (8 - stream.size % 8) % 8;
	struct unwrapped unwrapped;
	struct error error;

	(void)state;
	if (!built("lz4"))
		skip();
	store_le(file.bytes, 4, 0x184d2a50);
	store_le(file.bytes + 4, 4, skipped - 8);
	memcpy(file.bytes + skipped, stream.bytes, stream.size);
	memcpy(file.bytes + skipped + stream.size, signature, sizeof(signature));
	unwrap_bytes(&unwrapped, file.bytes, skipped + stream.size + sizeof(signature), ROOM,
		     &error);
	assert_no_failure(&error);
	assert_true(holds(&unwrapped, &plain));
	assert_string_equal(unwrapped.trailing[0],
			    "behind the legacy lz4 data: a PE signature (24 bytes)");
	blob_free(unwrapped.blob);
}

static void put_be(struct file *file, size_t width, uint32_t value)
{
	while (width-- > 0)
		file->bytes[file->size++] = (uint8_t)(value >> (8 * width));
}

/* RFC 1950, section 8.2, of what was written from `start` on. */
static void put_adler32(struct file *file, size_t start)
{
	uint32_t a = 1, b = 0;

	for (size_t i = start; i < file->size; i++) {
		a = (a + file->bytes[i]) % 65521;
		b = (b + a) % 65521;
	}
	put_be(file, 4, b << 16 | a);
}

enum { LZO_EXTRA_FIELD = 1 << 6, LZO_FILTER = 1 << 11 };

/* By hand: a header of lzop with these flags, an extra field, and one block that is stored. */
static struct file lzo_by_hand(uint32_t flags)
{
	struct file file = {.bytes = "\x89LZO\0\r\n\x1a\n", .size = 9};
	size_t extra;

	put_be(&file, 2, 0x1040);
	put_be(&file, 2, 0x20a0);
	put_be(&file, 2, 0x0940);
	put_be(&file, 2, 0x0105); /* method, level */
	put_be(&file, 4, flags);
	if (flags & LZO_FILTER)
		put_be(&file, 4, 1);
	put_be(&file, 4, 0100644);
	put_be(&file, 4, 0);
	put_be(&file, 4, 0);
	put_be(&file, 1, 4);
	put_be(&file, 4, 0x6e616d65); /* "name" */
	put_adler32(&file, 9);
	extra = file.size;
	put_be(&file, 4, 2);
	put_be(&file, 2, 0x7878);
	put_adler32(&file, extra);
	put_be(&file, 4, 4);
	put_be(&file, 4, 4);
	put_be(&file, 4, 0x696e7369); /* "insi" */
	put_be(&file, 4, 0);
	return file;
}

static void test_an_extra_field_and_a_stored_block_of_lzo_are_understood(void **state)
{
	struct file good = lzo_by_hand(LZO_EXTRA_FIELD),
		    filtered = lzo_by_hand(LZO_EXTRA_FIELD | LZO_FILTER);
	struct unwrapped unwrapped;
	struct error error;

	(void)state;
	if (!built("lzo"))
		skip();
	unwrap_bytes(&unwrapped, good.bytes, good.size, ROOM, &error);
	assert_no_failure(&error);
	assert_int_equal(unwrapped.blob->size, 4);
	assert_int_equal(blob_map(unwrapped.blob, &error), 0);
	assert_memory_equal(unwrapped.blob->address, "insi", 4);
	blob_free(unwrapped.blob);
	assert_true(unwrap_bytes(&unwrapped, filtered.bytes, filtered.size, ROOM, &error) < 0);
	assert_failed(&error, ERROR_UNSUPPORTED, "it was filtered");
	filtered.bytes[22] ^= 1; /* of the filter's number */
	assert_true(unwrap_bytes(&unwrapped, filtered.bytes, filtered.size, ROOM, &error) < 0);
	assert_failed(&error, ERROR_IMAGE, "the checksum of its header is wrong");
	/* Every byte of the header is under a checksum, also those that say nothing. */
	for (size_t i = 9; i < 55; i++) {
		good.bytes[i] ^= 1;
		assert_true(unwrap_bytes(&unwrapped, good.bytes, good.size, ROOM, &error) < 0);
		good.bytes[i] ^= 1;
	}
}

/* SIGXFSZ is ignored here and handled by the program (cmd/file-size). */
static void test_a_limit_of_files_sizes_is_named(void **state)
{
	struct file file = corpus("gzip");
	struct rlimit before, none;
	struct unwrapped unwrapped;
	struct error error;
	int r;

	(void)state;
	if (!built("gzip"))
		skip();
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	none = (struct rlimit){0, before.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
	r = unwrap_bytes(&unwrapped, file.bytes, file.size, ROOM, &error);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_true(r < 0);
	assert_failed(&error, ERROR_FILE, "ulimit -f");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_what_the_tools_wrap_is_unwrapped),
	    cmocka_unit_test(test_each_format_has_a_row_and_is_recognised),
	    cmocka_unit_test(test_what_is_not_wrapped_is_left_alone),
	    cmocka_unit_test(
		test_the_result_is_a_sealed_memory_file_that_is_called_after_its_layers),
	    cmocka_unit_test(test_a_stream_that_is_cut_anywhere_is_refused),
	    cmocka_unit_test(test_a_cut_stream_is_said_to_be_truncated),
	    cmocka_unit_test(test_a_changed_byte_is_found_where_there_is_a_checksum),
	    cmocka_unit_test(test_the_limit_is_exact),
	    cmocka_unit_test(test_the_limit_is_for_a_layer_and_what_is_inside_it),
	    cmocka_unit_test(test_a_bomb_ends_at_the_limit),
	    cmocka_unit_test(test_an_empty_content_is_refused),
	    cmocka_unit_test(test_what_a_whole_file_asks_for_in_vain_is_no_corruption),
	    cmocka_unit_test(test_no_place_is_named_where_nothing_was_decoded),
	    cmocka_unit_test(test_one_layer_more_than_the_most_is_refused),
	    cmocka_unit_test(test_what_follows_a_stream_is_explained_or_refused),
	    cmocka_unit_test(test_no_more_than_a_gib_behind_a_stream_is_looked_at),
	    cmocka_unit_test(test_a_device_tree_behind_a_stream_is_noted),
	    cmocka_unit_test(test_an_extra_field_and_a_stored_block_of_lzo_are_understood),
	    cmocka_unit_test(test_a_limit_of_files_sizes_is_named),
	    cmocka_unit_test(test_rubbish_behind_a_magic_is_refused),
	    cmocka_unit_test(test_what_follows_the_last_block_of_legacy_lz4_is_no_block),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
