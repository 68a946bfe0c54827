/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "record/crash-test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/json.h"
#include "base/root.h"
#include "base/write-file.h"

enum { TOKEN_SIZE_MAX = 8192, TOKEN_VERSION = 1 };

static const char schema_name[] = "kexec-crash-test";

int crash_test_make(struct crash_test *test, const char *dump_folder, const struct root *root,
		    struct error *error)
{
	*test = (struct crash_test){.ordered_at = (uint64_t)time(NULL)};
	if (root_read_line(root, RECORD_BOOT_ID, test->boot_id, sizeof(test->boot_id)) !=
		FACT_KNOWN ||
	    root_read_line(root, "/proc/sys/kernel/osrelease", test->release,
			   sizeof(test->release)) != FACT_KNOWN)
		return error_add(error, ERROR_FILE, EIO, "read", "/proc/sys/kernel",
				 "which kernel and boot this is cannot be read");
	if ((size_t)snprintf(test->dump_folder, sizeof(test->dump_folder), "%s", dump_folder) >=
	    sizeof(test->dump_folder))
		return error_add(error, ERROR_TOO_LONG, ENAMETOOLONG, "read", dump_folder,
				 "the path is too long");
	return 0;
}

static struct json_object *to_json(const struct crash_test *test)
{
	cleanup_json struct json_object *object = json_object_new_object();

	if (!json_put_text(object, "schema", schema_name) ||
	    !json_put_number(object, "schema_version", TOKEN_VERSION) ||
	    !json_put_text(object, "boot_id", test->boot_id) ||
	    !json_put_text(object, "release", test->release) ||
	    !json_put_text(object, "dump_directory", test->dump_folder) ||
	    !json_put_number(object, "ordered_at", test->ordered_at))
		return NULL;
	return steal_pointer(object);
}

static int write_object(int fd, struct json_object *object)
{
	cleanup_fclose FILE *file = fdopen(fd, "w");
	int r = 0;

	if (!file) {
		close(fd);
		return -ENOMEM;
	}
	json_print(file, object);
	/* What was synced is there after a crash; sync(2) alone promises nothing of failures. */
	if (fflush(file) != 0 || ferror(file) || fsync(fileno(file)) != 0)
		r = errno ? -errno : -EIO;
	return r;
}

int crash_test_write(const struct crash_test *test, const struct root *root, struct error *error)
{
	static const char fresh[] = CRASH_TEST_FILE ".new";
	cleanup_json struct json_object *object = to_json(test);
	int fd, r;

	if (!object)
		return error_memory(error, "write token");
	r = root_make_folder(root, RECORD_NEXT_FOLDER);
	fd = r < 0 ? r : root_open_file(root, fresh, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW);
	r = fd < 0 ? fd : write_object(fd, object);
	if (r == 0)
		r = root_rename(root, fresh, CRASH_TEST_FILE);
	if (r == 0)
		return 0;
	root_remove(root, fresh);
	return error_add(error, ERROR_FILE, -r, "write", CRASH_TEST_FILE,
			 "the next boot could not know of the test");
}

static bool take_text(struct json_object *object, const char *key, char *to, size_t size)
{
	const char *text = json_get_text(object, key);

	return text && (size_t)snprintf(to, size, "%s", text) < size;
}

static bool parse(struct crash_test *test, const char *text, size_t size)
{
	cleanup_json struct json_object *object = json_parse(text, size, 4);
	uint64_t version;
	char schema[32];

	return take_text(object, "schema", schema, sizeof(schema)) &&
	       strcmp(schema, schema_name) == 0 &&
	       json_get_number(object, "schema_version", &version) && version == TOKEN_VERSION &&
	       take_text(object, "boot_id", test->boot_id, sizeof(test->boot_id)) &&
	       take_text(object, "release", test->release, sizeof(test->release)) &&
	       take_text(object, "dump_directory", test->dump_folder, sizeof(test->dump_folder)) &&
	       json_get_number(object, "ordered_at", &test->ordered_at);
}

int crash_test_read(struct crash_test *test, const struct root *root, struct error *error)
{
	cleanup_free char *text = NULL;
	size_t size;
	int r;

	*test = (struct crash_test){};
	r = root_read(root, CRASH_TEST_FILE, TOKEN_SIZE_MAX, &text, &size);
	if (r == -ENOENT)
		return error_add(error, ERROR_FILE, ENOENT, "read", CRASH_TEST_FILE,
				 "no panic was tested with kexec test-panic --crash-now");
	if (r < 0)
		return error_add(error, ERROR_FILE, -r, "read", CRASH_TEST_FILE,
				 "it cannot be read");
	errno = EBADMSG;
	if (parse(test, text, size))
		return 0;
	return errno == ENOMEM ? error_memory(error, "read token")
			       : error_add(error, ERROR_FILE, EBADMSG, "read", CRASH_TEST_FILE,
					   "it is not what kexec test-panic writes");
}
