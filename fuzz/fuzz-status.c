/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What status and reboot are decided by: records, the kernel's words, EFI's variables, swap. Input:
 * a byte, whose bits say which files without content are there; then parts, as parts.h has them,
 * which are `files`; a part that is missing is a file that is absent.
 */
#include <errno.h>
#include <fcntl.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/json.h"
#include "base/root.h"
#include "cmd/status-json.h"
#include "handover/reboot.h"
#include "handover/status.h"
#include "machine/swap.h"
#include "parts.h"
#include "record/next-boot.h"
#include "target.h"

#define EFI_VARIABLES "/sys/firmware/efi/efivars/"
#define EFI_GLOBAL    "-8be4df61-93ca-11d2-aa0d-00e098032b8c"

static const char *const files[] = {
    RECORD_FILE,
    RECORD_NEXT_BOOT,
    "/sys/kernel/kexec_loaded",
    RECORD_BOOT_ID,
    "/proc/sys/kernel/osrelease",
    "/proc/cmdline",
    "/proc/sys/kernel/bootloader_type",
    "/sys/kernel/boot_params/setup_data/0/type",
    "/sys/kernel/boot_params/setup_data/0/data",
    EFI_VARIABLES "BootNext" EFI_GLOBAL,
    EFI_VARIABLES "OsIndications" EFI_GLOBAL,
    "/proc/swaps",
    "/proc/self/status",
    "/sys/kernel/kexec_crash_loaded",
    RECORD_CRASH_FILE,
    "/sys/kernel/kexec_crash_size",
    "/proc/iomem",
    RECORD_CRASH_PENDING,
};

/* Of which only counts whether they are there. */
static const char *const present[] = {
    RECORD_PENDING,        RECORD_PREVIOUS,      EFI_VARIABLES "BootOrder" EFI_GLOBAL,
    "/run/systemd/system", "/run/systemd/seats", "/usr/bin/systemctl",
    "/etc/init.d/kexec",   "/sbin/shutdown",
};

enum { FILES = sizeof(files) / sizeof(*files) };

struct input {
	unsigned int flags;
	size_t count;
	struct part_bytes parts[FILES];
};

static int find(const struct input *input, const char *path)
{
	for (size_t i = 0; i < input->count; i++)
		if (strcmp(path, files[i]) == 0)
			return (int)i;
	return -ENOENT;
}

static int fake_read(void *context, const char *path, size_t limit, char **content, size_t *size)
{
	const struct input *input = context;
	int i = find(input, path);

	if (i < 0)
		return i;
	*size = input->parts[i].size;
	if (*size > limit)
		return -EFBIG;
	*content = malloc(*size + 1);
	require(*content);
	memcpy(*content, input->parts[i].data, *size);
	(*content)[*size] = '\0';
	return 0;
}

static int fake_read_start(void *context, const char *path, size_t limit, char **content,
			   size_t *size)
{
	int r = fake_read(context, path, SIZE_MAX, content, size);

	if (r == 0 && *size > limit)
		*size = limit;
	return r;
}

/* A program must be one that can be started; nothing else is looked into. */
static int fake_open_file(void *context, const char *path, int flags)
{
	const struct input *input = context;
	bool there = find(input, path) >= 0;

	(void)flags;
	for (size_t i = 0; i < sizeof(present) / sizeof(*present); i++)
		there |= input->flags >> i & 1 && strcmp(path, present[i]) == 0;
	return there ? open("/bin/sh", O_PATH | O_CLOEXEC) : -ENOENT;
}

static const struct root_reader fake_reader = {
    .read = fake_read,
    .read_start = fake_read_start,
    .open_file = fake_open_file,
};

static void check_status(const struct root *root)
{
	cleanup_with(status_fini) struct status status = {};
	cleanup_json struct json_object *json = NULL;
	struct error error = {};

	require(status_read(&status, root, &error) == 0 && error.count == 0);
	require((status.record_state == STATUS_RECORD_CONFIRMED) == (status.record.file_count > 0));
	require(status.record_state != STATUS_RECORD_CONFIRMED ||
		(status.loaded_fact == FACT_KNOWN && status.loaded));
	require(status.crash.record_state != STATUS_RECORD_CONFIRMED ||
		(status.crash_fact == FACT_KNOWN && status.crash_loaded));
	require(status_crash_used(&status) == 0 ||
		status.crash.record_state == STATUS_RECORD_CONFIRMED);
	require(!status.previous_known ||
		(status.start == STATUS_START_KEXEC && *status.previous.boot_id));
	require(status.reboot != STATUS_REBOOT_JUMPS || (status.loaded && status.init.systemd));
	json = status_to_json(&status);
	require(json);
}

static void check_decision(const struct root *root, const struct reboot_wish *wish)
{
	struct reboot_decision decision;
	struct error error = {};
	int r = reboot_decide(&decision, wish, root, &error);

	require((r < 0) == (error.count > 0));
	if (r < 0)
		return;
	require((decision.way == REBOOT_NOW) == wish->now &&
		(decision.way == REBOOT_COLD) == wish->cold);
	require((decision.program == NULL) == wish->now);
	require(!decision.unload || wish->cold);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {.flags = size ? *data : 0};
	const struct root root = {.fd = -1, .reader = &fake_reader, .context = &input};
	struct machine_swap swap;

	if (size > 0)
		input.count = parts_split(input.parts, FILES, data + 1, size - 1);
	check_status(&root);
	check_decision(&root, &(struct reboot_wish){});
	check_decision(&root, &(struct reboot_wish){.cold = true});
	check_decision(&root, &(struct reboot_wish){.now = true, .skip_firmware = true});
	machine_swap_read(&swap, &root);
	require(memchr(swap.unencrypted, '\0', sizeof(swap.unencrypted)));
	require(!*swap.unencrypted || swap.fact == FACT_KNOWN);
	return 0;
}
