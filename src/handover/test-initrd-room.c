/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "handover/initrd-room.h"

#include "handover/handover.h"
#include "machine/memory.h"
#include "test-support/test.h"

#define MIB UINT64_C(0x100000)

/* 4 GiB of memory in two parts, half of it available, and a kernel of 64 MiB. */
static struct initrd_room room_for(const char *command_line, uint64_t available, uint64_t total,
				   uint64_t load_max, bool above_4g)
{
	const struct request request = {.load_max = load_max};
	struct machine_memory memory = {.total = total, .available = available};
	struct image image = {.bzimage = {.init_size = 64 * MIB,
					  .initrd_max = 0x7fffffff,
					  .xloadflags = above_4g ? BZIMAGE_XLF_ABOVE_4G : 0}};
	struct initrd_room room;

	assert_int_equal(map_add(&memory.usable, (struct range){MIB, 1024 * MIB}, MEMORY_RAM, ""),
			 0);
	assert_int_equal(
	    map_add(&memory.usable, (struct range){4096 * MIB, 7168 * MIB}, MEMORY_RAM, ""), 0);
	room = initrd_room(&request, &memory, &image, command_line);
	map_fini(&memory.usable);
	return room;
}

static void test_each_limit_is_what_is_left_beside_the_kernel(void **state)
{
	struct initrd_room room = room_for("quiet", 2048 * MIB, 4096 * MIB, UINT64_MAX, true);

	(void)state;
	assert_int_equal(room.limit, (2048 - 68) * MIB);
	assert_int_equal(room.now, (2048 - 68 - 96) * MIB);
	assert_int_equal(room.next, (4096 - 68 - 256 - 32) * MIB);
	/* What is not known, or is too little, is nothing. */
	room = room_for("quiet", 0, 0, UINT64_MAX, true);
	assert_int_equal(room.limit, 0);
	assert_int_equal(room.now, 0);
	assert_int_equal(room.next, 0);
}

static void test_an_initrd_lies_in_one_piece_where_the_kernel_takes_it(void **state)
{
	struct initrd_room room = room_for("", 2048 * MIB, 8192 * MIB, UINT64_MAX, true);

	(void)state;
	assert_int_equal(room.limit, (3072 - 68) * MIB);
	room = room_for("", 2048 * MIB, 8192 * MIB, UINT64_MAX, false);
	assert_int_equal(room.limit, (1023 - 68) * MIB);
	room = room_for("", 2048 * MIB, 8192 * MIB, 512 * MIB, true);
	assert_int_equal(room.limit, (511 - 68) * MIB);
}

static void test_the_command_line_may_leave_the_next_kernel_less(void **state)
{
	static const struct {
		const char *words;
		uint64_t left; /* MiB */
	} rows[] = {
	    {"quiet", 4096},
	    {"mem=1G", 1024},
	    {"mem=512m quiet mem=2g", 512},
	    {"mem=0x40000000", 1024},
	    {"mem=1073741824 quiet", 1024},
	    {"crashkernel=268435456 quiet", 3840},
	    {"mem=8G", 4096},
	    {"-- mem=1G", 4096},
	    {"crashkernel=256M", 3840},
	    {"crashkernel=256M,high crashkernel=64M,low", 3776},
	    {"crashkernel=128M@16M", 3968},
	    {"crashkernel=1G-4G:192M,4G-64G:256M,64G-:512M quiet", 3840},
	    {"crashkernel=auto", 4096},
	    {"crashkernel=64G-:512M", 4096},
	    {"memmap=16M$0x10000000", 0},
	    {"hugepages=512", 3072},
	    {"hugepagesz=1G hugepages=2 quiet", 2048},
	    {"default_hugepagesz=1G hugepages=1 hugepagesz=2M hugepages=256", 2560},
	    {"hugepages=1 default_hugepagesz=1G", 3072},
	    {"hugepagesz=1G hugepages=0:1,1:2", 1024},
	    {"hugepagesz=1G hugepages=99999999999999999999 hugepages=1", 0},
	    {"hugepages=0x7fffffffffffffff", 0},
	    {"-- hugepages=512", 4096},
	    {"mem=nopentium", 0},
	    {"memory=1", 4096},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct initrd_room room =
		    room_for(rows[i].words, 2048 * MIB, 4096 * MIB, UINT64_MAX, true);
		uint64_t kept = rows[i].left * MIB / 16 + (68 + 32) * MIB;

		assert_row(rows[i].words,
			   room.next == (rows[i].left ? rows[i].left * MIB - kept : 0));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_each_limit_is_what_is_left_beside_the_kernel),
	    cmocka_unit_test(test_an_initrd_lies_in_one_piece_where_the_kernel_takes_it),
	    cmocka_unit_test(test_the_command_line_may_leave_the_next_kernel_less),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
