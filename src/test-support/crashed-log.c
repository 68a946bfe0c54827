/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-support/crashed-log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test-support/test.h"

enum { COUNT_BITS = 5, RECORD_SIZE = 24, CALLER = 42, STATE_FINALIZED = 2, STATE_REUSABLE = 3 };

static uint64_t symbol(struct crashed_log *log, const char *name, unsigned int width,
		       uint64_t value)
{
	uint64_t address = crashed_room(log->kernel, 8);

	crashed_info(log->kernel, "SYMBOL(%s)=%llx", name, (unsigned long long)address);
	crashed_put(log->kernel, address, width, value);
	return address;
}

static void set(struct crashed_log *log, const char *name, unsigned int width, uint64_t value)
{
	char key[64];
	const char *at;

	snprintf(key, sizeof(key), "SYMBOL(%s)=", name);
	at = strstr(log->kernel->info, key);
	assert_non_null(at);
	crashed_put(log->kernel, strtoull(at + strlen(key), NULL, 16), width, value);
}

static void begin_records(struct crashed_log *log)
{
	symbol(log, "log_first_idx", 4, 0);
	symbol(log, "log_next_idx", 4, 0);
	crashed_info(log->kernel, "SIZE(printk_log)=%d", RECORD_SIZE);
	crashed_info(log->kernel, "OFFSET(printk_log.ts_nsec)=0");
	crashed_info(log->kernel, "OFFSET(printk_log.len)=8");
	crashed_info(log->kernel, "OFFSET(printk_log.text_len)=10");
	crashed_info(log->kernel, "OFFSET(printk_log.dict_len)=12");
	crashed_info(log->kernel, "OFFSET(printk_log.caller_id)=16");
}

static uint64_t word_mask(const struct crashed_log *log)
{
	return log->kernel->word == 8 ? UINT64_MAX : UINT32_MAX;
}

static uint64_t id_mask(const struct crashed_log *log)
{
	return word_mask(log) >> 2;
}

uint64_t crashed_log_id(const struct crashed_log *log, uint64_t message)
{
	return (log->head_id - (log->said - 1 - message)) & id_mask(log);
}

uint64_t crashed_log_desc(const struct crashed_log *log, uint64_t id)
{
	return log->descs + (id & (log->count - 1)) * DESC_SIZE;
}

uint64_t crashed_log_info(const struct crashed_log *log, uint64_t id)
{
	return log->infos + (id & (log->count - 1)) * INFO_SIZE;
}

static void put_state(struct crashed_log *log, uint64_t id, uint64_t state)
{
	crashed_put(log->kernel, crashed_log_desc(log, id) + DESC_STATE, log->kernel->word,
		    state << (8 * log->kernel->word - 2) | (id & id_mask(log)));
}

static void put_ids(struct crashed_log *log)
{
	crashed_put(log->kernel, log->prb + PRB_HEAD_ID + 4, log->kernel->word,
		    log->head_id & id_mask(log));
	crashed_put(log->kernel, log->prb + PRB_TAIL_ID + 4, log->kernel->word,
		    log->tail_id & id_mask(log));
}

static void tell_lockless(struct crashed_kernel *kernel)
{
	static const struct {
		const char *name;
		int offset;
	} offsets[] = {
	    {"printk_ringbuffer.desc_ring", 8},
	    {"printk_ringbuffer.text_data_ring", 88},
	    {"prb_desc_ring.count_bits", PRB_COUNT_BITS - 8},
	    {"prb_desc_ring.descs", PRB_DESCS - 8},
	    {"prb_desc_ring.infos", PRB_INFOS - 8},
	    {"prb_desc_ring.head_id", PRB_HEAD_ID - 8},
	    {"prb_desc_ring.tail_id", PRB_TAIL_ID - 8},
	    {"prb_data_ring.size_bits", PRB_SIZE_BITS - 88},
	    {"prb_data_ring.data", PRB_DATA - 88},
	    {"atomic_long_t.counter", 4},
	    {"prb_desc.state_var", DESC_STATE - 4},
	    {"prb_desc.text_blk_lpos", 12},
	    {"prb_data_blk_lpos.begin", DESC_BEGIN - 12},
	    {"prb_data_blk_lpos.next", DESC_NEXT - 12},
	    {"printk_info.seq", INFO_SEQ},
	    {"printk_info.ts_nsec", INFO_TIME},
	    {"printk_info.text_len", INFO_TEXT_LEN},
	    {"printk_info.caller_id", INFO_CALLER},
	    {"printk_info.dev_info", INFO_SUBSYSTEM},
	    {"dev_printk_info.subsystem", 0},
	    {"dev_printk_info.device", INFO_DEVICE - INFO_SUBSYSTEM},
	};

	for (size_t i = 0; i < ELEMENTS(offsets); i++)
		crashed_info(kernel, "OFFSET(%s)=%d", offsets[i].name, offsets[i].offset);
	crashed_info(kernel, "SIZE(prb_desc)=%d", DESC_SIZE);
	crashed_info(kernel, "SIZE(printk_info)=%d", INFO_SIZE);
	crashed_info(kernel, "LENGTH(printk_info_subsystem)=16");
	crashed_info(kernel, "LENGTH(printk_info_device)=48");
}

static unsigned int bits_of(uint64_t power)
{
	return (unsigned int)__builtin_ctzll(power);
}

/* Ids and positions begin so that they soon wrap around, as the kernel's do. */
static void begin_lockless(struct crashed_log *log)
{
	struct crashed_kernel *kernel = log->kernel;

	log->count = 1 << COUNT_BITS;
	log->descs = crashed_room(kernel, log->count * DESC_SIZE);
	log->infos = crashed_room(kernel, log->count * INFO_SIZE);
	log->prb = crashed_room(kernel, 128);
	symbol(log, "prb", kernel->word, log->prb);
	crashed_put(kernel, log->prb + PRB_COUNT_BITS, 4, COUNT_BITS);
	crashed_put(kernel, log->prb + PRB_DESCS, kernel->word, log->descs);
	crashed_put(kernel, log->prb + PRB_INFOS, kernel->word, log->infos);
	crashed_put(kernel, log->prb + PRB_SIZE_BITS, 4, bits_of(log->size));
	crashed_put(kernel, log->prb + PRB_DATA, kernel->word, log->data);
	log->head_lpos = log->tail_lpos = -log->size & word_mask(log);
	log->head_id = log->tail_id = -(log->count + 1) & id_mask(log);
	put_state(log, log->head_id, STATE_REUSABLE);
	put_ids(log);
	tell_lockless(kernel);
}

void crashed_log_begin(struct crashed_log *log, struct crashed_kernel *kernel,
		       enum crashed_log_form form, uint64_t size)
{
	*log = (struct crashed_log){.kernel = kernel, .form = form, .size = size};
	log->data = crashed_room(kernel, size);
	if (form >= CRASHED_LOG_LOCKLESS) {
		begin_lockless(log);
		return;
	}
	symbol(log, "log_buf", kernel->word, log->data);
	symbol(log, "log_buf_len", 4, size);
	if (form == CRASHED_LOG_RECORDS) {
		begin_records(log);
		return;
	}
	symbol(log, "log_end", 4, 0);
	symbol(log, "logged_chars", 4, 0);
}

static void say_bytes(struct crashed_log *log, const void *text, size_t size)
{
	const uint8_t *bytes = text;

	for (size_t i = 0; i < size; i++)
		*crashed_at(log->kernel, log->data + log->end++ % log->size, 1) = bytes[i];
}

static void say_line(struct crashed_log *log, unsigned int priority, const void *text, size_t size)
{
	char prefix[48];

	snprintf(prefix, sizeof(prefix), "<%u>[%5llu.%06llu] ", priority,
		 (unsigned long long)log->said / 1000, (unsigned long long)log->said % 1000 * 1000);
	say_bytes(log, prefix, strlen(prefix));
	say_bytes(log, text, size);
	say_bytes(log, "\n", 1);
	set(log, "log_end", 4, log->end & UINT32_MAX);
}

/* Facility, and the level in the upper bits where compilers fill from below, else in the lower. */
static void put_priority(struct crashed_log *log, uint64_t address, unsigned int priority)
{
	unsigned int level = priority & 7, flags = 5;

	crashed_put(log->kernel, address, 1, priority >> 3);
	crashed_put(log->kernel, address + 1, 1,
		    log->kernel->order == ORDER_BIG ? flags << 3 | level : level << 5 | flags);
}

/* Forgets the record that `first` names. */
static void forget_record(struct crashed_log *log)
{
	uint64_t length = crashed_get(log->kernel, log->data + log->first + 8, 2);

	if (length == 0)
		length = crashed_get(log->kernel, log->data + (log->first = 0) + 8, 2);
	log->first += length;
	log->oldest++;
}

static bool has_room(const struct crashed_log *log, uint64_t size, bool empty)
{
	uint64_t free;

	if (log->end > log->first || empty) {
		uint64_t behind = log->size - log->end;

		free = behind > log->first ? behind : log->first;
	} else {
		free = log->first - log->end;
	}
	return free >= size + RECORD_SIZE;
}

static void say_record(struct crashed_log *log, unsigned int priority, const void *text,
		       size_t size)
{
	static const char dictionary[] = "SUBSYSTEM=pci\0DEVICE=+pci:0000:00:01.0";
	struct crashed_kernel *kernel = log->kernel;
	uint64_t length = (RECORD_SIZE + size + sizeof(dictionary) - 1 + 7) / 8 * 8, at;

	while (log->oldest < log->said && !has_room(log, length, false))
		forget_record(log);
	if (log->end + length + RECORD_SIZE > log->size) {
		memset(crashed_at(kernel, log->data + log->end, RECORD_SIZE), 0, RECORD_SIZE);
		log->end = 0;
	}
	at = log->data + log->end;
	crashed_put(kernel, at, 8, log->said * 1000000);
	crashed_put(kernel, at + 8, 2, length);
	crashed_put(kernel, at + 10, 2, size);
	crashed_put(kernel, at + 12, 2, sizeof(dictionary) - 1);
	put_priority(log, at + 14, priority);
	crashed_put(kernel, at + 16, 4, CALLER);
	memcpy(crashed_at(kernel, at + RECORD_SIZE, size), text, size);
	memcpy(crashed_at(kernel, at + RECORD_SIZE + size, sizeof(dictionary)), dictionary,
	       sizeof(dictionary) - 1);
	log->end += length;
	set(log, "log_next_idx", 4, log->end);
	set(log, "log_first_idx", 4, log->first);
}

/* Makes the text of messages reusable until `lpos` is free. */
static void push_tail(struct crashed_log *log, uint64_t next)
{
	while (((next - log->tail_lpos) & word_mask(log)) > log->size) {
		uint64_t id = crashed_log_id(log, log->oldest);
		uint64_t end = crashed_get(log->kernel, crashed_log_desc(log, id) + DESC_NEXT,
					   log->kernel->word);

		put_state(log, id, STATE_REUSABLE);
		if (!(end & 1))
			log->tail_lpos = end;
		log->oldest++;
	}
}

/* A new descriptor; the oldest one's message goes when there are too many. */
static uint64_t reserve(struct crashed_log *log)
{
	if (((log->head_id - log->tail_id) & id_mask(log)) + 1 == log->count) {
		if (log->said - log->oldest == log->count)
			push_tail(log, log->tail_lpos + log->size + 1);
		log->tail_id++;
	}
	return ++log->head_id;
}

static void put_info(struct crashed_log *log, uint64_t id, unsigned int priority, size_t size)
{
	uint64_t info = crashed_log_info(log, id);
	struct crashed_kernel *kernel = log->kernel;

	crashed_put(kernel, info + INFO_SEQ, 8, log->said);
	crashed_put(kernel, info + INFO_TIME, 8, log->said * 1000000);
	crashed_put(kernel, info + INFO_TEXT_LEN, 2, size);
	put_priority(log, info + INFO_TEXT_LEN + 2, priority);
	crashed_put(kernel, info + INFO_CALLER, 4, CALLER);
	strcpy((char *)crashed_at(kernel, info + INFO_SUBSYSTEM, 16), "pci");
	strcpy((char *)crashed_at(kernel, info + INFO_DEVICE, 48), "+pci:0000:00:01.0");
}

static void put_block(struct crashed_log *log, uint64_t id, uint64_t begin, uint64_t next)
{
	uint64_t desc = crashed_log_desc(log, id);

	crashed_put(log->kernel, desc + DESC_BEGIN, log->kernel->word, begin);
	crashed_put(log->kernel, desc + DESC_NEXT, log->kernel->word, next);
	put_state(log, id, STATE_FINALIZED);
	put_ids(log);
}

/* Where a block of `size` bytes goes. The one of them that ends just at the ring's end is the
 * difference between the two lockless forms. */
static uint64_t next_lpos(const struct crashed_log *log, uint64_t size)
{
	unsigned int bits = bits_of(log->size);
	uint64_t next = (log->head_lpos + size) & word_mask(log);
	uint64_t last = log->form == CRASHED_LOG_LOCKLESS_FULL ? next - 1 : next;

	if (log->head_lpos >> bits == (last & word_mask(log)) >> bits)
		return next;
	return ((next >> bits << bits) + size) & word_mask(log);
}

static void say_lockless(struct crashed_log *log, unsigned int priority, const void *text,
			 size_t size)
{
	unsigned int word = log->kernel->word;
	uint64_t length = (word + size + word - 1) / word * word, begin, next, at, id;

	next = next_lpos(log, length);
	push_tail(log, next);
	id = reserve(log);
	begin = log->head_lpos;
	at = begin & (log->size - 1);
	if (at + length > log->size)
		at = 0;
	log->head_lpos = next;
	crashed_put(log->kernel, log->data + at, word, id & id_mask(log));
	memcpy(crashed_at(log->kernel, log->data + at + word, size), text, size);
	put_info(log, id, priority, size);
	put_block(log, id, begin, next);
}

void crashed_log_without_text(struct crashed_log *log, uint64_t lpos)
{
	uint64_t id = reserve(log);

	put_info(log, id, 6, 0);
	put_block(log, id, lpos, lpos);
	log->said++;
}

void crashed_log_say(struct crashed_log *log, unsigned int priority, const void *text, size_t size)
{
	if (log->form == CRASHED_LOG_TEXT)
		say_line(log, priority, text, size);
	else if (log->form == CRASHED_LOG_RECORDS)
		say_record(log, priority, text, size);
	else
		say_lockless(log, priority, text, size);
	log->said++;
}

void crashed_log_text(struct crashed_log *log, unsigned int priority, const char *text)
{
	crashed_log_say(log, priority, text, strlen(text));
}
