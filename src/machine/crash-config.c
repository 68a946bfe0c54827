/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "machine/crash-config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

/* One line, cut to its value. */
static void take_value(char *to, const char *value, size_t length)
{
	while (length > 0 && strchr(" \t\r", value[length - 1]))
		length--;
	if (length >= 2 && (*value == '"' || *value == '\'') && value[length - 1] == *value) {
		value++;
		length -= 2;
	}
	if (length >= CRASH_CONFIG_PATH_SIZE)
		return;
	memcpy(to, value, length);
	to[length] = '\0';
}

static void take_line(struct crash_config *config, const char *line, size_t length)
{
	const struct {
		const char *name;
		char *value;
	} known[] = {
	    {"KERNEL=", config->kernel},
	    {"INITRD=", config->initrd},
	    {"DUMP_DIRECTORY=", config->dump_folder},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		size_t name = strlen(known[i].name);

		if (length > name && strncmp(line, known[i].name, name) == 0)
			take_value(known[i].value, line + name, length - name);
	}
}

static void set_defaults(struct crash_config *config, const struct root *root)
{
	char release[80];

	*config = (struct crash_config){};
	snprintf(config->dump_folder, sizeof(config->dump_folder), "/var/crash");
	if (root_read_line(root, "/proc/sys/kernel/osrelease", release, sizeof(release)) ==
	    FACT_KNOWN)
		snprintf(config->kernel, sizeof(config->kernel), "/boot/vmlinuz-%s", release);
}

int crash_config_read(struct crash_config *config, const struct root *root)
{
	cleanup_free char *text = NULL;
	size_t size;
	int r;

	set_defaults(config, root);
	r = root_read(root, CRASH_CONFIG_FILE, 65536, &text, &size);
	config->fact = r == 0 ? FACT_KNOWN : r == -ENOENT ? FACT_ABSENT : FACT_UNREADABLE;
	for (const char *line = text; line && *line;
	     line += strcspn(line, "\n") + (strchr(line, '\n') != NULL)) {
		line += strspn(line, " \t");
		take_line(config, line, strcspn(line, "\n"));
	}
	return r == -ENOMEM ? r : 0;
}
