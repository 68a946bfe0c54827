/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "handover/reboot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "handover/handover.h"
#include "handover/status.h"
#include "machine/init-system.h"
#include "machine/pending.h"

static const char *const systemctl_programs[] = {
    "/usr/bin/systemctl",
    "/bin/systemctl",
    "/run/current-system/sw/bin/systemctl", /* NixOS */
    NULL,
};

const char *const reboot_shutdown_programs[] = {
    "/sbin/shutdown", "/usr/sbin/shutdown", "/etc/shutdown", "/bin/shutdown", NULL,
};

const char *reboot_way_name(enum reboot_way way)
{
	switch (way) {
	case REBOOT_BY_SYSTEMD:
		return "systemctl kexec";
	case REBOOT_BY_SHUTDOWN:
		return "shutdown";
	case REBOOT_COLD:
		return "firmware";
	case REBOOT_NOW:
		break;
	}
	return "now";
}

static const char *find_program(const struct root *root, const char *const *paths)
{
	for (; *paths; paths++) {
		cleanup_close int fd = root_open_file(root, *paths, O_PATH);
		struct stat status;

		if (fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
		    (status.st_mode & 0111))
			return *paths;
	}
	return NULL;
}

/*
 * systemctl goes to logind or, without that, to systemd itself. --no-block: versions that start
 * kexec.target themselves would wait until they are killed; --no-ask-password: nobody is asked.
 * What is loaded is used as it is. `systemctl reboot` turns into kexec, or into a restart of user
 * space alone, by itself since version 255, unless told otherwise.
 */
static void choose_systemctl(struct reboot_decision *decision, bool cold)
{
	const char *const arguments[] = {"systemctl", "--no-block", "--no-ask-password",
					 cold ? "reboot" : "kexec", NULL};

	memcpy(decision->arguments, arguments, sizeof(arguments));
	if (cold) {
		decision->environment[0] = "SYSTEMCTL_SKIP_AUTO_KEXEC=1";
		decision->environment[1] = "SYSTEMCTL_SKIP_AUTO_SOFT_REBOOT=1";
	}
}

static void choose_shutdown(struct reboot_decision *decision)
{
	const char *const arguments[] = {"shutdown", "-r", "now", NULL};

	memcpy(decision->arguments, arguments, sizeof(arguments));
}

/* kexec-tools brings that script; of other ways to jump nothing is known here. */
static void check_jump(struct reboot_decision *decision, const struct init_system *init)
{
	if (!init->systemd && !init->kexec_script)
		error_add(&decision->warnings, ERROR_RISKY, 0, "check init system", "shutdown",
			  "whether it ends in the jump or goes through the firmware is not known: "
			  "there is neither systemd nor /etc/init.d/kexec");
}

static int choose_program(struct reboot_decision *decision, bool cold, const struct root *root,
			  struct error *error)
{
	struct init_system init;
	bool systemd;

	init_system_read(&init, root);
	systemd = init.systemd;
	decision->way = cold ? REBOOT_COLD : systemd ? REBOOT_BY_SYSTEMD : REBOOT_BY_SHUTDOWN;
	decision->program =
	    find_program(root, systemd ? systemctl_programs : reboot_shutdown_programs);
	if (systemd)
		choose_systemctl(decision, cold);
	else
		choose_shutdown(decision);
	if (!cold)
		check_jump(decision, &init);
	if (decision->program)
		return 0;
	return error_add(error, ERROR_FILE, ENOENT,
			 cold ? REBOOT_START_COLD : REBOOT_START_SHUTDOWN, decision->arguments[0],
			 "there is no such program in %s",
			 systemd ? "/usr/bin or /bin" : "/sbin, /usr/sbin, /etc or /bin");
}

/* For an orderly shutdown not to know is not enough: it cannot be taken back. */
static int check_loaded(const struct reboot_wish *wish, const struct root *root,
			struct error *error)
{
	bool known = false;
	int r;

	if (wish->now)
		return handover_check_jump(root, error);
	r = handover_check_loaded(root, &known, error);
	if (r < 0 || known)
		return r;
	return error_add(error, ERROR_FILE, EIO, "read", "/sys/kernel/kexec_loaded",
			 "whether a kernel is loaded cannot be read");
}

static void list_work(const struct machine_pending *pending, char *text, size_t size)
{
	char next[48] = "";

	if (pending->boot_next)
		snprintf(next, sizeof(next), "the choice of the next boot (Boot%04X)",
			 (unsigned int)pending->boot_next_entry);
	snprintf(text, size, "%s%s%s%s%s", next, *next && pending->setup_screen ? ", " : "",
		 pending->setup_screen ? "a visit to its setup screen" : "",
		 (*next || pending->setup_screen) && pending->capsules ? ", " : "",
		 pending->capsules ? "updates or a recovery" : "");
}

static int check_firmware(struct reboot_decision *decision, const struct reboot_wish *wish,
			  const struct root *root, struct error *error)
{
	struct machine_pending pending;
	char work[160];

	machine_pending_read(&pending, root);
	if (pending.fact == FACT_UNREADABLE && !wish->skip_firmware)
		error_add(&decision->warnings, ERROR_RISKY, 0, "check firmware",
			  "/sys/firmware/efi/efivars",
			  "whether work waits for the firmware cannot be read; is efivarfs "
			  "mounted?");
	if (!machine_pending_any(&pending))
		return 0;
	list_work(&pending, work, sizeof(work));
	if (!wish->skip_firmware)
		return error_add(error, ERROR_RISKY, 0, "check firmware", "the firmware",
				 "work waits for it that a jump would pass over: %s", work);
	error_add(&decision->warnings, ERROR_RISKY, 0, "check firmware", "the firmware",
		  "work goes on waiting for it: %s", work);
	return 0;
}

static const char *difference(enum file_state state)
{
	switch (state) {
	case FILE_UNCHANGED:
		break;
	case FILE_CHANGED:
		return "it has changed since it was loaded";
	case FILE_GONE:
		return "it is gone since it was loaded";
	case FILE_UNKNOWN:
		return "whether it has changed since it was loaded cannot be read";
	}
	return NULL;
}

/* One warning, however many initrds there are. */
static void check_files(struct error *warnings, const struct status *status)
{
	size_t differing = 0, first = 0;

	for (size_t i = status->record.file_count; i-- > 0;) {
		if (status->file_states[i] == FILE_UNCHANGED)
			continue;
		first = i;
		differing++;
	}
	if (differing > 0)
		error_add(warnings,
			  status->file_states[first] == FILE_CHANGED ? ERROR_CHANGED : ERROR_FILE,
			  0, "check files", status->record.files[first].path, "%s%s",
			  difference(status->file_states[first]),
			  differing > 1 ? ", and other files are not what they were either" : "");
}

static void check_newer(struct reboot_decision *decision, const struct root *root)
{
	struct machine_installed newest;

	if (!*decision->loaded_release)
		return;
	if (machine_newest_installed(&newest, root) < 0) {
		error_memory(&decision->warnings, "look for newer kernels");
		return;
	}
	if (!*newest.release ||
	    machine_compare_releases(newest.release, decision->loaded_release) <= 0)
		return;
	decision->newer = newest;
	error_add(&decision->warnings, ERROR_CHANGED, 0, "look for newer kernels", newest.path,
		  "this kernel is newer than Linux %s, which is loaded", decision->loaded_release);
}

/*
 * What is loaded lies in memory, whatever became of its files: these are reasons to tell and not to
 * stop, and so is everything that keeps them from being known.
 */
static void check_what_is_loaded(struct reboot_decision *decision, const struct root *root)
{
	cleanup_with(status_fini) struct status status = {};
	const char *version;

	if (status_read(&status, root, &decision->warnings) < 0)
		return;
	if (status.record_state != STATUS_RECORD_CONFIRMED) {
		error_add(&decision->warnings, ERROR_FILE, 0, "read record", NULL,
			  "which kernel is loaded is not known (its record: %s), so its files are "
			  "not checked",
			  status_record_name(status.record_state));
		return;
	}
	version = status.record.kernel_version;
	snprintf(decision->loaded_release, sizeof(decision->loaded_release), "%.*s",
		 (int)strcspn(version, " "), version);
	check_files(&decision->warnings, &status);
	check_newer(decision, root);
}

/* Also where it cannot be read: to unload nothing is no error. */
static bool something_to_unload(const struct root *root)
{
	struct error ignored = {};
	bool known;

	return handover_check_loaded(root, &known, &ignored) == 0;
}

int reboot_decide(struct reboot_decision *decision, const struct reboot_wish *wish,
		  const struct root *root, struct error *error)
{
	int r;

	*decision = (struct reboot_decision){.way = REBOOT_NOW};
	if (init_system_is_of_container(root))
		return error_add(error, ERROR_FORBIDDEN, 0, REBOOT_CHECK_CONTAINER, NULL,
				 "this is a PID namespace (a container), which could go down, and "
				 "the machine could not");
	if (wish->cold) {
		decision->unload = something_to_unload(root);
		return choose_program(decision, true, root, error);
	}
	r = check_loaded(wish, root, error);
	if (r == 0)
		r = check_firmware(decision, wish, root, error);
	if (r == 0 && !wish->now)
		r = choose_program(decision, false, root, error);
	if (r == 0)
		check_what_is_loaded(decision, root);
	return r;
}
