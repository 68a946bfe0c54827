/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vmcore/flattened.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/blob.h"
#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "vmcore/dump-file.h"

enum { SIGNATURE_SIZE = 16, HEADER_SIZE = 4096, RECORD_HEADER_SIZE = 16 };

/* Where pieces begin and end, and which of them is the one that counts in between. */
struct cover {
	uint64_t *borders; /* sorted, each once */
	size_t count;      /* of borders */
	size_t *owner;     /* of [borders[i], borders[i + 1]): index of a piece; COVER_NONE */
	size_t *next;      /* the first index from i on that has no owner yet, or leads there */
};

#define COVER_NONE SIZE_MAX

bool flattened_recognise(const struct blob *blob)
{
	static const char signature[SIGNATURE_SIZE] = "makedumpfile";
	char head[SIGNATURE_SIZE];

	return blob->size >= HEADER_SIZE && blob_read(blob, 0, head, sizeof(head), NULL) == 0 &&
	       memcmp(head, signature, sizeof(head)) == 0;
}

static int add_piece(struct dump_file *file, size_t *room, const struct dump_piece *piece,
		     struct error *error)
{
	if (file->piece_count == *room) {
		size_t more = *room ? *room * 2 : 64;
		struct dump_piece *grown = reallocarray(file->pieces, more, sizeof(*file->pieces));

		if (!grown)
			return error_memory(error, "read");
		file->pieces = grown;
		*room = more;
	}
	file->pieces[file->piece_count++] = *piece;
	return 0;
}

/* The records in the file's order; one that the file's end cuts counts as far as it goes. */
static int read_records(struct dump_file *file, struct error *error)
{
	const struct blob *blob = file->blob;
	uint64_t at = HEADER_SIZE;
	size_t room = 0;

	for (;;) {
		uint8_t header[RECORD_HEADER_SIZE];
		struct dump_piece piece;
		uint64_t size;
		int r;

		file->cut = blob->size - at < sizeof(header);
		if (file->cut)
			return 0;
		r = blob_read(blob, at, header, sizeof(header), error);
		if (r < 0)
			return r;
		piece.start = load_be(header, 8);
		size = load_be(header + 8, 8);
		if (piece.start == UINT64_MAX)
			return 0;
		at += sizeof(header);
		if (size > INT64_MAX || piece.start > INT64_MAX)
			return error_add(error, ERROR_IMAGE, 0, "read", blob_name(blob),
					 "corrupt: a record of the flattened format at offset %llu "
					 "has an impossible place",
					 (unsigned long long)(at - sizeof(header)));
		file->cut = size > blob->size - at;
		if (file->cut)
			size = blob->size - at;
		piece.end = piece.start + size;
		piece.source = at;
		r = size ? add_piece(file, &room, &piece, error) : 0;
		if (r < 0 || file->cut)
			return r;
		at += size;
	}
}

static int compare_numbers(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return left < right ? -1 : left > right;
}

static int compare_pieces(const void *a, const void *b)
{
	const struct dump_piece *left = a, *right = b;

	return left->start < right->start ? -1 : left->start > right->start;
}

static void collect_borders(struct cover *cover, const struct dump_file *file)
{
	size_t all = 0;

	for (size_t i = 0; i < file->piece_count; i++) {
		cover->borders[all++] = file->pieces[i].start;
		cover->borders[all++] = file->pieces[i].end;
	}
	qsort(cover->borders, all, sizeof(*cover->borders), compare_numbers);
	for (size_t i = 0; i < all; i++)
		if (i == 0 || cover->borders[i] != cover->borders[cover->count - 1])
			cover->borders[cover->count++] = cover->borders[i];
	for (size_t i = 0; i < cover->count; i++) {
		cover->owner[i] = COVER_NONE;
		cover->next[i] = i;
	}
}

static size_t border_index(const struct cover *cover, uint64_t value)
{
	const uint64_t *found =
	    bsearch(&value, cover->borders, cover->count, sizeof(*cover->borders), compare_numbers);

	return (size_t)(found - cover->borders);
}

/* The first index from i on without an owner; the paths that lead there become shorter. */
static size_t first_free(struct cover *cover, size_t i)
{
	while (cover->next[i] != i) {
		cover->next[i] = cover->next[cover->next[i]];
		i = cover->next[i];
	}
	return i;
}

/* From the last record to the first, each takes what no later one has. */
static void find_owners(struct cover *cover, const struct dump_file *file)
{
	for (size_t i = file->piece_count; i-- > 0;) {
		size_t end = border_index(cover, file->pieces[i].end);
		size_t at = first_free(cover, border_index(cover, file->pieces[i].start));

		while (at < end) {
			cover->owner[at] = i;
			cover->next[at] = at + 1;
			at = first_free(cover, at);
		}
	}
}

static int make_disjoint(struct dump_file *file, struct error *error)
{
	size_t borders = file->piece_count * 2, count = 0;
	cleanup_free uint64_t *values = calloc(borders, sizeof(*values));
	cleanup_free size_t *owner = calloc(borders, sizeof(*owner));
	cleanup_free size_t *next = calloc(borders, sizeof(*next));
	struct dump_piece *pieces = calloc(borders, sizeof(*pieces));
	struct cover cover = {.borders = values, .owner = owner, .next = next};

	if (!values || !owner || !next || !pieces) {
		free(pieces);
		return error_memory(error, "read");
	}
	collect_borders(&cover, file);
	find_owners(&cover, file);
	for (size_t i = 0; i + 1 < cover.count; i++) {
		const struct dump_piece *from;

		if (owner[i] == COVER_NONE)
			continue;
		from = &file->pieces[owner[i]];
		pieces[count++] = (struct dump_piece){
		    .start = values[i],
		    .end = values[i + 1],
		    .source = from->source + (values[i] - from->start),
		};
	}
	free(file->pieces);
	file->pieces = pieces;
	file->piece_count = count;
	return 0;
}

static bool pieces_overlap(const struct dump_piece *sorted, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (sorted[i].start < sorted[i - 1].end)
			return true;
	return false;
}

/* Most dumps need no more than sorting. */
static int sort_pieces(struct dump_file *file, struct error *error)
{
	size_t bytes = file->piece_count * sizeof(*file->pieces);
	struct dump_piece *sorted = malloc(bytes);

	if (!sorted)
		return error_memory(error, "read");
	memcpy(sorted, file->pieces, bytes);
	qsort(sorted, file->piece_count, sizeof(*sorted), compare_pieces);
	if (pieces_overlap(sorted, file->piece_count)) {
		free(sorted);
		return make_disjoint(file, error);
	}
	free(file->pieces);
	file->pieces = sorted;
	return 0;
}

int flattened_index(struct dump_file *file, struct error *error)
{
	int r = read_records(file, error);

	file->size = 0;
	if (r == 0 && file->piece_count)
		r = sort_pieces(file, error);
	if (r == 0 && file->piece_count)
		file->size = file->pieces[file->piece_count - 1].end;
	return r;
}
