/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Boot configurations of real and made-up machines: for each folder in $KEXEC_ENTRIES the entries
 * that are read from its tree/, and what is chosen from them, are what its expected.json says.
 * ORIGIN says where the tree is from. With KEXEC_GOLDEN=write the files are written instead; each
 * difference must be looked at (git diff), because it is what the loader itself would do that
 * counts.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/root.h"
#include "entry/choose.h"
#include "entry/entry-json.h"
#include "test-support/test.h"

enum { DIFFERENCES_SHOWN = 5 };

static struct json_object *choice_to_json(const struct entry_list *list, enum entry_wish wish,
					  const char *id)
{
	struct json_object *object = json_object_new_object();
	struct entry_choice choice;
	struct error error = {};
	int r = entry_choose(&choice, list, wish, id, &error);

	assert_true(r == 0 || error.count == 1);
	if (choice.entry)
		assert_true(json_put_text(object, "id", choice.entry->id));
	if (*choice.reason)
		assert_true(json_put_text(object, "reason", choice.reason));
	if (r == 0)
		return object;
	assert_true(json_put_text(object, "error", error_kind_name(error.failures[0].kind)));
	assert_true(json_put_text(object, "subject", error.failures[0].subject));
	assert_true(json_put_text(object, "detail", error.failures[0].detail));
	return object;
}

static char *text_of(struct json_object *json)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	json_print(out, json);
	assert_int_equal(fclose(out), 0);
	return text;
}

/* Whatever the files say: each entry is in order, or says why it is not. */
static void check_entry(const struct entry *entry)
{
	assert_non_null(entry->id);
	assert_non_null(entry->title);
	assert_non_null(entry->source);
	assert_non_null(entry->options);
	if (entry->problem == ENTRY_USABLE) {
		assert_non_null(entry->kernel.path);
		assert_false(entry->hidden);
		return;
	}
	assert_non_null(entry->problem_subject);
	assert_true(*entry->problem_detail);
	assert_false(entry->is_newest);
}

static char *describe(const char *tree)
{
	cleanup_with(entry_list_fini) struct entry_list list = {};
	cleanup_with(root_close) struct root root = {-1};
	cleanup_json struct json_object *json = NULL;
	struct json_object *choices = json_object_new_object();
	struct error error = {};

	assert_int_equal(root_open(&root, tree, &error), 0);
	assert_int_equal(entry_list_read(&list, &root, &error), 0);
	for (size_t i = 0; i < list.count; i++)
		check_entry(list.entries[i]);
	json = entry_list_to_json(&list);
	assert_non_null(json);
	assert_true(json_put(json, "choices", choices));
	assert_true(json_put(choices, "default", choice_to_json(&list, WISH_DEFAULT, NULL)));
	assert_true(json_put(choices, "newest", choice_to_json(&list, WISH_NEWEST, NULL)));
	assert_true(json_put(choices, "running", choice_to_json(&list, WISH_RUNNING, NULL)));
	return text_of(json);
}

static char *read_text(const char *path)
{
	FILE *file = fopen(path, "r");
	char *text = NULL;
	size_t capacity = 0;

	if (!file)
		return strdup("");
	if (getdelim(&text, &capacity, '\0', file) < 0) {
		free(text);
		text = strdup("");
	}
	fclose(file);
	return text;
}

static void write_text(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void show_differences(const char *path, const char *expected, const char *now)
{
	unsigned int shown = 0;

	print_error("%s is not what is read now:\n", path);
	for (unsigned int line = 1; (*expected || *now) && shown < DIFFERENCES_SHOWN; line++) {
		size_t was = strcspn(expected, "\n"), is = strcspn(now, "\n");

		if (was != is || strncmp(expected, now, is) != 0) {
			print_error("  line %u should be: %.*s\n  line %u is:        %.*s\n", line,
				    (int)was, expected, line, (int)is, now);
			shown++;
		}
		expected += was + (expected[was] == '\n');
		now += is + (now[is] == '\n');
	}
}

static bool check_one(const char *folder)
{
	const char *wish = getenv("KEXEC_GOLDEN");
	cleanup_free char *path = NULL, *tree = NULL, *origin = NULL, *expected = NULL, *now = NULL;

	assert_true(asprintf(&path, "%s/expected.json", folder) > 0);
	assert_true(asprintf(&tree, "%s/tree", folder) > 0);
	assert_true(asprintf(&origin, "%s/ORIGIN", folder) > 0);
	assert_int_equal(access(origin, R_OK), 0);
	now = describe(tree);
	if (wish && strcmp(wish, "write") == 0) {
		write_text(path, now);
		return true;
	}
	expected = read_text(path);
	assert_non_null(expected);
	if (strcmp(expected, now) == 0)
		return true;
	show_differences(path, expected, now);
	return false;
}

static int is_name(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && entry->d_type == DT_DIR;
}

static void test_each_machine_has_the_entries_that_are_expected(void **state)
{
	const char *machines = getenv("KEXEC_ENTRIES");
	struct dirent **entries = NULL;
	int count, wrong = 0;

	(void)state;
	assert_non_null(machines);
	count = scandir(machines, &entries, is_name, alphasort);
	assert_true(count > 0);
	for (int i = 0; i < count; i++) {
		cleanup_free char *folder = NULL;

		assert_true(asprintf(&folder, "%s/%s", machines, entries[i]->d_name) > 0);
		wrong += !check_one(folder);
		free(entries[i]);
	}
	free(entries);
	assert_int_equal(wrong, 0);
}

/* `test-entry-entries FOLDER` shows what is read below a folder, for whoever writes a new one. */
int main(int count, char **arguments)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_each_machine_has_the_entries_that_are_expected),
	};

	if (count == 2) {
		cleanup_free char *text = describe(arguments[1]);

		return fputs(text, stdout) < 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
