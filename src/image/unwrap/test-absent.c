/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Linked with all of absent-*.c in place of the decoders, as in a build without any library. */
#include "base/blob.h"
#include "image/recognise.h"
#include "image/unwrap/formats.h"
#include "image/unwrap/unwrap.h"
#include "test-support/test.h"

static void test_a_format_that_the_build_lacks_is_named_with_its_library(void **state)
{
	static const uint8_t lzma[13] = {0x5d, 0, 0, 0x80};

	(void)state;
	for (const struct format *format = formats; format < formats + FORMAT_COUNT; format++) {
		cleanup_blob struct blob *blob = blob_new_memory(64);
		struct unwrapped unwrapped;
		struct error error = {};

		assert_non_null(blob);
		if (format->magic)
			memcpy(blob->memory, format->magic, format->magic_size);
		else
			memcpy(blob->memory, lzma, sizeof(lzma));
		assert_true(unwrap(&unwrapped, blob, UINT64_MAX, &error) < 0);
		assert_null(unwrapped.blob);
		assert_failed(&error, ERROR_UNSUPPORTED, "this kexec was built without ");
		assert_failed(&error, ERROR_UNSUPPORTED, format->name);
		assert_string_equal(recognise((struct bytes){blob->memory, 64}).description,
				    format->description);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_format_that_the_build_lacks_is_named_with_its_library),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
