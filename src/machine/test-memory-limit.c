/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "machine/memory-limit.h"

#include "machine/memory.h"
#include "test-support/machine-tree.h"
#include "test-support/test.h"

#define MIB UINT64_C(0x100000)

#define V1 "sys/fs/cgroup/memory"
#define V2 "sys/fs/cgroup"

struct file {
	const char *path, *text;
};

static uint64_t room_of(struct machine_tree *tree)
{
	uint64_t room = 7;

	assert_int_equal(memory_limit_read(&room, &tree->root), 0);
	return room;
}

static void write_files(struct machine_tree *tree, const struct file *files)
{
	for (; files->path; files++)
		machine_tree_write(tree, files->path, files->text);
}

static void delete_files(struct machine_tree *tree, const struct file *files)
{
	for (; files->path; files++)
		machine_tree_delete(tree, files->path);
}

static void test_the_least_room_of_all_groups_counts(void **state)
{
	static const struct {
		const char *groups;
		struct file files[8];
		uint64_t room;
	} rows[] = {
	    {"0::/\n", {{NULL}}, UINT64_MAX},
	    {"0::/a/b\n", {{V2 "/a/b/memory.max", "max\n"}}, UINT64_MAX},
	    {"0::/a/b\n",
	     {{V2 "/a/b/memory.max", "max\n"},
	      {V2 "/a/memory.max", "1048576\n"},
	      {V2 "/a/memory.current", "48576\n"}},
	     1000000},
	    {"0::/a/b\n",
	     {{V2 "/a/b/memory.max", "500000\n"},
	      {V2 "/a/b/memory.current", "300000\n"},
	      {V2 "/a/b/memory.stat", "anon 1\nfile 9\ninactive_file 1000\nactive_file 50\nx 1\n"},
	      {V2 "/a/memory.max", "1048576\n"},
	      {V2 "/a/memory.current", "300000\n"}},
	     201050},
	    /* Of a namespace, its root. */
	    {"0::/\n", {{V2 "/memory.max", "1048576\n"}, {V2 "/memory.current", "1048577\n"}}, 0},
	    {"0::/a\n", {{V2 "/a/memory.max", "much\n"}, {V2 "/a/memory.current", "1\n"}}, 0},
	    {"0::/a\n", {{V2 "/a/memory.max", "1048576\n"}}, 0},
	    /* The first version, alone, and where the second one is there for other things. */
	    {"3:cpu,memory:/a\n1:name=systemd:/b\n",
	     {{V1 "/a/memory.limit_in_bytes", "5000\n"},
	      {V1 "/a/memory.usage_in_bytes", "4000\n"},
	      {V1 "/a/memory.stat", "x 0\ntotal_inactive_file 300\ntotal_active_file 20\n"},
	      {V1 "/memory.limit_in_bytes", "9223372036854771712\n"},
	      {V1 "/memory.usage_in_bytes", "6000\n"}},
	     1320},
	    {"0::/b\n3:memory:/a\n",
	     {{V2 "/b/memory.max", "7\n"},
	      {V1 "/a/memory.limit_in_bytes", "5000\n"},
	      {V1 "/a/memory.usage_in_bytes", "4000\n"}},
	     1000},
	    {"3:memories:/a\nodd\n", {{V1 "/a/memory.limit_in_bytes", "5000\n"}}, UINT64_MAX},
	};
	struct machine_tree *tree = *state;

	assert_int_equal(room_of(tree), UINT64_MAX);
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		machine_tree_write(tree, "proc/self/cgroup", rows[i].groups);
		write_files(tree, rows[i].files);
		assert_int_equal(room_of(tree), rows[i].room);
		delete_files(tree, rows[i].files);
	}
}

/* 0 would be "unknown". */
static void test_no_more_is_available_than_the_groups_leave(void **state)
{
	struct machine_tree *tree = *state;
	struct machine_memory memory;

	machine_tree_write(tree, "proc/self/cgroup", "0::/a\n");
	machine_tree_write(tree, V2 "/a/memory.max", "67108864\n");
	for (uint64_t used = 0; used <= 64; used += 64) {
		machine_tree_write(tree, V2 "/a/memory.current", used ? "67108864\n" : "0\n");
		assert_int_equal(machine_memory_read(&memory, &tree->root, NULL), 0);
		assert_int_equal(memory.available, used ? 4096 : 64 * MIB);
		assert_int_equal(memory.total, 2031616 * UINT64_C(1024));
		machine_memory_fini(&memory);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TREE_TEST(test_the_least_room_of_all_groups_counts),
	    TREE_TEST(test_no_more_is_available_than_the_groups_leave),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
