/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Errors as data.
 *
 * A function that can fail takes a `struct error *` and returns 0 or a negative errno. On failure
 * it has added one failure: what was being done (step), to what (subject), which errno, and the
 * facts that are known only here (detail). The first failure is the cause; one that comes after it,
 * say because a fall-back failed too, is added behind it and never replaces it. Words for people
 * and exit codes are made of this in explain/, nowhere else.
 *
 * Nothing here allocates: reporting a failed allocation works like any other.
 */
#pragma once

#include <stddef.h>

/* What went wrong, as coarsely as an exit code needs it. */
enum error_kind {
	ERROR_NONE,
	ERROR_USAGE,       /* the request contradicts itself or cannot take effect */
	ERROR_FILE,        /* a file cannot be opened, read or written */
	ERROR_NOT_LOADED,  /* there is nothing to jump into */
	ERROR_UNSUPPORTED, /* the running kernel, or this program, cannot do it */
	ERROR_FORBIDDEN,   /* a policy or a missing privilege forbids it */
	ERROR_IMAGE,       /* a file is not what it should be */
	ERROR_SIGNATURE,   /* a signature is missing or wrong */
	ERROR_NO_ROOM,     /* not enough memory, or none where it is needed */
	ERROR_TOO_LONG,    /* a command line or an initrd over a limit */
	ERROR_BUSY,        /* somebody else is at it */
	ERROR_CHANGED,     /* a file changed while it was used */
	ERROR_RISKY,       /* the platform, or work that waits for the firmware */
	ERROR_REFUSED,     /* the kernel refused for another reason */
	ERROR_INTERNAL,    /* our own bug */
};

#define ERROR_FAILURES_MAX 4

struct failure {
	enum error_kind kind;
	int code;          /* errno, positive; 0 when no call failed */
	const char *step;  /* static text: what was being done, as in "open" */
	char subject[256]; /* the file, segment or option that it was done to */
	char detail[768];  /* facts, as in "ends at offset 512, header says 14000000" */
};

struct error {
	size_t count;
	struct failure failures[ERROR_FAILURES_MAX];
};

/*
 * Adds a failure. `code` is a positive errno or 0, `subject` may be NULL. Returns -code, or -EINVAL
 * when code is 0, so that a caller can `return error_add(…)`. `error` may be NULL.
 */
int error_add(struct error *error, enum error_kind kind, int code, const char *step,
	      const char *subject, const char *format, ...) __attribute__((format(printf, 6, 7)));

/* Adds that memory ran out while `step` was done; returns -ENOMEM. */
int error_memory(struct error *error, const char *step);

/* Adds the failures of another error behind those that are there, as far as there is room. `error`
 * may be NULL. */
void error_append(struct error *error, const struct error *more);

/* Kind of the first and of the last failure, ERROR_NONE when there is none or `error` is NULL. */
enum error_kind error_kind(const struct error *error);
enum error_kind error_last_kind(const struct error *error);

/* Name of a kind as it stands in JSON and messages: "usage", "file", … Never NULL. */
const char *error_kind_name(enum error_kind kind);
