/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/words.h"
#include "cmd/file-options.h"
#include "cmd/judge.h"
#include "cmd/option-table.h"

static int parse_address(const char *text, const char *option, uint64_t *address,
			 struct error *error)
{
	char *end;

	errno = 0;
	*address = strtoull(text, &end, 0);
	if (errno || end == text || *end || strchr(text, '-'))
		return error_add(error, ERROR_USAGE, 0, "options", option,
				 "\"%s\" is no address; write it as 0x1000000 or 16777216", text);
	return 0;
}

/* Appends to a list, which `lent` then points to; NULL: nobody borrows it. */
static int add_text(const char ***list, const char *const **lent, size_t *count, const char *text,
		    struct error *error)
{
	const char **longer = reallocarray(*list, *count + 1, sizeof(*longer));

	if (!longer)
		return error_memory(error, "options");
	longer[(*count)++] = text;
	*list = longer;
	if (lent)
		*lent = longer;
	return 0;
}

static int add_initrd(struct command *command, const char *path, struct error *error)
{
	return add_text(&command->initrds, &command->request.initrds,
			&command->request.initrd_count, path, error);
}

static int append_more_initrds(struct command *command, struct error *error)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < command->more_initrd_count; i++)
		r = add_initrd(command, command->more_initrds[i], error);
	return r;
}

static int add_words(struct command *command, const char *words, struct error *error)
{
	char *joined = words_join(command->append, words);

	if (!joined)
		return error_memory(error, "options");
	free(command->append);
	command->append = joined;
	command->request.append = joined;
	return 0;
}

static int set_base(struct command *command, const char *words, struct error *error)
{
	if (command->request.command_line)
		return judge_usage(error, "--command-line",
				   "it was given twice; it is the whole base, use --append to add");
	command->request.command_line = words;
	return 0;
}

static int take_option(struct command *command, enum option_id id, const char *value,
		       struct error *error)
{
	struct request *request = &command->request;

	switch (id) {
	case OPTION_TYPE:
		request->type = value;
		return 0;
	case OPTION_INITRD:
		return add_initrd(command, value, error);
	case OPTION_APPEND:
		return add_words(command, value, error);
	case OPTION_COMMAND_LINE:
		return set_base(command, value, error);
	case OPTION_REUSE_CMDLINE:
		request->reuse_command_line = true;
		return 0;
	case OPTION_FILE_SYSCALL:
		request->method = METHOD_FILE_ONLY;
		return 0;
	case OPTION_LOAD_SYSCALL:
		request->method = METHOD_SEGMENTS_ONLY;
		return 0;
	case OPTION_AUTO_SYSCALL:
		request->method = METHOD_FILE_THEN_SEGMENTS;
		return 0;
	case OPTION_NO_CHECKS:
		request->skip_check = true;
		return 0;
	case OPTION_PLAIN:
		request->plain = true;
		return 0;
	case OPTION_DEBUG:
		request->debug = true;
		return 0;
	case OPTION_MEM_MIN:
		return parse_address(value, "--mem-min", &request->load_min, error);
	case OPTION_MEM_MAX:
		return parse_address(value, "--mem-max", &request->load_max, error);
	case OPTION_NO_IFDOWN:
		command->no_ifdown = true;
		return 0;
	case OPTION_NO_SYNC:
		command->no_sync = true;
		return 0;
	case OPTION_DRY_RUN:
		command->dry_run = true;
		return 0;
	case OPTION_JSON:
		command->json = true;
		return 0;
	case OPTION_SVG:
		command->svg = value;
		return 0;
	case OPTION_SYSROOT:
		command->sysroot = value;
		return 0;
	case OPTION_RECORD_MACHINE:
		command->record_machine = value;
		return 0;
	case OPTION_ADD:
		return add_text(&command->added, &request->added, &request->added_count, value,
				error);
	case OPTION_REMOVE:
		return add_text(&command->removed, &request->removed, &request->removed_count,
				value, error);
	case OPTION_IF_CHANGED:
		request->if_changed = true;
		return 0;
	case OPTION_COLD:
		command->reboot.cold = true;
		return 0;
	case OPTION_NOW:
		command->reboot.now = true;
		return 0;
	case OPTION_SKIP_FIRMWARE:
		command->reboot.skip_firmware = true;
		return 0;
	case OPTION_ADD_INITRD:
		return add_text(&command->more_initrds, NULL, &command->more_initrd_count, value,
				error);
	case OPTION_INITRD_FILE:
		return add_initrd_file(command, value, error);
	case OPTION_CREDENTIAL:
		return add_credential(command, value, error);
	case OPTION_ALLOW_SWAP:
		request->allow_swap = true;
		return 0;
	case OPTION_LOAD_PANIC:
	case OPTION_PANIC:
		request->kind = PLAN_CRASH;
		return 0;
	case OPTION_HOTPLUG:
		request->hotplug = CRASH_HOTPLUG_WANTED;
		return 0;
	case OPTION_MEMMAP_WORDS:
		request->memmap_words = true;
		return 0;
	case OPTION_ALLOW_DISARM:
		request->allow_disarm = true;
		return 0;
	case OPTION_CRASH_NOW:
		command->crash_now = true;
		return 0;
	case OPTION_VERIFY:
		command->verify = true;
		return 0;
	case OPTION_DUMP_DIRECTORY:
		command->dump_directory = value;
		return 0;
	case OPTION_PRINT_CRASH_SIZE:
	case OPTION_LOAD:
	case OPTION_EXEC:
	case OPTION_UNLOAD:
	case OPTION_FORCE:
	case OPTION_STATUS:
	case OPTION_VERSION:
	case OPTION_HELP:
		return 0; /* actions: decided together in judge_action() */
	case OPTION_OTHERS:
	case OPTION_COUNT:
		break;
	}
	return 0;
}

static int bad_option(const char *word, int value, struct error *error)
{
	const struct option_entry *entry = option_find_by_value(optopt);

	if (value == ':')
		return error_add(error, ERROR_USAGE, 0, "options", word, "it needs a value");
	if (entry)
		return error_add(error, ERROR_USAGE, 0, "options", word, "it takes no value");
	return error_add(error, ERROR_USAGE, 0, "options", word,
			 "there is no such option, or more than one begins like this");
}

/* Takes one option that getopt_long found in the word `word`. */
static int parse_option(struct command *command, struct seen *seen, int value, const char *word,
			struct error *error)
{
	const struct option_entry *entry = option_find_by_value(value);

	if (!entry)
		return bad_option(word, value, error);
	if (entry->state == OPTION_LATER)
		return error_add(error, ERROR_USAGE, 0, "options", word,
				 "kexec-tools has this option; this version does not have it yet");
	/* Any beginning of a name would do; this one is to be meant. */
	if (entry->id == OPTION_CRASH_NOW && strcmp(word, "--crash-now") != 0)
		return error_add(error, ERROR_USAGE, 0, "options", word,
				 "--crash-now crashes the machine, and must be written out");
	if (entry->state == OPTION_WITHOUT_EFFECT)
		judge_warn(command, "%s has no effect on this machine", word);
	seen->given[entry->id] = true;
	seen->entries[entry - option_table] = true;
	return take_option(command, entry->id, optarg, error);
}

/*
 * Goes on behind the first wrong option, which is the one to be told: whether there is a verb, and
 * --json, decides how.
 */
static int parse_words(struct command *command, struct seen *seen, int argc, char **argv,
		       struct error *error)
{
	struct option long_options[OPTION_COUNT + 1];
	char short_options[3 + 2 * OPTION_COUNT];
	int r = 0;

	seen->words = calloc((size_t)argc + 1, sizeof(*seen->words));
	if (!seen->words)
		return error_memory(error, "options");
	option_table_for_getopt(long_options, short_options);
	optind = 0;
	opterr = 0;
	for (;;) {
		int at = optind ? optind : 1;
		int value = getopt_long(argc, argv, short_options, long_options, NULL);

		if (value == -1)
			break;
		if (value == 1)
			seen->words[seen->word_count++] = optarg;
		else if (r == 0)
			r = parse_option(command, seen, value, argv[at], error);
		else
			parse_option(command, seen, value, argv[at], NULL);
	}
	for (; optind < argc; optind++)
		seen->words[seen->word_count++] = argv[optind];
	return r;
}

int options_parse(struct command *command, int argc, char **argv, struct error *error)
{
	struct seen seen = {};
	int r;

	*command = (struct command){.request.load_max = UINT64_MAX};
	r = parse_words(command, &seen, argc, argv, error);
	if (r == 0)
		r = append_more_initrds(command, error);
	/* Also when an option is wrong: it decides the exit code. */
	command->verb = judge_which_verb(&seen);
	if (r == 0)
		r = command->verb == VERB_NONE ? judge_classic(command, &seen, error)
					       : judge_verb(command, &seen, error);
	free(seen.words);
	return r;
}

void command_fini(struct command *command)
{
	free(command->initrds);
	free(command->added);
	free(command->removed);
	free(command->more_initrds);
	free_files(command);
	free(command->append);
}
