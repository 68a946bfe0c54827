/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "entry/grub-script.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "test-support/test.h"

enum { MEMORY = 1 << 20 };

static void parse(struct grub_script *script, struct grub_arena *arena, const char *text)
{
	grub_arena_init(arena, MEMORY);
	assert_int_equal(grub_script_parse(script, arena, "grub.cfg", text, strlen(text)), 0);
}

/* What GRUB's own grub-script-check says of them. */
static void test_grub_s_own_parser_takes_and_refuses_the_same(void **state)
{
	static const struct {
		const char *text;
		unsigned int broken_line; /* 0: it is right */
	} rows[] = {
	    {"", 0},
	    {"# only a comment", 0},
	    {"menuentry \"a\" { true }", 0},
	    {"menuentry a {\n\n\ttrue;\n\n}", 0},
	    {"menuentry a { }", 1},
	    {"menuentry a\n{ true; }", 2},
	    {"menuentry a {\n true\n", 3},
	    {"if true; then a; fi", 0},
	    {"if true; then fi", 1},
	    {"if a; then b; elif c; then d; else e; fi", 0},
	    {"if a\nthen\nb\n", 4},
	    {"function f { true }", 1},
	    {"function f { true; }", 0},
	    {"function f\n{\ntrue\n}", 0},
	    {"if a; then function f { b; }; fi", 1},
	    {"function if { a; }", 1},
	    {"a;;b", 1},
	    {"a && b", 1},
	    {"a || b", 1},
	    {"a <b", 1},
	    {"a\n;", 2},
	    {"}", 1},
	    {"{ a }", 1},
	    {"a { b } c", 1},
	    {"for i in a b; do c; done", 0},
	    {"for i in; do c; done", 0},
	    {"for x y in a; do b; done", 1},
	    {"while a; do b; done", 0},
	    {"until a; do b; done", 0},
	    {"while a; do done", 1},
	    {"echo if then fi", 0},
	    {"case x in y) ;; esac", 1},
	    {"echo [[ a", 1},
	    {"echo 'a\nb'", 0},
	    {"echo 'a\n", 2},
	    {"echo \"a", 1},
	    {"echo ${x", 1},
	    {"echo $", 1},
	    {"echo \"$\"", 1},
	    {"echo $? $@ $* $# $1 ${10}", 0},
	    {"echo a \\\n b", 0},
	    {"echo \\", 1},
	    {"echo a\\\n", 2},
	    {"a\r\nb\r\n", 0},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct grub_arena arena;
		struct grub_script script;

		parse(&script, &arena, rows[i].text);
		assert_row(rows[i].text, (script.broken_line != 0) == (rows[i].broken_line != 0));
		assert_row(rows[i].text, !script.broken_line || script.broken_reason);
		grub_arena_fini(&arena);
	}
}

static void test_what_stands_before_a_mistake_is_kept(void **state)
{
	struct grub_arena arena;
	struct grub_script script;

	(void)state;
	parse(&script, &arena, "first\nsecond\nthird && x\nfourth\n");
	assert_int_equal(script.broken_line, 3);
	assert_string_equal(script.commands->words->pieces->text, "first");
	assert_int_equal(script.commands->next->line, 2);
	assert_null(script.commands->next->next);
	grub_arena_fini(&arena);
	parse(&script, &arena, "first\n}\nsecond\n");
	assert_int_equal(script.broken_line, 2);
	assert_non_null(script.commands);
	grub_arena_fini(&arena);
}

static void test_words_are_made_of_pieces(void **state)
{
	static const struct {
		enum grub_piece_kind kind;
		const char *text;
	} pieces[] = {
	    {GRUB_TEXT, "a b"},      {GRUB_VARIABLE, "x"},         {GRUB_QUOTED, "$y"},
	    {GRUB_QUOTED, "\\n\"$"}, {GRUB_QUOTED_VARIABLE, "z1"}, {GRUB_QUOTED, ""},
	    {GRUB_PATTERN, "*"},     {GRUB_HEXADECIMAL, "\\x41"},
	};
	struct grub_arena arena;
	struct grub_script script;
	const struct grub_piece *piece;

	(void)state;
	parse(&script, &arena, "c a\\ b$x'$y'\"\\n\\\"\\$${z1}\"*\\x41");
	piece = script.commands->words->next->pieces;
	for (size_t i = 0; i < ELEMENTS(pieces); i++, piece = piece->next) {
		assert_row(pieces[i].text, piece);
		assert_row(pieces[i].text, piece->kind == pieces[i].kind);
		assert_row(pieces[i].text, strcmp(piece->text, pieces[i].text) == 0);
	}
	assert_null(piece);
	grub_arena_fini(&arena);
}

static void test_a_byte_that_is_0_breaks_the_script_at_its_line(void **state)
{
	struct grub_arena arena;
	struct grub_script script;

	(void)state;
	grub_arena_init(&arena, MEMORY);
	assert_int_equal(grub_script_parse(&script, &arena, "grub.cfg", "a\nb \0 c\nd\n", 10), 0);
	assert_int_equal(script.broken_line, 2);
	assert_non_null(script.commands);
	assert_null(script.commands->next);
	grub_arena_fini(&arena);
}

static void test_deep_nesting_ends(void **state)
{
	enum { DEPTH = 10000 };
	char *text = calloc(DEPTH, 16);
	struct grub_arena arena;
	struct grub_script script;

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < DEPTH; i++)
		strcpy(text + 11 * i, "if a; then\n");
	parse(&script, &arena, text);
	assert_true(script.broken_line > 0);
	for (size_t i = 0; i < DEPTH; i++)
		strcpy(text + 4 * i, "a {\n");
	grub_arena_fini(&arena);
	parse(&script, &arena, text);
	assert_true(script.broken_line > 0 && script.broken_line < 100);
	grub_arena_fini(&arena);
	free(text);
}

static void test_memory_has_a_limit(void **state)
{
	struct grub_arena arena;
	struct grub_script script;

	(void)state;
	grub_arena_init(&arena, 512);
	assert_int_equal(
	    grub_script_parse(&script, &arena, "grub.cfg", "a b c d e f g h i j k l", 23), -E2BIG);
	grub_arena_fini(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_grub_s_own_parser_takes_and_refuses_the_same),
	    cmocka_unit_test(test_what_stands_before_a_mistake_is_kept),
	    cmocka_unit_test(test_words_are_made_of_pieces),
	    cmocka_unit_test(test_a_byte_that_is_0_breaks_the_script_at_its_line),
	    cmocka_unit_test(test_deep_nesting_ends),
	    cmocka_unit_test(test_memory_has_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
