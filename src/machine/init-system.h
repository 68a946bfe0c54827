/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What an ordinary reboot goes through: systemd, of which version, or something else.
 */
#pragma once

#include <stdbool.h>

#include "base/root.h"

/*
 * From this version on `systemctl reboot` asks logind to jump into a kernel that is loaded, unless
 * it is told not to by SYSTEMCTL_SKIP_AUTO_KEXEC=1 (systemd, NEWS of 255). Without logind it asks
 * systemd for a reboot, which goes through the firmware; `shutdown -r` decides by itself and jumps.
 */
enum { SYSTEMD_JUMPS_SINCE = 255 };

struct init_system {
	enum fact systemd_fact;
	bool systemd; /* it manages this machine (sd_booted(3)) */
	enum fact version_fact;
	unsigned int version; /* of systemd, as installed: systemctl's, which decides */
	bool logind;          /* it runs (sd-login's own test: /run/systemd/seats) */
	bool kexec_script;    /* /etc/init.d/kexec, which Debian's kexec-tools jumps by */
};

void init_system_read(struct init_system *init, const struct root *root);

/*
 * Whether this process is in a PID namespace that is not the machine's own, as in a container: then
 * all that it could bring down is that (reboot_pid_ns(), kernel/pid_namespace.c). False when that
 * cannot be read.
 */
bool init_system_is_of_container(const struct root *root);
