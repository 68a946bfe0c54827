/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The rules are those of GRUB's grub-core/script/yylex.l. */
#include <errno.h>
#include <string.h>

#include "entry/grub-script.h"

static const char unfinished[] = "a line goes on behind the end of the file";

/* A word while it is read. */
struct reading {
	struct grub_lexer *lexer;
	struct grub_token *token;
	struct grub_piece **last;
	char *text; /* of the piece that is being read; as long as the rest of the file may be */
	size_t length;
	bool plain;
};

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool is_bare(char c)
{
	return c != '\0' && !strchr("{}|&$;<> \t\n'\"\\", c);
}

static bool is_in_word(char c)
{
	return is_bare(c) || c == '$' || c == '\'' || c == '"' || c == '\\';
}

static char peek(const struct grub_lexer *lexer, size_t distance)
{
	return distance < (size_t)(lexer->end - lexer->at) ? lexer->at[distance] : '\0';
}

static char take(struct grub_lexer *lexer)
{
	char c = *lexer->at++;

	if (c == '\n')
		lexer->line++;
	return c;
}

static bool at_end(const struct grub_lexer *lexer)
{
	return lexer->at == lexer->end;
}

static int bad(struct grub_token *token, const char *reason)
{
	token->kind = GRUB_BAD;
	token->reason = reason;
	return 0;
}

static int add_piece(struct reading *reading, enum grub_piece_kind kind, const char *text,
		     size_t length)
{
	struct grub_piece *piece = grub_arena_get(reading->lexer->arena, sizeof(*piece));
	char *copy = grub_arena_copy(reading->lexer->arena, text, length);

	if (!piece || !copy)
		return reading->lexer->arena->code;
	piece->kind = kind;
	piece->text = copy;
	*reading->last = piece;
	reading->last = &piece->next;
	return 0;
}

/* Ends the piece that is being read. */
static int flush(struct reading *reading, enum grub_piece_kind kind)
{
	size_t length = reading->length;

	reading->length = 0;
	if (length == 0 && kind == GRUB_TEXT)
		return 0;
	return add_piece(reading, kind, reading->text, length);
}

static void keep(struct reading *reading, char c)
{
	reading->text[reading->length++] = c;
}

/* Length of the variable's name behind '$', without braces; 0 when it is none. */
static size_t name_length(const struct grub_lexer *lexer, size_t start)
{
	size_t length = 0;

	if (peek(lexer, start) != '\0' && strchr("?#*@", peek(lexer, start)))
		return 1;
	if (is_digit(peek(lexer, start)))
		while (is_digit(peek(lexer, start + length)))
			length++;
	else if (is_letter(peek(lexer, start)))
		while (is_letter(peek(lexer, start + length)) ||
		       is_digit(peek(lexer, start + length)))
			length++;
	return length;
}

/* At '$'. */
static int read_variable(struct reading *reading, enum grub_piece_kind kind)
{
	struct grub_lexer *lexer = reading->lexer;
	bool braces = peek(lexer, 1) == '{';
	size_t start = braces ? 2 : 1, length = name_length(lexer, start);
	int r;

	if (length == 0 || (braces && peek(lexer, start + length) != '}'))
		return bad(reading->token, "a variable's name is missing behind '$'");
	r = add_piece(reading, kind, lexer->at + start, length);
	lexer->at += start + length + (braces ? 1 : 0);
	return r;
}

/* At '\''. */
static int read_single_quotes(struct reading *reading)
{
	struct grub_lexer *lexer = reading->lexer;

	lexer->at++;
	while (!at_end(lexer) && *lexer->at != '\'')
		keep(reading, take(lexer));
	if (at_end(lexer))
		return bad(reading->token, "a quote is never closed");
	lexer->at++;
	return flush(reading, GRUB_QUOTED);
}

/* At '\\' in double quotes. */
static void read_quoted_escape(struct reading *reading)
{
	struct grub_lexer *lexer = reading->lexer;
	char next = peek(lexer, 1);

	lexer->at++;
	if (next == '\n')
		take(lexer);
	else if (next == '$' || next == '\\' || next == '"')
		keep(reading, take(lexer));
	else
		keep(reading, '\\');
}

/* At '"'. */
static int read_double_quotes(struct reading *reading)
{
	struct grub_lexer *lexer = reading->lexer;
	int r;

	lexer->at++;
	while (!at_end(lexer) && *lexer->at != '"') {
		if (*lexer->at == '\\') {
			read_quoted_escape(reading);
		} else if (*lexer->at == '$') {
			r = flush(reading, GRUB_QUOTED);
			if (r == 0)
				r = read_variable(reading, GRUB_QUOTED_VARIABLE);
			if (r < 0 || reading->token->kind == GRUB_BAD)
				return r;
		} else {
			keep(reading, take(lexer));
		}
	}
	if (at_end(lexer))
		return bad(reading->token, "a quote is never closed");
	lexer->at++;
	return flush(reading, GRUB_QUOTED);
}

/* At '\\' outside of quotes: what follows stands for itself. */
static int read_escape(struct reading *reading)
{
	struct grub_lexer *lexer = reading->lexer;
	int r;

	lexer->at++;
	if (!at_end(lexer) && *lexer->at == '\n')
		take(lexer);
	else if (peek(lexer, 0) == 'x' && is_hex(peek(lexer, 1)) && is_hex(peek(lexer, 2))) {
		r = flush(reading, GRUB_TEXT);
		if (r == 0)
			r = add_piece(reading, GRUB_HEXADECIMAL, lexer->at - 1, 4);
		lexer->at += 3;
		return r;
	} else if (!at_end(lexer)) {
		keep(reading, take(lexer));
		return 0;
	}
	return at_end(lexer) ? bad(reading->token, unfinished) : 0;
}

static int read_pattern(struct reading *reading)
{
	int r = flush(reading, GRUB_TEXT);

	if (r == 0)
		r = add_piece(reading, GRUB_PATTERN, reading->lexer->at, 1);
	reading->lexer->at++;
	return r;
}

/* The next part of a word. */
static int read_part(struct reading *reading)
{
	struct grub_lexer *lexer = reading->lexer;
	int r = 0;

	switch (*lexer->at) {
	case '\\':
		return read_escape(reading);
	case '*':
	case '?':
		return read_pattern(reading);
	case '\'':
		r = flush(reading, GRUB_TEXT);
		return r < 0 ? r : read_single_quotes(reading);
	case '"':
		r = flush(reading, GRUB_TEXT);
		return r < 0 ? r : read_double_quotes(reading);
	case '$':
		r = flush(reading, GRUB_TEXT);
		if (r < 0)
			return r;
		if (peek(lexer, 1) != '"')
			return read_variable(reading, GRUB_VARIABLE);
		lexer->at++; /* text to be translated; it stays as it is */
		return read_double_quotes(reading);
	default:
		keep(reading, take(lexer));
		return 0;
	}
}

static int read_word(struct grub_lexer *lexer, struct grub_token *token)
{
	struct reading reading = {
	    .lexer = lexer, .token = token, .text = lexer->buffer, .plain = true};
	const char *start = lexer->at;
	int r = 0;

	token->kind = GRUB_WORD;
	token->word = grub_arena_get(lexer->arena, sizeof(*token->word));
	if (!token->word)
		return lexer->arena->code;
	reading.last = &token->word->pieces;
	while (r == 0 && token->kind == GRUB_WORD && !at_end(lexer) && is_in_word(*lexer->at)) {
		if (!is_bare(*lexer->at))
			reading.plain = false;
		r = read_part(&reading);
	}
	if (r == 0 && token->kind == GRUB_WORD)
		r = flush(&reading, GRUB_TEXT);
	if (r == 0 && reading.plain) {
		token->plain = grub_arena_copy(lexer->arena, start, (size_t)(lexer->at - start));
		r = lexer->arena->code;
	}
	return r;
}

static int read_sign(struct grub_lexer *lexer, struct grub_token *token)
{
	switch (take(lexer)) {
	case '\n':
		token->kind = GRUB_NEWLINE;
		return 0;
	case ';':
		token->kind = GRUB_SEMICOLON;
		return peek(lexer, 0) == ';' ? bad(token, "';;' means nothing here") : 0;
	case '{':
		token->kind = GRUB_OPEN;
		return 0;
	case '}':
		token->kind = GRUB_CLOSE;
		return 0;
	default:
		return bad(token, "a sign that means nothing here");
	}
}

static void skip_blanks(struct grub_lexer *lexer)
{
	while (!at_end(lexer) && (*lexer->at == ' ' || *lexer->at == '\t'))
		lexer->at++;
	if (!at_end(lexer) && *lexer->at == '#')
		while (!at_end(lexer) && *lexer->at != '\n')
			lexer->at++;
}

int grub_lexer_init(struct grub_lexer *lexer, struct grub_arena *arena, const char *text,
		    size_t size)
{
	*lexer = (struct grub_lexer){.arena = arena, .at = text, .end = text + size, .line = 1};
	lexer->buffer = grub_arena_get(arena, size + 1);
	return lexer->buffer ? 0 : arena->code;
}

int grub_lex(struct grub_lexer *lexer, struct grub_token *token)
{
	skip_blanks(lexer);
	*token = (struct grub_token){.line = lexer->line};
	if (at_end(lexer))
		return 0;
	if (is_in_word(*lexer->at))
		return read_word(lexer, token);
	if (*lexer->at == '\0')
		return bad(token, "a byte that is 0");
	return read_sign(lexer, token);
}
