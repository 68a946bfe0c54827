/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/cleanup.h"
#include "test-support/test.h"
#include "vmcore/pieces.h"

enum { SPACE = 64, ROUNDS = 500, PIECES = 12 };

/* Where each address lies, as told by the pieces in their order. */
static void paint(uint64_t *source, const struct pieces *pieces, enum pieces_winner winner)
{
	for (size_t i = 0; i < SPACE; i++)
		source[i] = UINT64_MAX;
	for (size_t i = 0; i < pieces->count; i++) {
		const struct piece *piece = &pieces->list[i];

		for (uint64_t at = piece->start; at < piece->end; at++)
			if (winner == PIECES_LAST || source[at] == UINT64_MAX)
				source[at] = piece->source + (at - piece->start);
	}
}

static uint64_t reach_of(const uint64_t *source, uint64_t at)
{
	while (at < SPACE && source[at] != UINT64_MAX)
		at++;
	return at;
}

static void check(const struct pieces *pieces, const uint64_t *source)
{
	for (uint64_t at = 0; at < SPACE; at++) {
		const struct piece *piece = pieces_at(pieces, at);

		assert_int_equal(piece != NULL, source[at] != UINT64_MAX);
		if (!piece)
			continue;
		assert_int_equal(piece->source + (at - piece->start), source[at]);
		assert_int_equal(piece->reach, reach_of(source, at));
		assert_ptr_equal(pieces_behind(pieces, at), piece);
	}
	assert_null(pieces_behind(pieces, SPACE));
}

static uint64_t next_random(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + 1442695040888963407;
	return *state >> 33;
}

static void test_any_pieces_are_found_as_if_each_was_asked(void **unused)
{
	uint64_t state = 1;

	(void)unused;
	for (int round = 0; round < ROUNDS; round++) {
		cleanup_with(pieces_fini) struct pieces pieces = {};
		enum pieces_winner winner = round % 2 ? PIECES_FIRST : PIECES_LAST;
		uint64_t source[SPACE];

		for (uint64_t i = next_random(&state) % PIECES; i > 0; i--) {
			uint64_t start = next_random(&state) % SPACE;
			uint64_t end = start + next_random(&state) % (SPACE - start + 1);

			assert_true(pieces_add(&pieces, start, end, 1000 * i));
		}
		paint(source, &pieces, winner);
		assert_true(pieces_sort(&pieces, winner));
		check(&pieces, source);
	}
}

static void test_the_last_addresses_are_like_any(void **state)
{
	cleanup_with(pieces_fini) struct pieces pieces = {};

	(void)state;
	assert_true(pieces_add(&pieces, UINT64_MAX - 10, UINT64_MAX, 5));
	assert_true(pieces_add(&pieces, 7, 7, 0)); /* empty */
	assert_true(pieces_sort(&pieces, PIECES_FIRST));
	assert_int_equal(pieces.count, 1);
	assert_non_null(pieces_at(&pieces, UINT64_MAX - 1));
	assert_null(pieces_at(&pieces, UINT64_MAX));
	assert_null(pieces_at(&pieces, 7));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_any_pieces_are_found_as_if_each_was_asked),
	    cmocka_unit_test(test_the_last_addresses_are_like_any),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
