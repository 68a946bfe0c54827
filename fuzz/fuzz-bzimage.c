/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Recognising a file and reading a bzImage's header. Input: the file's size (8 bytes), its head. */
#include "base/error.h"
#include "base/range.h"
#include "image/bzimage.h"
#include "image/recognise.h"
#include "target.h"

enum { INPUT_PREFIX = 8 };

static void check_image(const struct bzimage *image, struct bytes head, uint64_t file_size)
{
	require(image->protocol >= 0x20a);
	require(image->protocol >= 0x20c || image->xloadflags == 0);
	require(image->entry_64 == ((image->xloadflags & BZIMAGE_XLF_KERNEL_64) != 0));
	require(image->kernel_size > 0);
	require(image->kernel_offset >= 1024 && image->kernel_offset <= 256 * 512);
	require(image->kernel_offset <= file_size);
	require(image->kernel_size <= file_size - image->kernel_offset);
	require(is_power_of_two(image->alignment) && image->alignment >= 4096);
	require(image->init_size >= image->kernel_size);
	require(image->relocatable || image->preferred_address % 4096 == 0);
	require(image->header_size <= sizeof(image->header));
	require(SETUP_HEADER_START + image->header_size <= head.size);
	require(memcmp(image->header, head.data + SETUP_HEADER_START, image->header_size) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct recognised recognised;
	struct error error = {};
	struct bzimage image;
	struct bytes head;
	uint64_t file_size, offset;

	if (size < INPUT_PREFIX)
		return 0;
	file_size = load_le(data, INPUT_PREFIX);
	head = (struct bytes){data + INPUT_PREFIX, size - INPUT_PREFIX};
	if (head.size > BZIMAGE_HEAD_SIZE)
		head.size = BZIMAGE_HEAD_SIZE;

	recognised = recognise(head);
	require(recognised.description && *recognised.description);
	require((recognised.kind == IMAGE_BZIMAGE) == bzimage_recognise(head));
	offset = bzimage_version_offset(head);
	require(offset == 0 || (offset > 512 && offset <= 512 + UINT16_MAX));

	if (bzimage_read(&image, head, file_size, "kernel", &error) == 0) {
		require(error.count == 0);
		check_image(&image, head, file_size);
	} else {
		require(error.count == 1 && error_kind(&error) == ERROR_IMAGE);
	}
	return 0;
}
