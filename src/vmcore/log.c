/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vmcore/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "vmcore/log-forms.h"

int log_lacks(const struct log_reader *reader, const char *what, struct error *error)
{
	return error_add(error, ERROR_IMAGE, 0, "find the log",
			 dump_file_name(&reader->vmcore->dump.file),
			 "the kernel's VMCOREINFO lacks %s", what);
}

int log_is_wrong(const struct log_reader *reader, const char *what, struct error *error)
{
	return error_add(error, ERROR_IMAGE, 0, "find the log",
			 dump_file_name(&reader->vmcore->dump.file), "corrupt: %s", what);
}

int log_symbol_number(const struct log_reader *reader, const char *symbol, unsigned int width,
		      uint64_t *value, struct error *error)
{
	uint64_t address;
	char what[64];

	if (vmcoreinfo_symbol(&reader->vmcore->dump.info, symbol, &address))
		return vmcore_read_number(reader->vmcore, address, width, value, error);
	snprintf(what, sizeof(what), "SYMBOL(%s)", symbol);
	return log_lacks(reader, what, error);
}

struct error *log_first_error(const struct log_reader *reader)
{
	return reader->losses->error.count ? NULL : &reader->losses->error;
}

size_t log_get_text(const struct log_reader *reader, uint64_t address, uint64_t size)
{
	uint64_t has;

	size = size < LOG_TEXT_MAX ? size : LOG_TEXT_MAX;
	has = vmcore_read(reader->vmcore, address, reader->text, size, log_first_error(reader));
	if (has == 0 && size > 0)
		reader->losses->unreadable++;
	else if (has < size)
		reader->losses->cut++;
	return (size_t)has;
}

void log_set_priority(const struct log_reader *reader, struct log_message *message,
		      const uint8_t *facility)
{
	uint8_t flags = facility[1];

	/* Compilers fill bit-fields from the end that comes first in memory. */
	message->level = reader->vmcore->dump.order == ORDER_BIG ? flags & 7 : flags >> 5;
	message->facility = facility[0];
	message->has_priority = true;
}

static int choose(const struct log_reader *reader, struct error *error)
{
	const struct vmcoreinfo *info = &reader->vmcore->dump.info;
	uint64_t address;

	if (!info->text)
		return error_add(error, ERROR_IMAGE, 0, "find the log",
				 dump_file_name(&reader->vmcore->dump.file),
				 "there is no VMCOREINFO in it, which tells where the log is");
	if (vmcoreinfo_symbol(info, "prb", &address))
		return log_read_lockless(reader, error);
	if (vmcoreinfo_symbol(info, "log_first_idx", &address))
		return log_read_records(reader, error);
	return log_read_text(reader, error);
}

int log_read(struct vmcore *vmcore, const struct log_handler *handler, struct log_losses *losses,
	     struct error *error)
{
	cleanup_free uint8_t *text = malloc(LOG_TEXT_MAX);
	struct log_reader reader = {
	    .vmcore = vmcore, .handler = handler, .losses = losses, .text = text};

	*losses = (struct log_losses){};
	return text ? choose(&reader, error) : error_memory(error, "read the log");
}

bool log_is_whole(const struct log_losses *losses)
{
	return !losses->unreadable && !losses->cut && !losses->unfinished &&
	       !losses->without_text && !losses->broken_off;
}
