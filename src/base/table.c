/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/printable.h"

int table_add_row(struct table *table, const char *const *cells)
{
	size_t before = table->row_count * table->column_count;
	char **larger =
	    reallocarray(table->cells, before + table->column_count, sizeof(*table->cells));

	if (!larger)
		return -ENOMEM;
	table->cells = larger;
	for (size_t i = 0; i < table->column_count; i++) {
		larger[before + i] = printable_copy(cells[i]);
		if (larger[before + i])
			continue;
		while (i-- > 0)
			free(larger[before + i]);
		return -ENOMEM;
	}
	table->row_count++;
	return 0;
}

void table_fini(struct table *table)
{
	for (size_t i = 0; i < table->row_count * table->column_count; i++)
		free(table->cells[i]);
	free(table->cells);
	table->cells = NULL;
	table->row_count = 0;
}

/* In characters of UTF-8: all bytes but those that continue one. */
static size_t width_of(const char *text)
{
	size_t width = 0;

	for (; *text; text++)
		width += (*text & 0xc0) != 0x80;
	return width;
}

/* The heading is row 0. */
static const char *cell(const struct table *table, size_t row, size_t column)
{
	return row == 0 ? table->columns[column].name
			: table->cells[(row - 1) * table->column_count + column];
}

static size_t column_width(const struct table *table, size_t column)
{
	size_t widest = 0;

	for (size_t row = 0; row <= table->row_count; row++) {
		size_t width = width_of(cell(table, row, column));

		if (width > widest)
			widest = width;
	}
	return widest;
}

void table_print_plain(const struct table *table, FILE *out)
{
	for (size_t row = 0; row <= table->row_count; row++)
		for (size_t column = 0; column < table->column_count; column++) {
			const char *text = cell(table, row, column);
			bool last = column + 1 == table->column_count;
			bool right = table->columns[column].right;
			size_t padding =
			    last && !right ? 0 : column_width(table, column) - width_of(text);

			fprintf(out, "%*s%s%*s%c", right ? (int)padding : 0, "", text,
				right ? 0 : (int)padding, "", last ? '\n' : ' ');
		}
}

void table_print(const struct table *table, FILE *out)
{
	if (table_print_smartcols(table, out) < 0)
		table_print_plain(table, out);
}
