/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The grammar is that of GRUB's grub-core/script/parser.y. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "entry/grub-script.h"

struct parser {
	struct grub_lexer lexer;
	struct grub_token token; /* the next one */
	struct grub_script *script;
	unsigned int depth;
	bool bare_close; /* no delimiter stood before the last "}" */
};

/* The functions here return 0, a negative code of the arena, or BROKEN. */
enum { BROKEN = 1 };

static const char *const reserved[] = {
    "[[",  "]]", "case", "do",     "done", "elif",  "else",  "esac",     "fi",
    "for", "if", "in",   "select", "then", "until", "while", "function",
};

static int broken(struct parser *parser, unsigned int line, const char *reason)
{
	if (parser->script->broken_line == 0) {
		parser->script->broken_line = line;
		parser->script->broken_reason = reason;
	}
	return BROKEN;
}

static int advance(struct parser *parser)
{
	int r = grub_lex(&parser->lexer, &parser->token);

	if (r == 0 && parser->token.kind == GRUB_BAD)
		return broken(parser, parser->token.line, parser->token.reason);
	return r;
}

static bool is_word(const struct parser *parser, const char *word)
{
	return parser->token.kind == GRUB_WORD && parser->token.plain &&
	       strcmp(parser->token.plain, word) == 0;
}

static bool is_reserved(const struct parser *parser)
{
	for (size_t i = 0; i < sizeof(reserved) / sizeof(*reserved); i++)
		if (is_word(parser, reserved[i]))
			return true;
	return false;
}

static int expect(struct parser *parser, const char *word, const char *reason)
{
	if (!is_word(parser, word))
		return broken(parser, parser->token.line, reason);
	return advance(parser);
}

static int skip_newlines(struct parser *parser)
{
	int r = 0;

	while (r == 0 && parser->token.kind == GRUB_NEWLINE)
		r = advance(parser);
	return r;
}

static bool at_delimiter(const struct parser *parser)
{
	return parser->token.kind == GRUB_NEWLINE || parser->token.kind == GRUB_SEMICOLON;
}

/* One ';' or newline, and any newlines behind it. */
static int skip_delimiters(struct parser *parser)
{
	int r;

	if (!at_delimiter(parser))
		return broken(parser, parser->token.line, "a command does not end here");
	r = advance(parser);
	return r == 0 ? skip_newlines(parser) : r;
}

static int parse_command(struct parser *parser, struct grub_command **result);

/*
 * Commands, up to and with the delimiter behind the last. What follows is a word that ends them:
 * "fi", "}", … or a mistake that the caller finds.
 */
static int parse_commands(struct parser *parser, struct grub_command **result)
{
	struct grub_command **last = result;
	int r = skip_newlines(parser);

	do {
		if (r == 0)
			r = parse_command(parser, last);
		if (r != 0)
			return r;
		last = &(*last)->next;
		parser->bare_close = parser->token.kind == GRUB_CLOSE;
		if (parser->bare_close)
			return 0;
		r = skip_delimiters(parser);
	} while (r == 0 && parser->token.kind == GRUB_WORD &&
		 !(is_reserved(parser) && !is_word(parser, "if") && !is_word(parser, "for") &&
		   !is_word(parser, "while") && !is_word(parser, "until")));
	return r;
}

static int parse_if(struct parser *parser, struct grub_command *command)
{
	int r = parse_commands(parser, &command->condition);

	if (r == 0)
		r = expect(parser, "then", "\"then\" is missing behind \"if\"");
	if (r == 0)
		r = parse_commands(parser, &command->body);
	if (r != 0)
		return r;
	if (is_word(parser, "fi"))
		return advance(parser);
	if (is_word(parser, "elif")) {
		command->otherwise =
		    grub_arena_get(parser->lexer.arena, sizeof(*command->otherwise));
		if (!command->otherwise)
			return parser->lexer.arena->code;
		*command->otherwise =
		    (struct grub_command){.kind = GRUB_IF, .line = parser->token.line};
		if (++parser->depth > GRUB_NESTING_MAX)
			return broken(parser, parser->token.line,
				      "too many commands in each other");
		r = advance(parser);
		r = r == 0 ? parse_if(parser, command->otherwise) : r;
		parser->depth--;
		return r;
	}
	r = expect(parser, "else", "\"fi\" is missing behind \"if\"");
	if (r == 0)
		r = parse_commands(parser, &command->otherwise);
	return r == 0 ? expect(parser, "fi", "\"fi\" is missing behind \"else\"") : r;
}

static int parse_loop_body(struct parser *parser, struct grub_command *command)
{
	int r = expect(parser, "do", "\"do\" is missing");

	if (r == 0)
		r = parse_commands(parser, &command->body);
	return r == 0 ? expect(parser, "done", "\"done\" is missing") : r;
}

/* A name that GRUB's lexer calls one. */
static bool at_name(const struct parser *parser)
{
	const char *plain = parser->token.kind == GRUB_WORD ? parser->token.plain : NULL;
	size_t length = plain ? strspn(plain, "abcdefghijklmnopqrstuvwxyz"
					      "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789")
			      : 0;

	return length > 0 && plain[length] == '\0' && !strchr("0123456789", plain[0]) &&
	       !is_reserved(parser);
}

static int parse_name(struct parser *parser, struct grub_command *command)
{
	if (!at_name(parser))
		return broken(parser, parser->token.line, "a name is missing");
	command->name = parser->token.plain;
	return advance(parser);
}

static int parse_arguments(struct parser *parser, struct grub_command *command)
{
	struct grub_word **last = &command->words;
	int r = 0;

	while (*last)
		last = &(*last)->next;
	while (r == 0 && parser->token.kind == GRUB_WORD) {
		if (is_word(parser, "[[") || is_word(parser, "]]"))
			return broken(parser, parser->token.line, "\"[[\" means nothing here");
		*last = parser->token.word;
		last = &(*last)->next;
		r = advance(parser);
	}
	return r;
}

static int parse_for(struct parser *parser, struct grub_command *command)
{
	int r = parse_name(parser, command);

	if (r == 0)
		r = expect(parser, "in", "\"in\" is missing behind \"for\"");
	if (r == 0)
		r = parse_arguments(parser, command);
	if (r == 0)
		r = skip_delimiters(parser);
	return r == 0 ? parse_loop_body(parser, command) : r;
}

static int parse_while(struct parser *parser, struct grub_command *command)
{
	int r = parse_commands(parser, &command->condition);

	return r == 0 ? parse_loop_body(parser, command) : r;
}

/* At "{". */
static int parse_block(struct parser *parser, struct grub_command *command)
{
	int r = advance(parser);

	command->has_block = true;
	if (r == 0)
		r = parse_commands(parser, &command->body);
	if (r != 0)
		return r;
	if (parser->token.kind != GRUB_CLOSE)
		return broken(parser, command->line, "\"}\" is missing for the block that begins");
	return advance(parser);
}

static int parse_function(struct parser *parser, struct grub_command *command)
{
	int r = parse_name(parser, command);

	if (r == 0)
		r = skip_newlines(parser);
	if (r != 0)
		return r;
	if (parser->token.kind != GRUB_OPEN)
		return broken(parser, parser->token.line, "\"{\" is missing behind \"function\"");
	r = parse_block(parser, command);
	if (r == 0 && parser->bare_close)
		return broken(parser, command->line, "the last command of a function does not end");
	return r;
}

static int parse_simple(struct parser *parser, struct grub_command *command)
{
	int r;

	if (parser->token.kind != GRUB_WORD || is_reserved(parser))
		return broken(parser, parser->token.line, "a command is missing");
	r = parse_arguments(parser, command);
	if (r == 0 && parser->token.kind == GRUB_OPEN)
		r = parse_block(parser, command);
	return r;
}

static int parse_kind(struct parser *parser, struct grub_command *command)
{
	static const struct {
		const char *word;
		enum grub_command_kind kind;
		int (*parse)(struct parser *, struct grub_command *);
	} kinds[] = {
	    {"if", GRUB_IF, parse_if},
	    {"for", GRUB_FOR, parse_for},
	    {"while", GRUB_WHILE, parse_while},
	    {"until", GRUB_UNTIL, parse_while},
	    {"function", GRUB_FUNCTION, parse_function},
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (is_word(parser, kinds[i].word)) {
			int r = advance(parser);

			command->kind = kinds[i].kind;
			if (r == 0 && command->kind == GRUB_FUNCTION && parser->depth > 1)
				return broken(parser, command->line,
					      "a function is not possible here");
			return r == 0 ? kinds[i].parse(parser, command) : r;
		}
	}
	return parse_simple(parser, command);
}

static int parse_command(struct parser *parser, struct grub_command **result)
{
	struct grub_command *command = grub_arena_get(parser->lexer.arena, sizeof(*command));
	int r;

	if (!command)
		return parser->lexer.arena->code;
	command->line = parser->token.line;
	if (parser->depth == GRUB_NESTING_MAX)
		return broken(parser, command->line, "too many commands in each other");
	parser->depth++;
	r = parse_kind(parser, command);
	parser->depth--;
	/* Only what is complete is in the tree. */
	if (r == 0)
		*result = command;
	return r;
}

static int parse_script(struct parser *parser)
{
	struct grub_command **last = &parser->script->commands;
	int r = advance(parser);

	if (r == 0)
		r = skip_newlines(parser);
	while (r == 0 && parser->token.kind != GRUB_END) {
		struct grub_command *command = NULL;

		r = parse_command(parser, &command);
		if (r != 0)
			break;
		if (parser->token.kind == GRUB_END || at_delimiter(parser)) {
			*last = command;
			last = &command->next;
		}
		if (parser->token.kind != GRUB_END)
			r = skip_delimiters(parser);
	}
	return r;
}

/* GRUB reads lines without their carriage returns (grub_file_getline()). */
static size_t copy_without_returns(char *copy, const char *text, size_t size)
{
	size_t length = 0;

	for (size_t i = 0; i < size; i++)
		if (text[i] != '\r')
			copy[length++] = text[i];
	return length;
}

int grub_script_parse(struct grub_script *script, struct grub_arena *arena, const char *file,
		      const char *text, size_t size)
{
	cleanup_free char *copy = malloc(size + 1);
	struct parser parser = {.script = script};
	int r;

	*script = (struct grub_script){.file = file};
	if (!copy)
		return arena->code = -ENOMEM;
	size = copy_without_returns(copy, text, size);
	r = grub_lexer_init(&parser.lexer, arena, copy, size);
	if (r == 0)
		r = parse_script(&parser);
	return r < 0 ? r : 0;
}
