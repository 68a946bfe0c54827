/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "explain/explain-dump.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/error.h"
#include "base/printable.h"
#include "vmcore/log.h"

int dump_exit_code(const struct error *error)
{
	switch (error_kind(error)) {
	case ERROR_USAGE:
		return DUMP_EXIT_USAGE;
	case ERROR_FILE:
	case ERROR_CHANGED:
		return DUMP_EXIT_NOT_FOUND;
	case ERROR_UNSUPPORTED:
		return DUMP_EXIT_UNSUPPORTED;
	case ERROR_IMAGE:
		return DUMP_EXIT_IMAGE;
	case ERROR_NO_ROOM:
		return DUMP_EXIT_NO_ROOM;
	case ERROR_NONE:
	case ERROR_NOT_LOADED:
	case ERROR_FORBIDDEN:
	case ERROR_SIGNATURE:
	case ERROR_TOO_LONG:
	case ERROR_BUSY:
	case ERROR_RISKY:
	case ERROR_REFUSED:
	case ERROR_INTERNAL:
		break;
	}
	return DUMP_EXIT_INTERNAL;
}

static void print_failure(FILE *out, const char *before, const struct failure *failure)
{
	fprintf(out, "vmcore-dmesg: %s", before);
	if (*failure->subject) {
		print_printable(out, failure->subject);
		fputs(": ", out);
	}
	print_printable(out, failure->detail);
	if (failure->code) {
		errno = failure->code;
		fprintf(out, " (%s: %m)", failure->step);
	}
	fputc('\n', out);
}

static const char *next_step(const struct failure *failure)
{
	switch (failure->kind) {
	case ERROR_USAGE:
		return "see vmcore-dmesg --help";
	case ERROR_FILE:
		if (failure->code == ENOENT)
			return "check the path; /proc/vmcore is there in a crash kernel only, if "
			       "its command line has elfcorehdr=";
		return failure->code == EACCES ? "run it as root" : NULL;
	case ERROR_CHANGED:
		return "wait until the dump is written, then try again";
	case ERROR_UNSUPPORTED:
		if (strcmp(failure->step, "tell the time") == 0)
			return "take --time-format=raw, delta or notime";
		return "read it with a newer or fuller build of this program, or with crash(8)";
	case ERROR_IMAGE:
		if (strcmp(failure->step, "recognise") == 0)
			return "unpack it first if it was compressed as a whole (gzip, xz, zstd)";
		if (strstr(failure->detail, "VMCOREINFO"))
			return "open it with crash(8) and the kernel's debug symbols";
		return strstr(failure->detail, "truncated") ? "copy the dump again" : NULL;
	case ERROR_NO_ROOM:
		return "free memory, or reserve more of it for the crash kernel (crashkernel=)";
	case ERROR_INTERNAL:
		return "this is a bug in vmcore-dmesg; please report it";
	case ERROR_NONE:
	case ERROR_NOT_LOADED:
	case ERROR_FORBIDDEN:
	case ERROR_SIGNATURE:
	case ERROR_TOO_LONG:
	case ERROR_BUSY:
	case ERROR_RISKY:
	case ERROR_REFUSED:
		break;
	}
	return NULL;
}

void explain_dump_error(FILE *out, const struct error *error)
{
	const char *next = error->count ? next_step(&error->failures[0]) : NULL;

	for (size_t i = 0; i < error->count && i < 2; i++)
		print_failure(out, i ? "then: " : "", &error->failures[i]);
	if (next)
		fprintf(out, "  next: %s\n", next);
}

void explain_dump_damage(FILE *out, const struct error *damage)
{
	for (size_t i = 0; i < damage->count; i++)
		print_failure(out, "warning: ", &damage->failures[i]);
}

/* "missing: WHAT N messages, WHICH" */
static void print_count(FILE *out, const char *what, uint64_t count, const char *which)
{
	if (count)
		fprintf(out, "vmcore-dmesg: missing: %s%llu message%s, %s\n", what,
			(unsigned long long)count, count == 1 ? "" : "s", which);
}

void explain_log_losses(FILE *out, const struct log_losses *losses)
{
	print_count(out, "", losses->unreadable, "damaged or not in the dump");
	print_count(out, "the rest of ", losses->cut, "not in the dump");
	print_count(out, "", losses->unfinished, "which a CPU was just writing");
	print_count(out, "", losses->without_text, "which the kernel had no room for");
	if (losses->broken_off)
		fputs("vmcore-dmesg: missing: there is more of the log, and nothing tells where\n",
		      out);
	if (losses->error.count)
		print_failure(out, "the first reason: ", &losses->error.failures[0]);
}
