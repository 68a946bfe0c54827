/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-support/locked-memory.h"

#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "test-support/test.h"

void limit_locked_memory(size_t size)
{
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {};
	struct rlimit limit = {size, size};

	assert_int_equal(syscall(SYS_capset, &header, none), 0);
	assert_int_equal(setrlimit(RLIMIT_MEMLOCK, &limit), 0);
}

bool is_protected(const void *page)
{
	cleanup_fclose FILE *smaps = fopen("/proc/self/smaps", "re");
	unsigned long start, end;
	char line[4352];
	bool inside = false;

	assert_non_null(smaps);
	while (fgets(line, sizeof(line), smaps)) {
		if (sscanf(line, "%lx-%lx ", &start, &end) == 2)
			inside = start <= (unsigned long)page && (unsigned long)page < end;
		if (inside && strncmp(line, "VmFlags:", 8) == 0)
			return strstr(line, " lo") && strstr(line, " dd") && strstr(line, " dc");
	}
	return false;
}
