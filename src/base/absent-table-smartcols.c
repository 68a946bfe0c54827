/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* In table-smartcols.c's place, where libsmartcols' header was not there. */
#include <errno.h>

#include "base/table.h"

int table_print_smartcols(const struct table *table, FILE *out)
{
	(void)table, (void)out;
	return -ENOTSUP;
}
