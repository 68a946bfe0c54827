/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-support/fake-calls.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "test-support/test.h"

struct fake_calls fake_calls;

static long answer(int code)
{
	errno = code ? code : ENOTTY; /* a value that success must not be judged by */
	return code ? -1 : 0;
}

static void during_load(void)
{
	if (fake_calls.during_load)
		fake_calls.during_load(fake_calls.argument);
}

static void during_unload(void)
{
	if (fake_calls.during_unload)
		fake_calls.during_unload(fake_calls.argument);
}

static long fake_kexec_load(unsigned long entry, unsigned long count,
			    struct kexec_segment *segments, unsigned long flags)
{
	if (count == 0) {
		fake_calls.unload_load_count++;
		fake_calls.unload_flags = flags;
		during_unload();
		return answer(fake_calls.unload_load_code);
	}
	fake_calls.load_count++;
	fake_calls.entry = entry;
	fake_calls.segment_count = count;
	fake_calls.load_flags = flags;
	assert_true(count <= KEXEC_SEGMENT_MAX);
	memcpy(fake_calls.segments, segments, count * sizeof(*segments));
	during_load();
	return answer(fake_calls.load_code);
}

static void read_initrd(int fd)
{
	ssize_t n;

	fake_calls.initrd_size = 0;
	if (fd < 0)
		return;
	n = pread(fd, fake_calls.initrd, sizeof(fake_calls.initrd), 0);
	assert_true(n >= 0);
	assert_int_equal(fstat(fd, &fake_calls.initrd_status), 0);
	fake_calls.initrd_size = (size_t)n;
}

static long fake_kexec_file_load(int kernel_fd, int initrd_fd, unsigned long command_line_size,
				 const char *command_line, unsigned long flags)
{
	if (flags & KEXEC_FILE_UNLOAD) {
		fake_calls.unload_file_count++;
		fake_calls.unload_flags = flags;
		during_unload();
		return answer(fake_calls.unload_file_code);
	}
	fake_calls.file_count++;
	fake_calls.kernel_fd = kernel_fd;
	fake_calls.initrd_fd = initrd_fd;
	fake_calls.file_flags = flags;
	fake_calls.command_line_size = command_line_size;
	assert_true(command_line_size <= sizeof(fake_calls.command_line));
	memcpy(fake_calls.command_line, command_line, command_line_size);
	read_initrd(initrd_fd);
	during_load();
	return answer(fake_calls.file_code);
}

static int fake_reboot(void)
{
	fake_calls.reboot_count++;
	return (int)answer(fake_calls.reboot_code);
}

const struct load_calls load_calls_fake = {
    .kexec_load = fake_kexec_load,
    .kexec_file_load = fake_kexec_file_load,
    .reboot_kexec = fake_reboot,
};

unsigned int fake_calls_count(void)
{
	return fake_calls.load_count + fake_calls.file_count + fake_calls.unload_load_count +
	       fake_calls.unload_file_count;
}

int fake_calls_reset(void **state)
{
	(void)state;
	memset(&fake_calls, 0, sizeof(fake_calls));
	return 0;
}
