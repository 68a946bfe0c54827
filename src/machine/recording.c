/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The reading side: a root that answers from a recording. */
#include "machine/recording.h"

#include <errno.h>

#include "base/cleanup.h"
#include "base/error.h"

enum { RECORDING_FILE_SIZE_MAX = 16 << 20 };

static int recorded_read(void *context, const char *path, size_t limit, char **content,
			 size_t *size)
{
	const struct recording *recording = context;
	int r = recorded_facts_refusal(&recording->facts, path);

	return r < 0 ? r : root_read(&recording->folder, path, limit, content, size);
}

static int recorded_read_start(void *context, const char *path, size_t limit, char **content,
			       size_t *size)
{
	const struct recording *recording = context;
	int r = recorded_facts_refusal(&recording->facts, path);

	return r < 0 ? r : root_read_start(&recording->folder, path, limit, content, size);
}

static int recorded_open_file(void *context, const char *path, int flags)
{
	const struct recording *recording = context;
	int r = recorded_facts_refusal(&recording->facts, path);

	return r < 0 ? r : root_open_file(&recording->folder, path, flags);
}

static int recorded_read_physical(void *context, uint64_t address, void *to, size_t size)
{
	const struct recording *recording = context;

	return recorded_facts_read_physical(&recording->facts, address, to, size);
}

static int recorded_find_pages(void *context, struct range bytes, unsigned int flag,
			       struct map *found)
{
	const struct recording *recording = context;

	return recorded_facts_find_pages(&recording->facts, bytes, flag, found);
}

static const struct root_reader recorded_reader = {
    .read = recorded_read,
    .read_start = recorded_read_start,
    .open_file = recorded_open_file,
    .read_physical = recorded_read_physical,
    .find_pages = recorded_find_pages,
};

static int open_marker(struct recording *recording, const char *path, struct error *error)
{
	cleanup_free char *text = NULL;
	size_t size;
	int r;

	r = root_read(&recording->folder, RECORDING_FILE, RECORDING_FILE_SIZE_MAX, &text, &size);
	if (r == -ENOENT)
		return error_add(error, ERROR_FILE, 0, "open recorded machine", path,
				 "it is no recorded machine: it has no machine.json (kexec "
				 "--record-machine=DIR makes one)");
	if (r < 0)
		return error_add(error, ERROR_FILE, -r, "open recorded machine", path,
				 "its machine.json cannot be read");
	return recorded_facts_from_text(&recording->facts, text, path, error);
}

int recording_open(struct recording *recording, const char *path, struct error *error)
{
	int r;

	*recording = (struct recording){.root.fd = -1};
	r = root_open(&recording->folder, path, error);
	if (r < 0)
		return r;
	recording->folder.contained = true;
	recording->root.reader = &recorded_reader;
	recording->root.context = recording;
	return open_marker(recording, path, error);
}

void recording_close(struct recording *recording)
{
	root_close(&recording->folder);
	recorded_facts_fini(&recording->facts);
}
