/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "record/timeline-marks.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

enum { RECORDS_MAX = 1000000, KERNEL_PRIORITIES = 8 };

#define FINISH "FinishTimestampMonotonic"
#define INITRD "InitRDTimestampMonotonic"

const char *const systemd_marks_arguments[] = {"systemctl", "show", "--property=" FINISH,
					       "--property=" INITRD, NULL};

/*
 * A record is "priority,sequence,microseconds,flags;text" (Documentation/ABI/testing/dev-kmsg).
 * Programs may write to the log too, but not with the kernel's own facility, which is 0.
 */
static bool is_start_of_init(const char *record, uint64_t *microseconds)
{
	const char *text = strchr(record, ';');
	uint64_t priority, sequence;

	return text && strncmp(text, ";Run ", 5) == 0 && strstr(text, " as init process") &&
	       sscanf(record, "%" SCNu64 ",%" SCNu64 ",%" SCNu64 ",", &priority, &sequence,
		      microseconds) == 3 &&
	       priority < KERNEL_PRIORITIES;
}

/* Each read of the log gives one record. Those that were lost meanwhile are told by EPIPE. */
static enum fact search(FILE *log, uint64_t *microseconds)
{
	cleanup_free char *line = NULL;
	size_t capacity = 0;

	for (unsigned int i = 0; i < RECORDS_MAX; i++) {
		errno = 0;
		if (getline(&line, &capacity, log) < 0) {
			if (errno != EPIPE && errno != EINTR)
				return errno && errno != EAGAIN ? FACT_UNREADABLE : FACT_ABSENT;
			clearerr(log);
		} else if (is_start_of_init(line, microseconds)) {
			return FACT_KNOWN;
		}
	}
	return FACT_ABSENT;
}

enum fact timeline_read_init(const struct root *root, uint64_t *microseconds)
{
	int fd = root_open_file(root, "/dev/kmsg", O_RDONLY | O_NONBLOCK);
	char buffer[8192]; /* the longest record, CONSOLE_EXT_LOG_MAX */
	enum fact fact;
	FILE *log;

	if (fd < 0)
		return fd == -ENOENT ? FACT_ABSENT : FACT_UNREADABLE;
	log = fdopen(fd, "r");
	if (!log) {
		close(fd);
		return FACT_UNREADABLE;
	}
	setvbuf(log, buffer, _IOFBF, sizeof(buffer));
	fact = search(log, microseconds);
	fclose(log);
	return fact;
}

static bool take(uint64_t *mark, const char *line, const char *name)
{
	size_t length = strlen(name);

	if (strncmp(line, name, length) != 0 || line[length] != '=')
		return false;
	*mark = strtoull(line + length + 1, NULL, 10);
	/* What is not reached may be 0 or the largest number (USEC_INFINITY). */
	if (*mark == UINT64_MAX)
		*mark = 0;
	return true;
}

bool systemd_marks_parse(struct systemd_marks *marks, const char *text)
{
	bool any = false;

	*marks = (struct systemd_marks){};
	for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n')
		if (take(&marks->finish, line, FINISH) || take(&marks->initrd, line, INITRD))
			any = true;
	return any;
}
