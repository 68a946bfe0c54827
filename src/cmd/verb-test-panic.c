/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Two halves of one test, with a crash between them: the first leaves a token and crashes the
 * machine, the second, in a later boot, looks for the dump of that crash. Behind the crash nothing
 * can be done or printed any more, so all else comes before.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/json.h"
#include "base/printable.h"
#include "check/check.h"
#include "check/facts.h"
#include "check/find-dump.h"
#include "cmd/check-json.h"
#include "cmd/check-text.h"
#include "cmd/jump.h"
#include "cmd/options.h"
#include "cmd/program.h"
#include "cmd/report.h"
#include "cmd/verbs.h"
#include "explain/exit-code.h"
#include "handover/reboot.h"
#include "machine/init-system.h"
#include "record/crash-test.h"

/* From the order until the kernel notes the time of its crash, at most; in seconds. */
#define CRASH_COMES_WITHIN 120

static struct json_object *dump_to_json(const struct dump_found *found)
{
	cleanup_json struct json_object *object = json_object_new_object();

	if (!json_put_text(object, "path", found->path) ||
	    !json_put_number(object, "size", found->size) ||
	    !json_put_number(object, "crash_time", found->crash_time))
		return NULL;
	return steal_pointer(object);
}

static struct json_object *detail_to_json(const char *action, const struct check_report *report,
					  const struct check_facts *facts,
					  const struct dump_found *dump)
{
	cleanup_json struct json_object *object = json_object_new_object();

	if (!json_put_text(object, "action", action) ||
	    !(report ? json_put(object, "check", check_to_json(report, facts))
		     : json_put_null(object, "check")) ||
	    !(dump ? json_put(object, "dump", dump_to_json(dump)) : json_put_null(object, "dump")))
		return NULL;
	return steal_pointer(object);
}

/* A clock that was set back after the test, or a dump of another crash, is no proof. */
static int find(struct dump_found *found, const struct command *command, const struct root *root,
		struct error *error)
{
	char boot_id[RECORD_BOOT_ID_SIZE];
	struct crash_test test;
	struct dump_wish wish;
	int r = crash_test_read(&test, root, error);

	if (r < 0)
		return r;
	if (root_read_line(root, RECORD_BOOT_ID, boot_id, sizeof(boot_id)) == FACT_KNOWN &&
	    strcmp(boot_id, test.boot_id) == 0)
		return error_add(error, ERROR_FILE, 0, "look for dumps", NULL,
				 "the machine did not crash: this is still the boot in which it "
				 "was to");
	wish = (struct dump_wish){
	    .folder = command->dump_directory ? command->dump_directory : test.dump_folder,
	    .release = test.release,
	    .earliest = test.ordered_at,
	    .latest = test.ordered_at + CRASH_COMES_WITHIN,
	};
	r = dump_find(found, &wish, root, error);
	if (r < 0 || *found->path)
		return r;
	error_add(error, ERROR_FILE, 0, "look for dumps", wish.folder,
		  "there is no dump of the crash of Linux %s that was ordered at %" PRIu64
		  " (seconds since 1970); dumps of other crashes, or incomplete: %u",
		  test.release, test.ordered_at, found->others);
	return -ENOENT;
}

static void say_what_was_found(const struct dump_found *found)
{
	time_t when = (time_t)found->crash_time;
	struct tm parts;
	char text[32] = "at an unknown time";

	if (found->crash_time <= INT32_MAX * UINT64_C(1000) && gmtime_r(&when, &parts))
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", &parts);
	fputs("the dump came: ", stdout);
	print_printable(stdout, found->path);
	printf(", %" PRIu64 " bytes, of the crash %s\n", found->size, text);
}

static int verify(const struct command *command, const struct root *root)
{
	cleanup_json struct json_object *detail = NULL;
	struct report report = {};
	struct error error = {};
	struct dump_found found;

	if (find(&found, command, root, &error) < 0)
		return verb_fail(EXPLAIN_VERIFY, command, root, &report, &error);
	if (command->json) {
		report.detail = detail = detail_to_json("verify", NULL, NULL, &found);
		report.incomplete = !detail;
	} else {
		say_what_was_found(&found);
	}
	return report_finish(command, &report, &error, VERB_EXIT_OK);
}

static int check(struct check_report *found, struct check_facts *facts,
		 const struct command *command, const struct root *root, struct error *error)
{
	const struct check_wish wish = {.dump_folder = command->dump_directory};
	int r;

	if (init_system_is_of_container(root))
		return error_add(error, ERROR_FORBIDDEN, 0, REBOOT_CHECK_CONTAINER, NULL,
				 "this is a PID namespace (a container), and the whole machine "
				 "would go down");
	r = check_facts_read(facts, &wish, root, error);
	if (r < 0)
		return r;
	check_run(found, check_panic_rules, check_panic_rule_count, facts);
	return 0;
}

/* Without memory the JSON form cannot be made, and nothing has been done yet. */
static int tell(const char *action, const struct command *command, const struct check_report *found,
		const struct check_facts *facts, const struct error *problems)
{
	cleanup_json struct json_object *detail = NULL;
	struct report report = {};

	if (command->json) {
		report.detail = detail = detail_to_json(action, found, facts, NULL);
		report.incomplete = !detail;
	} else {
		check_show(found, CHECK_UNKNOWN);
		if (problems->count)
			puts("the machine is not crashed");
		else if (!command->crash_now)
			puts("nothing was done; kexec test-panic --crash-now crashes the machine");
		else
			puts("crashing now");
	}
	return report_finish(command, &report, problems,
			     problems->count ? (int)verb_exit_code(problems) : VERB_EXIT_OK);
}

/* Returns only when it failed. What the report says goes out first. */
static int crash(const struct program *program, const struct check_facts *facts,
		 const struct command *command, const struct root *root, struct error *error)
{
	struct crash_test test;
	int r;

	if (fflush(stdout) != 0 || ferror(stdout))
		return error_add(error, ERROR_FILE, errno, "write", "standard output",
				 "it could not be written to its end");
	r = crash_test_make(&test,
			    command->dump_directory ? command->dump_directory : facts->dump_folder,
			    root, error);
	if (r == 0)
		r = crash_test_write(&test, root, error);
	if (r < 0)
		return r;
	program->actions->sync();
	r = program->actions->crash();
	root_remove(root, CRASH_TEST_FILE);
	return error_add(error, ERROR_FILE, -r, "crash", "/proc/sysrq-trigger",
			 "it could not be written to");
}

int verb_test_panic(const struct program *program, const struct command *command,
		    const struct root *root)
{
	cleanup_with(check_facts_fini) struct check_facts facts = {};
	struct error error = {}, problems = {};
	struct check_report found;
	int code;

	if (command->verify)
		return verify(command, root);
	if (check(&found, &facts, command, root, &error) < 0)
		return verb_fail(EXPLAIN_TEST_PANIC, command, root, &(struct report){}, &error);
	/* What is not known is no reason to refuse: it is what a test is for. */
	if (found.verdict == CHECK_FAILS)
		check_to_error(&found, &problems);
	code = tell(problems.count || !command->crash_now ? "none" : "crash", command, &found,
		    &facts, &problems);
	if (code != VERB_EXIT_OK || !command->crash_now)
		return code;
	crash(program, &facts, command, root, &error);
	/* Not on stdout: with --json there is one object, and it is there already. */
	explain_error_of_verb(stderr, EXPLAIN_TEST_PANIC, verb_name(command->verb), &error, NULL);
	return (int)verb_exit_code(&error);
}
