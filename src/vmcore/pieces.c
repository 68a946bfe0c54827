/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vmcore/pieces.h"

#include <stdlib.h>

#include "base/cleanup.h"

/* Where pieces begin and end, and which of them is the one that counts in between. */
struct cover {
	uint64_t *borders; /* sorted, each once */
	size_t count;      /* of borders */
	size_t *owner;     /* of [borders[i], borders[i + 1]): index of a piece; COVER_NONE */
	size_t *next;      /* the first index from i on that has no owner yet, or leads there */
};

#define COVER_NONE SIZE_MAX

bool pieces_add(struct pieces *pieces, uint64_t start, uint64_t end, uint64_t source)
{
	if (start >= end)
		return true;
	if (pieces->count == pieces->room) {
		size_t room = pieces->room ? pieces->room * 2 : 32;
		struct piece *grown = reallocarray(pieces->list, room, sizeof(*grown));

		if (!grown)
			return false;
		pieces->list = grown;
		pieces->room = room;
	}
	pieces->list[pieces->count++] = (struct piece){start, end, source, end};
	return true;
}

static int compare_numbers(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return left < right ? -1 : left > right;
}

static int compare_pieces(const void *a, const void *b)
{
	const struct piece *left = a, *right = b;

	return left->start < right->start ? -1 : left->start > right->start;
}

static void collect_borders(struct cover *cover, const struct pieces *pieces)
{
	size_t all = 0;

	for (size_t i = 0; i < pieces->count; i++) {
		cover->borders[all++] = pieces->list[i].start;
		cover->borders[all++] = pieces->list[i].end;
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

/* From the piece that wins over all others on, each takes what none before it has. */
static void find_owners(struct cover *cover, const struct pieces *pieces, enum pieces_winner winner)
{
	for (size_t i = 0; i < pieces->count; i++) {
		size_t index = winner == PIECES_FIRST ? i : pieces->count - 1 - i;
		size_t end = border_index(cover, pieces->list[index].end);
		size_t at = first_free(cover, border_index(cover, pieces->list[index].start));

		while (at < end) {
			cover->owner[at] = index;
			cover->next[at] = at + 1;
			at = first_free(cover, at);
		}
	}
}

static void swap(struct pieces *a, struct pieces *b)
{
	struct pieces first = *a;

	*a = *b;
	*b = first;
}

static bool make_disjoint(struct pieces *pieces, enum pieces_winner winner)
{
	size_t most = pieces->count * 2;
	cleanup_free uint64_t *borders = calloc(most, sizeof(*borders));
	cleanup_free size_t *owner = calloc(most, sizeof(*owner));
	cleanup_free size_t *next = calloc(most, sizeof(*next));
	cleanup_with(pieces_fini) struct pieces parts = {};
	struct cover cover = {.borders = borders, .owner = owner, .next = next};
	bool enough = borders && owner && next;

	if (enough) {
		collect_borders(&cover, pieces);
		find_owners(&cover, pieces, winner);
	}
	for (size_t i = 0; enough && i + 1 < cover.count; i++) {
		const struct piece *from;

		if (owner[i] == COVER_NONE)
			continue;
		from = &pieces->list[owner[i]];
		enough = pieces_add(&parts, borders[i], borders[i + 1],
				    from->source + (borders[i] - from->start));
	}
	if (enough)
		swap(pieces, &parts);
	return enough;
}

/* Whether they are sorted and do not lie over each other, as most dumps have them. */
static bool are_disjoint(const struct pieces *pieces)
{
	for (size_t i = 1; i < pieces->count; i++)
		if (pieces->list[i].start < pieces->list[i - 1].end)
			return false;
	return true;
}

static bool sort(struct pieces *pieces, enum pieces_winner winner)
{
	cleanup_with(pieces_fini) struct pieces sorted = {};

	if (are_disjoint(pieces))
		return true;
	/* Which one wins is told by their order, so that stays until it is known not to matter. */
	for (size_t i = 0; i < pieces->count; i++)
		if (!pieces_add(&sorted, pieces->list[i].start, pieces->list[i].end,
				pieces->list[i].source))
			return false;
	qsort(sorted.list, sorted.count, sizeof(*sorted.list), compare_pieces);
	if (!are_disjoint(&sorted))
		return make_disjoint(pieces, winner);
	swap(pieces, &sorted);
	return true;
}

bool pieces_sort(struct pieces *pieces, enum pieces_winner winner)
{
	if (!sort(pieces, winner))
		return false;
	for (size_t i = pieces->count; i-- > 0;) {
		struct piece *piece = &pieces->list[i];

		piece->reach = i + 1 < pieces->count && piece[1].start == piece->end
				   ? piece[1].reach
				   : piece->end;
	}
	return true;
}

const struct piece *pieces_behind(const struct pieces *pieces, uint64_t address)
{
	size_t low = 0, high = pieces->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (pieces->list[middle].end <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low < pieces->count ? &pieces->list[low] : NULL;
}

const struct piece *pieces_at(const struct pieces *pieces, uint64_t address)
{
	const struct piece *piece = pieces_behind(pieces, address);

	return piece && piece->start <= address ? piece : NULL;
}

void pieces_fini(struct pieces *pieces)
{
	free(pieces->list);
	*pieces = (struct pieces){};
}
