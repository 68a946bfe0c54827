/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "machine/numbered.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/root.h"

static int compare_numbers(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static bool parse_name(const char *name, const char *prefix, uint64_t *number)
{
	size_t length = strlen(prefix);
	char *end;

	if (strncmp(name, prefix, length) != 0 || !isdigit((unsigned char)name[length]))
		return false;
	errno = 0;
	*number = strtoull(name + length, &end, 10);
	return !errno && !*end;
}

/* Room for one more; it doubles. */
static int reserve(uint64_t **numbers, size_t count)
{
	uint64_t *larger;

	if (count & (count - 1))
		return 0;
	larger = reallocarray(*numbers, count ? 2 * count : 1, sizeof(*larger));
	if (!larger)
		return -ENOMEM;
	*numbers = larger;
	return 0;
}

static int read_names(DIR *folder, const char *prefix, size_t max, uint64_t **numbers,
		      size_t *count)
{
	const struct dirent *entry;

	while (errno = 0, (entry = readdir(folder))) {
		uint64_t number;

		if (!parse_name(entry->d_name, prefix, &number))
			continue;
		if (*count == max)
			return -EFBIG;
		if (reserve(numbers, *count) < 0)
			return -ENOMEM;
		(*numbers)[(*count)++] = number;
	}
	return -errno;
}

int numbered_list(const struct root *root, const char *folder, const char *prefix, size_t max,
		  uint64_t **numbers, size_t *count)
{
	cleanup_closedir DIR *stream = NULL;
	cleanup_close int fd = -1;
	int r;

	*numbers = NULL;
	*count = 0;
	fd = root_open_file(root, folder, O_RDONLY | O_DIRECTORY);
	if (fd < 0)
		return fd;
	stream = fdopendir(fd);
	if (!stream)
		return -errno;
	steal_fd(&fd);
	r = read_names(stream, prefix, max, numbers, count);
	if (r == 0 && *count)
		qsort(*numbers, *count, sizeof(**numbers), compare_numbers);
	return r;
}
