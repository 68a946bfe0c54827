/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The log of a made-up crashed kernel, written as the kernel writes it, so that it wraps around and
 * loses its oldest messages as a real one does.
 */
#pragma once

#include "test-support/crashed-kernel.h"

enum crashed_log_form {
	CRASHED_LOG_TEXT,    /* before Linux 3.5 */
	CRASHED_LOG_RECORDS, /* 3.5 to 5.9 */
	CRASHED_LOG_LOCKLESS,
	CRASHED_LOG_LOCKLESS_FULL, /* since 6.18: a block may end at the ring's end */
	CRASHED_LOG_FORMS,
};

struct crashed_log {
	struct crashed_kernel *kernel;
	enum crashed_log_form form;
	uint64_t size; /* bytes of the ring, a power of two */
	uint64_t data;
	/* Text: all that was ever written. Records: where the next one goes, and the first is. */
	uint64_t end, first;
	/* Lockless. */
	uint64_t prb, descs, infos, count;
	uint64_t head_lpos, tail_lpos, head_id, tail_id;
	uint64_t said;   /* messages */
	uint64_t oldest; /* the first of them that is still there */
};

/* Makes an empty ring, and its part of VMCOREINFO. */
void crashed_log_begin(struct crashed_log *log, struct crashed_kernel *kernel,
		       enum crashed_log_form form, uint64_t size);

/* Writes a message: its number in milliseconds is its time, priority is facility * 8 + level. */
void crashed_log_say(struct crashed_log *log, unsigned int priority, const void *text, size_t size);
void crashed_log_text(struct crashed_log *log, unsigned int priority, const char *text);

/* Lockless: the id of a message, and the addresses of its descriptor and info. */
uint64_t crashed_log_id(const struct crashed_log *log, uint64_t message);
uint64_t crashed_log_desc(const struct crashed_log *log, uint64_t id);
uint64_t crashed_log_info(const struct crashed_log *log, uint64_t id);

/* Lockless: a message without text, of which the positions are both `lpos`. */
void crashed_log_without_text(struct crashed_log *log, uint64_t lpos);

/* The structures' shapes. */
enum {
	DESC_SIZE = 40,
	DESC_STATE = 8,
	DESC_BEGIN = 16,
	DESC_NEXT = 24,
	INFO_SIZE = 112,
	INFO_SEQ = 0,
	INFO_TIME = 8,
	INFO_TEXT_LEN = 16,
	INFO_CALLER = 20,
	INFO_SUBSYSTEM = 44,
	INFO_DEVICE = 60,
	PRB_COUNT_BITS = 16,
	PRB_DESCS = 24,
	PRB_INFOS = 32,
	PRB_HEAD_ID = 40,
	PRB_TAIL_ID = 56,
	PRB_SIZE_BITS = 96,
	PRB_DATA = 104,
};
