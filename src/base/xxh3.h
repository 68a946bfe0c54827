/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * XXH3, 64 bits, seed 0, of bytes that come in parts. xxh3.c is compiled once for each width of
 * registers; the value is the same with all of them.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* libxxhash's state, which has bytes of what is digested in it. */
struct xxh3_state {
	_Alignas(64) uint8_t bytes[576];
};

struct xxh3 {
	void (*begin)(struct xxh3_state *state);
	void (*add)(struct xxh3_state *state, const void *bytes, size_t size);
	uint64_t (*end)(const struct xxh3_state *state); /* may be asked in between */
};

/* With what every CPU of this architecture has. */
extern const struct xxh3 xxh3_any;

/* With what this CPU has (xxh3-x86.c, xxh3-none.c). */
const struct xxh3 *xxh3_choose(void);
