/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The loading calls, answered in the kernel's place. What they were called with is kept.
 */
#pragma once

#include <linux/kexec.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "load/load.h"

struct fake_calls {
	/* Set by the test: errno to fail with, 0 to succeed; and what happens during a call. */
	int load_code, file_code, unload_load_code, unload_file_code, reboot_code;
	void (*during_load)(void *argument);
	void (*during_unload)(void *argument);
	void *argument;

	/* How often each was called, loading and unloading apart. */
	unsigned int load_count, file_count, unload_load_count, unload_file_count, reboot_count;

	unsigned long unload_flags; /* of the last call that unloads */

	/* The last load by kexec_load. */
	unsigned long entry, segment_count, load_flags;
	struct kexec_segment segments[KEXEC_SEGMENT_MAX];

	/* The last load by kexec_file_load. */
	int kernel_fd, initrd_fd;
	unsigned long file_flags, command_line_size;
	char command_line[4096];
	uint8_t initrd[65536];     /* as read from its file descriptor during the call */
	struct stat initrd_status; /* likewise */
	size_t initrd_size;
};

extern struct fake_calls fake_calls;
extern const struct load_calls load_calls_fake;

/* How often any of the loading calls was called, to load or to unload. */
unsigned int fake_calls_count(void);

/* Everything succeeds, nothing was called. Also a cmocka setup function. */
int fake_calls_reset(void **state);
