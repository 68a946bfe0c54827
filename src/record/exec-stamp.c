/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "record/exec-stamp.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/root.h"
#include "base/write-file.h"
#include "machine/clocks.h"

enum { STAMP_SIZE_MAX = 4096, STAMP_VERSION = 1 };

static int compose(char *text, size_t capacity, const char *boot_id, const char *by)
{
	struct clock_sample now;
	int length;

	clock_sample_take(&now);
	length = snprintf(text, capacity,
			  "{\"schema\":\"kexec-exec\",\"schema_version\":%d,\"boot_id\":\"%s\","
			  "\"by\":\"%s\",\"tsc\":\"0x%" PRIx64 "\",\"boottime_ns\":\"0x%" PRIx64
			  "\",\"realtime_ns\":\"0x%" PRIx64 "\"}\n",
			  STAMP_VERSION, boot_id, by, now.tsc, now.boottime, now.realtime);
	return length > 0 && (size_t)length < capacity ? length : -EOVERFLOW;
}

/* What a boot id is made of, so that it needs no escaping. */
static bool is_plain(const char *boot_id)
{
	return *boot_id && boot_id[strspn(boot_id, "0123456789abcdefABCDEF-")] == '\0';
}

static int write_new(const struct root *root, const char *path, const char *text, size_t size)
{
	int fd = root_open_file(root, path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW);

	return fd < 0 ? fd : write_all_and_close(fd, text, size);
}

void exec_stamp_write(const struct root *root, const char *path, const char *by)
{
	char boot_id[RECORD_BOOT_ID_SIZE], text[512], fresh[sizeof(EXEC_STAMP_ORDERED) + 8];
	int length;

	if (root_read_line(root, RECORD_BOOT_ID, boot_id, sizeof(boot_id)) != FACT_KNOWN ||
	    !is_plain(boot_id))
		return;
	snprintf(fresh, sizeof(fresh), "%s.new", path);
	length = compose(text, sizeof(text), boot_id, by);
	if (length < 0 || root_make_folder(root, RECORD_NEXT_FOLDER) < 0)
		return;
	if (write_new(root, fresh, text, (size_t)length) < 0 || root_rename(root, fresh, path) < 0)
		root_remove(root, fresh);
}

void exec_stamp_remove(const struct root *root, const char *path)
{
	root_remove(root, path);
}

int exec_stamp_read(struct exec_stamp *stamp, const struct root *root, const char *path)
{
	cleanup_json struct json_object *object = NULL;
	cleanup_free char *text = NULL;
	const char *schema, *boot_id;
	uint64_t version;
	size_t size;
	int r;

	*stamp = (struct exec_stamp){};
	r = root_read(root, path, STAMP_SIZE_MAX, &text, &size);
	if (r < 0)
		return r;
	object = json_parse(text, size, 4);
	schema = json_get_text(object, "schema");
	boot_id = json_get_text(object, "boot_id");
	if (!schema || strcmp(schema, "kexec-exec") != 0 ||
	    !json_get_number(object, "schema_version", &version) || version != STAMP_VERSION ||
	    !boot_id || strlen(boot_id) >= sizeof(stamp->boot_id) ||
	    !json_get_hex(object, "tsc", &stamp->tsc) ||
	    !json_get_hex(object, "boottime_ns", &stamp->boottime) ||
	    !json_get_hex(object, "realtime_ns", &stamp->realtime))
		return -EBADMSG;
	strcpy(stamp->boot_id, boot_id);
	return 0;
}
