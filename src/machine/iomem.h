/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* /proc/iomem, line by line: "  01000000-01ffffff : Kernel code", two blanks for each level. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/range.h"

/*
 * Parses the line that `line` starts with; what does not fit `name` is cut. False for what is no
 * such line. A reader who may not see addresses gets zeros for all of them.
 */
bool iomem_line_parse(const char *line, size_t *depth, struct range *range, char *name,
		      size_t name_size);
