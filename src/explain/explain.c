/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "explain/explain.h"

#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "base/printable.h"
#include "explain/refusal.h"
#include "machine/kernel.h"

/* For an errno that is not known of the call. */
#define NO_WORDS "see the kernel's log (dmesg) for its reason"

static const char *task_text(enum explain_task task)
{
	switch (task) {
	case EXPLAIN_LOAD:
		return "cannot load";
	case EXPLAIN_ARM:
		return "cannot load for a panic";
	case EXPLAIN_PLAN:
		return "cannot plan";
	case EXPLAIN_UNLOAD:
		return "cannot unload";
	case EXPLAIN_EXECUTE:
		return "cannot jump";
	case EXPLAIN_REBOOT:
		return "cannot reboot";
	case EXPLAIN_RECORD:
		return "cannot record";
	case EXPLAIN_STATUS:
		return "cannot tell what is loaded";
	case EXPLAIN_TIMELINE:
		return "cannot show a timeline";
	case EXPLAIN_CHECK:
		return "cannot check";
	case EXPLAIN_TEST_PANIC:
		return "not crashed";
	case EXPLAIN_VERIFY:
		return "not verified";
	case EXPLAIN_WARNING:
		return "warning";
	case EXPLAIN_OPTIONS:
		break;
	}
	return NULL;
}

static bool is_locked_down(const struct machine_kernel *kernel)
{
	return kernel && kernel->lockdown_fact == FACT_KNOWN &&
	       strcmp(kernel->lockdown, "none") != 0;
}

static const char *advice_forbidden(const struct failure *failure,
				    const struct machine_kernel *kernel)
{
	if (strcmp(failure->step, "check swap") == 0)
		return "turn that swap off (swapoff) or encrypt it, or give --allow-swap";
	if (strcmp(failure->step, "check limit of loads") == 0)
		return "somebody set that limit; only a reboot lifts it (see /etc/sysctl.d)";
	if (strcmp(failure->step, "read for a dump") == 0)
		return "run it as root; -s lets the kernel itself make what a dump needs";
	if (strcmp(failure->step, "check container") == 0)
		return "run it on the machine itself, outside of the container";
	if (kernel && kernel->privilege_fact == FACT_KNOWN && !kernel->may_load)
		return "run it as root (with CAP_SYS_BOOT)";
	if (kernel && kernel->load_disabled)
		return "somebody set kernel.kexec_load_disabled=1; only a reboot lifts it (see "
		       "/etc/sysctl.d)";
	if (is_locked_down(kernel))
		return "the kernel is locked down: only a kernel signed with a key that it trusts "
		       "loads, with -s";
	return "run it outside of containers; look at sysctl kernel.kexec_load_limit_reboot, and "
	       "in the kernel's log (dmesg)";
}

static const char *advice_image(const struct failure *failure)
{
	if (strcmp(failure->step, "check type") == 0)
		return "leave --type out, or give bzImage";
	if (strstr(failure->detail, "truncated") || strstr(failure->detail, "corrupt"))
		return "copy or install the file again";
	if (strcmp(failure->step, "check what follows") == 0)
		return "remove what was appended, or install the file again";
	if (strstr(failure->detail, "initrd?"))
		return "give the kernel as the argument, and this file with --initrd=";
	return "give the distribution's kernel for x86-64, usually /boot/vmlinuz-VERSION";
}

static const char *advice_file(const struct failure *failure)
{
	if (strcmp(failure->step, "start shutdown") == 0)
		return "the kernel is still loaded, and `kexec reboot --now` jumps into it without "
		       "a shutdown";
	if (strcmp(failure->step, "start cold reboot") == 0)
		return "shut down by other means";
	if (strcmp(failure->step, "read words for a crash kernel") == 0)
		return "correct that file, or give --command-line, which does without";
	if (strcmp(failure->step, "find the boot partition") == 0) /* ENTRY_STEP_MOUNT */
		return "mount it there (mount DEVICE FOLDER), and try again";
	if (failure->code == ENOENT)
		return "check the path";
	if (failure->code == EACCES)
		return "run it as root";
	if (failure->code == EFBIG)
		return "raise the limit of a file's size (ulimit -f)";
	if (failure->code == EMFILE)
		return "raise the limit of open files (ulimit -Hn, as root)";
	return NULL;
}

static const char *advice_no_room(const struct failure *failure)
{
	if (strcmp(failure->step, "check reservation") == 0)
		return "add crashkernel=256M, say, to this kernel's command line, and reboot";
	if (strcmp(failure->step, "place in reservation") == 0)
		return "reserve more (a larger crashkernel=, and reboot), or give a smaller initrd";
	if (strstr(failure->detail, "for its own work")) /* error_memory() */
		return "free memory, and try again";
	if (strstr(failure->detail, "vm.max_map_count"))
		return "raise that limit (sysctl vm.max_map_count), or give fewer initrds";
	if (strstr(failure->detail, "RLIMIT_MEMLOCK"))
		return "raise the limit of locked memory (ulimit -l), or run it as root";
	return "free memory, or give a smaller initrd; --mem-min and --mem-max, if given, may be "
	       "too narrow";
}

static const char *advice_risky(const struct failure *failure)
{
	if (strcmp(failure->step, "check firmware") == 0)
		return "--cold lets the firmware do it; --skip-firmware goes on without it";
	if (strcmp(failure->step, "check way back") == 0)
		return "put its files back, or unload it first, or give --allow-disarm";
	return NULL;
}

static const char *advice_unsupported(const struct failure *failure)
{
	if (strcmp(failure->step, "unwrap") == 0)
		return "unpack the file with another program, and load what comes out";
	if (strcmp(failure->step, "read for a dump") == 0)
		return "-s lets the kernel itself make what a dump needs";
	if (strcmp(failure->step, "jump") == 0)
		return "kexec reboot --cold restarts through the firmware";
	return NULL;
}

static const char *advice(const struct failure *failure, const struct machine_kernel *kernel)
{
	switch (failure->kind) {
	case ERROR_FILE:
		return advice_file(failure);
	case ERROR_UNSUPPORTED:
		return advice_unsupported(failure);
	case ERROR_FORBIDDEN:
		return advice_forbidden(failure, kernel);
	case ERROR_IMAGE:
		return advice_image(failure);
	case ERROR_NO_ROOM:
		return advice_no_room(failure);
	case ERROR_TOO_LONG:
		if (strcmp(failure->step, "make elfcorehdr") == 0)
			return NULL;
		return strcmp(failure->step, "unwrap") == 0
			   ? "free memory: what is unpacked may take half of what is available, "
			     "and 1 GiB at most"
			   : "shorten it";
	case ERROR_CHANGED:
		return "wait until whatever writes the file has finished, then load again";
	case ERROR_RISKY:
		return advice_risky(failure);
	case ERROR_INTERNAL:
		return "this is a bug in kexec; please report it with the output of kexec plan";
	case ERROR_REFUSED:
		return NO_WORDS;
	case ERROR_USAGE: /* print_command_to_try() */
	case ERROR_NOT_LOADED:
	case ERROR_SIGNATURE: /* these two only come from the kernel: refusal.c has them all */
	case ERROR_BUSY:
	case ERROR_NONE:
		break;
	}
	return NULL;
}

static bool failed_with_enosys(const struct failure *failure)
{
	return failure->code == ENOSYS && refusal_find(failure->step, ENOSYS);
}

/* Both calls were tried: to try the other one is no advice then. */
static const char *advice_after_both(const struct error *error, const struct failure *last)
{
	const struct failure *first = &error->failures[0];

	if (failed_with_enosys(first) && failed_with_enosys(last))
		return "the running kernel has no kexec at all: restart through the firmware, into "
		       "one with CONFIG_KEXEC and CONFIG_KEXEC_FILE";
	return "see the kernel's log (dmesg) for both reasons, and what kexec plan says";
}

/* What to type differs between verbs and classic options, of which `verb` is NULL. */
static void print_command_to_try(FILE *out, const char *verb, enum error_kind kind)
{
	if (kind == ERROR_NOT_LOADED)
		fputs(verb ? "load one first: kexec load KERNEL --initrd=INITRD"
			   : "load one first: kexec -l KERNEL --initrd=INITRD --reuse-cmdline",
		      out);
	else
		fprintf(out, "see kexec %s%s--help", verb ? verb : "", verb ? " " : "");
}

static const char *next_step(const struct error *error, const struct machine_kernel *kernel)
{
	const struct failure *last = &error->failures[error->count - 1];
	const struct refusal *refusal = refusal_find(last->step, last->code);

	/* Lockdown's reason is better than what its errno may mean. */
	if (!refusal || !refusal->next || (last->kind == ERROR_FORBIDDEN && is_locked_down(kernel)))
		return advice(last, kernel);
	if (refusal->other_call && error->count > 1)
		return advice_after_both(error, last);
	return refusal->next;
}

/* By %m, because strerror() needs memory for a number that it does not know. */
static void print_errno(FILE *out, int code)
{
	errno = code;
	fprintf(out, "%m");
}

static void print_failure(FILE *out, const char *task, const struct failure *failure)
{
	const struct refusal *refusal = refusal_find(failure->step, failure->code);

	fputs("kexec: ", out);
	if (task)
		fprintf(out, "%s: ", task);
	if (*failure->subject) {
		print_printable(out, failure->subject);
		fputs(": ", out);
	}
	print_printable(out, failure->detail);
	if (refusal)
		fprintf(out, ": %s", refusal->why);
	if (failure->code) {
		fprintf(out, " (%s: ", failure->step);
		print_errno(out, failure->code);
		fputc(')', out);
	}
	fputc('\n', out);
}

/* A changed file was loaded and could not be taken back. */
static bool unload_failed(const struct error *error)
{
	for (size_t i = 0; i < error->count; i++)
		if (strcmp(error->failures[i].step, "unload") == 0)
			return true;
	return false;
}

static void print_state(FILE *out, const struct error *error, const struct machine_kernel *kernel)
{
	if (!kernel || kernel->loaded_fact != FACT_KNOWN)
		return;
	if (kernel->loaded && unload_failed(error)) {
		fputs("  now: do not trust what is loaded; unload it with kexec unload\n", out);
		return;
	}
	fprintf(out, "  now: %s\n",
		kernel->loaded ? "what was loaded before is still loaded" : "no kernel is loaded");
}

/* Loud, because nobody sees it otherwise until a panic. */
static void print_whether_armed(FILE *out, const struct error *error,
				const struct machine_kernel *kernel)
{
	if (!kernel || kernel->crash_loaded_fact != FACT_KNOWN)
		fputs("  now: whether a crash kernel is loaded cannot be read\n", out);
	else if (kernel->crash_loaded && unload_failed(error))
		fputs("  now: do not trust the crash kernel that is loaded; unload it with kexec "
		      "unload --panic\n",
		      out);
	else if (kernel->crash_loaded)
		fputs("  now: armed: the crash kernel that was loaded before is loaded\n", out);
	else
		fputs("  now: NOT ARMED: no crash kernel is loaded, and a panic leaves no dump\n",
		      out);
}

static void print_next(FILE *out, const char *verb, const struct error *error,
		       const struct machine_kernel *kernel)
{
	enum error_kind kind = error_last_kind(error);
	const char *next = error->count ? next_step(error, kernel) : NULL;
	bool command = kind == ERROR_USAGE || kind == ERROR_NOT_LOADED;

	if (!next && !command)
		return;
	fputs("  next: ", out);
	if (command)
		print_command_to_try(out, verb, kind);
	else
		fputs(next, out);
	fputc('\n', out);
}

void explain_error(FILE *out, enum explain_task task, const struct error *error,
		   const struct machine_kernel *kernel)
{
	explain_error_of_verb(out, task, NULL, error, kernel);
}

void explain_error_of_verb(FILE *out, enum explain_task task, const char *verb,
			   const struct error *error, const struct machine_kernel *kernel)
{

	for (size_t i = 0; i < error->count; i++)
		print_failure(out, i ? "then" : task_text(task), &error->failures[i]);
	print_next(out, verb, error, kernel);
	if (task == EXPLAIN_LOAD)
		print_state(out, error, kernel);
	if (task == EXPLAIN_ARM)
		print_whether_armed(out, error, kernel);
}

void explain_fall_back(FILE *out, const struct error *error, const char *method, const char *reason)
{
	const struct failure *failure = &error->failures[0];

	fprintf(out, "kexec: %s failed (", failure->step);
	if (failure->code)
		print_errno(out, failure->code);
	else
		print_printable(out, failure->detail);
	fprintf(out, "), so it was loaded by %s, because %s\n", method, reason);
}

void explain_waiting(FILE *out, long holder)
{
	char who[48] = "another kexec";

	if (holder > 0)
		snprintf(who, sizeof(who), "another kexec (process %ld)", holder);
	fprintf(out, "kexec: %s loads or unloads a kernel now; waiting until it has finished\n",
		who);
}

void explain_unconfirmed(FILE *out, bool loaded)
{
	if (loaded)
		fputs("kexec: which kernel is loaded is unconfirmed, because a load or unload was "
		      "interrupted or is under way: load again, or unload with kexec -u\n",
		      out);
	else
		fputs(
		    "kexec: no kernel is loaded, and the record is unconfirmed, because a load "
		    "or unload was interrupted or is under way: the next one makes a new record\n",
		    out);
}

void explain_warning(FILE *out, const char *text)
{
	fputs("kexec: warning: ", out);
	print_printable(out, text);
	fputc('\n', out);
}
