/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the three readers of logs share; only for src/vmcore/log*.c. */
#pragma once

#include "vmcore/log.h"
#include "vmcore/vmcore.h"

/* Bytes of a kernel's log buffer: its own limit (kernel/printk/printk.c, LOG_BUF_LEN_MAX). */
#define LOG_SIZE_MAX (UINT64_C(1) << 31)

/* A message's text: its size is 16 bits wide. */
enum { LOG_TEXT_MAX = 65536 };

struct log_reader {
	struct vmcore *vmcore;
	const struct log_handler *handler;
	struct log_losses *losses;
	uint8_t *text; /* LOG_TEXT_MAX bytes */
};

int log_read_text(const struct log_reader *reader, struct error *error);
int log_read_records(const struct log_reader *reader, struct error *error);
int log_read_lockless(const struct log_reader *reader, struct error *error);

/* What VMCOREINFO must tell and does not. Returns a negative errno. */
int log_lacks(const struct log_reader *reader, const char *what, struct error *error);

/* The log is not what it should be. Returns a negative errno. */
int log_is_wrong(const struct log_reader *reader, const char *what, struct error *error);

/* The number that a symbol names, of `width` bytes. 0 or a negative errno. */
int log_symbol_number(const struct log_reader *reader, const char *symbol, unsigned int width,
		      uint64_t *value, struct error *error);

/*
 * Reads `size` bytes of text, at most LOG_TEXT_MAX, as far as they are there, and counts it when
 * they are not. Returns how many.
 */
size_t log_get_text(const struct log_reader *reader, uint64_t address, uint64_t size);

/* Level and facility as they lie in memory: facility 1 byte, then flags 5 bits and level 3 bits. */
void log_set_priority(const struct log_reader *reader, struct log_message *message,
		      const uint8_t *facility);

/* The first failure of a kind is enough; later ones say the same. */
struct error *log_first_error(const struct log_reader *reader);
