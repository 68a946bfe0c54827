/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/help.h"

#include "cmd/option-table.h"

static void print_option(FILE *out, const struct option_entry *entry, const char *help)
{
	char name[48];

	snprintf(name, sizeof(name), "--%s%s%s", entry->name, entry->argument ? "=" : "",
		 entry->argument ? entry->argument : "");
	fprintf(out, "  %c%c%c %-24s %s\n", entry->letter ? '-' : ' ',
		entry->letter ? entry->letter : ' ', entry->letter ? ',' : ' ', name, help);
}

static void print_classic_options(FILE *out)
{
	for (size_t i = 0; i < option_table_size; i++)
		if (option_table[i].help && option_table[i].scope != SCOPE_VERBS)
			print_option(out, &option_table[i], option_table[i].help);
}

static const char *kernel_argument(const struct verb_entry *entry)
{
	return !entry->takes_kernel ? "" : entry->kernel_is_optional ? "[KERNEL]" : "KERNEL";
}

static void print_verb(FILE *out, enum verb verb)
{
	const struct verb_entry *entry = &verb_table[verb - 1];

	fprintf(out, "usage: kexec %s%s%s [OPTION …]\n\n       %s\n\n", entry->name,
		entry->takes_kernel ? " " : "", kernel_argument(entry), entry->help);
	for (size_t i = 0; i < option_table_size; i++) {
		const struct option_entry *option = &option_table[i];

		if (option->help && option->verbs & 1U << verb)
			print_option(out, option,
				     option->verb_help ? option->verb_help : option->help);
	}
	fprintf(out,
		"\nExit codes: 0 done; 2 wrong usage; any other says why it was not done. See "
		"kexec-%s(8).\n",
		entry->name);
}

static void print_all(FILE *out)
{
	fputs("usage: kexec VERB [OPTION …]\n"
	      "       kexec -l KERNEL [--initrd=FILE] [--command-line=WORDS | --reuse-cmdline]\n"
	      "       kexec -e | -u | -S\n"
	      "       kexec KERNEL …        load, then an orderly shutdown that ends in the jump\n"
	      "\n"
	      "Loads a kernel from the running one, and jumps into it.\n"
	      "\n"
	      "Verbs (kexec VERB --help shows the options of one):\n",
	      out);
	for (size_t i = 0; i < verb_table_size; i++)
		fprintf(out, "  %-11s%-8s %s\n", verb_table[i].name,
			kernel_argument(&verb_table[i]), verb_table[i].help);
	fputs("\nWithout a verb, the options of kexec-tools:\n", out);
	print_classic_options(out);
	fputs("\nExit codes of verbs: 0 done; 2 wrong usage; any other says why it was not done.\n"
	      "Without a verb: 0 done; 1 wrong usage, an unreadable file, or nothing loaded;\n"
	      "253, 255 not done (253: only with -s, where -a would go on). See kexec(8).\n",
	      out);
}

void help_print(FILE *out, enum verb verb)
{
	if (verb == VERB_NONE)
		print_all(out);
	else
		print_verb(out, verb);
}
