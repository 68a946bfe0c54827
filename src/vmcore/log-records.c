/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The ring of records of Linux 3.5 to 5.9 (kernel/printk/printk.c, struct printk_log, before 3.11
 * struct log): from log_first_idx to log_next_idx in log_buf. A record is its header, its text, a
 * dictionary ("SUBSYSTEM=…", "DEVICE=…", with a NUL in between) and padding. A header of length 0
 * says that the next record lies at the start.
 */
#include <errno.h>
#include <stdio.h>

#include "vmcore/log-forms.h"

enum { HEADER_MAX = 64, DICTIONARY_MAX = 1024 };

struct shape {
	uint64_t size, ts_nsec, len, text_len, dict_len, caller_id;
	bool has_caller;
	bool wide_level; /* Linux 3.5: level and facility are one number of 16 bits */
};

struct ring {
	struct shape shape;
	uint64_t buffer, size, first, next;
};

/* OFFSET(printk_log.NAME) or, of older kernels, OFFSET(log.NAME). */
static bool offset_of(const struct log_reader *reader, const char *field, uint64_t *value)
{
	const struct vmcoreinfo *info = &reader->vmcore->dump.info;
	char name[48];

	snprintf(name, sizeof(name), "printk_log.%s", field);
	if (vmcoreinfo_offset(info, name, value))
		return true;
	snprintf(name, sizeof(name), "log.%s", field);
	return vmcoreinfo_offset(info, name, value);
}

static bool is_3_5(const struct vmcoreinfo *info)
{
	char release[16];

	return vmcoreinfo_text(info, "OSRELEASE", release, sizeof(release)) &&
	       strncmp(release, "3.5", 3) == 0 && (release[3] < '0' || release[3] > '9');
}

static int read_shape(const struct log_reader *reader, struct shape *shape, struct error *error)
{
	const struct vmcoreinfo *info = &reader->vmcore->dump.info;

	*shape = (struct shape){};
	if ((!vmcoreinfo_size(info, "printk_log", &shape->size) &&
	     !vmcoreinfo_size(info, "log", &shape->size)) ||
	    shape->size == 0 || shape->size > HEADER_MAX)
		return log_lacks(reader, "a sensible SIZE(printk_log)", error);
	if (!offset_of(reader, "ts_nsec", &shape->ts_nsec) ||
	    !offset_of(reader, "len", &shape->len) ||
	    !offset_of(reader, "text_len", &shape->text_len))
		return log_lacks(reader, "OFFSET(printk_log.ts_nsec), .len or .text_len", error);
	if (shape->text_len >= HEADER_MAX)
		return log_lacks(reader, "a sensible OFFSET(printk_log.text_len)", error);
	if (!offset_of(reader, "dict_len", &shape->dict_len))
		shape->dict_len = shape->text_len + 2;
	shape->has_caller = offset_of(reader, "caller_id", &shape->caller_id);
	shape->wide_level = is_3_5(info);
	return 0;
}

static int read_ring(const struct log_reader *reader, struct ring *ring, struct error *error)
{
	int r =
	    log_symbol_number(reader, "log_buf", reader->vmcore->dump.word, &ring->buffer, error);

	if (r == 0)
		r = log_symbol_number(reader, "log_buf_len", 4, &ring->size, error);
	if (r == 0)
		r = log_symbol_number(reader, "log_first_idx", 4, &ring->first, error);
	if (r == 0)
		r = log_symbol_number(reader, "log_next_idx", 4, &ring->next, error);
	if (r == 0 && (ring->size < ring->shape.size || ring->size > LOG_SIZE_MAX ||
		       ring->first >= ring->size || ring->next > ring->size))
		r = log_is_wrong(reader, "the size of the log, or where it begins, makes no sense",
				 error);
	return r;
}

/* "+" or a letter, "c12:3", "n4", "b8:0" or "subsystem:name" follow DEVICE=; it is taken as it is.
 */
static void read_pair(struct log_message *message, const char *pair)
{
	if (strncmp(pair, "SUBSYSTEM=", 10) == 0)
		snprintf(message->subsystem, sizeof(message->subsystem), "%s", pair + 10);
	else if (strncmp(pair, "DEVICE=", 7) == 0)
		snprintf(message->device, sizeof(message->device), "%s", pair + 7);
}

static void read_dictionary(const struct log_reader *reader, struct log_message *message,
			    uint64_t address, uint64_t size)
{
	char dictionary[DICTIONARY_MAX + 1];
	uint64_t has = vmcore_read(reader->vmcore, address, dictionary,
				   size < DICTIONARY_MAX ? size : DICTIONARY_MAX, NULL);

	dictionary[has] = '\0';
	for (uint64_t at = 0; at < has; at += strlen(dictionary + at) + 1)
		read_pair(message, dictionary + at);
}

static void read_priority(const struct log_reader *reader, const struct shape *shape,
			  struct bytes header, struct log_message *message)
{
	uint64_t at = shape->dict_len + 2, value;

	if (!bytes_number(header, at, 2, reader->vmcore->dump.order, &value))
		return;
	if (!shape->wide_level) {
		log_set_priority(reader, message, header.data + at);
		return;
	}
	message->level = value & 7;
	message->facility = (uint8_t)(value >> 3);
	message->has_priority = true;
}

/* Hands a record on; `room` is what follows its header up to its end. */
static int read_record(const struct log_reader *reader, const struct shape *shape,
		       struct bytes header, uint64_t address, uint64_t room)
{
	enum byte_order order = reader->vmcore->dump.order;
	struct log_message message = {.has_time = true, .text = reader->text};
	uint64_t text_len = 0, dict_len = 0, caller;

	if (!bytes_number(header, shape->ts_nsec, 8, order, &message.nanoseconds) ||
	    !bytes_number(header, shape->text_len, 2, order, &text_len) || text_len > room) {
		log_is_wrong(reader, "a message is larger than its record",
			     log_first_error(reader));
		reader->losses->unreadable++;
		return 0;
	}
	read_priority(reader, shape, header, &message);
	if (shape->has_caller && bytes_number(header, shape->caller_id, 4, order, &caller)) {
		message.caller = (uint32_t)caller;
		message.has_caller = true;
	}
	bytes_number(header, shape->dict_len, 2, order, &dict_len);
	if (dict_len > 0 && dict_len <= room - text_len)
		read_dictionary(reader, &message, address + text_len, dict_len);
	message.text_size = log_get_text(reader, address, text_len);
	if (message.text_size == 0 && text_len > 0)
		return 0;
	return reader->handler->message(reader->handler->context, &message);
}

/* Nothing tells where the next record begins. */
static int break_off(const struct log_reader *reader, const char *why)
{
	log_is_wrong(reader, why, log_first_error(reader));
	reader->losses->broken_off = true;
	return 0;
}

int log_read_records(const struct log_reader *reader, struct error *error)
{
	struct ring ring = {};
	const struct shape *shape = &ring.shape;
	enum byte_order order = reader->vmcore->dump.order;
	uint64_t at, length;
	bool wrapped = false;
	int r = read_shape(reader, &ring.shape, error);

	if (r == 0)
		r = read_ring(reader, &ring, error);
	for (at = ring.first; r == 0 && at != ring.next; at += length) {
		uint8_t header[HEADER_MAX];
		const struct bytes bytes = {header, shape->size};

		if (wrapped && at > ring.next)
			return break_off(reader, "the log's last message is none of its messages");
		if (ring.size < shape->size || at > ring.size - shape->size)
			return break_off(reader, "a message reaches behind the log's end");
		if (vmcore_read(reader->vmcore, ring.buffer + at, header, shape->size,
				log_first_error(reader)) < shape->size) {
			reader->losses->broken_off = true;
			return 0;
		}
		if (!bytes_number(bytes, shape->len, 2, order, &length))
			return break_off(reader, "a message's length is not in its header");
		if (length == 0) {
			if (wrapped)
				return break_off(reader, "the log ends twice");
			wrapped = true;
			at = 0;
			continue;
		}
		if (length < shape->size || length > ring.size - at)
			return break_off(reader, "a message has an impossible size");
		r = read_record(reader, shape, bytes, ring.buffer + at + shape->size,
				length - shape->size);
	}
	return r;
}
