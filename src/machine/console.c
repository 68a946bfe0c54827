/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "machine/console.h"

#include <stdio.h>
#include <string.h>

#include "base/words.h"

#define UPIO_PORT 0 /* linux/serial_core.h: registers are reached with inb and outb */

static enum fact uart_port(const struct root *root, const char *name, uint16_t *port)
{
	uint64_t io_type, number, type;
	char path[80];
	enum fact fact;

	snprintf(path, sizeof(path), "/sys/class/tty/%s/io_type", name);
	fact = root_read_number(root, path, 10, &io_type);
	if (fact != FACT_KNOWN)
		return fact;
	snprintf(path, sizeof(path), "/sys/class/tty/%s/type", name);
	if (root_read_number(root, path, 10, &type) != FACT_KNOWN)
		return FACT_UNREADABLE;
	snprintf(path, sizeof(path), "/sys/class/tty/%s/port", name);
	if (root_read_number(root, path, 0, &number) != FACT_KNOWN)
		return FACT_UNREADABLE;
	if (io_type != UPIO_PORT || type == 0 || number == 0 || number > 0xfff8)
		return FACT_ABSENT;
	*port = (uint16_t)number;
	return FACT_KNOWN;
}

void machine_console_read(struct machine_console *console, const struct root *root)
{
	char active[256];
	const char *rest = active, *word;
	size_t length;

	*console = (struct machine_console){};
	console->serial_fact =
	    root_read_line(root, "/sys/class/tty/console/active", active, sizeof(active));
	if (console->serial_fact != FACT_KNOWN)
		return;
	console->serial_fact = FACT_ABSENT;
	while (words_next(&rest, &word, &length)) {
		char name[sizeof(console->serial_name)];
		uint16_t port;
		enum fact fact;

		if (length >= sizeof(name) || strncmp(word, "ttyS", 4) != 0)
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)length, word);
		fact = uart_port(root, name, &port);
		if (fact == FACT_KNOWN) {
			console->serial_fact = FACT_KNOWN;
			console->serial_port = port;
			snprintf(console->serial_name, sizeof(console->serial_name), "%s", name);
		} else if (console->serial_fact == FACT_ABSENT) {
			console->serial_fact = fact;
		}
	}
}
