/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "handover/initrd-notes.h"

#include "image/initrd.h"
#include "plan/plan.h"
#include "plan/size-text.h"

static int note_filesystem(struct plan *plan, const struct initrd *initrd, bool alone)
{
	if (alone)
		return plan_note(plan, PLAN_NOTE,
				 "%s is no cpio archive: it looks like a filesystem (%s), and is "
				 "handed on as it is",
				 initrd->path, initrd->filesystem);
	return plan_note(plan, PLAN_WARNING,
			 "%s looks like a filesystem (%s) and is joined with other initrds: the "
			 "kernel unpacks neither it nor what is behind it, and as a root "
			 "filesystem it must be the only initrd",
			 initrd->path, initrd->filesystem);
}

static int note_content(struct plan *plan, const struct initrd *initrd, bool alone)
{
	switch (initrd->content) {
	case INITRD_FILESYSTEM:
		return note_filesystem(plan, initrd, alone);
	case INITRD_UNKNOWN:
		return plan_note(plan, PLAN_WARNING,
				 "%s is no cpio archive, not compressed in a way that the kernel "
				 "knows, and no filesystem that is known here: the kernel will "
				 "hardly be able to unpack it%s",
				 initrd->path, alone ? "" : ", or what is behind it");
	case INITRD_ARCHIVE:
		break;
	}
	return 0;
}

static const char *kept_bootconfig(const struct initrds *initrds)
{
	for (size_t i = initrds->count; i-- > 0;)
		if (initrds->files[i].bootconfig.state == BOOTCONFIG_VALID)
			return initrds->files[i].path;
	return "";
}

static int note_bootconfig(struct plan *plan, const struct initrds *initrds,
			   const struct initrd *initrd)
{
	switch (initrd->bootconfig.state) {
	case BOOTCONFIG_NONE:
		return 0;
	case BOOTCONFIG_TOO_LONG:
	case BOOTCONFIG_WRONG_SUM:
		return plan_note(plan, PLAN_WARNING,
				 "%s ends like a bootconfig, but its %s: it is left where it is, "
				 "and the kernel will not take it",
				 initrd->path,
				 initrd->bootconfig.state == BOOTCONFIG_TOO_LONG
				     ? "size is larger than the file"
				     : "checksum is wrong");
	case BOOTCONFIG_VALID:
		break;
	}
	switch (initrd->bootconfig_place) {
	case BOOTCONFIG_STAYS:
		break;
	case BOOTCONFIG_MOVED:
		return plan_note(plan, PLAN_NOTE,
				 "the bootconfig at the end of %s was put behind all initrds: the "
				 "kernel looks for it only there",
				 initrd->path);
	case BOOTCONFIG_LEFT_OUT:
		return plan_note(plan, PLAN_WARNING,
				 "the bootconfig at the end of %s is left out: the kernel takes "
				 "only one, and %s has one, too",
				 initrd->path, kept_bootconfig(initrds));
	}
	return 0;
}

static int note_unpacked(struct plan *plan, const struct initrd *initrd)
{
	const struct initrd_unpacked *unpacked = &initrd->unpacked;
	char packed_size[32], size[32];

	if (!unpacked->parts)
		return 0;
	return plan_note(
	    plan, PLAN_NOTE, "%s was unpacked for the next kernel: %s (%s) became %s of plain cpio",
	    initrd->path, size_text(unpacked->packed, packed_size, sizeof(packed_size)),
	    unpacked->formats, size_text(unpacked->unpacked, size, sizeof(size)));
}

/* Where the kernel itself would stop, too, it is for it to say so. */
static int note_stop(struct plan *plan, const struct initrd *initrd)
{
	const struct initrd_unpacked *unpacked = &initrd->unpacked;
	unsigned long long offset = unpacked->stop_offset;

	switch (unpacked->stop) {
	case INITRD_STOP_NONE:
		break;
	case INITRD_STOP_DAMAGED:
		return plan_note(
		    plan, PLAN_WARNING,
		    "%s is handed on as it is from offset %llu on, and the kernel will "
		    "hardly be able to unpack that: %s",
		    initrd->path, offset, unpacked->stop_reason);
	case INITRD_STOP_UNSUPPORTED:
		return plan_note(plan, PLAN_WARNING,
				 "%s is left for the next kernel to unpack from offset %llu on%s%s",
				 initrd->path, offset, *unpacked->stop_reason ? ": " : "",
				 unpacked->stop_reason);
	case INITRD_STOP_CONTENT:
		return plan_note(plan, PLAN_NOTE,
				 "%s is handed on as it is from offset %llu on: what is in the %s "
				 "data is no whole cpio archive",
				 initrd->path, offset, unpacked->stop_format);
	case INITRD_STOP_FOLLOWED:
		return plan_note(
		    plan, PLAN_NOTE,
		    "%s is handed on as it is from offset %llu on: the kernel does not "
		    "unpack what is behind the %s data",
		    initrd->path, offset, unpacked->stop_format);
	case INITRD_STOP_EARLY:
		return plan_note(
		    plan, PLAN_NOTE,
		    "%s stays compressed from offset %llu on: it has microcode or ACPI "
		    "tables in it, which the kernel would apply if they were not "
		    "compressed",
		    initrd->path, offset);
	}
	return 0;
}

static int note_short_of(struct plan *plan, const struct initrds *initrds)
{
	static const char *const reasons[] = {
	    [INITRD_SHORT_OF_LIMIT] = "the running kernel takes",
	    [INITRD_SHORT_OF_MEMORY_NOW] = "this system has memory for",
	    [INITRD_SHORT_OF_MEMORY_NEXT] = "the next kernel has memory for",
	};
	char size[32];

	if (initrds->short_of == INITRD_SHORT_OF_NOTHING)
		return 0;
	if (initrds->short_of == INITRD_SHORT_OF_ADDRESSES)
		return plan_note(plan, PLAN_WARNING,
				 "compressed initrds are left for the next kernel to unpack: this "
				 "process may not have the memory (ulimit -v, ulimit -d)");
	return plan_note(plan, PLAN_WARNING,
			 "compressed initrds are left for the next kernel to unpack: unpacked they "
			 "would be more than the %s that %s",
			 size_text(initrds->unpacked_most, size, sizeof(size)),
			 reasons[initrds->short_of]);
}

int initrd_notes(struct plan *plan, const struct initrds *initrds)
{
	int r = note_short_of(plan, initrds);

	if (r == 0 && initrds->reordered)
		r = plan_note(plan, PLAN_NOTE,
			      "an early microcode archive was moved before the other initrds: the "
			      "kernel looks for it only there");
	for (size_t i = 0; r == 0 && i < initrds->count; i++) {
		r = note_content(plan, &initrds->files[i],
				 initrds->count == 1 && !initrds->appended);
		if (r == 0)
			r = note_bootconfig(plan, initrds, &initrds->files[i]);
		if (r == 0)
			r = note_unpacked(plan, &initrds->files[i]);
		if (r == 0 && initrds->short_of == INITRD_SHORT_OF_NOTHING)
			r = note_stop(plan, &initrds->files[i]);
	}
	return r;
}
