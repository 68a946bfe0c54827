/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "machine/panic.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "base/cleanup.h"

/* A whole number that may be negative. */
static struct machine_setting read_setting(const struct root *root, const char *path)
{
	struct machine_setting setting = {};
	char line[64], *end;

	setting.fact = root_read_line(root, path, line, sizeof(line));
	if (setting.fact != FACT_KNOWN)
		return setting;
	errno = 0;
	setting.value = strtoll(line, &end, 10);
	if (errno || end == line || *end != '\0')
		setting = (struct machine_setting){.fact = FACT_UNREADABLE};
	return setting;
}

static bool is_there(const struct root *root, const char *path)
{
	cleanup_close int fd = root_open_file(root, path, O_PATH);

	return fd >= 0;
}

/* The links that `systemctl enable` makes may not lead anywhere below another root. */
static bool is_link_there(const struct root *root, const char *path)
{
	cleanup_close int fd = root_open_file(root, path, O_PATH | O_NOFOLLOW);

	return fd >= 0;
}

void machine_panic_read(struct machine_panic *panic, const struct root *root)
{
	*panic = (struct machine_panic){
	    .on_oops = read_setting(root, "/proc/sys/kernel/panic_on_oops"),
	    .on_warning = read_setting(root, "/proc/sys/kernel/panic_on_warn"),
	    .on_hung_task = read_setting(root, "/proc/sys/kernel/hung_task_panic"),
	    .on_soft_lockup = read_setting(root, "/proc/sys/kernel/softlockup_panic"),
	    .on_hard_lockup = read_setting(root, "/proc/sys/kernel/hardlockup_panic"),
	    .on_out_of_memory = read_setting(root, "/proc/sys/vm/panic_on_oom"),
	    .on_unknown_nmi = read_setting(root, "/proc/sys/kernel/unknown_nmi_panic"),
	    .on_unrecovered_nmi = read_setting(root, "/proc/sys/kernel/panic_on_unrecovered_nmi"),
	    .on_io_nmi = read_setting(root, "/proc/sys/kernel/panic_on_io_nmi"),
	    .timeout = read_setting(root, "/proc/sys/kernel/panic"),
	    .loads_left = read_setting(root, "/proc/sys/kernel/kexec_load_limit_panic"),
	    .cpu_hotplug = read_setting(root, "/sys/devices/system/cpu/crash_hotplug"),
	    .memory_hotplug = read_setting(root, "/sys/devices/system/memory/crash_hotplug"),
	    .can_hotplug_memory = is_there(root, "/sys/devices/system/memory/auto_online_blocks"),
	    .service_enabled = is_link_there(
		root, "/etc/systemd/system/multi-user.target.wants/kexec-crash.service"),
	};
}
