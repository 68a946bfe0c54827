/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From a kernel file to a sealed plan. Input: what is asked for (8 bytes), the file's head. The
 * rest of the file, up to the size that is asked for, is a hole.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "base/bytes.h"
#include "plan-check.h"
#include "target.h"

enum {
	INPUT_PREFIX = 8,

	FLAG_CHECK = 1 << 0,
	FLAG_FIVE_LEVEL = 1 << 1,
	FLAG_LIMITS = 1 << 2,

	FILE_MAX = 64 << 20,
	CHECKED_MAX = 64 << 10, /* of a larger one the digests would take all the time */
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int fd = -1;
	static char path[32];
	struct scenario scenario;
	uint64_t file_size;

	if (size < INPUT_PREFIX)
		return 0;
	if (fd < 0) {
		fd = memfd_create("kernel", MFD_CLOEXEC);
		require(fd >= 0);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	}
	file_size = load_le(data + 4, 4) % (FILE_MAX + 1);
	scenario = (struct scenario){
	    .machine = data[1] & 0xf,
	    .initrds = data[1] >> 4,
	    .words = (unsigned int)load_le(data + 2, 2),
	    .check = (data[0] & FLAG_CHECK) && file_size <= CHECKED_MAX,
	    .five_level_paging = data[0] & FLAG_FIVE_LEVEL,
	    .limits = data[0] & FLAG_LIMITS,
	};
	require(ftruncate(fd, 0) == 0);
	require(pwrite(fd, data + INPUT_PREFIX, size - INPUT_PREFIX, 0) ==
		(ssize_t)(size - INPUT_PREFIX));
	require(ftruncate(fd, (off_t)file_size) == 0);
	plan_and_check(&scenario, path);
	return 0;
}
