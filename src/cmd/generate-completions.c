/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Writes the completions of a shell, made of the tables of verbs and options: copies a template
 * from standard input to standard output, with the tables in place of the line "@tables@". It runs
 * while the program is built, and is not installed.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cmd/option-table.h"
#include "cmd/verb-table.h"

/* The options that go without a verb stand beside those of each verb, under this name. */
#define CLASSIC "classic"

static const char *set_name(enum verb verb)
{
	return verb == VERB_NONE ? CLASSIC : verb_name(verb);
}

/* As a part of the name of a shell's variable. */
static const char *variable_name(enum verb verb)
{
	static char name[32];

	snprintf(name, sizeof(name), "%s", set_name(verb));
	for (char *at = name; *at; at++)
		if (*at == '-')
			*at = '_';
	return name;
}

static bool goes_with(const struct option_entry *entry, enum verb verb)
{
	if (entry->state != OPTION_SUPPORTED)
		return false;
	return verb == VERB_NONE ? entry->scope != SCOPE_VERBS : entry->verbs & 1U << verb;
}

static const char *help_of(const struct option_entry *entry, enum verb verb)
{
	const char *help = verb != VERB_NONE && entry->verb_help ? entry->verb_help : entry->help;

	return help ? help : "";
}

static bool is_action(const struct option_entry *entry)
{
	return entry->id == OPTION_LOAD || entry->id == OPTION_EXEC || entry->id == OPTION_UNLOAD ||
	       entry->id == OPTION_FORCE || entry->id == OPTION_STATUS ||
	       entry->id == OPTION_RECORD_MACHINE;
}

/* FILE, and FILE:PATH, of which the first part is one. */
static bool takes_file(const struct option_entry *entry)
{
	return entry->argument && strncmp(entry->argument, "FILE", 4) == 0;
}

static bool takes_folder(const struct option_entry *entry)
{
	return entry->argument && strcmp(entry->argument, "DIR") == 0;
}

static bool takes_type(const struct option_entry *entry)
{
	return entry->id == OPTION_TYPE;
}

static bool takes_value(const struct option_entry *entry)
{
	return entry->argument;
}

/* The options of a kind, with their dashes, a blank before each. */
static void print_options(bool (*is_one)(const struct option_entry *))
{
	for (size_t i = 0; i < option_table_size; i++) {
		const struct option_entry *entry = &option_table[i];

		if (entry->state != OPTION_SUPPORTED || !is_one(entry))
			continue;
		if (entry->letter)
			printf(" -%c", entry->letter);
		printf(" --%s", entry->name);
	}
}

static void print_verbs(bool with_kernel_only)
{
	for (size_t i = 0; i < verb_table_size; i++)
		if (verb_table[i].takes_kernel || !with_kernel_only)
			printf(" %s", verb_table[i].name);
}

/* Within single quotes: a quote, and what else must be escaped, with a backslash before it. */
static void print_escaped(const char *text, const char *escaped, const char *quote)
{
	for (; *text; text++) {
		if (*text == '\'')
			fputs(quote, stdout);
		else
			printf("%s%c", strchr(escaped, *text) ? "\\" : "", *text);
	}
}

static void bash_row(const char *name, bool (*is_one)(const struct option_entry *))
{
	printf("    %s) echo '", name);
	print_options(is_one);
	puts("' ;;");
}

static void bash_options(enum verb verb)
{
	printf("    options-%s) echo '", set_name(verb));
	for (size_t i = 0; i < option_table_size; i++) {
		const struct option_entry *entry = &option_table[i];

		if (!goes_with(entry, verb) || !entry->help)
			continue;
		if (entry->letter)
			printf(" -%c", entry->letter);
		printf(" --%s%s", entry->name, entry->argument ? "=" : "");
	}
	puts("' ;;");
}

static void print_bash(void)
{
	puts("_kexec_table()\n{\n    case $1 in");
	fputs("    verbs) echo '", stdout);
	print_verbs(false);
	fputs("' ;;\n    kernel-verbs) echo '", stdout);
	print_verbs(true);
	puts("' ;;");
	bash_row("actions", is_action);
	bash_row("values", takes_value);
	bash_row("files", takes_file);
	bash_row("folders", takes_folder);
	bash_row("types", takes_type);
	for (enum verb verb = VERB_NONE; verb < VERB_COUNT; verb++)
		bash_options(verb);
	puts("    esac\n}");
}

/* One specification for _arguments; it may be given again. */
static void zsh_option(const struct option_entry *entry, enum verb verb)
{
	fputs("  '*'", stdout);
	if (entry->letter)
		printf("{-%c%s,--%s%s}", entry->letter, entry->argument ? "+" : "", entry->name,
		       entry->argument ? "=" : "");
	else
		printf("--%s%s", entry->name, entry->argument ? "=" : "");
	fputs("'[", stdout);
	print_escaped(help_of(entry, verb), "[]\\", "'\\''");
	fputs("]", stdout);
	if (entry->argument) {
		fputs(":", stdout);
		print_escaped(entry->argument, ":", "");
		fputs(takes_file(entry)     ? ":_files"
		      : takes_folder(entry) ? ":_files -/"
		      : takes_type(entry)   ? ":(bzImage)"
					    : ": ",
		      stdout);
	}
	puts("'");
}

static void print_zsh(void)
{
	fputs("_kexec_verbs=(\n", stdout);
	for (size_t i = 0; i < verb_table_size; i++) {
		printf("  '%s:", verb_table[i].name);
		print_escaped(verb_table[i].help, "\\", "'\\''");
		puts("'");
	}
	fputs(")\n_kexec_kernel_verbs=(", stdout);
	print_verbs(true);
	fputs(" )\n_kexec_actions=(", stdout);
	print_options(is_action);
	fputs(" )\n_kexec_values=(", stdout);
	print_options(takes_value);
	puts(" )");
	for (enum verb verb = VERB_NONE; verb < VERB_COUNT; verb++) {
		printf("_kexec_options_%s=(\n", variable_name(verb));
		for (size_t i = 0; i < option_table_size; i++)
			if (goes_with(&option_table[i], verb) && option_table[i].help)
				zsh_option(&option_table[i], verb);
		puts(")");
	}
}

static void fish_option(const struct option_entry *entry, enum verb verb)
{
	printf("complete -c kexec -n '__kexec_with %s' -l %s", set_name(verb), entry->name);
	if (entry->letter)
		printf(" -s %c", entry->letter);
	/* Folders stand among the files that fish offers. */
	if (takes_file(entry) || takes_folder(entry))
		fputs(" -r -F", stdout);
	else if (entry->argument)
		printf(" -x%s", takes_type(entry) ? " -a bzImage" : "");
	fputs(" -d '", stdout);
	print_escaped(help_of(entry, verb), "\\", "\\'");
	puts("'");
}

static void print_fish(void)
{
	fputs("set -g __kexec_verbs", stdout);
	print_verbs(false);
	fputs("\nset -g __kexec_kernel_verbs", stdout);
	print_verbs(true);
	fputs("\nset -g __kexec_actions", stdout);
	print_options(is_action);
	fputs("\nset -g __kexec_values", stdout);
	print_options(takes_value);
	puts("");
	for (size_t i = 0; i < verb_table_size; i++) {
		printf("complete -c kexec -n __kexec_needs_verb -a %s -d '", verb_table[i].name);
		print_escaped(verb_table[i].help, "\\", "\\'");
		puts("'");
	}
	for (enum verb verb = VERB_NONE; verb < VERB_COUNT; verb++)
		for (size_t i = 0; i < option_table_size; i++)
			if (goes_with(&option_table[i], verb) && option_table[i].help)
				fish_option(&option_table[i], verb);
}

static const struct {
	const char *shell;
	void (*print)(void);
} shells[] = {
    {"bash", print_bash},
    {"zsh", print_zsh},
    {"fish", print_fish},
};

static int fill_template(void (*print)(void))
{
	char line[512];

	while (fgets(line, sizeof(line), stdin))
		if (strcmp(line, "@tables@\n") == 0)
			print();
		else
			fputs(line, stdout);
	return ferror(stdin) || fflush(stdout) != 0;
}

int main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(shells) / sizeof(*shells); i++)
		if (argc == 2 && strcmp(argv[1], shells[i].shell) == 0)
			return fill_template(shells[i].print);
	fputs("usage: generate-completions bash|zsh|fish <TEMPLATE\n", stderr);
	return 2;
}
