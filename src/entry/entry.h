/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Boot entries: what a boot loader of this machine can start, as it would start it.
 *
 * One entry is one line of a boot menu. A reader for each kind of boot loader adds its entries to
 * one list (entry/list.h); which of them an ordinary reboot would boot is entry/choose.h's. All is
 * read below a root, nothing is changed, and no file is believed: what is wrong with an entry is
 * part of the entry, with a reason, so that it is never passed over in silence.
 *
 * Paths are absolute and as the running system sees them, below the root: "/efi/abc/linux" for the
 * file that an entry on the partition mounted at /efi calls "/abc/linux".
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where an entry is from. */
enum entry_kind {
	ENTRY_BLS,      /* Boot Loader Specification type 1: loader/entries/ID.conf */
	ENTRY_UKI,      /* type 2: EFI/Linux/ID.efi, a unified kernel image */
	ENTRY_AUTO,     /* what the boot loader found by itself: firmware setup, Windows */
	ENTRY_FIRMWARE, /* a boot option of EFI's that is a kernel: the firmware starts it itself */
	ENTRY_GRUB,     /* grub.cfg, also where it takes them from loader/entries (blscfg) */
	ENTRY_EXTLINUX, /* extlinux.conf, syslinux.cfg */
	ENTRY_INSTALLED, /* no boot loader: /boot/vmlinuz-RELEASE and its like */
};

/* Why an entry cannot be loaded. */
enum entry_problem {
	ENTRY_USABLE,
	ENTRY_NOT_LINUX,          /* it starts another program: an EFI one, another boot loader */
	ENTRY_NO_KERNEL,          /* it names nothing to start */
	ENTRY_FILE_MISSING,       /* a file that it names is not there */
	ENTRY_FILE_UNREADABLE,    /* a file that it names, or it itself, cannot be read */
	ENTRY_NOT_MOUNTED,        /* a file that it names is on a file system that is not mounted */
	ENTRY_OTHER_ARCHITECTURE, /* it is for machines of another kind */
	ENTRY_MALFORMED,          /* it breaks its own format's rules */
	ENTRY_NOT_UNDERSTOOD, /* it may be right, but this program does not know what it means */
};

/* Limits on what is read. */
enum {
	ENTRY_TEXT_MAX = 65536, /* bytes of one text: options, joined; a path; a title */
	ENTRY_FILES_MAX = 64,   /* initrds of an entry, and likewise device tree overlays, … */
	ENTRY_LIST_MAX = 1024,  /* entries */
	ENTRY_CONFIG_MAX = 1 << 20, /* bytes of one configuration file */
};

/* A file, or a part of one: a section of a unified kernel image. */
struct entry_file {
	char *path;
	uint64_t offset, size; /* size 0: the whole file */
	/* What the boot loader does with it: NULL: it is the content. Else it becomes a file of an
	 * archive, under this name: ".extra/credentials/x.cred". */
	char *packed_as;
};

struct entry_files {
	struct entry_file *files;
	size_t count;
};

struct entry {
	enum entry_kind kind;
	char *id;           /* as the boot loader calls it, without a boot counter; never NULL */
	char *source;       /* the file that it is from; never NULL */
	unsigned int line;  /* where in it, from 1; 0 where lines say nothing */
	char *title;        /* never NULL: the id, where there is none */
	char *version;      /* as it is told; NULL: it is not */
	char *machine_id;   /* likewise */
	char *sort_key;     /* likewise */
	char *architecture; /* likewise, by EFI's names: "x64", "aa64" */
	struct entry_file kernel;   /* its path is NULL where there is none */
	struct entry_files initrds; /* in the order in which they are loaded */
	char *options;    /* the command line, never NULL; without what the loader itself adds */
	bool has_options; /* false: it tells none at all, which is not an empty one */
	char *devicetree; /* a path, or NULL */
	struct entry_files overlays; /* of the device tree */
	char *release;        /* what the kernel calls itself (uname -r), or NULL: not known */
	unsigned int profile; /* of a unified kernel image with several; the first is 0 */
	bool counted;         /* it has a boot counter */
	unsigned int tries_left, tries_done;

	bool hidden; /* the boot loader leaves it out of its menu, because of its problem */
	enum entry_problem problem;
	char *problem_subject; /* the file, or the key, that it is about; NULL when usable */
	char *problem_detail;  /* the facts: "no such file"; likewise */

	/* Set when the list is complete. */
	bool is_default, is_newest, is_running;
};

/* It was tried as often as it may be, and never was good. */
static inline bool entry_is_bad(const struct entry *entry)
{
	return entry->counted && entry->tries_left == 0;
}

/* What tells how new its kernel is: its release, or else its version; NULL: nothing does. */
static inline const char *entry_release(const struct entry *entry)
{
	return entry->release ? entry->release : entry->version;
}

/* A new entry, with id, title, source and options (empty) set; NULL without memory. */
struct entry *entry_new(enum entry_kind kind, const char *id, const char *source,
			unsigned int line);

/*
 * Puts a copy of `text` in place of a text of the entry. 0, or -ENOMEM, and then it is as it was.
 * A text over ENTRY_TEXT_MAX is -E2BIG.
 */
int entry_set_text(char **field, const char *text);

/* Appends `text` to a text of the entry, behind one space where there is something before it. */
int entry_append_text(char **field, const char *text);

/* Adds a file. 0, -ENOMEM, or -E2BIG behind ENTRY_FILES_MAX. */
int entry_add_file(struct entry_files *files, const char *path);

/*
 * Says that the entry cannot be used. The first problem stays: what comes later is left out. 0 or
 * -ENOMEM. `detail` is a format.
 */
int entry_add_problem(struct entry *entry, enum entry_problem problem, const char *subject,
		      const char *format, ...) __attribute__((format(printf, 4, 5)));

/*
 * Makes a path as a boot loader writes it absolute: `path` below `folder`, where its partition is
 * mounted. Slashes that are doubled and "." are left out, a backslash is a slash. `*result` is the
 * caller's to free. 0, -ENOMEM, -E2BIG over PATH_MAX, or -EINVAL: it is empty or has "..".
 */
int entry_join_path(char **result, const char *folder, const char *path);

/*
 * The same for boot loaders that know "..": a path that does not begin with a slash is relative to
 * `folder`, which is itself a path below `top`, where the partition is mounted. What leads above
 * `top` is -EINVAL.
 */
int entry_resolve_path(char **result, const char *top, const char *folder, const char *path);

/* Names as they stand in JSON: "bls", "uki", …; "file-missing", … Never NULL. */
const char *entry_kind_name(enum entry_kind kind);
const char *entry_problem_name(enum entry_problem problem);

void entry_files_fini(struct entry_files *files);
void entry_free(struct entry *entry);
static inline void entry_free_pointer(struct entry **entry)
{
	entry_free(*entry);
}
#define cleanup_entry __attribute__((cleanup(entry_free_pointer)))
