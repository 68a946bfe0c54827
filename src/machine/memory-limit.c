/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "machine/memory-limit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

/* The files of a group, in the second version of control groups and in the first. */
struct names {
	const char *base, *limit, *used;
	const char *file_pages[2]; /* in memory.stat, with the children's */
};

static const struct names version_1 = {
    .base = "/sys/fs/cgroup/memory",
    .limit = "memory.limit_in_bytes",
    .used = "memory.usage_in_bytes",
    .file_pages = {"\ntotal_inactive_file ", "\ntotal_active_file "},
};
static const struct names version_2 = {
    .base = "/sys/fs/cgroup",
    .limit = "memory.max",
    .used = "memory.current",
    .file_pages = {"\ninactive_file ", "\nactive_file "},
};

static bool has_controller(const char *list, const char *list_end)
{
	static const char memory[] = "memory";

	while (list < list_end) {
		size_t length = strcspn(list, ",:");

		if (length == strlen(memory) && strncmp(list, memory, length) == 0)
			return true;
		list += length + 1;
	}
	return false;
}

/*
 * A line of /proc/self/cgroup: "NUMBER:CONTROLLERS:/PATH"; the second version has "0" and no
 * controllers. The path, in the line, which is cut behind it; NULL when it is no such line.
 */
static char *parse_line(char *line, const struct names **names)
{
	char *controllers = strchr(line, ':');
	char *path = controllers ? strchr(controllers + 1, ':') : NULL;

	if (!path || path[1] != '/')
		return NULL;
	if (has_controller(controllers + 1, path))
		*names = &version_1;
	else if (strncmp(line, "0::", 3) == 0)
		*names = &version_2;
	else
		return NULL;
	return path + 1;
}

/* A controller of memory belongs to one version only: the first one's line is believed. */
static char *find_group(char *text, const struct names **names)
{
	char *found = NULL;

	for (char *line = text; *line;) {
		char *end = strchrnul(line, '\n'), *next = *end ? end + 1 : end;
		const struct names *version = NULL;
		char *path;

		*end = '\0';
		path = parse_line(line, &version);
		if (path && (!found || version == &version_1)) {
			found = path;
			*names = version;
		}
		line = next;
	}
	return found;
}

static uint64_t file_pages(const char *statistics, const struct names *names)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < 2; i++) {
		const char *at = strstr(statistics, names->file_pages[i]);
		uint64_t bytes = at ? strtoull(strchr(at, ' ') + 1, NULL, 10) : 0;

		sum = bytes > UINT64_MAX - sum ? UINT64_MAX : sum + bytes;
	}
	return sum;
}

/* "max", or bytes. 1 where there is a limit. */
static int read_limit(uint64_t *limit, const struct root *root, const char *path)
{
	char line[32];

	switch (root_read_line(root, path, line, sizeof(line))) {
	case FACT_ABSENT: /* as the root has none, and where another version has the controller */
		return 0;
	case FACT_KNOWN:
		if (strcmp(line, "max") == 0)
			return 0;
		break;
	case FACT_UNREADABLE:
		break;
	}
	if (root_read_number(root, path, 10, limit) != FACT_KNOWN)
		*limit = 0;
	return 1;
}

static int read_room(uint64_t *room, const struct root *root, const struct names *names,
		     const char *group)
{
	cleanup_free char *limit_path = NULL, *used_path = NULL, *stat_path = NULL, *text = NULL;
	uint64_t limit, used, reclaimable = 0;
	size_t size;

	*room = UINT64_MAX;
	if (asprintf(&limit_path, "%s%s/%s", names->base, group, names->limit) < 0 ||
	    asprintf(&used_path, "%s%s/%s", names->base, group, names->used) < 0 ||
	    asprintf(&stat_path, "%s%s/memory.stat", names->base, group) < 0)
		return -ENOMEM;
	if (!read_limit(&limit, root, limit_path))
		return 0;
	if (root_read_number(root, used_path, 10, &used) != FACT_KNOWN)
		used = UINT64_MAX;
	else if (root_read(root, stat_path, 65536, &text, &size) == 0)
		reclaimable = file_pages(text, names);
	used = used > reclaimable ? used - reclaimable : 0;
	*room = limit > used ? limit - used : 0;
	return 0;
}

int memory_limit_read(uint64_t *room, const struct root *root)
{
	cleanup_free char *text = NULL;
	const struct names *names = NULL;
	char *group, *end;
	size_t size;
	int r;

	*room = UINT64_MAX;
	r = root_read(root, "/proc/self/cgroup", 65536, &text, &size);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	group = find_group(text, &names);
	r = 0;
	for (end = group ? group + strlen(group) : NULL; r == 0 && end; end = strrchr(group, '/')) {
		uint64_t here;

		*end = '\0';
		r = read_room(&here, root, names, strcmp(group, "/") == 0 ? "" : group);
		if (r == 0 && here < *room)
			*room = here;
	}
	return r;
}
