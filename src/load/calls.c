/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The one place where the loading calls and the jump are made. */
#include <errno.h>
#include <linux/kexec.h>
#include <linux/reboot.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "load/load.h"

static long live_kexec_load(unsigned long entry, unsigned long count,
			    struct kexec_segment *segments, unsigned long flags)
{
	return syscall(SYS_kexec_load, entry, count, segments, flags);
}

static long live_kexec_file_load(int kernel_fd, int initrd_fd, unsigned long command_line_size,
				 const char *command_line, unsigned long flags)
{
#ifdef SYS_kexec_file_load
	return syscall(SYS_kexec_file_load, kernel_fd, initrd_fd, command_line_size, command_line,
		       flags);
#else
	(void)kernel_fd, (void)initrd_fd, (void)command_line_size, (void)command_line, (void)flags;
	errno = ENOSYS;
	return -1;
#endif
}

static int live_reboot_kexec(void)
{
	return reboot(LINUX_REBOOT_CMD_KEXEC);
}

const struct load_calls load_calls_live = {
    .kexec_load = live_kexec_load,
    .kexec_file_load = live_kexec_file_load,
    .reboot_kexec = live_reboot_kexec,
};
