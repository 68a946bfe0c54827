/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The build gives XXH3_NAME, XXH_VECTOR where it is not xxhash.h's own choice, and the flags that
 * belong to it. */
#include "base/xxh3.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

_Static_assert(sizeof(XXH3_state_t) == sizeof(struct xxh3_state) &&
		   _Alignof(XXH3_state_t) <= _Alignof(struct xxh3_state),
	       "a state is libxxhash's");

extern const struct xxh3 XXH3_NAME;

static void begin(struct xxh3_state *state)
{
	XXH3_64bits_reset((XXH3_state_t *)state);
}

static void add(struct xxh3_state *state, const void *bytes, size_t size)
{
	XXH3_64bits_update((XXH3_state_t *)state, bytes, size);
}

static uint64_t end(const struct xxh3_state *state)
{
	return XXH3_64bits_digest((const XXH3_state_t *)state);
}

const struct xxh3 XXH3_NAME = {begin, add, end};
