/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "entry/list.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

static void fini_write(struct entry_write *write)
{
	free(write->path);
	free(write->name);
	free(write->value);
}

static void fini_default(struct entry_default *choice)
{
	for (size_t i = 0; i < choice->write_count; i++)
		fini_write(&choice->writes[i]);
	free(choice->writes);
	free(choice->value);
	free(choice->source);
	free(choice->detail);
}

void entry_list_fini(struct entry_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		entry_free(list->entries[i]);
	free(list->entries);
	for (size_t i = 0; i < LOADER_COUNT; i++)
		fini_default(&list->defaults[i]);
	free(list->loader_reason);
	for (size_t i = 0; i < list->remark_count; i++) {
		free(list->remarks[i].subject);
		free(list->remarks[i].detail);
	}
	*list = (struct entry_list){};
}

int entry_list_add(struct entry_list *list, struct entry *entry)
{
	cleanup_entry struct entry *owned = entry;
	struct entry **larger;
	int r;

	if (list->count == ENTRY_LIST_MAX) {
		r = entry_list_add_remark(list, REMARK_TOO_MUCH, entry->source, entry->line,
					  "only %d entries are read in all", ENTRY_LIST_MAX);
		return r < 0 ? r : -E2BIG;
	}
	larger = reallocarray(list->entries, list->count + 1, sizeof(struct entry *));
	if (!larger)
		return -ENOMEM;
	list->entries = larger;
	larger[list->count++] = steal_pointer(owned);
	return 0;
}

int entry_list_add_remark(struct entry_list *list, enum entry_remark_kind kind, const char *subject,
			  unsigned int line, const char *format, ...)
{
	cleanup_free char *detail = NULL, *copy = NULL;
	va_list arguments;
	int length;

	if (list->remark_count == ENTRY_REMARKS_MAX)
		return 0;
	va_start(arguments, format);
	length = vasprintf(&detail, format, arguments);
	va_end(arguments);
	if (length < 0) {
		detail = NULL;
		return -ENOMEM;
	}
	copy = strdup(subject);
	if (!copy)
		return -ENOMEM;
	list->remarks[list->remark_count++] = (struct entry_remark){
	    .kind = kind,
	    .subject = steal_pointer(copy),
	    .line = line,
	    .detail = steal_pointer(detail),
	};
	return 0;
}

/* `text`, when it is given, in place of what was there. */
static int put(char **field, const char *text)
{
	char *copy = text ? strdup(text) : NULL;

	if (text && !copy)
		return -ENOMEM;
	free(*field);
	*field = copy;
	return 0;
}

int entry_default_set(struct entry_default *choice, struct entry *entry, enum entry_reason reason,
		      const char *value, const char *source, unsigned int line)
{
	choice->entry = entry;
	choice->reason = reason;
	choice->line = line;
	return put(&choice->value, value) ?: put(&choice->source, source);
}

int entry_default_explain(struct entry_default *choice, const char *format, ...)
{
	char *detail = NULL;
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vasprintf(&detail, format, arguments);
	va_end(arguments);
	if (length < 0)
		return -ENOMEM;
	free(choice->detail);
	choice->detail = detail;
	return 0;
}

int entry_default_add_write(struct entry_default *choice, const char *path, const char *name,
			    const char *value)
{
	struct entry_write write = {strdup(path), strdup(name), value ? strdup(value) : NULL};
	struct entry_write *larger;

	if (!write.path || !write.name || (value && !write.value)) {
		fini_write(&write);
		return -ENOMEM;
	}
	larger = reallocarray(choice->writes, choice->write_count + 1, sizeof(*larger));
	if (!larger) {
		fini_write(&write);
		return -ENOMEM;
	}
	choice->writes = larger;
	larger[choice->write_count++] = write;
	return 0;
}

const char *entry_loader_name(enum entry_loader loader)
{
	switch (loader) {
	case LOADER_FIRMWARE:
		return "firmware";
	case LOADER_SYSTEMD_BOOT:
		return "systemd-boot";
	case LOADER_GRUB:
		return "grub";
	case LOADER_EXTLINUX:
		return "extlinux";
	case LOADER_NONE:
		return "none";
	case LOADER_COUNT:
		break;
	}
	return "unknown";
}

const char *entry_reason_name(enum entry_reason reason)
{
	switch (reason) {
	case REASON_UNKNOWN:
		return "unknown";
	case REASON_ONE_SHOT:
		return "one-shot";
	case REASON_PREFERRED:
		return "preferred";
	case REASON_SAVED:
		return "saved";
	case REASON_DEFAULT:
		return "default";
	case REASON_FIRST:
		return "first";
	case REASON_NEWEST:
		return "newest";
	}
	return "unknown";
}

const char *entry_remark_kind_name(enum entry_remark_kind kind)
{
	switch (kind) {
	case REMARK_NOT_MOUNTED:
		return "not-mounted";
	case REMARK_UNREADABLE:
		return "unreadable";
	case REMARK_NOT_UNDERSTOOD:
		return "not-understood";
	case REMARK_TOO_MUCH:
		return "too-much";
	case REMARK_IGNORED:
		return "ignored";
	}
	return "unknown";
}
