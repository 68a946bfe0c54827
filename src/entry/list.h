/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * All boot entries of a machine, and what each boot loader of it would boot.
 *
 * Each boot loader has a reader, which adds its entries in the order of its menu and says which of
 * them it would boot on its own, and why (`struct entry_default`). A reader that finds nothing of
 * its boot loader adds nothing. What a reader finds wrong apart from an entry (a partition that is
 * not mounted, a configuration that it does not understand) is a remark.
 */
#pragma once

#include "entry/entry.h"

struct error;
struct machine_boot_partitions;
struct machine_mounts;
struct machine_partitions;
struct root;

/* The boot loaders that have a reader, in the order in which they stand in the list. */
enum entry_loader {
	LOADER_FIRMWARE,     /* EFI's own boot options, where they are kernels */
	LOADER_SYSTEMD_BOOT, /* reads ENTRY_BLS and ENTRY_UKI */
	LOADER_GRUB,
	LOADER_EXTLINUX,
	LOADER_NONE, /* ENTRY_INSTALLED: kernels that were found without a boot loader */
	LOADER_COUNT,
};

/* What makes an entry the one that is booted. */
enum entry_reason {
	REASON_UNKNOWN,   /* none is: `detail` of the entry_default says why */
	REASON_ONE_SHOT,  /* asked for once: LoaderEntryOneShot, GRUB's next_entry */
	REASON_PREFERRED, /* LoaderEntryPreferred, or preferred in loader.conf */
	REASON_SAVED,     /* the one that was booted last, or was saved: @saved, saved_entry */
	REASON_DEFAULT, /* asked for as default: LoaderEntryDefault, loader.conf, GRUB's default */
	REASON_FIRST,   /* nothing is asked for: the first of the menu */
	REASON_NEWEST,  /* by the kernel's version */
};

/* What a boot loader writes down when it boots its default: that a one-shot choice is used up. */
struct entry_write {
	char *path;  /* of the file, below the root: GRUB's environment block */
	char *name;  /* of the variable in it */
	char *value; /* NULL: it is removed */
};

/* What one boot loader would boot. */
struct entry_default {
	bool found; /* this boot loader's configuration was found */
	enum entry_reason reason;
	struct entry *entry; /* one of the list's; NULL: none, or it cannot be told */
	char *value;       /* what was asked for: "arch-*", "1>2", an id; NULL where nothing was */
	char *source;      /* where: a file, an EFI variable's name; NULL likewise */
	unsigned int line; /* in that file, 0: none */
	char *detail;      /* facts for people, in plain words, or NULL: why there is no entry */
	/* In this order, and only when the jump into that entry is ordered. Nothing here does it.
	 */
	struct entry_write *writes;
	size_t write_count;
};

/* What kind of thing a remark is. */
enum entry_remark_kind {
	REMARK_NOT_MOUNTED, /* a boot partition: `subject` is its device, `detail` tells its place
			     */
	REMARK_UNREADABLE,  /* a file, folder or variable is there and cannot be read */
	REMARK_NOT_UNDERSTOOD, /* a configuration, or a line of it */
	REMARK_TOO_MUCH,       /* a limit was met, and the rest is left out */
	REMARK_IGNORED,        /* something was found and rightly does not count */
};

struct entry_remark {
	enum entry_remark_kind kind;
	char *subject;     /* a file, a mount point, a variable */
	unsigned int line; /* 0: none */
	char *detail;
};

enum { ENTRY_REMARKS_MAX = 64 };

struct entry_list {
	struct entry **entries; /* owned; loaders in order, each in the order of its menu */
	size_t count;
	struct entry_default defaults[LOADER_COUNT];
	enum entry_loader loader; /* the one that an ordinary reboot would run */
	char *loader_reason;      /* how that is known, in plain words */
	struct entry_remark remarks[ENTRY_REMARKS_MAX];
	size_t remark_count;
};

/*
 * Reads everything. What cannot be read is told by remarks and problems; 0, or -ENOMEM with a
 * failure added. End it with entry_list_fini() always.
 */
int entry_list_read(struct entry_list *list, const struct root *root, struct error *error);
void entry_list_fini(struct entry_list *list);

/* What readers are given: the machine as far as boot loaders care. */
struct entry_machine {
	const struct root *root;
	const struct machine_mounts *mounts;         /* machine/mounts.h */
	const struct machine_partitions *partitions; /* machine/partitions.h */
	const struct machine_boot_partitions *boot;  /* machine/boot-partitions.h */
	bool secure_boot;                            /* the firmware checks what it starts */
	bool efi;                                    /* it was started by EFI firmware */
	const char *architecture;                    /* by EFI's names: "x64" */
	const char *release;                         /* of the running kernel; "" when unknown */
	const char *command_line;                    /* the running kernel's; "" when unknown */
};

/*
 * For readers. A reader returns 0 or -ENOMEM, and nothing else: whatever it reads is somebody
 * else's.
 */

/*
 * Adds an entry, which the list owns from now on, and on failure is freed. 0, -ENOMEM, or -E2BIG
 * behind ENTRY_LIST_MAX, which a remark tells; the reader then ends with 0.
 */
int entry_list_add(struct entry_list *list, struct entry *entry);

/* 0, also when there is no room for more remarks, or -ENOMEM. */
int entry_list_add_remark(struct entry_list *list, enum entry_remark_kind kind, const char *subject,
			  unsigned int line, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* Sets what a boot loader boots, with copies of the texts, which may be NULL. 0 or -ENOMEM. */
int entry_default_set(struct entry_default *choice, struct entry *entry, enum entry_reason reason,
		      const char *value, const char *source, unsigned int line);

/* Sets its detail. 0 or -ENOMEM. */
int entry_default_explain(struct entry_default *choice, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Adds something that it writes down, with copies of the texts. 0 or -ENOMEM. */
int entry_default_add_write(struct entry_default *choice, const char *path, const char *name,
			    const char *value);

/* The readers, each in a file of its name. */
int entry_read_firmware(struct entry_list *list, const struct entry_machine *machine);
int entry_read_systemd_boot(struct entry_list *list, const struct entry_machine *machine);
int entry_read_grub(struct entry_list *list, const struct entry_machine *machine);
int entry_read_extlinux(struct entry_list *list, const struct entry_machine *machine);
int entry_read_installed(struct entry_list *list, const struct entry_machine *machine);

const char *entry_loader_name(enum entry_loader loader);
const char *entry_reason_name(enum entry_reason reason);
const char *entry_remark_kind_name(enum entry_remark_kind kind);
