/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "load/kernel-log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/root.h"

int kernel_log_mark(const struct root *root)
{
	int fd = root_open_file(root, "/dev/kmsg", O_RDONLY | O_NONBLOCK);

	if (fd >= 0 && lseek(fd, 0, SEEK_END) < 0) {
		close(fd);
		return -1;
	}
	return fd < 0 ? -1 : fd;
}

/* A record is "priority,sequence,time,flags;text\n" (Documentation/ABI/testing/dev-kmsg). */
static const char *record_text(char *record)
{
	char *text = strchr(record, ';');

	if (!text)
		return NULL;
	text++;
	text[strcspn(text, "\n")] = '\0';
	return text;
}

void kernel_log_since(int mark, char *text, size_t capacity)
{
	char record[2048];
	size_t used = 0;

	text[0] = '\0';
	while (mark >= 0) {
		ssize_t n = read(mark, record, sizeof(record) - 1);
		const char *line;

		if (n < 0 && (errno == EINTR || errno == EPIPE))
			continue;
		if (n <= 0)
			return;
		record[n] = '\0';
		line = record_text(record);
		if (line && used + 1 < capacity)
			used += (size_t)snprintf(text + used, capacity - used, "%s%s",
						 used ? "; " : "", line);
	}
}
