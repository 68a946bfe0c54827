/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reading the test folders' boot entries, once for each allocation that it makes: that one fails.
 * Either the list is as without the failure, or it is said that memory ran out; what is forgotten
 * in silence would make another entry the default.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/root.h"
#include "entry/entry-json.h"
#include "entry/list.h"
#include "test-support/fail-allocation.h"
#include "test-support/test.h"

/* Of large folders not each allocation is tried: the same lines make the ones in between. */
enum { TRIES_MAX = 400 };

static char *text_of(const struct entry_list *list)
{
	cleanup_json struct json_object *json = entry_list_to_json(list);
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(json);
	assert_non_null(out);
	json_print(out, json);
	assert_int_equal(fclose(out), 0);
	return text;
}

static int open_descriptors(void)
{
	DIR *folder = opendir("/proc/self/fd");
	int count = 0;

	assert_non_null(folder);
	while (readdir(folder))
		count++;
	closedir(folder);
	return count;
}

/* The list as text, NULL when memory ran out; `*allocations` were made. */
static char *read_with_failure(const struct root *root, unsigned long failing,
			       unsigned long *allocations)
{
	struct error error = {};
	struct entry_list list;
	int before = open_descriptors(), r;
	char *text = NULL;

	fail_allocation_start(failing);
	r = entry_list_read(&list, root, &error);
	*allocations = fail_allocation_stop();
	if (r == 0)
		text = text_of(&list);
	entry_list_fini(&list);
	assert_int_equal(open_descriptors(), before);
	if (r < 0) {
		assert_int_equal(r, -ENOMEM);
		assert_failed(&error, ERROR_NO_ROOM, "memory");
	}
	return text;
}

static void check_one(const char *tree)
{
	cleanup_with(root_close) struct root root = {-1};
	unsigned long count, ignored, step;
	cleanup_free char *expected = NULL;
	struct error error = {};

	assert_int_equal(root_open(&root, tree, &error), 0);
	expected = read_with_failure(&root, 0, &count);
	assert_non_null(expected);
	step = count / TRIES_MAX + 1;
	for (unsigned long failing = 1; failing <= count; failing += step) {
		cleanup_free char *text = read_with_failure(&root, failing, &ignored);

		if (text && strcmp(text, expected) != 0)
			fail_msg("%s: without allocation %lu of %lu the list is another", tree,
				 failing, count);
	}
}

static int is_name(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && entry->d_type == DT_DIR;
}

static void test_nothing_is_forgotten_without_memory(void **state)
{
	const char *machines = getenv("KEXEC_ENTRIES");
	struct dirent **entries = NULL;
	int count;

	(void)state;
	assert_non_null(machines);
	count = scandir(machines, &entries, is_name, alphasort);
	assert_true(count > 0);
	for (int i = 0; i < count; i++) {
		cleanup_free char *tree = NULL;

		assert_true(asprintf(&tree, "%s/%s/tree", machines, entries[i]->d_name) > 0);
		check_one(tree);
		free(entries[i]);
	}
	free(entries);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_nothing_is_forgotten_without_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
