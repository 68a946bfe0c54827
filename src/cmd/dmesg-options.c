/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/dmesg-options.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>

#include "base/error.h"

enum { OPTION_CALLER = 0x100, OPTION_TIME_FORMAT };

struct dmesg_option {
	int id; /* its letter, if it has one */
	const char *name, *argument, *help;
};

static const struct dmesg_option table[] = {
    {'l', "level", "LIST",
     "show only messages of these levels (err,warn), of one and above (err+)"},
    {'f', "facility", "LIST", "show only messages of these facilities (kern,daemon)"},
    {OPTION_CALLER, "caller", NULL, "show which thread (T) or CPU (C) wrote a message"},
    {OPTION_TIME_FORMAT, "time-format", "FORMAT",
     "show times as raw (the default), ctime, reltime, delta, iso or notime"},
    {'J', "json", NULL, "show one JSON object"},
    {'h', "help", NULL, "show this text"},
    {'V', "version", NULL, "show the version"},
};

enum { OPTION_COUNT = sizeof(table) / sizeof(*table) };

/* sys/syslog.h, LOG_EMERG and so on; the words are dmesg's. */
static const char *const levels[DMESG_LEVELS] = {"emerg", "alert",  "crit", "err",
						 "warn",  "notice", "info", "debug"};

static const char *const facilities[DMESG_FACILITIES] = {
    "kern",   "user",   "mail",     "daemon", "auth",   "syslog", "lpr",    "news",
    "uucp",   "cron",   "authpriv", "ftp",    "res0",   "res1",   "res2",   "res3",
    "local0", "local1", "local2",   "local3", "local4", "local5", "local6", "local7"};

static const char *const times[] = {"raw", "ctime", "reltime", "delta", "iso", "notime"};

const char *dmesg_level_name(uint8_t level)
{
	return level < DMESG_LEVELS ? levels[level] : NULL;
}

const char *dmesg_facility_name(uint8_t facility)
{
	return facility < DMESG_FACILITIES ? facilities[facility] : NULL;
}

static int usage(struct error *error, const char *subject, const char *what)
{
	return error_add(error, ERROR_USAGE, 0, "read options", subject, "%s", what);
}

static int find_name(const char *const *names, int count, const char *word, size_t length)
{
	for (int i = 0; i < count; i++)
		if (strlen(names[i]) == length && strncmp(names[i], word, length) == 0)
			return i;
	return -1;
}

/* A level; "err+" is that and all that are more urgent, "+err" that and all that are less. */
static int read_level(const char *word, size_t length, uint32_t *set)
{
	bool below = length && word[0] == '+', above;
	int level;

	word += below;
	length -= below;
	above = length && word[length - 1] == '+';
	length -= above;
	level = find_name(levels, DMESG_LEVELS, word, length);
	if (level < 0 || (below && above))
		return -1;
	*set |= 1U << level;
	if (above)
		*set |= (1U << level) - 1;
	if (below)
		*set |= 0xffU & ~((1U << level) - 1);
	return 0;
}

static int read_facility(const char *word, size_t length, uint32_t *set)
{
	int facility = find_name(facilities, DMESG_FACILITIES, word, length);

	if (facility < 0)
		return -1;
	*set |= 1U << facility;
	return 0;
}

static int read_list(const char *list, int (*read)(const char *, size_t, uint32_t *), uint32_t *set,
		     const char *what, struct error *error)
{
	for (;;) {
		size_t length = strcspn(list, ",");

		if (read(list, length, set) < 0)
			return usage(error, list, what);
		if (list[length] == '\0')
			return 0;
		list += length + 1;
	}
}

static int read_option(struct dmesg_command *command, int id, struct error *error)
{
	int format;

	switch (id) {
	case 'l':
		return read_list(optarg, read_level, &command->levels,
				 "there is no such level in --level", error);
	case 'f':
		return read_list(optarg, read_facility, &command->facilities,
				 "there is no such facility in --facility", error);
	case OPTION_CALLER:
		command->caller = true;
		return 0;
	case OPTION_TIME_FORMAT:
		format = find_name(times, sizeof(times) / sizeof(*times), optarg, strlen(optarg));
		if (format < 0)
			return usage(error, optarg, "there is no such --time-format");
		command->time = (enum dmesg_time)format;
		command->time_given = true;
		return 0;
	case 'J':
		command->json = true;
		return 0;
	case 'h':
		command->action = DMESG_HELP;
		return 0;
	case 'V':
		command->action = DMESG_VERSION;
		return 0;
	default:
		return -EINVAL;
	}
}

/* What getopt_long(3) did not take. */
static int not_an_option(char **argv, int id, struct error *error)
{
	char letter[3] = {'-', (char)optopt, '\0'};
	const char *word = optopt > 0 && optopt < 0x100 ? letter : argv[optind - 1];

	return usage(error, word,
		     id == ':' ? "this option needs a value"
			       : "there is no such option, or it takes no value");
}

static int judge(struct dmesg_command *command, int argc, char **argv, struct error *error)
{
	if (command->action != DMESG_SHOW)
		return 0;
	if (optind == argc)
		return usage(error, NULL, "a dump is missing, as in vmcore-dmesg /proc/vmcore");
	if (optind + 1 < argc)
		return usage(error, argv[optind + 1], "there is more than one dump");
	if (command->json && (command->caller || command->time_given))
		return usage(error, NULL,
			     "--json has callers and times anyway, and no --caller or "
			     "--time-format beside it");
	command->path = argv[optind];
	return 0;
}

int dmesg_options_parse(struct dmesg_command *command, int argc, char **argv, struct error *error)
{
	struct option options[OPTION_COUNT + 1] = {};
	char letters[2 * OPTION_COUNT + 2] = ":";
	size_t used = 1;
	int id, r = 0;

	*command = (struct dmesg_command){};
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		options[i] = (struct option){
		    .name = table[i].name,
		    .has_arg = table[i].argument ? required_argument : no_argument,
		    .val = table[i].id,
		};
		if (table[i].id < 0x100) {
			letters[used++] = (char)table[i].id;
			if (table[i].argument)
				letters[used++] = ':';
		}
	}
	optind = 0; /* begins anew, in tests too */
	while (r == 0 && (id = getopt_long(argc, argv, letters, options, NULL)) >= 0)
		r = id == '?' || id == ':' ? not_an_option(argv, id, error)
					   : read_option(command, id, error);
	return r == 0 ? judge(command, argc, argv, error) : r;
}

void dmesg_help_print(FILE *out)
{
	fputs("usage: vmcore-dmesg [OPTION …] VMCORE\n\n"
	      "Shows the log of a crashed kernel: of /proc/vmcore, a copy of it, or a dump that\n"
	      "makedumpfile wrote.\n\n",
	      out);
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		const struct dmesg_option *option = &table[i];
		bool letter = option->id < 0x100;
		char name[48];

		snprintf(name, sizeof(name), "--%s%s%s", option->name, option->argument ? "=" : "",
			 option->argument ? option->argument : "");
		fprintf(out, "  %c%c%c %-22s %s\n", letter ? '-' : ' ', letter ? option->id : ' ',
			letter ? ',' : ' ', name, option->help);
	}
	fputs("\nExit codes: 0 the whole log was shown; 1 a part of it is missing, stderr says "
	      "which;\n2 wrong usage; any other says why there is nothing. See vmcore-dmesg(8).\n",
	      out);
}
