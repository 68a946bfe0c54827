/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vmcore/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/blob.h"
#include "base/cleanup.h"
#include "test-support/crashed-log.h"
#include "test-support/test.h"
#include "vmcore/vmcore.h"

enum { RING = 4096 };

static const char *const form_names[] = {"text", "records", "lockless", "lockless, full"};

/* The text and priority of message `n`, of many lengths. */
static size_t text_of(uint64_t n, char *text)
{
	size_t size = (size_t)snprintf(text, 200, "message %llu ", (unsigned long long)n);

	for (uint64_t i = 0; i < n * n % 97; i++)
		text[size++] = (char)('a' + (n + i) % 26);
	return size;
}

static unsigned int priority_of(uint64_t n)
{
	return (unsigned int)(n * 7 % (24 * 8));
}

/* A kernel with a log, and what is read of it. */
struct crash {
	struct crashed_kernel kernel;
	struct crashed_log log;
	uint64_t next; /* the message that is expected */
	uint64_t seen;
	struct log_losses losses;
	struct error error;
};

static struct crash *crash_at(unsigned int word, enum byte_order order, uint64_t virtual,
			      enum crashed_log_form form, uint64_t messages)
{
	struct crash *crash = calloc(1, sizeof(*crash));
	char text[256];

	assert_non_null(crash);
	crashed_init(&crash->kernel, word, order);
	if (virtual)
		crash->kernel.virtual = virtual;
	crashed_log_begin(&crash->log, &crash->kernel, form, RING);
	for (uint64_t n = 0; n < messages; n++)
		crashed_log_say(&crash->log, priority_of(n), text, text_of(n, text));
	return crash;
}

static struct crash *crash_new(unsigned int word, enum byte_order order, enum crashed_log_form form,
			       uint64_t messages)
{
	return crash_at(word, order, 0, form, messages);
}

static int read_dump(struct crash *crash, struct blob *blob, const struct log_handler *handler)
{
	cleanup_vmcore struct vmcore vmcore = {};

	crash->error = (struct error){};
	assert_int_equal(vmcore_open_blob(&vmcore, blob, &crash->error), 0);
	return log_read(&vmcore, handler, &crash->losses, &crash->error);
}

static int read_log(struct crash *crash, const struct log_handler *handler)
{
	return read_dump(crash, crashed_elf(&crash->kernel, &(struct crashed_dump){}), handler);
}

static bool text_is_right(const struct crash *crash, const struct log_message *message)
{
	char text[256];
	size_t size = text_of(crash->next, text);

	if (message->is_line)
		text[size++] = '\n';
	return message->text_size - message->prefix_size == size &&
	       memcmp(message->text + message->prefix_size, text, size) == 0;
}

/* A ring of text that has wrapped begins in the middle of a line. */
static bool is_rest_of_line(const struct crash *crash, const struct log_message *message)
{
	return message->is_line && crash->seen == 1 && !message->has_time;
}

static int expect_next(void *context, const struct log_message *message)
{
	struct crash *crash = context;
	const char *name = form_names[crash->log.form];

	crash->seen++;
	if (is_rest_of_line(crash, message))
		return 0;
	if (crash->log.form == CRASHED_LOG_TEXT && crash->next == 0)
		crash->next = message->nanoseconds / 1000000;
	assert_row(name, text_is_right(crash, message));
	assert_row(name, message->has_time && message->nanoseconds == crash->next * 1000000);
	assert_row(name, message->has_priority);
	assert_int_equal(message->facility * 8 + message->level, priority_of(crash->next));
	if (crash->log.form != CRASHED_LOG_TEXT) {
		assert_row(name, message->has_caller && message->caller == 42);
		assert_string_equal(message->subsystem, "pci");
		assert_string_equal(message->device, "+pci:0000:00:01.0");
	}
	if (crash->log.form >= CRASHED_LOG_LOCKLESS)
		assert_row(name, message->has_sequence && message->sequence == crash->next);
	crash->next++;
	return 0;
}

/* The log has the messages from the oldest to the last, and nothing is lost. */
static void check_log(struct crash *crash, struct blob *blob)
{
	const struct log_handler handler = {expect_next, crash};

	crash->next = crash->log.oldest;
	crash->seen = 0;
	assert_int_equal(read_dump(crash, blob, &handler), 0);
	assert_no_failure(&crash->losses.error);
	assert_true(log_is_whole(&crash->losses));
	assert_row(form_names[crash->log.form], crash->next == crash->log.said);
}

static void test_every_log_is_read_from_every_dump(void **state)
{
	static const uint64_t counts[] = {0, 1, 5, 20, 60, 61, 62, 63, 64, 200, 333};

	(void)state;
	for (enum crashed_log_form form = 0; form < CRASHED_LOG_FORMS; form++)
		for (unsigned int word = 4; word <= 8; word += 4)
			for (enum byte_order order = ORDER_LITTLE; order <= ORDER_BIG; order++)
				for (size_t i = 0; i < ELEMENTS(counts); i++) {
					struct crash *crash =
					    crash_new(word, order, form, counts[i]);

					check_log(crash, crashed_elf(&crash->kernel,
								     &(struct crashed_dump){}));
					free(crash);
				}
}

/* Of ppc64, whose memory is mapped at a fixed address. */
static void test_every_log_is_read_from_a_kdump(void **state)
{
	(void)state;
	for (enum crashed_log_form form = 0; form < CRASHED_LOG_FORMS; form++) {
		struct crash *crash = crash_at(
		    8, ORDER_BIG, UINT64_C(0xc000000000000000) + CRASHED_PHYSICAL, form, 100);

		check_log(crash,
			  crashed_kdump(&crash->kernel, &(struct crashed_dump){.version = 6}));
		free(crash);
	}
}

static int count_messages(void *context, const struct log_message *message)
{
	struct crash *crash = context;

	(void)message;
	crash->seen++;
	return 0;
}

/* A block that ends just at the end of the ring, where others believe that it is wrapped. */
static void test_a_block_that_ends_with_the_ring_is_not_taken_for_a_wrapped_one(void **state)
{
	static char text[RING];
	struct crash *crash = crash_new(8, ORDER_LITTLE, CRASHED_LOG_LOCKLESS_FULL, 0);
	const struct log_handler handler = {count_messages, crash};
	uint64_t desc;

	(void)state;
	memset(text, 'x', sizeof(text));
	crashed_log_say(&crash->log, 6, text, 1000 - 8);
	crashed_log_say(&crash->log, 6, text, RING - 1000 - 8);
	desc = crashed_log_desc(&crash->log, crashed_log_id(&crash->log, 1));
	assert_int_equal(crashed_get(&crash->kernel, desc + DESC_NEXT, 8) % RING, 0);
	assert_int_equal(read_log(crash, &handler), 0);
	assert_true(log_is_whole(&crash->losses));
	assert_int_equal(crash->seen, 2);
	free(crash);
}

static void test_the_longest_log_of_each_form_wraps(void **state)
{
	(void)state;
	for (enum crashed_log_form form = 0; form < CRASHED_LOG_FORMS; form++) {
		struct crash *crash = crash_new(8, ORDER_LITTLE, form, 60);
		bool wrapped =
		    form == CRASHED_LOG_TEXT ? crash->log.end > RING : crash->log.oldest > 0;

		assert_row(form_names[form], wrapped);
		free(crash);
	}
}

struct seen_text {
	char text[4096];
	size_t size, count;
};

static int collect(void *context, const struct log_message *message)
{
	struct seen_text *seen = context;

	seen->count++;
	if (seen->size + message->text_size + 2 < sizeof(seen->text)) {
		memcpy(seen->text + seen->size, message->text, message->text_size);
		seen->size += message->text_size;
		seen->text[seen->size++] = '|';
		seen->text[seen->size] = '\0';
	}
	return 0;
}

static void test_messages_without_text_are_empty_lines_or_lost(void **state)
{
	struct crash *crash = crash_new(8, ORDER_LITTLE, CRASHED_LOG_LOCKLESS, 0);
	struct seen_text seen = {};
	const struct log_handler handler = {collect, &seen};

	(void)state;
	crashed_log_text(&crash->log, 6, "before");
	crashed_log_without_text(&crash->log, 3);
	crashed_log_without_text(&crash->log, 1);
	crashed_log_text(&crash->log, 6, "behind");
	assert_int_equal(read_log(crash, &handler), 0);
	assert_string_equal(seen.text, "before||behind|");
	assert_int_equal(crash->losses.without_text, 1);
	assert_false(log_is_whole(&crash->losses));
	free(crash);
}

static void put_state(struct crash *crash, uint64_t message, uint64_t state)
{
	uint64_t id = crashed_log_id(&crash->log, message);

	crashed_put(&crash->kernel, crashed_log_desc(&crash->log, id) + DESC_STATE,
		    crash->kernel.word, state << (8 * crash->kernel.word - 2) | id);
}

static void test_messages_in_the_making_are_counted(void **state)
{
	(void)state;
	for (unsigned int word = 4; word <= 8; word += 4) {
		struct crash *crash = crash_new(word, ORDER_BIG, CRASHED_LOG_LOCKLESS, 0);
		struct seen_text seen = {};
		const struct log_handler handler = {collect, &seen};

		for (unsigned int i = 0; i < 4; i++)
			crashed_log_text(&crash->log, 6, (const char *[]){"a", "b", "c", "d"}[i]);
		put_state(crash, 1, 0); /* reserved */
		put_state(crash, 2, 1); /* committed, may be continued */
		assert_int_equal(read_log(crash, &handler), 0);
		assert_string_equal(seen.text, "a|c|d|");
		assert_int_equal(crash->losses.unfinished, 1);
		assert_int_equal(crash->losses.unreadable, 0);
		free(crash);
	}
}

/* One message of a log is damaged: the others are read all the same. */
struct damage {
	const char *name;
	uint64_t
	    offset; /* in the descriptor, or, from 1000 on, in the info, from 2000 on, the text */
	uint64_t value;
};

static void test_one_damaged_message_leaves_the_others(void **state)
{
	static const struct damage rows[] = {
	    {"another id", DESC_STATE, UINT64_C(2) << 62 | 12345},
	    {"begins nowhere", DESC_BEGIN, 12340},
	    {"ends before it begins", DESC_NEXT, 8},
	    {"ends far behind", DESC_NEXT, 5 * RING},
	    {"another's text", 2000, 1},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct crash *crash = crash_new(8, ORDER_LITTLE, CRASHED_LOG_LOCKLESS, 0);
		uint64_t desc, at;
		struct seen_text seen = {};
		const struct log_handler handler = {collect, &seen};

		for (unsigned int j = 0; j < 3; j++)
			crashed_log_text(&crash->log, 6, (const char *[]){"a", "b", "c"}[j]);
		desc = crashed_log_desc(&crash->log, crashed_log_id(&crash->log, 1));
		at = desc + rows[i].offset;
		if (rows[i].offset >= 2000)
			at = crash->log.data +
			     crashed_get(&crash->kernel, desc + DESC_BEGIN, 8) % RING;
		crashed_put(&crash->kernel, at, 8, rows[i].value);
		assert_row(rows[i].name, read_log(crash, &handler) == 0);
		assert_string_equal(seen.text, "a|c|");
		assert_row(rows[i].name, crash->losses.unreadable == 1);
		assert_failed(&crash->losses.error, ERROR_IMAGE, "corrupt");
		free(crash);
	}
}

static void test_a_text_longer_than_its_block_is_clipped(void **state)
{
	struct crash *crash = crash_new(8, ORDER_LITTLE, CRASHED_LOG_LOCKLESS, 0);
	struct seen_text seen = {};
	const struct log_handler handler = {collect, &seen};

	(void)state;
	crashed_log_text(&crash->log, 6, "12345678");
	crashed_put(&crash->kernel,
		    crashed_log_info(&crash->log, crashed_log_id(&crash->log, 0)) + INFO_TEXT_LEN,
		    2, 60000);
	assert_int_equal(read_log(crash, &handler), 0);
	assert_string_equal(seen.text, "12345678|");
	free(crash);
}

/* Whole rings that cannot be right. */
struct wrong {
	const char *name;
	enum crashed_log_form form;
	const char *symbol; /* NULL: prb, of which `offset` is changed */
	uint64_t offset, value;
	unsigned int width;
	const char *detail;
};

static uint64_t symbol_address(const struct crash *crash, const char *name)
{
	char key[64];
	const char *at;

	snprintf(key, sizeof(key), "SYMBOL(%s)=", name);
	at = strstr(crash->kernel.info, key);
	assert_non_null(at);
	return strtoull(at + strlen(key), NULL, 16);
}

static void test_rings_that_make_no_sense_are_refused(void **state)
{
	static const struct wrong rows[] = {
	    {"count 0", CRASHED_LOG_LOCKLESS, NULL, PRB_COUNT_BITS, 0, 4, "makes no sense"},
	    {"count 2^31", CRASHED_LOG_LOCKLESS, NULL, PRB_COUNT_BITS, 31, 4, "makes no sense"},
	    {"size 0", CRASHED_LOG_LOCKLESS, NULL, PRB_SIZE_BITS, 0, 4, "makes no sense"},
	    {"size 2^32", CRASHED_LOG_LOCKLESS, NULL, PRB_SIZE_BITS, 32, 4, "makes no sense"},
	    {"size 2^(2^32-1)", CRASHED_LOG_LOCKLESS, NULL, PRB_SIZE_BITS, UINT32_MAX, 4,
	     "makes no sense"},
	    {"prb nowhere", CRASHED_LOG_LOCKLESS, "prb", 0, 0x1234, 8, "0x1244"},
	    {"no ring", CRASHED_LOG_RECORDS, "log_buf_len", 0, 0, 4, "makes no sense"},
	    {"ring of 4 GiB", CRASHED_LOG_RECORDS, "log_buf_len", 0, UINT32_MAX, 4,
	     "makes no sense"},
	    {"begins behind", CRASHED_LOG_RECORDS, "log_first_idx", 0, RING, 4, "makes no sense"},
	    {"ends behind", CRASHED_LOG_RECORDS, "log_next_idx", 0, RING + 1, 4, "makes no sense"},
	    {"no text", CRASHED_LOG_TEXT, "log_buf_len", 0, 0, 4, "makes no sense"},
	    {"text of 4 GiB", CRASHED_LOG_TEXT, "log_buf_len", 0, UINT32_MAX, 4, "makes no sense"},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct crash *crash = crash_new(8, ORDER_LITTLE, rows[i].form, 10);
		const struct log_handler handler = {count_messages, crash};
		uint64_t at = rows[i].symbol ? symbol_address(crash, rows[i].symbol)
					     : crash->log.prb + rows[i].offset;

		crashed_put(&crash->kernel, at, rows[i].width, rows[i].value);
		assert_row(rows[i].name, read_log(crash, &handler) < 0);
		assert_failed(&crash->error, ERROR_IMAGE, rows[i].detail);
		assert_row(rows[i].name, crash->seen == 0);
		free(crash);
	}
}

static void test_ids_too_far_apart_give_the_last_ones(void **state)
{
	struct crash *crash = crash_new(8, ORDER_LITTLE, CRASHED_LOG_LOCKLESS, 20);
	const struct log_handler handler = {count_messages, crash};

	(void)state;
	crashed_put(&crash->kernel, crash->log.prb + PRB_TAIL_ID + 4, 8, 5);
	assert_int_equal(read_log(crash, &handler), 0);
	assert_int_equal(crash->seen, 20);
	assert_true(crash->losses.broken_off);
	free(crash);
}

/* Rings as large as they can be said to be, of which nearly nothing is there, end soon. */
static void test_a_huge_ring_that_is_not_there_breaks_off(void **state)
{
	static const enum crashed_log_form forms[] = {CRASHED_LOG_LOCKLESS, CRASHED_LOG_TEXT};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(forms); i++) {
		struct crash *crash = crash_new(8, ORDER_LITTLE, forms[i], 10);
		const struct log_handler handler = {count_messages, crash};

		if (forms[i] == CRASHED_LOG_LOCKLESS) {
			crashed_put(&crash->kernel, crash->log.prb + PRB_COUNT_BITS, 4, 26);
			crashed_put(&crash->kernel, crash->log.prb + PRB_TAIL_ID + 4, 8, 5);
			crashed_put(&crash->kernel, crash->log.prb + PRB_HEAD_ID + 4, 8, 1 << 25);
		} else {
			crashed_put(&crash->kernel, symbol_address(crash, "log_buf_len"), 4,
				    1U << 31);
			crashed_put(&crash->kernel, symbol_address(crash, "log_end"), 4,
				    UINT32_MAX);
			crashed_put(&crash->kernel, symbol_address(crash, "log_buf"), 8,
				    UINT64_C(0xffff888100000000));
		}
		assert_int_equal(read_log(crash, &handler), 0);
		assert_true(crash->losses.broken_off);
		free(crash);
	}
}

/* Records whose lengths lead nowhere: what is before them is read, and the end is told. */
static void test_records_that_lead_nowhere_break_off(void **state)
{
	static const struct {
		const char *name;
		uint64_t offset, value; /* from the third record's start */
		unsigned int width;
		uint64_t seen, unreadable;
		bool broken_off;
	} rows[] = {
	    {"too small", 8, 8, 2, 2, 0, true},
	    {"too large", 8, RING, 2, 2, 0, true},
	    {"to the start", 8, 0, 2, 4, 0, true},
	    {"text too large", 10, 1000, 2, 5, 1, false},
	    {"dictionary too large", 12, 1000, 2, 6, 0, false},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct crash *crash = crash_new(8, ORDER_LITTLE, CRASHED_LOG_RECORDS, 6);
		const struct log_handler handler = {count_messages, crash};
		uint64_t at = crash->log.data;

		for (unsigned int j = 0; j < 2; j++)
			at += crashed_get(&crash->kernel, at + 8, 2);
		crashed_put(&crash->kernel, at + rows[i].offset, rows[i].width, rows[i].value);
		assert_row(rows[i].name, read_log(crash, &handler) == 0);
		assert_row(rows[i].name, crash->seen == rows[i].seen);
		assert_row(rows[i].name, crash->losses.broken_off == rows[i].broken_off);
		assert_row(rows[i].name, crash->losses.unreadable == rows[i].unreadable);
		free(crash);
	}
}

static void remove_line(struct crash *crash, const char *start)
{
	char *line = strstr(crash->kernel.info, start), *end;

	assert_non_null(line);
	end = strchr(line, '\n') + 1;
	memmove(line, end, strlen(end) + 1);
}

static void test_what_vmcoreinfo_lacks_is_named(void **state)
{
	static const struct {
		enum crashed_log_form form;
		const char *line, *named;
	} rows[] = {
	    {CRASHED_LOG_LOCKLESS, "OFFSET(prb_desc.state_var)", "prb_desc.state_var"},
	    {CRASHED_LOG_LOCKLESS, "OFFSET(printk_info.text_len)", "printk_info.text_len"},
	    {CRASHED_LOG_LOCKLESS, "SIZE(printk_info)", "SIZE(printk_info)"},
	    {CRASHED_LOG_RECORDS, "SIZE(printk_log)", "SIZE(printk_log)"},
	    {CRASHED_LOG_RECORDS, "OFFSET(printk_log.len)", "printk_log.ts_nsec"},
	    {CRASHED_LOG_RECORDS, "SYMBOL(log_next_idx)", "SYMBOL(log_next_idx)"},
	    {CRASHED_LOG_TEXT, "SYMBOL(log_buf)", "SYMBOL(log_buf)"},
	    {CRASHED_LOG_TEXT, "SYMBOL(log_end)", "SYMBOL(log_end)"},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct crash *crash = crash_new(8, ORDER_LITTLE, rows[i].form, 3);
		const struct log_handler handler = {count_messages, crash};

		remove_line(crash, rows[i].line);
		assert_row(rows[i].line, read_log(crash, &handler) < 0);
		assert_failed(&crash->error, ERROR_IMAGE, rows[i].named);
		free(crash);
	}
}

static void test_pages_that_are_missing_cost_only_their_messages(void **state)
{
	(void)state;
	for (enum crashed_log_form form = 0; form < CRASHED_LOG_FORMS; form++) {
		struct crash *crash = calloc(1, sizeof(*crash));
		const struct log_handler handler = {count_messages, crash};
		struct crashed_dump how = {.lost_from = 1, .lost_to = 2};
		char text[512];

		/* The ring is pages 0 to 3. */
		assert_non_null(crash);
		crashed_init(&crash->kernel, 8, ORDER_LITTLE);
		crashed_log_begin(&crash->log, &crash->kernel, form, 4 * CRASHED_PAGE);
		for (uint64_t n = 0; n < 30; n++) {
			size_t size = text_of(n, text);

			memset(text + size, '.', 200);
			crashed_log_say(&crash->log, 6, text, size + 100);
		}
		read_dump(crash, crashed_elf(&crash->kernel, &how), &handler);
		assert_no_failure(&crash->error);
		assert_row(form_names[form], crash->seen > 15 && !log_is_whole(&crash->losses));
		assert_failed(&crash->losses.error, ERROR_IMAGE, "0xffff888001001000");
		free(crash);
	}
}

static void test_before_3_6_level_and_facility_are_one_number(void **state)
{
	struct crash *crash = crash_new(8, ORDER_BIG, CRASHED_LOG_RECORDS, 0);
	char *release = strstr(crash->kernel.info, "6.12.0-test");
	const struct log_handler handler = {expect_next, crash};
	char text[256];

	(void)state;
	memcpy(release, "3.5.7-test ", 11);
	for (uint64_t n = 0; n < 5; n++) {
		uint64_t at = crash->log.data + crash->log.end;

		crashed_log_say(&crash->log, priority_of(n), text, text_of(n, text));
		crashed_put(&crash->kernel, at + 14, 2, priority_of(n));
	}
	assert_int_equal(read_log(crash, &handler), 0);
	assert_int_equal(crash->next, 5);
	free(crash);
}

static int stop_at_once(void *context, const struct log_message *message)
{
	(void)context;
	(void)message;
	return -ENOSPC;
}

static void test_the_handler_can_end_it(void **state)
{
	(void)state;
	for (enum crashed_log_form form = 0; form < CRASHED_LOG_FORMS; form++) {
		struct crash *crash = crash_new(8, ORDER_LITTLE, form, 10);
		const struct log_handler handler = {stop_at_once, NULL};

		assert_row(form_names[form], read_log(crash, &handler) == -ENOSPC);
		free(crash);
	}
}

static void test_a_dump_without_vmcoreinfo_is_refused(void **state)
{
	struct crash *crash = crash_new(8, ORDER_LITTLE, CRASHED_LOG_LOCKLESS, 10);
	const struct log_handler handler = {count_messages, crash};

	(void)state;
	assert_true(read_dump(crash, crashed_kdump(&crash->kernel, &(struct crashed_dump){}),
			      &handler) < 0);
	assert_failed(&crash->error, ERROR_IMAGE, "no VMCOREINFO");
	free(crash);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_log_is_read_from_every_dump),
	    cmocka_unit_test(test_every_log_is_read_from_a_kdump),
	    cmocka_unit_test(test_a_block_that_ends_with_the_ring_is_not_taken_for_a_wrapped_one),
	    cmocka_unit_test(test_the_longest_log_of_each_form_wraps),
	    cmocka_unit_test(test_messages_without_text_are_empty_lines_or_lost),
	    cmocka_unit_test(test_messages_in_the_making_are_counted),
	    cmocka_unit_test(test_one_damaged_message_leaves_the_others),
	    cmocka_unit_test(test_a_text_longer_than_its_block_is_clipped),
	    cmocka_unit_test(test_rings_that_make_no_sense_are_refused),
	    cmocka_unit_test(test_ids_too_far_apart_give_the_last_ones),
	    cmocka_unit_test(test_a_huge_ring_that_is_not_there_breaks_off),
	    cmocka_unit_test(test_records_that_lead_nowhere_break_off),
	    cmocka_unit_test(test_what_vmcoreinfo_lacks_is_named),
	    cmocka_unit_test(test_pages_that_are_missing_cost_only_their_messages),
	    cmocka_unit_test(test_before_3_6_level_and_facility_are_one_number),
	    cmocka_unit_test(test_the_handler_can_end_it),
	    cmocka_unit_test(test_a_dump_without_vmcoreinfo_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
