/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "machine/iomem.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Not by sscanf(3), which measures all the text that follows, for each line. */
static bool parse_address(const char **at, uint64_t *address)
{
	char *end;

	if (!isxdigit((unsigned char)**at))
		return false;
	*address = strtoull(*at, &end, 16);
	*at = end;
	return true;
}

bool iomem_line_parse(const char *line, size_t *depth, struct range *range, char *name,
		      size_t name_size)
{
	const char *at = line + strspn(line, " ");
	uint64_t first, last;

	*depth = (size_t)(at - line) / 2;
	if (!parse_address(&at, &first) || *at++ != '-' || !parse_address(&at, &last))
		return false;
	at += strspn(at, " ");
	if (*at++ != ':' || last < first)
		return false;
	at += strspn(at, " ");
	*range = (struct range){first, last == UINT64_MAX ? last : last + 1};
	snprintf(name, name_size, "%.*s", (int)strcspn(at, "\n"), at);
	return true;
}
