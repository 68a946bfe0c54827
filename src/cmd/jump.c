/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/jump.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/hold-signals.h"
#include "handover/reboot.h"
#include "load/load.h"
#include "record/exec-stamp.h"

/* 1 when the interface was changed, 0 when there was nothing to change, or a negative errno. */
static int set_up(int fd, const char *name, bool up)
{
	struct ifreq request = {};

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	if (ioctl(fd, SIOCGIFFLAGS, &request) < 0)
		return -errno;
	if ((request.ifr_flags & IFF_LOOPBACK) || !(request.ifr_flags & IFF_UP) == !up)
		return 0;
	request.ifr_flags = (short)(request.ifr_flags ^ IFF_UP);
	return ioctl(fd, SIOCSIFFLAGS, &request) < 0 ? -errno : 1;
}

static void take_interfaces_down(struct jump_interfaces *taken_down)
{
	cleanup_close int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct if_nameindex *interfaces;

	interfaces = fd < 0 ? NULL : if_nameindex();
	if (!interfaces)
		fprintf(stderr, "kexec: network interfaces stay up: they cannot be listed: %s\n",
			strerror(errno));
	for (struct if_nameindex *each = interfaces; each && each->if_name; each++) {
		int r = set_up(fd, each->if_name, false);

		if (r < 0)
			fprintf(stderr, "kexec: network interface %s stays up: %s\n", each->if_name,
				strerror(-r));
		if (r > 0 && taken_down->count < JUMP_INTERFACES_MAX)
			snprintf(taken_down->names[taken_down->count++], IF_NAMESIZE, "%s",
				 each->if_name);
	}
	if (interfaces)
		if_freenameindex(interfaces);
}

static void bring_interfaces_up(const struct jump_interfaces *taken_down)
{
	cleanup_close int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	for (size_t i = 0; i < taken_down->count; i++) {
		int r = fd < 0 ? fd : set_up(fd, taken_down->names[i], true);

		fprintf(stderr,
			"kexec: network interface %s was taken down for the jump and is %s\n",
			taken_down->names[i],
			r < 0 ? "still down" : "up again, without the routes it had");
	}
}

static int start(const char *program, const char *const *arguments, bool quiet)
{
	if (quiet)
		dup2(STDERR_FILENO, STDOUT_FILENO);
	/* execv(3) leaves its arguments alone, whatever its prototype says. */
	execv(program, (char *const *)(uintptr_t)arguments);
	return -errno;
}

/* In the child. What the program complains of is nobody's business. */
static void become(const char *program, const char *const *arguments, int out)
{
	int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (nothing >= 0 && dup2(nothing, STDIN_FILENO) >= 0 && dup2(nothing, STDERR_FILENO) >= 0 &&
	    dup2(out, STDOUT_FILENO) >= 0)
		execv(program, (char *const *)(uintptr_t)arguments);
	_exit(127);
}

static void take_answer(int from, char *text, size_t capacity)
{
	char rest[512];
	size_t used = 0;

	for (;;) {
		bool full = used + 1 >= capacity;
		ssize_t n = read(from, full ? rest : text + used,
				 full ? sizeof(rest) : capacity - used - 1);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		used += full ? 0 : (size_t)n;
	}
	text[used] = '\0';
}

static int ask(const char *program, const char *const *arguments, char *text, size_t capacity)
{
	int ends[2], status;
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	child = fork();
	if (child == 0)
		become(program, arguments, ends[1]);
	close(ends[1]);
	if (child > 0)
		take_answer(ends[0], text, capacity);
	close(ends[0]);
	if (child < 0)
		return -EAGAIN;
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return status == 0 ? 0 : -EIO;
}

/* Documentation/admin-guide/sysrq.rst: 'c', for root whatever kernel.sysrq says. */
static int crash(void)
{
	cleanup_close int fd = open("/proc/sysrq-trigger", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	return write(fd, "c", 1) < 0 ? -errno : -EIO;
}

const struct jump_actions jump_actions_live = {
    .sync = sync,
    .take_interfaces_down = take_interfaces_down,
    .bring_interfaces_up = bring_interfaces_up,
    .start = start,
    .ask = ask,
    .crash = crash,
};

int jump_at_once(const struct jump_actions *actions, const struct load_calls *calls,
		 const struct jump *jump, struct error *error)
{
	struct jump_interfaces interfaces = {};
	int r;

	fflush(NULL);
	if (!jump->no_sync) {
		exec_stamp_write(jump->root, EXEC_STAMP_JUMPED, jump->by);
		actions->sync();
	}
	{
		cleanup_signals sigset_t signals = signals_hold();

		if (!jump->no_ifdown)
			actions->take_interfaces_down(&interfaces);
		r = load_execute(calls, error);
		if (!jump->no_ifdown)
			actions->bring_interfaces_up(&interfaces);
	}
	exec_stamp_remove(jump->root, EXEC_STAMP_JUMPED);
	return r;
}

int jump_by_shutdown(const struct jump_actions *actions, const struct root *root)
{
	static const char *const arguments[] = {"shutdown", "-r", "now", NULL};
	int r = -ENOENT;

	fflush(NULL);
	exec_stamp_write(root, EXEC_STAMP_ORDERED, "kexec");
	for (size_t i = 0; reboot_shutdown_programs[i]; i++)
		r = actions->start(reboot_shutdown_programs[i], arguments, false);
	exec_stamp_remove(root, EXEC_STAMP_ORDERED);
	return r;
}
