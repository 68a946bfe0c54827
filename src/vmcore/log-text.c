/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The ring of text of kernels before 3.5 (kernel/printk.c): log_end counts all bytes ever written,
 * and log_buf has the last log_buf_len of them. Lines begin with "<N>", level and facility, and,
 * with printk.time, "[seconds.microseconds] ".
 */
#include <errno.h>

#include "vmcore/log-forms.h"

enum { LINE_MAX_SIZE = 4096, CHUNK_SIZE = 4096 };

/* So many chunks in a row that are not there are no log. */
enum { MISSING_MAX = 4096 };

struct ring {
	uint64_t buffer, size, end, count;
};

/* The line that is being put together, and the priority of the one before. */
struct lines {
	const struct log_reader *reader;
	size_t size;
	struct log_message message;
};

static bool is_digit(uint8_t byte)
{
	return byte >= '0' && byte <= '9';
}

/* Digits at `at`, at least one; `at` is moved behind them. */
static bool read_digits(const uint8_t *text, size_t size, size_t *at, uint64_t *value)
{
	size_t start = *at;

	*value = 0;
	while (*at < size && is_digit(text[*at]) && *at - start < 12)
		*value = *value * 10 + (uint64_t)(text[(*at)++] - '0');
	return *at > start;
}

/* A line without a prefix goes on with the priority of the one before. */
static size_t read_prefix(struct log_message *message, const uint8_t *text, size_t size)
{
	size_t at = 1;
	uint64_t value;

	if (size < 3 || text[0] != '<' || !read_digits(text, size, &at, &value) || at >= size ||
	    text[at] != '>' || value > 1023)
		return 0;
	message->level = value & 7;
	message->facility = (uint8_t)(value >> 3);
	message->has_priority = true;
	return at + 1;
}

static void read_time(struct log_message *message, const uint8_t *text, size_t size, size_t at)
{
	uint64_t seconds, microseconds;

	message->has_time = false;
	message->prefix_size = at;
	if (at >= size || text[at++] != '[')
		return;
	while (at < size && text[at] == ' ')
		at++;
	if (!read_digits(text, size, &at, &seconds) || at >= size || text[at++] != '.' ||
	    !read_digits(text, size, &at, &microseconds) || at >= size || text[at] != ']' ||
	    seconds > UINT32_MAX || microseconds > 999999)
		return;
	message->nanoseconds = (seconds * 1000000 + microseconds) * 1000;
	message->has_time = true;
	message->prefix_size = at + 1 < size && text[at + 1] == ' ' ? at + 2 : at + 1;
}

static int end_line(struct lines *lines)
{
	const struct log_reader *reader = lines->reader;
	struct log_message *message = &lines->message;

	if (lines->size == 0)
		return 0;
	read_time(message, reader->text, lines->size,
		  read_prefix(message, reader->text, lines->size));
	message->text = reader->text;
	message->text_size = lines->size;
	message->is_line = true;
	lines->size = 0;
	return reader->handler->message(reader->handler->context, message);
}

static int add_text(struct lines *lines, const uint8_t *text, uint64_t size)
{
	int r = 0;

	for (uint64_t i = 0; i < size && r == 0; i++) {
		lines->reader->text[lines->size++] = text[i];
		if (text[i] == '\n' || lines->size == LINE_MAX_SIZE)
			r = end_line(lines);
	}
	return r;
}

static int read_ring(const struct log_reader *reader, struct ring *ring, struct error *error)
{
	int r =
	    log_symbol_number(reader, "log_buf", reader->vmcore->dump.word, &ring->buffer, error);

	if (r == 0)
		r = log_symbol_number(reader, "log_buf_len", 4, &ring->size, error);
	if (r == 0)
		r = log_symbol_number(reader, "log_end", 4, &ring->end, error);
	if (r == 0 && (ring->size == 0 || ring->size > LOG_SIZE_MAX))
		r = log_is_wrong(reader, "the size of the log makes no sense", error);
	if (r == 0)
		ring->count = ring->end < ring->size ? ring->end : ring->size;
	return r;
}

/* Where the log's memory is not in the dump, the rest of that page is left out. */
int log_read_text(const struct log_reader *reader, struct error *error)
{
	struct lines lines = {.reader = reader};
	struct ring ring = {};
	int r = read_ring(reader, &ring, error);
	uint64_t at = ring.end - ring.count, part, missing = 0;

	for (; r == 0 && at != ring.end && missing < MISSING_MAX; at += part) {
		uint64_t index = at % ring.size, has;
		uint8_t chunk[CHUNK_SIZE];

		part = ring.end - at < sizeof(chunk) ? ring.end - at : sizeof(chunk);
		part = part < ring.size - index ? part : ring.size - index;
		has = vmcore_read(reader->vmcore, ring.buffer + index, chunk, part,
				  log_first_error(reader));
		missing = has < part ? missing + 1 : 0;
		r = add_text(&lines, chunk, has);
		if (r == 0 && has < part) {
			reader->losses->cut++;
			r = end_line(&lines);
		}
	}
	reader->losses->broken_off = missing == MISSING_MAX;
	return r == 0 ? end_line(&lines) : r;
}
