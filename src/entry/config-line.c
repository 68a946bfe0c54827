/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "entry/config-line.h"

#include <string.h>

/* Cuts the next line out; a carriage return and a line feed behind it are one end. */
static char *next_line(struct config_lines *lines)
{
	char *line = lines->rest, *end;

	if (!line || !*line)
		return NULL;
	end = line + strcspn(line, "\n\r");
	lines->rest = end;
	if (*end == '\r' && end[1] == '\n')
		lines->rest++;
	if (*lines->rest)
		lines->rest++;
	*end = '\0';
	lines->number++;
	return line;
}

static char *trim(char *line)
{
	size_t length;

	line += strspn(line, " \t");
	length = strlen(line);
	while (length > 0 && (line[length - 1] == ' ' || line[length - 1] == '\t'))
		line[--length] = '\0';
	return line;
}

static char *unquoted(char *value)
{
	size_t length = strlen(value);

	if (length < 2 || value[0] != '"' || value[length - 1] != '"')
		return value;
	value[length - 1] = '\0';
	return value + 1;
}

bool config_lines_next(struct config_lines *lines, char **key, char **value)
{
	char *line;

	while ((line = next_line(lines))) {
		char *end;

		line = trim(line);
		end = line + strcspn(line, lines->separators);
		if (!*line || *line == '#' || (!*end && !lines->plain))
			continue;
		if (*end)
			*end++ = '\0';
		end += strspn(end, lines->separators);
		*key = line;
		*value = lines->plain ? end : unquoted(end);
		return true;
	}
	return false;
}
