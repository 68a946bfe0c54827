/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <dlfcn.h>
#include <errno.h>
#include <libsmartcols/libsmartcols.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/table.h"

/* What is used of the library, with the types that its header gives. */
struct library {
	void *handle;
	__typeof__(scols_new_table) *new_table;
	__typeof__(scols_unref_table) *unref_table;
	__typeof__(scols_table_new_column) *new_column;
	__typeof__(scols_table_new_line) *new_line;
	__typeof__(scols_line_set_data) *set_data;
	__typeof__(scols_table_set_termforce) *set_termforce;
	__typeof__(scols_print_table_to_string) *print_to_string;
};

static void library_close(struct library *library)
{
	if (library->handle)
		dlclose(library->handle);
}

static int library_open(struct library *library)
{
	const struct {
		const char *name;
		void *function; /* a pointer to the pointer */
	} functions[] = {
	    {"scols_new_table", &library->new_table},
	    {"scols_unref_table", &library->unref_table},
	    {"scols_table_new_column", &library->new_column},
	    {"scols_table_new_line", &library->new_line},
	    {"scols_line_set_data", &library->set_data},
	    {"scols_table_set_termforce", &library->set_termforce},
	    {"scols_print_table_to_string", &library->print_to_string},
	};

	library->handle = dlopen("libsmartcols.so.1", RTLD_NOW | RTLD_LOCAL);
	if (!library->handle)
		return -ENOENT;
	for (size_t i = 0; i < sizeof(functions) / sizeof(*functions); i++) {
		void *found = dlsym(library->handle, functions[i].name);

		if (!found)
			return -ENOENT;
		*(void **)functions[i].function = found;
	}
	return 0;
}

static int fill(const struct library *library, struct libscols_table *drawn,
		const struct table *table)
{
	for (size_t i = 0; i < table->column_count; i++) {
		int flags = (table->columns[i].right ? SCOLS_FL_RIGHT : 0) |
			    (i + 1 == table->column_count ? SCOLS_FL_WRAP : 0);

		if (!library->new_column(drawn, table->columns[i].name, 0, flags))
			return -ENOMEM;
	}
	for (size_t row = 0; row < table->row_count; row++) {
		struct libscols_line *line = library->new_line(drawn, NULL);

		for (size_t i = 0; i < table->column_count; i++)
			if (!line || library->set_data(
					 line, i, table->cells[row * table->column_count + i]) < 0)
				return -ENOMEM;
	}
	return 0;
}

/* To text first: when memory runs out in between, nothing is printed twice. */
static int draw(const struct library *library, const struct table *table, FILE *out)
{
	struct libscols_table *drawn = library->new_table();
	cleanup_free char *text = NULL;
	int r = drawn ? fill(library, drawn, table) : -ENOMEM;

	if (r == 0)
		r = library->set_termforce(drawn, isatty(fileno(out)) ? SCOLS_TERMFORCE_ALWAYS
								      : SCOLS_TERMFORCE_NEVER);
	if (r == 0)
		r = library->print_to_string(drawn, &text);
	if (r == 0 && !text)
		r = -ENOMEM;
	if (r == 0) {
		size_t length = strlen(text);

		/* Version 2.38 leaves the last newline out. */
		fprintf(out, "%s%s", text, length && text[length - 1] == '\n' ? "" : "\n");
	}
	library->unref_table(drawn);
	return r;
}

/* The library asks the locale what is a character; ours is "C", and names are UTF-8. */
int table_print_smartcols(const struct table *table, FILE *out)
{
	cleanup_with(library_close) struct library library = {};
	locale_t utf8, before;
	int r = library_open(&library);

	if (r < 0)
		return r;
	utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	if (!utf8)
		return -ENOENT;
	before = uselocale(utf8);
	r = draw(&library, table, out);
	uselocale(before);
	freelocale(utf8);
	return r;
}
