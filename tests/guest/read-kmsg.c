/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copies to standard output what /dev/kmsg holds now, record by record, and ends there, where
 * cat(1) would wait for more. Documentation/ABI/testing/dev-kmsg: a read gives one record; EPIPE
 * says that records were overwritten meanwhile.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define LONGEST_RECORD 16384

int main(void)
{
	static char record[LONGEST_RECORD];
	int kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	ssize_t size;

	if (kmsg < 0)
		return 1;
	while ((size = read(kmsg, record, sizeof(record))) > 0 || (size < 0 && errno == EPIPE))
		if (size > 0 && fwrite(record, 1, (size_t)size, stdout) != (size_t)size)
			return 1;
	return size < 0 && errno != EAGAIN ? 1 : fflush(stdout) != 0;
}
