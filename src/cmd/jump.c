/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/jump.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"

static void take_down(int fd, const char *name)
{
	struct ifreq request = {};

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	if (ioctl(fd, SIOCGIFFLAGS, &request) < 0 || (request.ifr_flags & IFF_LOOPBACK) ||
	    !(request.ifr_flags & IFF_UP))
		return;
	request.ifr_flags = (short)(request.ifr_flags & ~IFF_UP);
	if (ioctl(fd, SIOCSIFFLAGS, &request) < 0)
		fprintf(stderr, "kexec: network interface %s stays up: %s\n", name,
			strerror(errno));
}

void jump_take_interfaces_down(void)
{
	cleanup_close int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct if_nameindex *interfaces;

	if (fd < 0)
		return;
	interfaces = if_nameindex();
	for (struct if_nameindex *each = interfaces; each && each->if_name; each++)
		take_down(fd, each->if_name);
	if (interfaces)
		if_freenameindex(interfaces);
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
