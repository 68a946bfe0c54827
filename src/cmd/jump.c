/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/jump.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"

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

void jump_take_interfaces_down(struct jump_interfaces *taken_down)
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

void jump_bring_interfaces_up(const struct jump_interfaces *taken_down)
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

int jump_by_shutdown(void)
{
	static const char *const programs[] = {"/sbin/shutdown", "/usr/sbin/shutdown",
					       "/etc/shutdown", "/bin/shutdown"};

	fflush(NULL);
	for (size_t i = 0; i < sizeof(programs) / sizeof(*programs); i++)
		execl(programs[i], "shutdown", "-r", "now", (char *)NULL);
	return -errno;
}
