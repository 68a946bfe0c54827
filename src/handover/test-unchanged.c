/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* --if-changed: when it does nothing, and that it loads in every other case. */
#include "handover/unchanged.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "record/record.h"
#include "test-support/fake-calls.h"
#include "test-support/gzip.h"
#include "test-support/scene.h"

/* Loads; whether the kernel was called. */
static bool load(struct scene *scene)
{
	cleanup_result struct handover_result result = {};
	struct error error = {};
	unsigned int before = fake_calls.load_count + fake_calls.file_count;
	bool called;

	assert_int_equal(scene_load(scene, &result, &error), 0);
	assert_no_failure(&error);
	called = fake_calls.load_count + fake_calls.file_count > before;
	assert_int_equal(called, result.plan != NULL);
	return called;
}

static void load_first(struct scene *scene)
{
	machine_tree_write(&scene->tree, "proc/sys/kernel/random/boot_id", "this boot\n");
	machine_tree_write(&scene->tree, "sys/kernel/kexec_loaded", "1\n");
	scene->request.if_changed = true;
	assert_true(load(scene));
}

static void test_what_is_loaded_is_not_loaded_again(void **state)
{
	cleanup_free char *before = NULL, *after = NULL;
	struct scene *scene = *state;

	load_first(scene);
	before = folder_read(&scene->tree.folder, "run/kexec/loaded.json");
	assert_false(load(scene));
	after = folder_read(&scene->tree.folder, "run/kexec/loaded.json");
	assert_string_equal(before, after);
	scene->request.if_changed = false;
	assert_true(load(scene));
}

/* Their digests are taken while they are unpacked. New files with the same bytes are told by them.
 */
static void test_what_was_unpacked_is_known_again_by_its_digest(void **state)
{
	struct scene *scene = *state;
	uint8_t packed[256];
	size_t size = gzip_wrap(packed, (const uint8_t *)"070701 no archive", 17);

	if (!gzip_is_built())
		return;
	scene->request.plain = false;
	scene->initrds[0] = folder_write(&scene->tree.folder, "initrd.gz", packed, size);
	load_first(scene);
	for (size_t i = 0; i < 2; i++) {
		const char *path = i == 0 ? scene->request.kernel : scene->initrds[0];
		struct timespec times[2] = {{.tv_sec = 1}, {.tv_sec = 1}};

		assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
	}
	assert_false(load(scene));
	packed[size / 2] ^= 1;
	folder_write(&scene->tree.folder, "initrd.gz", packed, size);
	assert_true(load(scene));
}

static void kernel_says_none(struct scene *scene)
{
	machine_tree_write(&scene->tree, "sys/kernel/kexec_loaded", "0\n");
}

static void kernel_says_nothing(struct scene *scene)
{
	machine_tree_delete(&scene->tree, "sys/kernel/kexec_loaded");
}

static void no_record(struct scene *scene)
{
	machine_tree_delete(&scene->tree, "run/kexec/loaded.json");
}

static void unconfirmed(struct scene *scene)
{
	machine_tree_write(&scene->tree, "run/kexec/loading.json", "{}");
}

static void broken_record(struct scene *scene)
{
	machine_tree_write(&scene->tree, "run/kexec/loaded.json", "{}");
}

static void other_boot(struct scene *scene)
{
	machine_tree_write(&scene->tree, "proc/sys/kernel/random/boot_id", "another boot\n");
}

static void other_initrd_content(struct scene *scene)
{
	machine_tree_write(&scene->tree, "initrd.img", "070701 other bytes!");
}

static void no_initrd(struct scene *scene)
{
	scene->request.initrd_count = 0;
}

static void other_order(struct scene *scene)
{
	const char *first = scene->initrds[0];

	scene->initrds[0] = scene->initrds[1];
	scene->initrds[1] = first;
}

static void other_base(struct scene *scene)
{
	scene->request.command_line = "root=/dev/vda2";
}

static void other_words(struct scene *scene)
{
	scene->request.append = "quiet";
}

static void other_running_words(struct scene *scene)
{
	machine_tree_write(&scene->tree, "proc/cmdline", "root=/dev/vda3\n");
	scene->request.command_line = NULL;
	scene->request.reuse_command_line = true;
}

static void other_method(struct scene *scene)
{
	scene->request.method = METHOD_SEGMENTS_ONLY;
}

static void unchecked(struct scene *scene)
{
	scene->request.skip_check = true;
}

static void test_whatever_has_changed_is_loaded(void **state)
{
	static const struct {
		const char *row;
		void (*change)(struct scene *scene);
	} rows[] = {
	    {"the kernel says: none", kernel_says_none},
	    {"the kernel says nothing", kernel_says_nothing},
	    {"no record", no_record},
	    {"unconfirmed", unconfirmed},
	    {"broken record", broken_record},
	    {"other boot", other_boot},
	    {"other initrd", other_initrd_content},
	    {"no initrd", no_initrd},
	    {"other order", other_order},
	    {"other base", other_base},
	    {"other words", other_words},
	    {"other words of the running kernel", other_running_words},
	    {"other method", other_method},
	    {"unchecked", unchecked},
	};

	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct scene *scene;

		assert_int_equal(scene_setup((void **)&scene), 0);
		scene->initrds[1] = folder_text(&scene->tree.folder, "second.img", "070701 more");
		scene->request.initrd_count = 2;
		load_first(scene);
		assert_row(rows[i].row, !load(scene));
		rows[i].change(scene);
		assert_row(rows[i].row, load(scene));
		scene_teardown((void **)&scene);
	}
	(void)state;
}

/* A new time is no new content, and what was asked for in other words may be the same. */
static void test_the_same_in_other_words_is_not_loaded(void **state)
{
	struct scene *scene = *state;
	cleanup_free char *content = NULL;

	load_first(scene);
	content = folder_read(&scene->tree.folder, "initrd.img");
	machine_tree_delete(&scene->tree, "initrd.img");
	machine_tree_write(&scene->tree, "initrd.img", content);
	scene->request.command_line = NULL;
	scene->request.append = "root=/dev/vda1";
	assert_false(load(scene));
}

/* Neither where the next one has it, too, nor where it has it no longer. */
static void test_a_secret_is_never_known_to_be_unchanged(void **state)
{
	struct scene *scene = *state;
	const struct request_file file = {folder_text(&scene->tree.folder, "key", "x"), "/key",
					  0600};

	scene->request.files = &file;
	scene->request.file_count = 1;
	load_first(scene);
	assert_true(load(scene));
	scene->request.file_count = 0;
	assert_true(load(scene));
	assert_false(load(scene));
	scene->request.file_count = 1;
	assert_true(load(scene));
}

/* As on a machine that loads once after its start, and allows no further load then. */
static void test_what_is_loaded_already_needs_no_permission(void **state)
{
	struct scene *scene = *state;
	cleanup_result struct handover_result result = {};
	struct error error = {};

	load_first(scene);
	machine_tree_write(&scene->tree, "proc/sys/kernel/kexec_load_disabled", "1\n");
	assert_false(load(scene));
	scene->request.append = "more";
	assert_true(scene_load(scene, &result, &error) < 0);
	assert_failed(&error, ERROR_FORBIDDEN, "kexec_load_disabled");
	assert_int_equal(fake_calls.load_count + fake_calls.file_count, 1);
}

static void test_a_load_that_fails_fails_as_without_it(void **state)
{
	struct scene *scene = *state;
	cleanup_result struct handover_result result = {};
	struct error error = {};

	load_first(scene);
	machine_tree_delete(&scene->tree, "initrd.img");
	assert_true(scene_load(scene, &result, &error) < 0);
	assert_failed(&error, ERROR_FILE, "initrd.img");
	assert_int_equal(record_state(&scene->tree.root), RECORD_CONFIRMED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    SCENE_TEST(test_what_is_loaded_is_not_loaded_again),
	    SCENE_TEST(test_what_was_unpacked_is_known_again_by_its_digest),
	    cmocka_unit_test(test_whatever_has_changed_is_loaded),
	    SCENE_TEST(test_the_same_in_other_words_is_not_loaded),
	    SCENE_TEST(test_a_secret_is_never_known_to_be_unchanged),
	    SCENE_TEST(test_what_is_loaded_already_needs_no_permission),
	    SCENE_TEST(test_a_load_that_fails_fails_as_without_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
