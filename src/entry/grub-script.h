/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * GRUB 2's script language as a tree of commands.
 *
 * The rules are those of GRUB's grub-core/script/yylex.l and parser.y: what GRUB's own parser
 * refuses is refused here too, and nothing behind it is read, for nobody knows what it would have
 * been. Words keep their pieces, because variables are put in when a command runs.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "entry/grub-arena.h"

enum grub_piece_kind {
	GRUB_TEXT,            /* bare; escapes are undone */
	GRUB_QUOTED,          /* makes a word even when it is empty */
	GRUB_VARIABLE,        /* bare: its value is split at white space */
	GRUB_QUOTED_VARIABLE, /* in double quotes */
	GRUB_HEXADECIMAL,     /* a bare \xNN */
	GRUB_PATTERN,         /* a bare * or ?, which may stand for names of files */
};

struct grub_piece {
	enum grub_piece_kind kind;
	const char *text;
	struct grub_piece *next;
};

struct grub_word {
	struct grub_piece *pieces;
	struct grub_word *next;
};

enum grub_command_kind {
	GRUB_SIMPLE,
	GRUB_IF,
	GRUB_FOR,
	GRUB_WHILE,
	GRUB_UNTIL,
	GRUB_FUNCTION,
};

struct grub_command {
	enum grub_command_kind kind;
	unsigned int line;
	struct grub_word *words; /* of a simple command; behind "in" */
	const char *name;        /* the variable of "for", or the function */
	bool has_block;          /* a simple command with { … }, which is the body */
	struct grub_command *condition, *body, *otherwise; /* each the first of a list */
	struct grub_command *next;
};

struct grub_script {
	const char *file;
	struct grub_command *commands;
	unsigned int broken_line;  /* where it stops to make sense; 0: it never does */
	const char *broken_reason; /* in plain words */
};

enum { GRUB_NESTING_MAX = 64 };

/*
 * Reads a whole file. All memory is the arena's. 0, also when the script is broken, or the arena's
 * code.
 */
int grub_script_parse(struct grub_script *script, struct grub_arena *arena, const char *file,
		      const char *text, size_t size);

/* What the lexer hands to the parser. */
enum grub_token_kind {
	GRUB_END,
	GRUB_NEWLINE,
	GRUB_SEMICOLON,
	GRUB_OPEN,
	GRUB_CLOSE,
	GRUB_WORD,
	GRUB_BAD,
};

struct grub_token {
	enum grub_token_kind kind;
	unsigned int line;
	struct grub_word *word;
	const char *plain;  /* a word without quotes, escapes and variables; else NULL */
	const char *reason; /* of a bad token */
};

struct grub_lexer {
	struct grub_arena *arena;
	const char *at, *end;
	unsigned int line;
	char *buffer; /* for a word */
};

/* 0 or the arena's code. The text is kept until the last token is read. */
int grub_lexer_init(struct grub_lexer *lexer, struct grub_arena *arena, const char *text,
		    size_t size);

/* 0 or the arena's code. Behind a bad token there is nothing more. */
int grub_lex(struct grub_lexer *lexer, struct grub_token *token);
