/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "machine/mounts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

/* A machine with thousands of containers has tens of thousands of lines of 100 bytes. */
enum { MOUNTINFO_MAX = 16 << 20 };

static bool is_octal(char character)
{
	return character >= '0' && character <= '7';
}

/* Blanks and backslashes stand there as \ooo. */
static void unescape(char *text)
{
	char *to = text;

	while (*text) {
		if (text[0] == '\\' && is_octal(text[1]) && is_octal(text[2]) &&
		    is_octal(text[3])) {
			*to++ =
			    (char)((text[1] - '0') << 6 | (text[2] - '0') << 3 | (text[3] - '0'));
			text += 4;
		} else {
			*to++ = *text++;
		}
	}
	*to = '\0';
}

/* Cuts the next field out of the line. NULL at its end. */
static char *next_field(char **line)
{
	char *field = strsep(line, " ");

	return field && *field ? field : NULL;
}

/* A line's fields, in place. False when it is no line of mountinfo. */
static bool split(char *line, struct machine_mount *mount)
{
	char *numbers, *field;

	if (!next_field(&line) || !next_field(&line)) /* the mount's id and its parent's */
		return false;
	numbers = next_field(&line);
	if (!numbers || sscanf(numbers, "%u:%u", &mount->major, &mount->minor) != 2)
		return false;
	mount->folder = next_field(&line);
	mount->point = mount->folder ? next_field(&line) : NULL;
	if (!mount->point || *mount->point != '/' || *mount->folder != '/')
		return false;
	while ((field = next_field(&line)) && strcmp(field, "-") != 0)
		;
	mount->type = field ? next_field(&line) : NULL;
	mount->source = mount->type ? next_field(&line) : NULL;
	return mount->type;
}

static char *copy_of(const char *text)
{
	char *copy = strdup(text ? text : "");

	if (copy)
		unescape(copy);
	return copy;
}

static int add(struct machine_mounts *mounts, const struct machine_mount *found)
{
	struct machine_mount *larger =
	    reallocarray(mounts->mounts, mounts->count + 1, sizeof(*larger));
	struct machine_mount *mount;

	if (!larger)
		return -ENOMEM;
	mounts->mounts = larger;
	mount = &larger[mounts->count++];
	*mount = (struct machine_mount){
	    .major = found->major,
	    .minor = found->minor,
	    .folder = copy_of(found->folder),
	    .point = copy_of(found->point),
	    .type = copy_of(found->type),
	    .source = copy_of(found->source),
	};
	return mount->folder && mount->point && mount->type && mount->source ? 0 : -ENOMEM;
}

int machine_mounts_read(struct machine_mounts *mounts, const struct root *root)
{
	cleanup_free char *content = NULL;
	char *rest, *line;
	size_t size;
	int r;

	*mounts = (struct machine_mounts){};
	r = root_read(root, "/proc/self/mountinfo", MOUNTINFO_MAX, &content, &size);
	if (r == -ENOENT)
		mounts->fact = FACT_ABSENT;
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	rest = content;
	while (r == 0 && (line = strsep(&rest, "\n"))) {
		struct machine_mount found = {};

		if (split(line, &found))
			r = add(mounts, &found);
	}
	if (r < 0)
		machine_mounts_fini(mounts);
	else
		mounts->fact = FACT_KNOWN;
	return r;
}

void machine_mounts_fini(struct machine_mounts *mounts)
{
	for (size_t i = 0; i < mounts->count; i++) {
		free(mounts->mounts[i].folder);
		free(mounts->mounts[i].point);
		free(mounts->mounts[i].type);
		free(mounts->mounts[i].source);
	}
	free(mounts->mounts);
	*mounts = (struct machine_mounts){};
}

const struct machine_mount *machine_mounts_at(const struct machine_mounts *mounts,
					      const char *point)
{
	for (size_t i = mounts->count; i-- > 0;)
		if (strcmp(mounts->mounts[i].point, point) == 0)
			return &mounts->mounts[i];
	return NULL;
}

bool machine_path_is_below(const char *path, const char *folder)
{
	size_t length = strlen(folder);

	while (length > 0 && folder[length - 1] == '/')
		length--;
	return strncmp(path, folder, length) == 0 && (path[length] == '/' || !path[length]);
}

const struct machine_mount *machine_mounts_of(const struct machine_mounts *mounts, const char *path)
{
	const struct machine_mount *best = NULL;

	for (size_t i = 0; i < mounts->count; i++) {
		const struct machine_mount *mount = &mounts->mounts[i];

		if (machine_path_is_below(path, mount->point) &&
		    (!best || strlen(mount->point) >= strlen(best->point)))
			best = mount;
	}
	return best;
}
