/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-support/test.h"
#include "vmcore/notes.h"
#include "vmcore/vmcoreinfo.h"

static const char text[] = "OSRELEASE=6.12.1\n"
			   "XSYMBOL(prb)=1\n"
			   "SYMBOL(prb)=ffffffff82a5c6a8\n"
			   "SYMBOL(prb)=2\n"
			   "OFFSET(a.b)=16\n"
			   "OFFSET(a.bad)=16x\n"
			   "OFFSET(a.huge)=18446744073709551616\n"
			   "OFFSET(a.none)=\n"
			   "OFFSET(a.blank)= 3\n"
			   "SIZE(a)=24\n"
			   "LENGTH(a)=48\n"
			   "NUMBER(up)=4096\n"
			   "NUMBER(down)=-4096\n"
			   "NUMBER(hex)=0xff6000\n"
			   "CRASHTIME=1700000000";

static void test_each_kind_of_line_is_found(void **state)
{
	struct vmcoreinfo info = {};
	uint64_t value = 0;
	char release[32];

	(void)state;
	assert_true(vmcoreinfo_set(&info, text, sizeof(text)));
	assert_true(vmcoreinfo_symbol(&info, "prb", &value) && value == 0xffffffff82a5c6a8);
	assert_true(vmcoreinfo_offset(&info, "a.b", &value) && value == 16);
	assert_true(vmcoreinfo_size(&info, "a", &value) && value == 24);
	assert_true(vmcoreinfo_length(&info, "a", &value) && value == 48);
	assert_true(vmcoreinfo_number(&info, "up", &value) && value == 4096);
	assert_true(vmcoreinfo_number(&info, "down", &value) && value == -UINT64_C(4096));
	assert_true(vmcoreinfo_number(&info, "hex", &value) && value == 0xff6000);
	assert_true(vmcoreinfo_text(&info, "OSRELEASE", release, sizeof(release)));
	assert_string_equal(release, "6.12.1");
	assert_true(vmcoreinfo_text(&info, "CRASHTIME", release, 5));
	assert_string_equal(release, "1700");
	vmcoreinfo_fini(&info);
}

static void test_what_is_no_number_or_not_there_is_not_found(void **state)
{
	static const char *const names[] = {"a.bad", "a.huge", "a.none", "a.blank",
					    "a",     "",       "a.b)"};
	struct vmcoreinfo info = {};
	uint64_t value = 7;

	(void)state;
	assert_false(vmcoreinfo_offset(&info, "a.b", &value));
	assert_true(vmcoreinfo_set(&info, text, sizeof(text)));
	for (size_t i = 0; i < ELEMENTS(names); i++)
		assert_row(names[i], !vmcoreinfo_offset(&info, names[i], &value) && value == 7);
	vmcoreinfo_fini(&info);
}

static void test_it_ends_at_a_nul(void **state)
{
	struct vmcoreinfo info = {};
	uint64_t value;

	(void)state;
	assert_true(vmcoreinfo_set(&info, "SIZE(a)=1\n\0SIZE(b)=2\n", 21));
	assert_true(vmcoreinfo_size(&info, "a", &value));
	assert_false(vmcoreinfo_size(&info, "b", &value));
	vmcoreinfo_fini(&info);
}

/* A note: sizes of name and text, type, name, text. */
static void test_the_note_is_found_behind_others(void **state)
{
	uint8_t notes[] = {5,   0, 0, 0,   3,   0,   0,   0,   1,   0,   0,   0,   'C',  'O', 'R',
			   'E', 0, 0, 0,   0,   1,   2,   3,   0,   11,  0,   0,   0,    10,  0,
			   0,   0, 0, 0,   0,   0,   'V', 'M', 'C', 'O', 'R', 'E', 'I',  'N', 'F',
			   'O', 0, 0, 'S', 'I', 'Z', 'E', '(', 'a', ')', '=', '5', '\n', 0,   0};
	struct vmcoreinfo info = {};
	uint64_t value;

	(void)state;
	/* One that reaches behind the end counts for nothing. */
	assert_true(
	    notes_find_vmcoreinfo((struct bytes){notes, sizeof(notes) - 3}, ORDER_LITTLE, &info));
	assert_null(info.text);
	assert_true(
	    notes_find_vmcoreinfo((struct bytes){notes, sizeof(notes) - 2}, ORDER_LITTLE, &info));
	assert_true(vmcoreinfo_size(&info, "a", &value) && value == 5);
	vmcoreinfo_fini(&info);
	notes[24] = 10; /* the name without its NUL is another name */
	assert_true(
	    notes_find_vmcoreinfo((struct bytes){notes, sizeof(notes)}, ORDER_LITTLE, &info));
	assert_null(info.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_each_kind_of_line_is_found),
	    cmocka_unit_test(test_what_is_no_number_or_not_there_is_not_found),
	    cmocka_unit_test(test_it_ends_at_a_nul),
	    cmocka_unit_test(test_the_note_is_found_behind_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
