/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vmcore/vmcoreinfo.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool vmcoreinfo_set(struct vmcoreinfo *info, const void *text, size_t size)
{
	char *copy = strndup(text, size);

	if (!copy)
		return false;
	free(info->text);
	*info = (struct vmcoreinfo){.text = copy, .size = strlen(copy)};
	return true;
}

void vmcoreinfo_fini(struct vmcoreinfo *info)
{
	free(info->text);
	*info = (struct vmcoreinfo){};
}

/* What follows "key=" on the first line that begins so. */
static const char *find_value(const struct vmcoreinfo *info, const char *key)
{
	size_t length = strlen(key);

	for (const char *line = info->text; line; line = strchr(line, '\n')) {
		if (*line == '\n')
			line++;
		if (strncmp(line, key, length) == 0 && line[length] == '=')
			return line + length + 1;
	}
	return NULL;
}

static bool find_number(const struct vmcoreinfo *info, const char *kind, const char *name, int base,
			uint64_t *value)
{
	const char *text;
	char key[128], *end;
	unsigned long long number;

	snprintf(key, sizeof(key), "%s(%s)", kind, name);
	text = find_value(info, key);
	if (!text || isspace((unsigned char)*text))
		return false;
	errno = 0;
	number = strtoull(text, &end, base);
	if (end == text || errno || (*end && *end != '\n'))
		return false;
	*value = number;
	return true;
}

bool vmcoreinfo_symbol(const struct vmcoreinfo *info, const char *name, uint64_t *value)
{
	return find_number(info, "SYMBOL", name, 16, value);
}

bool vmcoreinfo_offset(const struct vmcoreinfo *info, const char *name, uint64_t *value)
{
	return find_number(info, "OFFSET", name, 10, value);
}

bool vmcoreinfo_size(const struct vmcoreinfo *info, const char *name, uint64_t *value)
{
	return find_number(info, "SIZE", name, 10, value);
}

bool vmcoreinfo_length(const struct vmcoreinfo *info, const char *name, uint64_t *value)
{
	return find_number(info, "LENGTH", name, 10, value);
}

bool vmcoreinfo_number(const struct vmcoreinfo *info, const char *name, uint64_t *value)
{
	return find_number(info, "NUMBER", name, 10, value) ||
	       find_number(info, "NUMBER", name, 16, value);
}

bool vmcoreinfo_text(const struct vmcoreinfo *info, const char *key, char *value, size_t room)
{
	const char *text = find_value(info, key);
	size_t length;

	if (!text)
		return false;
	length = strcspn(text, "\n");
	if (length >= room)
		length = room - 1;
	memcpy(value, text, length);
	value[length] = '\0';
	return true;
}
