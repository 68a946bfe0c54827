/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Choosing from a list, and which loader's list it is. What comes of whole machines is in
 * test-entries.c. */
#include "entry/choose.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/root.h"
#include "entry/mark.h"
#include "entry/systemd-boot.h"
#include "test-support/folder.h"
#include "test-support/test.h"

static struct entry *add(struct entry_list *list, enum entry_kind kind, const char *id,
			 const char *title, const char *release)
{
	struct entry *entry = entry_new(kind, id, id, 0);

	assert_non_null(entry);
	assert_int_equal(entry_set_text(&entry->title, title), 0);
	assert_int_equal(entry_set_text(&entry->kernel.path, "/k"), 0);
	if (release)
		assert_int_equal(entry_set_text(&entry->release, release), 0);
	assert_int_equal(entry_list_add(list, entry), 0);
	return entry;
}

static const struct entry *chosen_by_id(const struct entry_list *list, const char *id)
{
	struct entry_choice choice;
	struct error error = {};

	if (entry_choose(&choice, list, WISH_ID, id, &error) == 0)
		assert_string_equal(choice.reason, "it was asked for");
	return choice.entry;
}

static void test_an_id_is_found_with_or_without_its_end(void **state)
{
	cleanup_with(entry_list_fini) struct entry_list list = {};
	const struct entry *arch = add(&list, ENTRY_BLS, "Arch.conf", "Arch Linux", NULL);
	const struct entry *uki = add(&list, ENTRY_UKI, "arch-lts.efi", "LTS", NULL);

	(void)state;
	assert_ptr_equal(chosen_by_id(&list, "Arch.conf"), arch);
	assert_ptr_equal(chosen_by_id(&list, "arch"), arch);
	assert_ptr_equal(chosen_by_id(&list, "ARCH-LTS"), uki);
	assert_ptr_equal(chosen_by_id(&list, "LTS"), uki);
	assert_null(chosen_by_id(&list, "arc"));
	assert_null(chosen_by_id(&list, "arch.efi"));
	assert_null(chosen_by_id(&list, ""));
}

static void test_the_loader_that_is_run_comes_first(void **state)
{
	cleanup_with(entry_list_fini) struct entry_list list = {.loader = LOADER_EXTLINUX};
	const struct entry *other = add(&list, ENTRY_BLS, "a", "A", NULL);
	const struct entry *own = add(&list, ENTRY_EXTLINUX, "a", "A", NULL);

	(void)state;
	assert_ptr_equal(chosen_by_id(&list, "a"), own);
	list.loader = LOADER_SYSTEMD_BOOT;
	assert_ptr_equal(chosen_by_id(&list, "a"), other);
}

static void test_a_title_must_be_the_only_one(void **state)
{
	cleanup_with(entry_list_fini) struct entry_list list = {};
	struct entry_choice choice;
	struct error error = {};

	(void)state;
	add(&list, ENTRY_BLS, "a.conf", "Same", NULL);
	add(&list, ENTRY_BLS, "b.conf", "Same", NULL);
	assert_true(entry_choose(&choice, &list, WISH_ID, "Same", &error) < 0);
	assert_failed(&error, ERROR_USAGE, "2 entries have this title");
}

static void test_what_cannot_be_used_is_refused_by_name(void **state)
{
	cleanup_with(entry_list_fini) struct entry_list list = {};
	struct entry *entry = add(&list, ENTRY_BLS, "a.conf", "A", NULL);
	struct entry_choice choice;
	struct error error = {};

	(void)state;
	add(&list, ENTRY_BLS, "b.conf", "B", NULL);
	list.defaults[list.loader].entry = entry;
	assert_int_equal(entry_add_problem(entry, ENTRY_FILE_MISSING, "/efi/k", "it is not there"),
			 0);
	assert_true(entry_choose(&choice, &list, WISH_DEFAULT, NULL, &error) < 0);
	assert_failed(&error, ERROR_FILE, "/efi/k: it is not there");
	assert_string_equal(error.failures[0].subject, "a.conf");
}

static void test_the_newest_is_by_version_and_not_bad(void **state)
{
	cleanup_with(entry_list_fini) struct entry_list list = {};
	struct entry_machine machine = {.release = "", .command_line = ""};
	struct entry *bad = add(&list, ENTRY_BLS, "a", "A", "6.12.20");
	struct entry *newest, *rescue;

	(void)state;
	bad->counted = true;
	add(&list, ENTRY_BLS, "b", "B", "6.12.9");
	newest = add(&list, ENTRY_BLS, "c", "C", "6.12.10");
	rescue = add(&list, ENTRY_BLS, "d", "D", "6.12.10");
	assert_int_equal(entry_mark(&list, &machine, NULL), 0);
	assert_true(newest->is_newest);
	assert_false(rescue->is_newest);
	newest->is_newest = false;
	list.defaults[list.loader].entry = rescue;
	assert_int_equal(entry_mark(&list, &machine, NULL), 0);
	assert_true(rescue->is_newest);
	assert_true(rescue->is_default);
}

static void test_the_running_one_has_release_and_options(void **state)
{
	static const struct entry_machine machine = {
	    .release = "6.12.9",
	    .command_line = "BOOT_IMAGE=/vmlinuz root=/dev/sda1  quiet initrd=\\i",
	};
	cleanup_with(entry_list_fini) struct entry_list list = {};
	struct entry *other_release = add(&list, ENTRY_BLS, "a", "A", "6.12.90");
	struct entry *other_options = add(&list, ENTRY_BLS, "b", "B", "6.12.9");
	struct entry *by_path = add(&list, ENTRY_BLS, "c", "C", NULL);
	struct entry *by_release = add(&list, ENTRY_BLS, "d", "D", "6.12.9");

	(void)state;
	assert_int_equal(entry_set_text(&other_release->options, "root=/dev/sda1 quiet"), 0);
	assert_int_equal(entry_set_text(&other_options->options, "root=/dev/sda1"), 0);
	assert_int_equal(entry_set_text(&by_path->options, "root=/dev/sda1 quiet"), 0);
	assert_int_equal(entry_set_text(&by_path->kernel.path, "/boot/vmlinuz-6.12.9"), 0);
	assert_int_equal(entry_set_text(&by_release->options, "root=/dev/sda1 quiet"), 0);
	assert_int_equal(entry_mark(&list, &machine, NULL), 0);
	assert_true(by_path->is_running);
	by_path->is_running = false;
	assert_int_equal(entry_mark(&list, &machine, "D"), 0);
	assert_true(by_release->is_running);
	assert_false(by_path->is_running || other_release->is_running || other_options->is_running);
}

/* Which loader is believed to be run. */
static enum entry_loader loader_of(const char *info, bool efi, unsigned int found)
{
	cleanup_with(entry_list_fini) struct entry_list list = {};
	struct entry_machine machine = {.efi = efi};

	for (unsigned int i = 0; i < LOADER_COUNT; i++)
		list.defaults[i].found = found >> i & 1;
	assert_int_equal(entry_find_loader(&list, &machine, info), 0);
	assert_non_null(list.loader_reason);
	return list.loader;
}

static void test_the_loader_is_the_one_that_says_so_or_is_found(void **state)
{
	enum {
		ALL = ((1 << LOADER_COUNT) - 1) & ~(1 << LOADER_FIRMWARE),
		NOT_GRUB = ALL & ~(1 << LOADER_GRUB),
	};

	(void)state;
	assert_int_equal(loader_of("systemd-boot 257", true, ALL), LOADER_SYSTEMD_BOOT);
	assert_int_equal(loader_of("systemd-boot 257", true, 0), LOADER_SYSTEMD_BOOT);
	assert_int_equal(loader_of("systemd-boot 257", true, ALL | 1 << LOADER_FIRMWARE),
			 LOADER_FIRMWARE);
	assert_int_equal(loader_of("GRUB 2.12", true, NOT_GRUB), LOADER_GRUB);
	assert_int_equal(loader_of("rEFInd 0.14", true, ALL), LOADER_GRUB);
	assert_int_equal(loader_of(NULL, true, ALL), LOADER_GRUB);
	assert_int_equal(loader_of(NULL, true, NOT_GRUB), LOADER_SYSTEMD_BOOT);
	assert_int_equal(loader_of(NULL, false, NOT_GRUB), LOADER_EXTLINUX);
	assert_int_equal(loader_of(NULL, false, 1 << LOADER_SYSTEMD_BOOT), LOADER_SYSTEMD_BOOT);
	assert_int_equal(loader_of(NULL, true, 1 << LOADER_NONE), LOADER_NONE);
	assert_int_equal(loader_of(NULL, true, 0), LOADER_NONE);
}

static void test_doubles_stay_with_the_loader_that_is_run(void **state)
{
	cleanup_with(entry_list_fini) struct entry_list list = {.loader = LOADER_GRUB};
	struct entry *bls = add(&list, ENTRY_BLS, "/boot/loader/entries/a.conf", "A", NULL);

	(void)state;
	list.defaults[LOADER_SYSTEMD_BOOT].entry = bls;
	add(&list, ENTRY_GRUB, "/boot/loader/entries/a.conf", "A", NULL);
	add(&list, ENTRY_GRUB, "/boot/grub/grub.cfg", "B", NULL);
	add(&list, ENTRY_GRUB, "/boot/grub/grub.cfg", "C", NULL);
	add(&list, ENTRY_INSTALLED, "/k", "same kernel", NULL);
	entry_drop_doubles(&list);
	assert_int_equal(list.count, 3);
	for (size_t i = 0; i < list.count; i++)
		assert_int_equal(list.entries[i]->kind, ENTRY_GRUB);
	assert_null(list.defaults[LOADER_SYSTEMD_BOOT].entry);
}

/* The order of UAPI.1, "Sorting", as systemd-boot has it. */
static void test_the_menu_is_sorted_as_the_loader_sorts_it(void **state)
{
	static const struct {
		const char *id, *sort_key, *machine_id, *version;
		int left; /* -1: not counted */
		bool hidden;
	} menu[] = {
	    {"1.conf", "a", NULL, "2", -1, false},
	    {"0.conf", "a", NULL, "1.10", -1, false},
	    {"2.conf", "a", NULL, "1.9", 1, false},
	    {"z.conf", "a", "m", "9", -1, false},
	    {"3.conf", "b", "m", NULL, -1, false},
	    {"os-6.10.conf", NULL, NULL, "1", -1, false},
	    {"os-6.9.conf", NULL, NULL, "2", -1, false},
	    {"OS-6.8.conf", NULL, NULL, NULL, 2, false},
	    {"4.conf", "a", NULL, "3", 0, false},
	    {"os-7.conf", NULL, NULL, NULL, 0, false},
	    {"5.conf", "a", NULL, "9", -1, true},
	};
	cleanup_with(entry_list_fini) struct entry_list list = {};

	(void)state;
	for (size_t i = ELEMENTS(menu); i-- > 0;) {
		size_t from = (i * 7 + 3) % ELEMENTS(menu); /* in another order */
		struct entry *entry = add(&list, ENTRY_BLS, menu[from].id, "t", NULL);

		if (menu[from].sort_key)
			entry_set_text(&entry->sort_key, menu[from].sort_key);
		if (menu[from].machine_id)
			entry_set_text(&entry->machine_id, menu[from].machine_id);
		if (menu[from].version)
			entry_set_text(&entry->version, menu[from].version);
		entry->counted = menu[from].left >= 0;
		entry->tries_left = menu[from].left >= 0 ? (unsigned int)menu[from].left : 0;
		entry->hidden = menu[from].hidden;
	}
	systemd_boot_sort(&list, 0);
	for (size_t i = 0; i < ELEMENTS(menu); i++)
		assert_string_equal(list.entries[i]->id, menu[i].id);
}

static void test_the_last_line_of_loader_conf_counts(void **state)
{
	__attribute__((cleanup(systemd_boot_wishes_fini))) struct systemd_boot_wishes wishes = {};
	char text[] = "default a\ntimeout 3\ndefault b*\npreferred \"c d\"\ndefault @unknown\n";

	(void)state;
	assert_int_equal(systemd_boot_read_config(&wishes, text), 0);
	assert_string_equal(wishes.default_config, "b*");
	assert_int_equal(wishes.default_line, 3);
	assert_string_equal(wishes.preferred_config, "c d");
	assert_int_equal(wishes.preferred_line, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_an_id_is_found_with_or_without_its_end),
	    cmocka_unit_test(test_the_loader_that_is_run_comes_first),
	    cmocka_unit_test(test_a_title_must_be_the_only_one),
	    cmocka_unit_test(test_what_cannot_be_used_is_refused_by_name),
	    cmocka_unit_test(test_the_newest_is_by_version_and_not_bad),
	    cmocka_unit_test(test_the_running_one_has_release_and_options),
	    cmocka_unit_test(test_the_loader_is_the_one_that_says_so_or_is_found),
	    cmocka_unit_test(test_doubles_stay_with_the_loader_that_is_run),
	    cmocka_unit_test(test_the_menu_is_sorted_as_the_loader_sorts_it),
	    cmocka_unit_test(test_the_last_line_of_loader_conf_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
