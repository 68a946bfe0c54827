/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Ranges that lie somewhere else: of a flattened file's dump, in the file; of memory, in a dump; of
 * virtual addresses, in memory. A dump may have as many as it likes and in any order, so they are
 * sorted once, and then found without a look at all others.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct piece {
	uint64_t start, end; /* not empty */
	uint64_t source;     /* where `start` lies */
	uint64_t reach; /* how far pieces go on from here without a gap; once they are sorted */
};

struct pieces {
	struct piece *list; /* owned */
	size_t count, room;
};

/* Nothing of an empty one is kept. False without memory. */
bool pieces_add(struct pieces *pieces, uint64_t start, uint64_t end, uint64_t source);

/* Which one counts where pieces lie over each other. */
enum pieces_winner { PIECES_FIRST, PIECES_LAST };

/* Sorts them, without overlaps. False without memory. */
bool pieces_sort(struct pieces *pieces, enum pieces_winner winner);

/* The first one that ends behind the address, or NULL; it may begin behind it, too. */
const struct piece *pieces_behind(const struct pieces *pieces, uint64_t address);

/* The one that the address is in, or NULL. */
const struct piece *pieces_at(const struct pieces *pieces, uint64_t address);

void pieces_fini(struct pieces *pieces);
