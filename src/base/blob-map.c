/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Blobs as one buffer: what kexec_load takes. */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/blob.h"
#include "base/error.h"
#include "base/pages.h"
#include "base/secret.h"

/*
 * How many of a piece's first bytes can be mapped from its file: only whole pages of it, lest what
 * the file has behind the piece shows up in the mapping. Behind the file's end there are zeros.
 */
static uint64_t mappable_size(const struct blob_piece *piece)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	if (!piece->file || piece->file_offset % page != 0)
		return 0;
	if (piece->file_offset + piece->size == piece->file->size)
		return piece->size;
	return piece->size - piece->size % page;
}

/* Fills [done, piece->size) of a piece's place with pages of our own. */
static int piece_copy(const struct blob *blob, const struct blob_piece *piece, uint8_t *place,
		      uint64_t done, struct error *error)
{
	uint8_t *copy = mmap(place + done, piece->size - done, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	int r;

	if (copy == MAP_FAILED)
		return error_add(error, ERROR_NO_ROOM, errno, "map", blob_piece_name(piece),
				 "no memory is to be had");
	r = piece->secret ? secret_protect(copy, piece->size - done) : 0;
	if (r < 0)
		return secret_failed(error, -r, "map", blob_piece_name(piece));
	return blob_read(blob, piece->offset + done, copy, piece->size - done, error);
}

/* Pages of our own need no copy. */
static int pages_move(struct blob_piece *piece, uint8_t *place, struct error *error)
{
	uint64_t size = whole_pages(piece->size);

	if (mremap(*piece->pages, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, place) == MAP_FAILED)
		return error_add(error, ERROR_NO_ROOM, errno, "map", blob_piece_name(piece),
				 "pages cannot be moved");
	*piece->pages = NULL;
	piece->pages = NULL;
	piece->memory = place;
	return 0;
}

static int piece_map(const struct blob *blob, struct blob_piece *piece, uint8_t *place,
		     struct error *error)
{
	uint64_t mapped = mappable_size(piece);

	if (piece->pages)
		return pages_move(piece, place, error);
	if (mapped > 0 && mmap(place, mapped, PROT_READ, MAP_PRIVATE | MAP_FIXED, piece->file->fd,
			       (off_t)piece->file_offset) == MAP_FAILED)
		return error_add(error, errno == ENOMEM ? ERROR_NO_ROOM : ERROR_FILE, errno, "map",
				 blob_piece_name(piece),
				 errno == ENOMEM
				     ? "the kernel allows no further mapping (vm.max_map_count)"
				     : "its filesystem does not allow it to be mapped");
	return mapped < piece->size ? piece_copy(blob, piece, place, mapped, error) : 0;
}

/* Reserves addresses for all pieces together, then puts each in its place. */
int blob_map(struct blob *blob, struct error *error)
{
	uint8_t *address;
	int r = 0;

	if (blob->address || blob->size == 0)
		return 0;
	if (blob->pages) {
		blob->address = blob->pages;
		return 0;
	}
	address = mmap(NULL, blob->mapped_size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (address == MAP_FAILED)
		return error_add(error, ERROR_NO_ROOM, errno, "map", blob_name(blob),
				 "%llu bytes of addresses are not to be had",
				 (unsigned long long)blob->mapped_size);
	blob->address = address;
	while (r == 0 && blob->mapped_count < blob->piece_count) {
		struct blob_piece *piece = &blob->pieces[blob->mapped_count];

		r = piece_map(blob, piece, address + piece->offset, error);
		if (r == 0)
			blob->mapped_count++;
	}
	if (r < 0)
		blob_unmap(blob);
	return r;
}

/* A secret that is mapped is a copy. */
static void wipe_copies(const struct blob *blob)
{
	for (size_t i = 0; i < blob->mapped_count; i++)
		if (blob->pieces[i].secret)
			secret_wipe((void *)(uintptr_t)(blob->address + blob->pieces[i].offset),
				    blob->pieces[i].size);
}

/* What was copied is the blob's own memory, or that of a blob that was joined. */
void blob_wipe(struct blob *blob)
{
	wipe_copies(blob);
	if (blob->secret && blob->memory)
		secret_wipe(blob->memory, blob->size);
	for (size_t i = 0; i < blob->joined_count; i++)
		if (blob->joined[i])
			blob_wipe(blob->joined[i]);
}

void blob_unmap(struct blob *blob)
{
	if (blob->memory || !blob->address)
		return;
	wipe_copies(blob);
	if (!blob->pages)
		munmap((void *)(uintptr_t)blob->address, blob->mapped_size);
	blob->address = NULL;
	blob->mapped_count = 0;
}

const uint8_t *blob_view(const struct blob *blob, uint64_t offset, size_t size)
{
	for (size_t i = 0; i < blob->piece_count; i++) {
		const struct blob_piece *piece = &blob->pieces[i];
		uint64_t start = offset - piece->offset;

		if (offset < piece->offset || start >= piece->size)
			continue;
		if (size > piece->size - start)
			return NULL;
		if (!piece->file)
			return piece->memory + start;
		return piece->file->sealed && blob->address ? blob->address + offset : NULL;
	}
	return NULL;
}
