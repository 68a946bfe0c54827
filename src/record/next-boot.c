/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "record/next-boot.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/root.h"
#include "base/write-file.h"
#include "record/read.h"

static bool exists(const struct root *root, const char *path)
{
	cleanup_close int fd = root_open_file(root, path, O_PATH | O_NOFOLLOW);

	return fd >= 0;
}

/* Without allocating anything: what was loaded when memory was short is remembered, too. */
static int copy_bytes(int from, int to)
{
	char chunk[4096];

	for (;;) {
		ssize_t n = read(from, chunk, sizeof(chunk));
		int r;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : 0;
		r = write_all(to, chunk, (size_t)n);
		if (r < 0)
			return r;
	}
}

static int copy_to_new(const struct root *root, const char *from, const char *fresh)
{
	cleanup_close int source = root_open_file(root, from, O_RDONLY | O_NOFOLLOW);
	int to, r;

	if (source < 0)
		return source;
	to = root_open_file(root, fresh, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW);
	if (to < 0)
		return to;
	r = copy_bytes(source, to);
	return close(to) < 0 && r == 0 ? -errno : r;
}

/* `fresh` is what the new file is called until it is complete. */
static int copy(const struct root *root, const char *from, const char *to, const char *fresh)
{
	int r = copy_to_new(root, from, fresh);

	if (r == 0)
		r = root_rename(root, fresh, to);
	if (r < 0)
		root_remove(root, fresh);
	return r;
}

static int read_of_other_boot(struct record *record, const struct root *root, const char *path)
{
	int r = record_read(record, root, path, NULL);

	return r == 0 && (!*record->boot_id || record_is_of_this_boot(record, root)) ? -ENOENT : r;
}

/* Whether the file mentions this boot. That it is a record is judged when it is read back. */
static bool is_of_this_boot(const struct root *root, const char *path)
{
	cleanup_free char *text = NULL;
	char boot_id[RECORD_BOOT_ID_SIZE];
	size_t size;

	return root_read_line(root, RECORD_BOOT_ID, boot_id, sizeof(boot_id)) != FACT_KNOWN ||
	       root_read(root, path, RECORD_SIZE_MAX, &text, &size) < 0 || strstr(text, boot_id);
}

void record_keep_previous(const struct root *root)
{
	if (exists(root, RECORD_PREVIOUS) || !exists(root, RECORD_NEXT_BOOT) ||
	    is_of_this_boot(root, RECORD_NEXT_BOOT))
		return;
	copy(root, RECORD_NEXT_BOOT, RECORD_PREVIOUS, RECORD_PREVIOUS ".new");
}

int record_hand_on(const struct root *root, struct error *error)
{
	int r;

	if (!exists(root, RECORD_FILE)) {
		r = exists(root, RECORD_NEXT_BOOT) ? root_remove(root, RECORD_NEXT_BOOT) : 0;
		return r < 0 ? error_add(error, ERROR_FILE, -r, "remove record", RECORD_NEXT_BOOT,
					 "it describes a kernel that is no longer loaded")
			     : 0;
	}
	r = root_make_folder(root, RECORD_NEXT_FOLDER);
	if (r == 0)
		r = copy(root, RECORD_FILE, RECORD_NEXT_BOOT, RECORD_NEXT_BOOT ".new");
	if (r < 0)
		return error_add(error, ERROR_FILE, -r, "write record", RECORD_NEXT_BOOT,
				 "the next kernel will not know what started it");
	return 0;
}

int record_read_previous(struct record *record, const struct root *root)
{
	int r = read_of_other_boot(record, root, RECORD_NEXT_BOOT);

	if (r == 0)
		return 0;
	record_fini(record);
	return read_of_other_boot(record, root, RECORD_PREVIOUS);
}
