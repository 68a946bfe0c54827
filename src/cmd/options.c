/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/words.h"
#include "cmd/option-table.h"

/* What was seen on the command line, before it is judged as a whole. */
struct seen {
	bool given[OPTION_COUNT];   /* by id */
	bool entries[OPTION_COUNT]; /* by index in the table */
	const char **words;         /* those that are no options */
	size_t word_count;
	const char *kernel;
};

static int usage(struct error *error, const char *subject, const char *detail)
{
	return error_add(error, ERROR_USAGE, 0, "options", subject, "%s", detail);
}

static void warn(struct command *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void warn(struct command *command, const char *format, ...)
{
	va_list arguments;

	if (command->warning_count == WARNINGS_MAX)
		return;
	va_start(arguments, format);
	vsnprintf(command->warnings[command->warning_count++], WARNING_SIZE, format, arguments);
	va_end(arguments);
}

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

/* Appends to a list, which `lent` then points to. */
static int add_text(const char ***list, const char *const **lent, size_t *count, const char *text,
		    struct error *error)
{
	const char **longer = reallocarray(*list, *count + 1, sizeof(*longer));

	if (!longer)
		return error_memory(error, "options");
	longer[(*count)++] = text;
	*lent = *list = longer;
	return 0;
}

static int add_initrd(struct command *command, const char *path, struct error *error)
{
	return add_text(&command->initrds, &command->request.initrds,
			&command->request.initrd_count, path, error);
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
		return usage(error, "--command-line",
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

static int parse_words(struct command *command, struct seen *seen, int argc, char **argv,
		       struct error *error)
{
	struct option long_options[OPTION_COUNT + 1];
	char short_options[3 + 2 * OPTION_COUNT];
	int value, r;

	seen->words = calloc((size_t)argc + 1, sizeof(*seen->words));
	if (!seen->words)
		return error_memory(error, "options");
	option_table_for_getopt(long_options, short_options);
	optind = 0;
	opterr = 0;
	for (;;) {
		int at = optind ? optind : 1;
		const struct option_entry *entry;

		value = getopt_long(argc, argv, short_options, long_options, NULL);
		if (value == -1)
			break;
		if (value == 1) {
			seen->words[seen->word_count++] = optarg;
			continue;
		}
		entry = option_find_by_value(value);
		if (!entry)
			return bad_option(argv[at], value, error);
		if (entry->state == OPTION_LATER)
			return error_add(error, ERROR_USAGE, 0, "options", argv[at],
					 "kexec-tools has this option; this version does not have "
					 "it yet");
		if (entry->state == OPTION_WITHOUT_EFFECT)
			warn(command, "%s has no effect on this machine", argv[at]);
		seen->given[entry->id] = true;
		seen->entries[entry - option_table] = true;
		r = take_option(command, entry->id, optarg, error);
		if (r < 0)
			return r;
	}
	for (; optind < argc; optind++)
		seen->words[seen->word_count++] = argv[optind];
	return 0;
}

/* Of the words from `first` on the kernel is one, and there is no other. */
static int take_kernel(struct seen *seen, size_t first, struct error *error)
{
	if (seen->word_count > first)
		seen->kernel = seen->words[first];
	if (seen->word_count <= first + 1)
		return 0;
	return error_add(
	    error, ERROR_USAGE, 0, "options", seen->words[first + 1],
	    "one word too many: the kernel is %s (text with blanks needs quotes, as in "
	    "--append=\"a b\")",
	    seen->kernel);
}

/* Exactly one thing is to be done; -h, -v and -S are done instead of any other action. */
static int judge_action(struct command *command, const struct seen *seen, struct error *error)
{
	const bool *given = seen->given;
	bool load = given[OPTION_LOAD] || given[OPTION_FORCE] || seen->kernel;

	if (given[OPTION_HELP]) {
		command->action = ACTION_HELP;
	} else if (given[OPTION_VERSION]) {
		command->action = ACTION_VERSION;
	} else if (given[OPTION_RECORD_MACHINE]) {
		command->action = ACTION_RECORD_MACHINE;
		if (load || given[OPTION_EXEC] || given[OPTION_UNLOAD] || given[OPTION_STATUS])
			return usage(error, "--record-machine", "it goes with no other action");
	} else if (given[OPTION_STATUS]) {
		command->action = ACTION_STATUS;
		command->status_of_normal = given[OPTION_LOAD];
		if (seen->kernel)
			return usage(error, seen->kernel, "--status takes no kernel");
	} else if (given[OPTION_UNLOAD]) {
		command->action = ACTION_UNLOAD;
		if (load || given[OPTION_EXEC])
			return usage(error, "--unload",
				     "it goes with no other action (a load replaces what is "
				     "loaded by itself)");
	} else if (given[OPTION_EXEC]) {
		command->action = ACTION_EXECUTE;
		if (seen->kernel)
			return error_add(error, ERROR_USAGE, 0, "options", seen->kernel,
					 "--exec jumps into what is loaded already and takes no "
					 "kernel; --force loads and jumps");
		if (given[OPTION_LOAD] || given[OPTION_FORCE])
			return usage(error, "--exec",
				     "it jumps into what is loaded already; to load and jump at "
				     "once use --force KERNEL");
	} else if (load) {
		command->action = ACTION_LOAD;
	} else {
		return usage(error, NULL, "nothing to do: no action and no kernel was given");
	}
	return 0;
}

static int judge_request(const struct request *request, struct error *error)
{
	if (request->command_line && request->reuse_command_line)
		return usage(error, "--reuse-cmdline",
			     "--command-line is a base already; only one of them can be");
	if (request->load_min >= request->load_max)
		return usage(error, "--mem-min, --mem-max", "there is nothing between them");
	return 0;
}

static int judge_load(struct command *command, const struct seen *seen, struct error *error)
{
	int r;

	if (!seen->kernel || !*seen->kernel)
		return usage(error, seen->given[OPTION_FORCE] ? "--force" : "--load",
			     "no kernel was given");
	command->request.kernel = seen->kernel;
	if (seen->given[OPTION_FORCE])
		command->afterwards = AFTERWARDS_EXECUTE;
	else if (!seen->given[OPTION_LOAD])
		command->afterwards = AFTERWARDS_SHUT_DOWN;
	r = judge_request(&command->request, error);
	if (r < 0)
		return r;
	if (command->json && !command->dry_run)
		return usage(error, "--json", "it goes with --dry-run");
	if (command->svg && !command->dry_run)
		return usage(error, "--svg", "it goes with --dry-run");
	if (command->sysroot && !command->dry_run)
		return usage(error, "--sysroot",
			     "a recorded machine can only be planned for: give --dry-run too");
	/* No word about -y: a load never syncs, so its wish is granted. */
	if (command->no_ifdown && command->afterwards != AFTERWARDS_EXECUTE)
		warn(command, "-x has no effect: a load takes no interface down");
	return 0;
}

/* Without a load, an option that says what to load cannot take effect. */
static int judge_others(struct command *command, const struct seen *seen, struct error *error)
{
	for (size_t i = 0; i < option_table_size; i++) {
		const struct option_entry *entry = &option_table[i];

		if (!seen->entries[i] || entry->state != OPTION_SUPPORTED)
			continue;
		if (entry->scope == SCOPE_LOAD)
			return error_add(error, ERROR_USAGE, 0, "options", NULL,
					 "--%s goes with a load, and nothing is to be loaded",
					 entry->name);
		if (entry->scope == SCOPE_EXECUTE && command->action != ACTION_EXECUTE)
			warn(command, "--%s has no effect here", entry->name);
	}
	return 0;
}

static int refuse_options_of_verbs(const struct seen *seen, struct error *error)
{
	for (size_t i = 0; i < option_table_size; i++)
		if (seen->entries[i] && option_table[i].scope == SCOPE_VERBS)
			return error_add(error, ERROR_USAGE, 0, "options", NULL,
					 "--%s goes with a verb, as in \"kexec load KERNEL\"",
					 option_table[i].name);
	return 0;
}

static int parse_classic(struct command *command, struct seen *seen, struct error *error)
{
	int r;

	r = take_kernel(seen, 0, error);
	if (r == 0)
		r = refuse_options_of_verbs(seen, error);
	if (r == 0)
		r = judge_action(command, seen, error);
	if (r < 0)
		return r;
	if (command->action == ACTION_LOAD)
		return judge_load(command, seen, error);
	if (command->action == ACTION_HELP || command->action == ACTION_VERSION)
		return 0;
	return judge_others(command, seen, error);
}

/* The verb that is meant; VERB_NONE where a classic action is given, whatever the words are. */
static enum verb verb_of(const struct seen *seen)
{
	static const enum option_id actions[] = {
	    OPTION_LOAD,  OPTION_EXEC,   OPTION_UNLOAD,
	    OPTION_FORCE, OPTION_STATUS, OPTION_RECORD_MACHINE,
	};
	const struct verb_entry *entry = seen->word_count ? verb_find(seen->words[0]) : NULL;

	for (size_t i = 0; i < sizeof(actions) / sizeof(*actions); i++)
		if (seen->given[actions[i]])
			return VERB_NONE;
	return entry ? entry->verb : VERB_NONE;
}

static int judge_verb_options(const struct command *command, const struct seen *seen,
			      struct error *error)
{
	for (size_t i = 0; i < option_table_size; i++)
		if (seen->entries[i] && !(option_table[i].verbs & 1U << command->verb))
			return error_add(error, ERROR_USAGE, 0, "options", NULL,
					 "--%s does not go with \"kexec %s\"", option_table[i].name,
					 verb_name(command->verb));
	return 0;
}

/* A kernel without a command line finds no root filesystem: the base is the running one's. */
static int judge_verb_load(struct command *command, struct seen *seen, struct error *error)
{
	struct request *request = &command->request;
	int r;

	r = take_kernel(seen, 1, error);
	if (r < 0)
		return r;
	if (!seen->kernel || !*seen->kernel)
		return usage(error, verb_name(command->verb), "no kernel was given");
	request->kernel = seen->kernel;
	r = judge_request(request, error);
	if (r == 0)
		request->reuse_command_line = !request->command_line;
	return r;
}

static int judge_verb_reboot(const struct command *command, struct error *error)
{
	const struct reboot_wish *wish = &command->reboot;

	if (wish->cold && wish->now)
		return usage(error, "--now",
			     "it jumps at once, and --cold goes through the firmware; only one of "
			     "them can be");
	if (wish->cold && wish->skip_firmware)
		return usage(error, "--skip-firmware",
			     "it passes over the firmware, and --cold goes through it; only one of "
			     "them can be");
	if ((command->no_ifdown || command->no_sync) && !wish->now)
		return usage(error, command->no_ifdown ? "--no-ifdown" : "--no-sync",
			     "it goes with --now: a shutdown does these things in its own way");
	return 0;
}

static int parse_verb(struct command *command, struct seen *seen, struct error *error)
{
	int r;

	if (seen->given[OPTION_HELP] || seen->given[OPTION_VERSION]) {
		command->action = seen->given[OPTION_HELP] ? ACTION_HELP : ACTION_VERSION;
		return 0;
	}
	r = judge_verb_options(command, seen, error);
	if (r < 0)
		return r;
	if (verb_table[command->verb - 1].takes_kernel)
		return judge_verb_load(command, seen, error);
	if (seen->word_count > 1)
		return error_add(error, ERROR_USAGE, 0, "options", seen->words[1],
				 "\"kexec %s\" takes no further word", verb_name(command->verb));
	return command->verb == VERB_REBOOT ? judge_verb_reboot(command, error) : 0;
}

int options_parse(struct command *command, int argc, char **argv, struct error *error)
{
	struct seen seen = {};
	int r;

	*command = (struct command){.request.load_max = UINT64_MAX};
	r = parse_words(command, &seen, argc, argv, error);
	/* Also when an option is wrong: it decides the exit code. */
	command->verb = verb_of(&seen);
	if (r == 0)
		r = command->verb == VERB_NONE ? parse_classic(command, &seen, error)
					       : parse_verb(command, &seen, error);
	free(seen.words);
	return r;
}

void command_fini(struct command *command)
{
	free(command->initrds);
	free(command->added);
	free(command->removed);
	free(command->append);
}
