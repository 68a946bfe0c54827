/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/image.h"

#include <string.h>

#include "base/error.h"

/* The reader wants one head that serves both to recognise and to read. */
_Static_assert((int)RECOGNISE_HEAD_SIZE >= (int)BZIMAGE_HEAD_SIZE, "the head is long enough");

static int read_head(const struct blob *file, uint8_t *buffer, struct bytes *head,
		     struct error *error)
{
	uint64_t size = file->size < RECOGNISE_HEAD_SIZE ? file->size : RECOGNISE_HEAD_SIZE;

	*head = (struct bytes){buffer, size};
	return blob_read(file, 0, buffer, size, error);
}

/* The version text is for people only; when it cannot be had the field stays empty. */
static void read_version(struct image *image, struct bytes head)
{
	uint64_t offset = bzimage_version_offset(head);
	char *version = image->bzimage.version;
	uint64_t size = sizeof(image->bzimage.version) - 1;

	if (!offset || offset >= image->bzimage.kernel_offset)
		return;
	if (size > image->file->size - offset)
		size = image->file->size - offset;
	if (blob_read(image->file, offset, version, size, NULL) < 0)
		return;
	version[strcspn(version, " \n")] = '\0';
	for (char *c = version; *c; c++)
		if (*c < 0x21 || *c > 0x7e)
			*c = '?';
}

static int read_bzimage(struct image *image, struct bytes head, struct error *error)
{
	const struct bzimage *bzimage = &image->bzimage;
	int r;

	r = bzimage_read(&image->bzimage, head, image->file->size, blob_name(image->file), error);
	if (r < 0)
		return r;
	read_version(image, head);
	return trailing_explain(image->file, bzimage->kernel_offset + bzimage->kernel_size,
				"the kernel", image->trailing, error);
}

static int unwrap_file(struct image *image, uint64_t limit, struct error *error)
{
	int r = unwrap(&image->unwrapped, image->file, limit, error);

	if (r == 0 && image->unwrapped.blob) {
		image->wrapped = image->file;
		image->file = image->unwrapped.blob;
	}
	return r;
}

static int read_image(struct image *image, struct error *error)
{
	uint8_t buffer[RECOGNISE_HEAD_SIZE];
	struct recognised recognised;
	struct bytes head;
	int r = read_head(image->file, buffer, &head, error);

	if (r < 0)
		return r;
	recognised = recognise(head);
	image->kind = recognised.kind;
	switch (image->kind) {
	case IMAGE_BZIMAGE:
		return read_bzimage(image, head, error);
	case IMAGE_UNKNOWN:
		break;
	}
	return error_add(error, ERROR_IMAGE, 0, "recognise kernel", blob_name(image->file),
			 "it looks like %s: no \"HdrS\" at offset 0x202 of its %llu bytes, so it "
			 "is no bzImage",
			 recognised.description, (unsigned long long)image->file->size);
}

int image_open(struct image *image, const char *path, uint64_t limit, struct error *error)
{
	int r;

	*image = (struct image){};
	r = blob_open(&image->file, path, error);
	if (r == 0)
		r = unwrap_file(image, limit, error);
	if (r == 0)
		r = read_image(image, error);
	if (r < 0)
		image_close(image);
	return r;
}

void image_close(struct image *image)
{
	blob_free(image->file);
	blob_free(image->wrapped);
	*image = (struct image){};
}

const char *image_kind_name(enum image_kind kind)
{
	return kind == IMAGE_BZIMAGE ? "bzImage" : NULL;
}
