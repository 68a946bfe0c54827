/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Tables for people: columns with a heading, each as wide as its widest cell.
 *
 * They are drawn by libsmartcols, which knows how wide characters are and fits a table into a
 * terminal. It is loaded at the moment when a table is printed, for a program that jumps from a
 * shutdown initramfs must need nothing but libc; where the library is not there the columns are
 * as wide, and nothing is fitted. There is never any colour.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct table_column {
	const char *name;
	bool right; /* as numbers are aligned */
};

struct table {
	const struct table_column *columns; /* borrowed; the last one may be wrapped */
	size_t column_count;
	char **cells; /* owned: row by row */
	size_t row_count;
};

/* Appends a row, of as many cells as there are columns; they are copied, and made printable
 * (base/printable.h). 0 or -ENOMEM. */
int table_add_row(struct table *table, const char *const *cells);
void table_fini(struct table *table);

/* Prints the headings and all rows, whatever memory there is. */
void table_print(const struct table *table, FILE *out);

/* The same, by libsmartcols or without. The first: 0, or a negative errno when nothing was printed.
 */
int table_print_smartcols(const struct table *table, FILE *out);
void table_print_plain(const struct table *table, FILE *out);
