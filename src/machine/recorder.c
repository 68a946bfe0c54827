/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The writing side: a root that hands every question on and keeps the answers. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/physical.h"
#include "base/write-file.h"
#include "machine/machine.h"
#include "machine/recording.h"
#include "machine/scrub.h"

/* Keeps a folder that holds nothing else: neither git nor every archive keeps an empty one. */
#define FOLDER_MARK ".kept"

struct recorder {
	const struct root *machine;
	struct root folder;
	struct recorded_facts facts;
	int result; /* the first failure to keep an answer */
	char subject[256];
};

/* What is asked goes on after a failure to write; it is told at the end. */
static void note(struct recorder *recorder, const char *path, int r)
{
	if (r == 0 || recorder->result < 0)
		return;
	recorder->result = r;
	snprintf(recorder->subject, sizeof(recorder->subject), "%s", path);
}

/* The folders above `path`, which starts with a slash. */
static int make_parents(const struct root *folder, const char *path)
{
	cleanup_free char *parent = strdup(path);
	int r = 0;

	if (!parent)
		return -ENOMEM;
	for (char *slash = strchr(parent + 1, '/'); r == 0 && slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		r = root_make_folder(folder, parent);
		*slash = '/';
	}
	return r;
}

/* Nothing is no reason to give up what is there already. */
static int keep_bytes(const struct root *folder, const char *path, const char *bytes, size_t size)
{
	int r = make_parents(folder, path), fd;

	if (r < 0)
		return r;
	fd = root_open_file(folder, path, O_WRONLY | O_CREAT | (size ? O_TRUNC : 0));
	return fd < 0 ? fd : write_all_and_close(fd, bytes, size);
}

static int keep_file(struct recorder *recorder, const char *path, const char *content, size_t size)
{
	cleanup_free char *scrubbed = scrub_file(path, content, &size);

	return scrubbed ? keep_bytes(&recorder->folder, path, scrubbed, size) : -ENOMEM;
}

/* An empty file in its place, so that its folder has the names that it had. */
static int keep_refusal(struct recorder *recorder, const char *path, int code)
{
	int r = recorded_facts_add_refusal(&recorder->facts, path, code);

	if (r == 0 && code != EISDIR && code != ENOTDIR)
		keep_bytes(&recorder->folder, path, "", 0);
	return r;
}

static int keep_answer(struct recorder *recorder, const char *path, int r, const char *content,
		       size_t size)
{
	if (r == 0)
		note(recorder, path, keep_file(recorder, path, content, size));
	else if (r != -ENOENT && r != -ENOMEM)
		note(recorder, path, keep_refusal(recorder, path, -r));
	return r;
}

static int record_read(void *context, const char *path, size_t limit, char **content, size_t *size)
{
	struct recorder *recorder = context;
	int r = root_read(recorder->machine, path, limit, content, size);

	return keep_answer(recorder, path, r, r == 0 ? *content : NULL, r == 0 ? *size : 0);
}

/* What is kept of the file is then its start. */
static int record_read_start(void *context, const char *path, size_t limit, char **content,
			     size_t *size)
{
	struct recorder *recorder = context;
	int r = root_read_start(recorder->machine, path, limit, content, size);

	return keep_answer(recorder, path, r, r == 0 ? *content : NULL, r == 0 ? *size : 0);
}

/* Whether something is there, or which names a folder has: see root_open_file(). */
static int record_open_file(void *context, const char *path, int flags)
{
	struct recorder *recorder = context;
	int fd = root_open_file(recorder->machine, path, flags);
	char mark[256];
	struct stat status;

	if (fd < 0) {
		if (fd != -ENOENT)
			note(recorder, path,
			     recorded_facts_add_refusal(&recorder->facts, path, -fd));
		return fd;
	}
	snprintf(mark, sizeof(mark), "%s/" FOLDER_MARK, path);
	if (fstat(fd, &status) == 0)
		note(recorder, path,
		     keep_bytes(&recorder->folder, S_ISDIR(status.st_mode) ? mark : path, "", 0));
	return fd;
}

static int record_read_physical(void *context, uint64_t address, void *to, size_t size)
{
	struct recorder *recorder = context;
	int r = root_read_physical(recorder->machine, address, to, size);

	if (r == 0)
		note(recorder, "physical memory",
		     recorded_facts_add_bytes(&recorder->facts, address, to, size));
	return r;
}

static int record_find_pages(void *context, struct range bytes, unsigned int flag,
			     struct map *found)
{
	cleanup_with(map_fini) struct map here = {};
	struct recorder *recorder = context;
	struct region region = {.range = bytes};
	struct map asked = {&region, 1, 1};
	int r = root_find_pages(recorder->machine, bytes, flag, &here);

	if (r < 0)
		return r;
	note(recorder, "page flags",
	     recorded_facts_add_pages(&recorder->facts, flag, &asked, &here));
	for (size_t i = 0; r == 0 && i < here.count; i++)
		r = map_add(found, here.regions[i].range, here.regions[i].type,
			    here.regions[i].name);
	return r;
}

static const struct root_reader record_reader = {
    .read = record_read,
    .read_start = record_read_start,
    .open_file = record_open_file,
    .read_physical = record_read_physical,
    .find_pages = record_find_pages,
};

/* Whether a folder has no names in it. 1, 0 or a negative errno. */
static int is_empty(int fd)
{
	cleanup_closedir DIR *folder = NULL;
	cleanup_close int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	const struct dirent *entry;

	folder = own < 0 ? NULL : fdopendir(own);
	if (!folder)
		return -errno;
	steal_fd(&own);
	while (errno = 0, (entry = readdir(folder)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			return 0;
	return errno ? -errno : 1;
}

/* Others must not be able to put links into it, through which we would write. */
static int check_folder(int fd, const char *path, struct error *error)
{
	struct stat status;
	int r = is_empty(fd);

	if (r == 0)
		return error_add(error, ERROR_FILE, ENOTEMPTY, "make folder", path,
				 "a recording needs a folder that is new or empty");
	if (r > 0)
		r = fstat(fd, &status) < 0 ? -errno : 0;
	if (r < 0)
		return error_add(error, ERROR_FILE, -r, "make folder", path,
				 "the machine cannot be recorded there");
	if (status.st_uid != geteuid() || status.st_mode & (S_IWGRP | S_IWOTH))
		return error_add(error, ERROR_FILE, EPERM, "make folder", path,
				 "others may write to it; a recording needs a folder that is new, "
				 "or empty and the caller's alone");
	return 0;
}

/* Only for its owner: where the kernel lies in memory is nobody else's business. */
static int make_folder(struct recorder *recorder, const char *path, struct error *error)
{
	int fd = -1;

	if (mkdir(path, 0700) == 0 || errno == EEXIST)
		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return error_add(error, ERROR_FILE, errno, "make folder", path,
				 "the machine cannot be recorded there");
	recorder->folder = (struct root){.fd = fd};
	return check_folder(fd, path, error);
}

static void recorder_fini(struct recorder *recorder)
{
	root_close(&recorder->folder);
	recorded_facts_fini(&recorder->facts);
}

int machine_record(const struct root *root, const char *path, const char *release,
		   struct error *error)
{
	cleanup_with(recorder_fini) struct recorder recorder = {.machine = root, .folder.fd = -1};
	struct root through = {.fd = -1, .reader = &record_reader, .context = &recorder};
	cleanup_with(machine_fini) struct machine machine = {};
	cleanup_free char *text = NULL;
	int r;

	r = make_folder(&recorder, path, error);
	if (r == 0)
		r = machine_read(&machine, &through, error);
	if (r == 0)
		r = machine_crash_read(&machine.crash, &through, error);
	if (r < 0)
		return r;
	text = recorded_facts_to_text(&recorder.facts, release);
	if (!text)
		return error_memory(error, "record the machine");
	if (recorder.result == 0)
		note(&recorder, RECORDING_FILE,
		     keep_bytes(&recorder.folder, RECORDING_FILE, text, strlen(text)));
	if (recorder.result < 0) {
		root_remove(&recorder.folder, RECORDING_FILE);
		return error_add(error, ERROR_FILE, -recorder.result, "record the machine", path,
				 "what was read of %s could not be kept", recorder.subject);
	}
	if (machine.memory.iomem_fact == FACT_UNREADABLE)
		error_add(
		    error, ERROR_FILE, EACCES, "record the machine", path,
		    "the kernel hides the addresses in /proc/iomem from this user, so no plan "
		    "by kexec_load can be made from this recording");
	return 0;
}
