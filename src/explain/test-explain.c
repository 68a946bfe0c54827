/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "explain/exit-code.h"
#include "explain/explain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/secret.h"
#include "entry/choose.h"
#include "machine/kernel.h"
#include "test-support/test.h"

static char *explained(enum explain_task task, const struct error *error,
		       const struct machine_kernel *kernel)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	explain_error(out, task, error, kernel);
	assert_int_equal(fclose(out), 0);
	return text;
}

static unsigned int lines_of(const char *text)
{
	unsigned int lines = 0;

	for (; *text; text++)
		lines += *text == '\n';
	return lines;
}

static struct error error_of(enum error_kind kind, int code, const char *step, const char *subject)
{
	struct error error = {};

	error_add(&error, kind, code, step, subject, "the facts of it");
	return error;
}

static void test_what_secrets_need_is_advised(void **state)
{
	struct error swap = error_of(ERROR_FORBIDDEN, 0, "check swap", "/dev/sda2"), lock = {};
	cleanup_free char *of_swap = explained(EXPLAIN_LOAD, &swap, NULL), *of_lock = NULL;

	(void)state;
	assert_contains(of_swap, "/dev/sda2: the facts of it");
	assert_contains(of_swap, "next: turn that swap off (swapoff) or encrypt it, or give "
				 "--allow-swap");
	secret_failed(&lock, ENOMEM, "read", "key");
	of_lock = explained(EXPLAIN_LOAD, &lock, NULL);
	assert_contains(of_lock, "raise the limit of locked memory (ulimit -l)");
	assert_int_equal(verb_exit_code(&swap), VERB_EXIT_FORBIDDEN);
	assert_int_equal(verb_exit_code(&lock), VERB_EXIT_NO_ROOM);
}

static void test_a_load_for_a_panic_says_loudly_whether_it_is_armed(void **state)
{
	static const struct {
		enum fact fact;
		bool loaded;
		const char *words;
	} rows[] = {
	    {FACT_KNOWN, true, "now: armed: "},
	    {FACT_KNOWN, false, "now: NOT ARMED: "},
	    {FACT_UNREADABLE, false, "cannot be read"},
	};
	struct error error = error_of(ERROR_REFUSED, EINVAL, "kexec_load", "k");

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct machine_kernel kernel = {.crash_loaded_fact = rows[i].fact,
						.crash_loaded = rows[i].loaded};
		cleanup_free char *text = explained(EXPLAIN_ARM, &error, &kernel);

		assert_contains(text, "kexec: cannot load for a panic: k");
		assert_contains(text, rows[i].words);
	}
}

/* A file changed while it was loaded, and that could not be taken back. */
static void test_a_crash_kernel_that_could_not_be_taken_back_is_not_called_the_old_one(void **state)
{
	const struct machine_kernel kernel = {.crash_loaded_fact = FACT_KNOWN,
					      .crash_loaded = true};
	struct error error = error_of(ERROR_FORBIDDEN, EPERM, "unload", "");
	cleanup_free char *text = NULL;

	(void)state;
	error_add(&error, ERROR_CHANGED, 0, "load", "k", "it changed");
	text = explained(EXPLAIN_ARM, &error, &kernel);
	assert_contains(text, "do not trust the crash kernel that is loaded");
	assert_lacks(text, "now: armed");
}

static void test_what_arming_needs_is_advised(void **state)
{
	static const struct {
		enum error_kind kind;
		const char *step, *words;
	} rows[] = {
	    {ERROR_NO_ROOM, "check reservation", "add crashkernel=256M"},
	    {ERROR_NO_ROOM, "place in reservation", "a larger crashkernel="},
	    {ERROR_RISKY, "check way back", "--allow-disarm"},
	    {ERROR_FORBIDDEN, "check limit of loads", "only a reboot lifts it"},
	    {ERROR_FORBIDDEN, "read for a dump", "run it as root; -s"},
	    {ERROR_UNSUPPORTED, "read for a dump", "-s lets the kernel"},
	    {ERROR_FILE, "read words for a crash kernel", "--command-line"},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct error error = error_of(rows[i].kind, 0, rows[i].step, "k");
		cleanup_free char *text = explained(EXPLAIN_ARM, &error, NULL);

		assert_contains(text, rows[i].words);
	}
}

static void test_exit_codes_are_those_of_kexec_tools(void **state)
{
	static const struct {
		enum error_kind kind;
		int code;
		const char *step;
		int ordinary, file_only;
	} rows[] = {
	    {ERROR_USAGE, 0, "options", 1, 1},
	    {ERROR_FILE, ENOENT, "open", 1, 1},
	    {ERROR_NOT_LOADED, 0, "jump", 1, 1},
	    {ERROR_NO_ROOM, 0, "check reservation", 1, 1},
	    {ERROR_NO_ROOM, 0, "place in reservation", 255, 255},
	    {ERROR_UNSUPPORTED, ENOSYS, "kexec_file_load", 255, 253},
	    {ERROR_REFUSED, EINVAL, "kexec_file_load", 255, 253},
	    {ERROR_IMAGE, ENOEXEC, "kexec_file_load", 255, 253},
	    {ERROR_UNSUPPORTED, ENOTSUP, "kexec_file_load", 255, 253},
	    {ERROR_FORBIDDEN, EPERM, "kexec_file_load", 255, 255},
	    {ERROR_SIGNATURE, ENOKEY, "kexec_file_load", 255, 255},
	    {ERROR_SIGNATURE, EKEYREJECTED, "kexec_file_load", 255, 255},
	    {ERROR_NO_ROOM, ENOMEM, "kexec_file_load", 255, 255},
	    {ERROR_BUSY, EBUSY, "kexec_file_load", 255, 255},
	    {ERROR_IMAGE, 0, "read bzImage header", 255, 255},
	    {ERROR_UNSUPPORTED, ENOSYS, "kexec_load", 255, 255},
	    {ERROR_TOO_LONG, 0, "check command line", 255, 255},
	    {ERROR_CHANGED, 0, "load", 255, 255},
	    {ERROR_RISKY, 0, "check firmware", 255, 255},
	    {ERROR_INTERNAL, 0, "seal plan", 255, 255},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct error error = error_of(rows[i].kind, rows[i].code, rows[i].step, "x");

		assert_row(rows[i].step, classic_exit_code(&error, false) == rows[i].ordinary);
		assert_row(rows[i].step, classic_exit_code(&error, true) == rows[i].file_only);
	}
}

static void test_the_first_failure_decides_the_exit_code(void **state)
{
	struct error error = error_of(ERROR_IMAGE, ENOEXEC, "kexec_file_load", "x");

	(void)state;
	error_add(&error, ERROR_FILE, ENOENT, "open", "y", "gone");
	assert_int_equal(classic_exit_code(&error, false), 255);
}

static void test_every_kind_is_at_most_three_lines_with_its_subject(void **state)
{
	static const int codes[] = {0, EPERM, EACCES, ENOENT, ENOSYS, ENOEXEC, EINVAL};
	struct machine_kernel kernel = {.loaded_fact = FACT_KNOWN};

	(void)state;
	for (int kind = ERROR_USAGE; kind <= ERROR_INTERNAL; kind++)
		for (int task = EXPLAIN_LOAD; task <= EXPLAIN_WARNING; task++)
			for (size_t i = 0; i < ELEMENTS(codes); i++) {
				struct error error = error_of((enum error_kind)kind, codes[i],
							      "step", "/boot/the subject");
				cleanup_free char *text =
				    explained((enum explain_task)task, &error, &kernel);
				cleanup_free char *bare =
				    explained((enum explain_task)task, &error, NULL);

				assert_in_range(lines_of(text), 1, 3);
				assert_in_range(lines_of(bare), 1, 3);
				assert_contains(text, "/boot/the subject: the facts of it");
				assert_int_equal(strncmp(text, "kexec: ", 7), 0);
				if (codes[i])
					assert_contains(text, strerror(codes[i]));
			}
}

/* A file's name may hold anything; a message stays a message. */
static void test_control_characters_of_a_name_do_not_reach_the_terminal(void **state)
{
	struct error error = error_of(ERROR_FILE, ENOENT, "open", "/boot/a\nb\033[2Jc");
	cleanup_free char *text = explained(EXPLAIN_LOAD, &error, NULL);

	(void)state;
	assert_in_range(lines_of(text), 1, 3);
	assert_lacks(text, "\033");
	assert_lacks(text, "a\nb");
}

static void test_a_load_tells_what_is_loaded_now(void **state)
{
	struct error error = error_of(ERROR_REFUSED, EINVAL, "kexec_load", "x");
	struct machine_kernel kernel = {.loaded_fact = FACT_KNOWN, .loaded = true};
	cleanup_free char *loaded = explained(EXPLAIN_LOAD, &error, &kernel), *none = NULL,
			  *plan = NULL, *unknown = NULL;

	(void)state;
	kernel.loaded = false;
	none = explained(EXPLAIN_LOAD, &error, &kernel);
	plan = explained(EXPLAIN_PLAN, &error, &kernel);
	kernel.loaded_fact = FACT_UNREADABLE;
	unknown = explained(EXPLAIN_LOAD, &error, &kernel);
	assert_contains(loaded, "still loaded");
	assert_contains(none, "now: no kernel is loaded");
	assert_lacks(plan, "now:");
	assert_lacks(unknown, "now:");
}

static void test_after_a_change_nobody_says_that_what_was_loaded_is_still_loaded(void **state)
{
	struct machine_kernel kernel = {.loaded_fact = FACT_KNOWN, .loaded = true};
	struct error error = error_of(ERROR_CHANGED, 0, "load", "vmlinuz");
	cleanup_free char *loaded = NULL, *none = NULL;

	(void)state;
	error_add(&error, ERROR_BUSY, EBUSY, "unload", NULL, "refused");
	loaded = explained(EXPLAIN_LOAD, &error, &kernel);
	assert_contains(loaded, "do not trust what is loaded");
	assert_lacks(loaded, "still loaded");
	kernel.loaded = false;
	none = explained(EXPLAIN_LOAD, &error, &kernel);
	assert_contains(none, "now: no kernel is loaded");
	assert_lacks(none, "do not trust");
}

static void test_a_warning_says_that_it_is_one_and_nothing_of_what_is_loaded(void **state)
{
	struct machine_kernel kernel = {.loaded_fact = FACT_KNOWN, .loaded = true};
	struct error error = error_of(ERROR_FILE, ENOENT, "write record", "/run/kexec/loaded.json");
	struct error nothing = {};
	cleanup_free char *text = explained(EXPLAIN_WARNING, &error, &kernel),
			  *empty = explained(EXPLAIN_WARNING, &nothing, &kernel);

	(void)state;
	assert_int_equal(strncmp(text, "kexec: warning: /run/kexec/loaded.json: ", 40), 0);
	assert_lacks(text, "cannot");
	assert_lacks(text, "now:");
	assert_string_equal(empty, "");
}

static void test_a_jump_that_was_refused_gets_its_own_advice(void **state)
{
	struct error jump = error_of(ERROR_REFUSED, EINVAL, "reboot", NULL),
		     load = error_of(ERROR_REFUSED, EINVAL, "kexec_load", NULL);
	cleanup_free char *jumped = explained(EXPLAIN_EXECUTE, &jump, NULL),
			  *loaded = explained(EXPLAIN_LOAD, &load, NULL);

	(void)state;
	assert_contains(jumped, "see whether a kernel is loaded");
	assert_contains(jumped, "outside of containers");
	assert_contains(loaded, "try -s");
	assert_lacks(loaded, "containers");
}

static void test_the_next_step_fits_what_the_machine_forbids(void **state)
{
	static const struct {
		struct machine_kernel kernel;
		int code;
		const char *words;
	} rows[] = {
	    {{.privilege_fact = FACT_KNOWN}, EPERM, "as root"},
	    {{.load_disabled_fact = FACT_KNOWN, .load_disabled = true}, EPERM, "only a reboot"},
	    {{.lockdown_fact = FACT_KNOWN, .lockdown = "integrity"}, EPERM, "locked down"},
	    {{.lockdown_fact = FACT_KNOWN, .lockdown = "none"}, EPERM, "dmesg"},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct error error =
		    error_of(ERROR_FORBIDDEN, rows[i].code, "kexec_load", "vmlinuz");
		cleanup_free char *text = explained(EXPLAIN_LOAD, &error, &rows[i].kernel);

		assert_contains(text, rows[i].words);
	}
}

static void test_both_failures_are_told_and_the_last_ones_next_step(void **state)
{
	struct error error = error_of(ERROR_IMAGE, ENOEXEC, "kexec_file_load", "vmlinuz");
	cleanup_free char *text = NULL;

	(void)state;
	error_add(&error, ERROR_BUSY, EBUSY, "kexec_load", "vmlinuz", "refused");
	text = explained(EXPLAIN_LOAD, &error, NULL);
	assert_contains(text, "kexec_file_load");
	assert_contains(text, "then: vmlinuz: refused: another load, unload or jump is under way");
	assert_contains(text, "try again");
	assert_int_equal(lines_of(text), 3);
}

static void test_an_initrd_in_the_kernels_place_gets_its_own_advice(void **state)
{
	struct error error = {};
	cleanup_free char *text = NULL;

	(void)state;
	error_add(&error, ERROR_IMAGE, 0, "recognise kernel", "x",
		  "it looks like a cpio archive (an initrd?)");
	text = explained(EXPLAIN_LOAD, &error, NULL);
	assert_contains(text, "--initrd=");
}

static void test_a_wrapped_kernel_that_cannot_be_unwrapped_gets_its_own_advice(void **state)
{
	static const struct {
		enum error_kind kind;
		const char *step, *detail, *words;
	} rows[] = {
	    {ERROR_IMAGE, "unwrap", "the xz data is truncated: x", "install the file again"},
	    {ERROR_IMAGE, "unwrap", "the xz data is corrupt before", "install the file again"},
	    {ERROR_IMAGE, "check what follows", "behind the kernel", "remove what was appended"},
	    {ERROR_UNSUPPORTED, "unwrap", "built without libzstd", "with another program"},
	    {ERROR_TOO_LONG, "unwrap", "more than 7 bytes", "free memory"},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_free char *text = NULL;
		struct error error = {};

		error_add(&error, rows[i].kind, 0, rows[i].step, "x", "%s", rows[i].detail);
		text = explained(EXPLAIN_LOAD, &error, NULL);
		assert_contains(text, rows[i].words);
	}
}

static void test_a_type_that_does_not_fit_gets_its_own_advice(void **state)
{
	struct error error = {};
	cleanup_free char *text = NULL;

	(void)state;
	error_add(&error, ERROR_IMAGE, 0, "check type", "/boot/vmlinuz",
		  "--type says elf-x86_64, and the file is a bzImage");
	text = explained(EXPLAIN_LOAD, &error, NULL);
	assert_contains(text, "--type says elf-x86_64");
	assert_contains(text, "next: leave --type out, or give bzImage");
	assert_lacks(text, "vmlinuz-VERSION");
}

/* strerror(0) is "Success", which no failure is. */
static void test_a_failure_of_our_own_checks_shows_no_errno(void **state)
{
	struct error error = error_of(ERROR_TOO_LONG, 0, "check command line", "vmlinuz");
	cleanup_free char *text = explained(EXPLAIN_LOAD, &error, NULL);

	(void)state;
	assert_contains(text, "vmlinuz: the facts of it\n");
	assert_lacks(text, strerror(0));
}

static void test_a_fall_back_is_one_line(void **state)
{
	struct error error = error_of(ERROR_UNSUPPORTED, ENOSYS, "kexec_load", "vmlinuz");
	cleanup_free char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	explain_fall_back(out, &error, "file", "the running kernel has no kexec_load");
	assert_int_equal(fclose(out), 0);
	assert_int_equal(lines_of(text), 1);
	assert_contains(text, "kexec_load failed");
	assert_contains(text, strerror(ENOSYS));
	assert_contains(text, "by file, because the running kernel has no kexec_load");
}

static void test_too_many_open_files_gets_its_own_advice(void **state)
{
	struct error error = error_of(ERROR_FILE, EMFILE, "limit open files", NULL);
	cleanup_free char *text = explained(EXPLAIN_LOAD, &error, NULL);

	(void)state;
	assert_contains(text, "ulimit");
	/* Which would change where each file starts, and which bootconfig counts. */
	assert_lacks(text, "cat");
}

static void test_a_limit_of_files_sizes_gets_its_own_advice(void **state)
{
	struct error error = error_of(ERROR_FILE, EFBIG, "unwrap", "/boot/vmlinuz.gz");
	cleanup_free char *text = explained(EXPLAIN_LOAD, &error, NULL);

	(void)state;
	assert_contains(text, "raise the limit of a file's size (ulimit -f)");
}

static void test_a_boot_partition_that_is_not_mounted_is_to_be_mounted(void **state)
{
	struct error error = error_of(ERROR_FILE, 0, ENTRY_STEP_MOUNT, "/dev/sda1");
	cleanup_free char *text = explained(EXPLAIN_LOAD, &error, NULL);

	(void)state;
	assert_contains(text, "mount it there");
}

static void test_too_many_mappings_get_their_own_advice(void **state)
{
	struct error error = {};
	cleanup_free char *text = NULL;

	(void)state;
	error_add(&error, ERROR_NO_ROOM, ENOMEM, "map", "initrd",
		  "the kernel allows no further mapping (vm.max_map_count)");
	text = explained(EXPLAIN_LOAD, &error, NULL);
	assert_contains(text, "next: raise that limit (sysctl vm.max_map_count)");
}

/* Whatever was done: a smaller initrd is no help for status. */
static void test_want_of_our_own_memory_is_not_put_down_to_an_initrd(void **state)
{
	struct error error = {};
	cleanup_free char *text = NULL;

	(void)state;
	error_memory(&error, "read status");
	text = explained(EXPLAIN_STATUS, &error, NULL);
	assert_contains(text, "next: free memory, and try again\n");
}

static void test_a_warning_of_a_plan_is_one_line_whatever_a_file_is_called(void **state)
{
	cleanup_free char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	explain_warning(out, "/boot/a\nb\033[2Jc is no cpio archive");
	assert_int_equal(fclose(out), 0);
	assert_string_equal(text, "kexec: warning: /boot/a?b?[2Jc is no cpio archive\n");
}

static void test_waiting_and_an_unconfirmed_record_are_one_line_each(void **state)
{
	char *texts[4] = {};
	size_t size;

	(void)state;
	for (size_t i = 0; i < ELEMENTS(texts); i++) {
		FILE *out = open_memstream(&texts[i], &size);

		assert_non_null(out);
		if (i < 2)
			explain_waiting(out, i ? 4711 : 0);
		else
			explain_unconfirmed(out, i == 2);
		assert_int_equal(fclose(out), 0);
		assert_int_equal(lines_of(texts[i]), 1);
	}
	assert_contains(texts[0], "another kexec loads or unloads");
	assert_contains(texts[1], "another kexec (process 4711) loads or unloads");
	assert_contains(texts[2], "which kernel is loaded is unconfirmed, because");
	assert_contains(texts[2], "kexec -u");
	assert_contains(texts[3], "no kernel is loaded");
	for (size_t i = 0; i < ELEMENTS(texts); i++)
		free(texts[i]);
}

/* A verb has options of its own, and its help lists no others. */
static void test_what_to_type_next_is_told_in_the_words_of_the_verb(void **state)
{
	static const struct {
		enum error_kind kind;
		const char *verb, *next;
	} rows[] = {
	    {ERROR_USAGE, NULL, "  next: see kexec --help\n"},
	    {ERROR_USAGE, "load", "  next: see kexec load --help\n"},
	    {ERROR_USAGE, "status", "  next: see kexec status --help\n"},
	    {ERROR_NOT_LOADED, NULL, "kexec -l KERNEL --initrd=INITRD --reuse-cmdline\n"},
	    {ERROR_NOT_LOADED, "reboot", "load one first: kexec load KERNEL --initrd=INITRD\n"},
	    {ERROR_INTERNAL, "load", "the output of kexec plan\n"},
	    {ERROR_UNSUPPORTED, "reboot", "  next: kexec reboot --cold "},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct error error = error_of(rows[i].kind, 0, "jump", NULL);
		cleanup_free char *text = NULL;
		size_t size;
		FILE *out = open_memstream(&text, &size);

		explain_error_of_verb(out, EXPLAIN_OPTIONS, rows[i].verb, &error, NULL);
		assert_int_equal(fclose(out), 0);
		assert_contains(text, rows[i].next);
	}
}

static void test_an_errno_without_a_name_is_told_by_its_number(void **state)
{
	struct error error = error_of(ERROR_REFUSED, 200, "kexec_load", "vmlinuz");
	cleanup_free char *text = explained(EXPLAIN_LOAD, &error, NULL);

	(void)state;
	assert_contains(text, "200");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_what_secrets_need_is_advised),
	    cmocka_unit_test(test_a_load_for_a_panic_says_loudly_whether_it_is_armed),
	    cmocka_unit_test(
		test_a_crash_kernel_that_could_not_be_taken_back_is_not_called_the_old_one),
	    cmocka_unit_test(test_what_arming_needs_is_advised),
	    cmocka_unit_test(test_exit_codes_are_those_of_kexec_tools),
	    cmocka_unit_test(test_the_first_failure_decides_the_exit_code),
	    cmocka_unit_test(test_every_kind_is_at_most_three_lines_with_its_subject),
	    cmocka_unit_test(test_control_characters_of_a_name_do_not_reach_the_terminal),
	    cmocka_unit_test(test_a_load_tells_what_is_loaded_now),
	    cmocka_unit_test(test_after_a_change_nobody_says_that_what_was_loaded_is_still_loaded),
	    cmocka_unit_test(test_a_warning_says_that_it_is_one_and_nothing_of_what_is_loaded),
	    cmocka_unit_test(test_a_jump_that_was_refused_gets_its_own_advice),
	    cmocka_unit_test(test_the_next_step_fits_what_the_machine_forbids),
	    cmocka_unit_test(test_both_failures_are_told_and_the_last_ones_next_step),
	    cmocka_unit_test(test_an_initrd_in_the_kernels_place_gets_its_own_advice),
	    cmocka_unit_test(test_a_wrapped_kernel_that_cannot_be_unwrapped_gets_its_own_advice),
	    cmocka_unit_test(test_a_type_that_does_not_fit_gets_its_own_advice),
	    cmocka_unit_test(test_a_failure_of_our_own_checks_shows_no_errno),
	    cmocka_unit_test(test_a_fall_back_is_one_line),
	    cmocka_unit_test(test_too_many_open_files_gets_its_own_advice),
	    cmocka_unit_test(test_a_limit_of_files_sizes_gets_its_own_advice),
	    cmocka_unit_test(test_a_boot_partition_that_is_not_mounted_is_to_be_mounted),
	    cmocka_unit_test(test_too_many_mappings_get_their_own_advice),
	    cmocka_unit_test(test_want_of_our_own_memory_is_not_put_down_to_an_initrd),
	    cmocka_unit_test(test_a_warning_of_a_plan_is_one_line_whatever_a_file_is_called),
	    cmocka_unit_test(test_waiting_and_an_unconfirmed_record_are_one_line_each),
	    cmocka_unit_test(test_what_to_type_next_is_told_in_the_words_of_the_verb),
	    cmocka_unit_test(test_an_errno_without_a_name_is_told_by_its_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
