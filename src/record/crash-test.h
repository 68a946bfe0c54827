/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The token that `kexec test-panic` leaves for the boot after the crash: a small file in
 * /var/lib/kexec, which tells when and in which boot the machine was crashed on purpose.
 */
#pragma once

#include <stdint.h>

#include "record/next-boot.h"
#include "record/record.h"

struct error;
struct root;

#define CRASH_TEST_FILE RECORD_NEXT_FOLDER "/crash-test.json"

struct crash_test {
	char boot_id[RECORD_BOOT_ID_SIZE]; /* of the boot that was to crash */
	char release[80];                  /* of its kernel */
	char dump_folder[256];             /* where the dump is to be */
	uint64_t ordered_at;               /* seconds since 1970 */
};

/* The token of this boot, as of now. 0 or a negative errno with a failure added. */
int crash_test_make(struct crash_test *test, const char *dump_folder, const struct root *root,
		    struct error *error);

/* Writes it, in place of one that is there. 0 or a negative errno with a failure added. */
int crash_test_write(const struct crash_test *test, const struct root *root, struct error *error);

/* 0, or a negative errno with a failure added: -ENOENT where nobody tested, -EBADMSG for what is no
 * token. */
int crash_test_read(struct crash_test *test, const struct root *root, struct error *error);
