/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * EFI variables of the Boot Loader Interface, by which boot loaders and the system tell each other
 * what was booted and what to boot next: systemd.io/BOOT_LOADER_INTERFACE. They are read from
 * efivarfs, where a variable's attributes, four bytes, come before its value.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/root.h"

#define EFI_GLOBAL_GUID "8be4df61-93ca-11d2-aa0d-00e098032b8c" /* the firmware's own variables */
#define LOADER_GUID     "4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"

/* Whether the machine was started by EFI: absent or known. */
enum fact machine_efi(const struct root *root);

/* Whether variables can be read at all: absent where there is no EFI, unreadable where efivarfs is
 * not mounted. */
enum fact machine_efi_variables(const struct root *root);

/*
 * A variable, by its name and GUID: "BootOrder-8be4…". `*content` owns its bytes, also where the
 * fact is not known, and is the caller's to free; the value lies in it. 0, or -ENOMEM.
 */
int machine_efi_variable(uint8_t **content, struct bytes *value, enum fact *fact,
			 const struct root *root, const char *name);

/*
 * A variable's UTF-16 as UTF-8: up to its first NUL, to be freed by the caller. What is no text
 * (cut off in the middle of a character, unpaired surrogates, more than 64 KiB) is unreadable. 0,
 * or -ENOMEM; `*text` is NULL unless the fact is known.
 */
int machine_loader_text(char **text, enum fact *fact, const struct root *root, const char *name);

/* The same for several texts, each with a NUL behind it: `*size` bytes in all. */
int machine_loader_texts(char **texts, size_t *size, enum fact *fact, const struct root *root,
			 const char *name);

/* LoaderFeatures: a number of 64 bits. 0, or -ENOMEM. */
int machine_loader_features(uint64_t *features, enum fact *fact, const struct root *root);

/* Whether the firmware checks signatures: SecureBoot is 1. 0, or -ENOMEM. */
int machine_secure_boot(bool *enabled, const struct root *root);
