/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vmcore/dump.h"

#include <stdlib.h>

#include "base/blob.h"
#include "vmcore/elf-core.h"
#include "vmcore/kdump.h"

static const struct dump_format *const formats[] = {&elf_core_format, &kdump_format};

enum { FORMAT_COUNT = sizeof(formats) / sizeof(*formats) };

static int recognise(struct dump *dump, struct error *error)
{
	uint8_t head[DUMP_HEAD_SIZE];
	struct bytes bytes = {head, dump_file_has(&dump->file, 0, sizeof(head))};
	int r = dump_file_read(&dump->file, 0, head, bytes.size, error);

	if (r < 0)
		return r;
	for (size_t i = 0; i < FORMAT_COUNT && !dump->format; i++)
		if (formats[i]->recognise(bytes))
			dump->format = formats[i];
	if (!dump->format)
		return error_add(error, ERROR_IMAGE, 0, "recognise", dump_file_name(&dump->file),
				 "it is no dump of a kernel: neither an ELF core nor "
				 "kdump-compressed (makedumpfile)");
	return 0;
}

int dump_open_blob(struct dump *dump, struct blob *blob, struct error *error)
{
	int r;

	*dump = (struct dump){};
	r = dump_file_open(&dump->file, blob, error);
	if (r < 0)
		return r;
	r = recognise(dump, error);
	if (r == 0)
		r = dump->format->open(dump, error);
	/* What is at a dump's start may come last in a flattened file. */
	if (dump->file.cut)
		error_add(r == 0 ? &dump->damage : error, ERROR_IMAGE, 0, "read",
			  dump_file_name(&dump->file),
			  "truncated: the flattened file ends before its end mark");
	if (r < 0)
		dump_close(dump);
	return r;
}

int dump_open(struct dump *dump, const char *path, struct error *error)
{
	struct blob *blob;
	int r = blob_open(&blob, path, error);

	*dump = (struct dump){};
	return r < 0 ? r : dump_open_blob(dump, blob, error);
}

void dump_close(struct dump *dump)
{
	if (dump->format)
		dump->format->close(dump);
	if (dump->file.blob)
		dump_file_close(&dump->file);
	pieces_fini(&dump->ranges);
	vmcoreinfo_fini(&dump->info);
	*dump = (struct dump){};
}

uint64_t dump_read(struct dump *dump, uint64_t physical, void *to, uint64_t size,
		   struct error *error)
{
	return dump->format->read(dump, physical, to, size, error);
}
