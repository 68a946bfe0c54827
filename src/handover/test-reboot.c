/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "handover/reboot.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test-support/kernel-file.h"
#include "test-support/scene.h"

#define VARIABLES  "sys/firmware/efi/efivars/"
#define GUID       "-8be4df61-93ca-11d2-aa0d-00e098032b8c"
#define ATTRIBUTES "\7\0\0\0"

#define REBOOT_TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup_loaded, scene_teardown)

static void boot_with_systemd(struct scene *scene)
{
	folder_text(&scene->tree.folder, "run/systemd/system/x", "");
	scene_add_program(scene, "usr/bin/systemctl");
}

static struct reboot_decision decide(const struct scene *scene, struct reboot_wish wish)
{
	struct reboot_decision decision;
	struct error error = {};

	reboot_decide(&decision, &wish, &scene->tree.root, &error);
	assert_no_failure(&error);
	return decision;
}

static void assert_no_warning(const struct scene *scene, struct reboot_wish wish)
{
	const struct reboot_decision decision = decide(scene, wish);

	assert_no_failure(&decision.warnings);
}

#define assert_refused(scene, wish, kind, part)                                                    \
	do {                                                                                       \
		struct reboot_decision refused;                                                    \
		struct error why = {};                                                             \
                                                                                                   \
		assert_true(reboot_decide(&refused, &(struct reboot_wish)wish,                     \
					  &(scene)->tree.root, &why) < 0);                         \
		assert_failed(&why, kind, part);                                                   \
	} while (0)

static void assert_command(const struct reboot_decision *decision, const char *expected)
{
	char text[160];

	assert_non_null(decision->program);
	snprintf(text, sizeof(text), "%s:", decision->program);
	for (size_t i = 0; decision->arguments[i]; i++) {
		strcat(text, " ");
		strcat(text, decision->arguments[i]);
	}
	assert_string_equal(text, expected);
}

static void test_shutdown_shuts_down(void **state)
{
	struct scene *scene = *state;
	const struct reboot_decision decision = decide(scene, (struct reboot_wish){});

	assert_string_equal(reboot_way_name(decision.way), "shutdown");
	assert_command(&decision, "/sbin/shutdown: shutdown -r now");
	assert_null(decision.environment[0]);
	assert_false(decision.unload);
	assert_string_equal(decision.loaded_release, KERNEL_FILE_VERSION);
	assert_no_failure(&decision.warnings);
}

static void test_a_shutdown_that_may_not_jump_is_a_warning(void **state)
{
	struct scene *scene = *state;
	struct reboot_decision decision;

	machine_tree_delete(&scene->tree, "etc/init.d/kexec");
	decision = decide(scene, (struct reboot_wish){});
	assert_int_equal(decision.warnings.count, 1);
	assert_failed(&decision.warnings, ERROR_RISKY, "ends in the jump");
	assert_no_warning(scene, (struct reboot_wish){.cold = true});
	assert_no_warning(scene, (struct reboot_wish){.now = true});
	boot_with_systemd(scene);
	assert_no_warning(scene, (struct reboot_wish){});
}

static void test_systemd_shuts_down_where_it_runs(void **state)
{
	struct scene *scene = *state;
	struct reboot_decision decision;

	scene_add_program(scene, "bin/systemctl");
	decision = decide(scene, (struct reboot_wish){});
	assert_string_equal(reboot_way_name(decision.way), "shutdown");
	folder_text(&scene->tree.folder, "run/systemd/system/x", "");
	decision = decide(scene, (struct reboot_wish){});
	assert_string_equal(reboot_way_name(decision.way), "systemctl kexec");
	assert_command(&decision, "/bin/systemctl: systemctl --no-block --no-ask-password kexec");
	assert_null(decision.environment[0]);
	assert_false(decision.unload);
}

static void test_cold_unloads_and_never_turns_into_kexec(void **state)
{
	struct scene *scene = *state;
	struct reboot_decision decision = decide(scene, (struct reboot_wish){.cold = true});

	assert_string_equal(reboot_way_name(decision.way), "firmware");
	assert_command(&decision, "/sbin/shutdown: shutdown -r now");
	assert_true(decision.unload);
	boot_with_systemd(scene);
	decision = decide(scene, (struct reboot_wish){.cold = true});
	assert_string_equal(reboot_way_name(decision.way), "firmware");
	assert_command(&decision,
		       "/usr/bin/systemctl: systemctl --no-block --no-ask-password reboot");
	assert_string_equal(decision.environment[0], "SYSTEMCTL_SKIP_AUTO_KEXEC=1");
	assert_string_equal(decision.environment[1], "SYSTEMCTL_SKIP_AUTO_SOFT_REBOOT=1");
	assert_null(decision.environment[2]);
	assert_true(decision.unload);
}

static void test_cold_needs_nothing_that_is_loaded(void **state)
{
	struct scene *scene = *state;

	machine_tree_write(&scene->tree, "sys/kernel/kexec_loaded", "0\n");
	assert_false(decide(scene, (struct reboot_wish){.cold = true}).unload);
	/* A kernel without kexec. */
	machine_tree_delete(&scene->tree, "sys/kernel/kexec_loaded");
	assert_false(decide(scene, (struct reboot_wish){.cold = true}).unload);
	/* Not known: it must not stay loaded. */
	machine_tree_write(&scene->tree, "sys/kernel/kexec_loaded", "perhaps\n");
	assert_true(decide(scene, (struct reboot_wish){.cold = true}).unload);
}

static void test_now_starts_no_program(void **state)
{
	struct scene *scene = *state;
	struct reboot_decision decision;

	boot_with_systemd(scene);
	decision = decide(scene, (struct reboot_wish){.now = true});
	assert_string_equal(reboot_way_name(decision.way), "now");
	assert_null(decision.program);
	assert_false(decision.unload);
	machine_tree_write(&scene->tree, "proc/self/status", "x\nCapEff:\t0000000000000000\n");
	assert_refused(scene, {.now = true}, ERROR_FORBIDDEN, "CAP_SYS_BOOT");
	/* logind may let others shut down, too. */
	decide(scene, (struct reboot_wish){});
}

static void test_nothing_goes_down_when_nothing_is_loaded(void **state)
{
	struct scene *scene = *state;

	machine_tree_write(&scene->tree, "sys/kernel/kexec_loaded", "0\n");
	assert_refused(scene, {}, ERROR_NOT_LOADED, "no kernel is loaded");
	assert_refused(scene, {.now = true}, ERROR_NOT_LOADED, "no kernel is loaded");
	assert_refused(scene, {.skip_firmware = true}, ERROR_NOT_LOADED, "no kernel is loaded");
	machine_tree_delete(&scene->tree, "sys/kernel/kexec_loaded");
	assert_refused(scene, {}, ERROR_UNSUPPORTED, "has no kexec");
}

/* -e may try, since the kernel then says so; a shutdown cannot be taken back. */
static void test_not_to_know_what_is_loaded_is_enough_for_now_alone(void **state)
{
	struct scene *scene = *state;

	machine_tree_write(&scene->tree, "sys/kernel/kexec_loaded", "perhaps\n");
	assert_refused(scene, {}, ERROR_FILE, "cannot be read");
	decide(scene, (struct reboot_wish){.now = true});
}

static void test_a_program_that_is_not_there_is_found_before_anything_is_done(void **state)
{
	struct scene *scene = *state;
	const char *shutdown = folder_path(&scene->tree.folder, "sbin/shutdown");

	assert_int_equal(chmod(shutdown, 0644), 0);
	assert_refused(scene, {}, ERROR_FILE, "/sbin");
	assert_int_equal(unlink(shutdown), 0);
	assert_refused(scene, {}, ERROR_FILE, "shutdown");
	assert_refused(scene, {.cold = true}, ERROR_FILE, "shutdown");
	decide(scene, (struct reboot_wish){.now = true});
	scene_add_program(scene, "bin/shutdown");
	assert_string_equal(decide(scene, (struct reboot_wish){}).program, "/bin/shutdown");
	/* systemd does not understand an older shutdown(8). */
	folder_text(&scene->tree.folder, "run/systemd/system/x", "");
	assert_refused(scene, {}, ERROR_FILE, "systemctl");
	/* A folder of that name is no program. */
	folder_text(&scene->tree.folder, "usr/bin/systemctl/x", "");
	assert_refused(scene, {}, ERROR_FILE, "systemctl");
}

static void add_variable(struct scene *scene, const char *name, const char *bytes, size_t size)
{
	char path[160];

	snprintf(path, sizeof(path), VARIABLES "%s" GUID, name);
	folder_write(&scene->tree.folder, path, bytes, size);
}

static void test_work_for_the_firmware_needs_a_word(void **state)
{
	static const struct {
		const char *name, *bytes;
		size_t size;
		const char *said;
	} rows[] = {
	    {"BootNext", ATTRIBUTES "\3\0", 6, "(Boot0003)"},
	    {"OsIndications", ATTRIBUTES "\5\0\0\0\0\0\0\0", 12,
	     "(Boot0003), a visit to its setup screen, updates or a recovery"},
	    {"BootNext", ATTRIBUTES, 4, "a visit to its setup screen, updates or a recovery"},
	    {"OsIndications", ATTRIBUTES "\4\0\0\0\0\0\0\0", 12, "updates or a recovery"},
	};
	struct scene *scene = *state;

	add_variable(scene, "BootOrder", ATTRIBUTES "\1\0", 6);
	assert_no_warning(scene, (struct reboot_wish){});
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct reboot_decision decision;

		add_variable(scene, rows[i].name, rows[i].bytes, rows[i].size);
		assert_refused(scene, {}, ERROR_RISKY, rows[i].said);
		assert_refused(scene, {.now = true}, ERROR_RISKY, rows[i].said);
		decision = decide(scene, (struct reboot_wish){.skip_firmware = true});
		assert_failed(&decision.warnings, ERROR_RISKY, rows[i].said);
		decision = decide(scene, (struct reboot_wish){.cold = true});
		assert_no_failure(&decision.warnings);
	}
}

static void test_firmware_that_cannot_be_asked_is_a_warning(void **state)
{
	struct scene *scene = *state;
	struct reboot_decision decision;

	machine_tree_add_efi(&scene->tree, 1);
	decision = decide(scene, (struct reboot_wish){});
	assert_failed(&decision.warnings, ERROR_RISKY, "is efivarfs mounted");
	assert_no_warning(scene, (struct reboot_wish){.skip_firmware = true});
	assert_no_warning(scene, (struct reboot_wish){.cold = true});
}

static void test_files_that_changed_since_are_a_warning(void **state)
{
	struct scene *scene = *state;
	struct reboot_decision decision;

	folder_text(&scene->tree.folder, "initrd.img", "another initrd");
	decision = decide(scene, (struct reboot_wish){});
	assert_int_equal(decision.warnings.count, 1);
	assert_failed(&decision.warnings, ERROR_CHANGED, "initrd.img");
	assert_failed(&decision.warnings, ERROR_CHANGED, "it has changed since it was loaded");
	assert_lacks(decision.warnings.failures[0].detail, "other files");

	folder_delete(&scene->tree.folder, "vmlinuz");
	decision = decide(scene, (struct reboot_wish){.now = true});
	assert_int_equal(decision.warnings.count, 1);
	assert_failed(&decision.warnings, ERROR_FILE, "vmlinuz");
	assert_failed(&decision.warnings, ERROR_FILE,
		      "it is gone since it was loaded, and other files are not");
	assert_no_warning(scene, (struct reboot_wish){.cold = true});
}

static void test_a_newer_kernel_is_named(void **state)
{
	struct scene *scene = *state;
	struct reboot_decision decision;

	folder_text(&scene->tree.folder, "boot/vmlinuz-" KERNEL_FILE_VERSION, "the one there");
	folder_text(&scene->tree.folder, "boot/vmlinuz-6.1.0", "older");
	decision = decide(scene, (struct reboot_wish){});
	assert_no_failure(&decision.warnings);
	assert_string_equal(decision.newer.release, "");

	folder_text(&scene->tree.folder, "usr/lib/modules/6.12.1-test/vmlinuz", "newer");
	decision = decide(scene, (struct reboot_wish){});
	assert_int_equal(decision.warnings.count, 1);
	assert_failed(&decision.warnings, ERROR_CHANGED, "/usr/lib/modules/6.12.1-test/vmlinuz");
	assert_failed(&decision.warnings, ERROR_CHANGED, KERNEL_FILE_VERSION);
	assert_string_equal(decision.newer.release, "6.12.1-test");
	assert_no_warning(scene, (struct reboot_wish){.cold = true});
}

static void test_a_container_is_never_shut_down_in_place_of_the_machine(void **state)
{
	struct scene *scene = *state;
	struct folder *folder = &scene->tree.folder;
	const char *link = folder_path(folder, "proc/self/ns/pid");

	folder_text(folder, "proc/self/ns/x", "");
	assert_int_equal(symlink("pid:[4026532201]", link), 0);
	assert_refused(scene, {}, ERROR_FORBIDDEN, "container");
	assert_refused(scene, {.cold = true}, ERROR_FORBIDDEN, "container");
	assert_refused(scene, {.now = true}, ERROR_FORBIDDEN, "container");
	assert_int_equal(unlink(link), 0);
	assert_int_equal(symlink("pid:[4026531836]", link), 0);
	assert_no_warning(scene, (struct reboot_wish){});
}

static void test_what_another_tool_loaded_is_not_known(void **state)
{
	struct scene *scene = *state;
	struct reboot_decision decision;

	folder_text(&scene->tree.folder, "boot/vmlinuz-9.0", "newer than what is not known");
	folder_delete(&scene->tree.folder, "run/kexec/loaded.json");
	decision = decide(scene, (struct reboot_wish){});
	assert_int_equal(decision.warnings.count, 1);
	assert_failed(&decision.warnings, ERROR_FILE, "is not known (its record: missing)");
	assert_string_equal(decision.loaded_release, "");
	folder_text(&scene->tree.folder, "run/kexec/loaded.json", "{\"kernel\":7");
	decision = decide(scene, (struct reboot_wish){});
	assert_failed(&decision.warnings, ERROR_FILE, "is not known (its record: unreadable)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    REBOOT_TEST(test_shutdown_shuts_down),
	    REBOOT_TEST(test_a_shutdown_that_may_not_jump_is_a_warning),
	    REBOOT_TEST(test_systemd_shuts_down_where_it_runs),
	    REBOOT_TEST(test_cold_unloads_and_never_turns_into_kexec),
	    REBOOT_TEST(test_cold_needs_nothing_that_is_loaded),
	    REBOOT_TEST(test_now_starts_no_program),
	    REBOOT_TEST(test_nothing_goes_down_when_nothing_is_loaded),
	    REBOOT_TEST(test_not_to_know_what_is_loaded_is_enough_for_now_alone),
	    REBOOT_TEST(test_a_program_that_is_not_there_is_found_before_anything_is_done),
	    REBOOT_TEST(test_work_for_the_firmware_needs_a_word),
	    REBOOT_TEST(test_firmware_that_cannot_be_asked_is_a_warning),
	    REBOOT_TEST(test_files_that_changed_since_are_a_warning),
	    REBOOT_TEST(test_a_newer_kernel_is_named),
	    REBOOT_TEST(test_a_container_is_never_shut_down_in_place_of_the_machine),
	    REBOOT_TEST(test_what_another_tool_loaded_is_not_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
