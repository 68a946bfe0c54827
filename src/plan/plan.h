/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The plan of one load: plain data, nothing done yet.
 *
 * It is made in four steps. claim: boot/ names what it needs (plan_claim). place: addresses are
 * given (plan_place). fill: boot/ writes the bytes that hold addresses. seal: every rule that the
 * kernel will apply is applied, digests are computed, and the plan is frozen (plan_seal). Nobody
 * edits a sealed plan: when the kernel refuses it, a new one is made.
 *
 * The same request, machine and files give the same plan, byte for byte.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/blob.h"
#include "base/range.h"
#include "plan/check.h"

struct error;

enum { PLAN_SEGMENTS_MAX = 16 /* KEXEC_SEGMENT_MAX, linux/kexec.h */ };

/* Initrds that are joined in a file start on multiples of this (kernel: init/initramfs.c). */
enum { PLAN_INITRD_ALIGNMENT = 4 };

/* What the kernel is loaded for. */
enum plan_kind {
	PLAN_NORMAL, /* to be jumped into */
	PLAN_CRASH,  /* to be jumped into when the running kernel panics */
};

/* By which system call the plan is carried out. */
enum plan_method {
	PLAN_SEGMENTS, /* kexec_load: we place everything */
	PLAN_FILE,     /* kexec_file_load: the kernel does */
};

/* How the kernel gets from its file into its place. */
enum plan_form {
	PLAN_PLAIN,  /* it unpacks itself during the blackout */
	PLAN_DIRECT, /* it is unpacked when it is loaded, and entered directly */
};

enum { PLAN_REASON_SIZE = 256 };

enum plan_weight {
	PLAN_NOTE,    /* stands in the plan */
	PLAN_WARNING, /* is also said when the plan is carried out */
};

struct plan_note {
	enum plan_weight weight;
	char *text;
};

/* A file of ours in the next kernel's first root filesystem; its content is secret. */
struct plan_file {
	char *path;
	uint32_t mode; /* permissions */
	uint64_t size;
};

/* What a segment needs, and after placing where it is. */
struct plan_segment {
	char name[CHECK_NAME_SIZE];
	const struct blob *content; /* one that the plan owns */
	uint64_t content_offset;    /* where in the blob the segment's bytes start */
	uint64_t content_size;      /* bytes; the kernel fills up to memory_size with zeros */
	uint64_t memory_size;       /* bytes at the destination, a multiple of the page size */
	uint64_t alignment;         /* power of two, at least the page size */
	struct range limits;        /* the destination lies wholly inside */
	bool lowest;                /* as low as possible, else as high as possible */
	struct range destination;   /* empty until placed */
	uint64_t checked_size;      /* of the content's first bytes: what is digested; 0: nothing */
	uint64_t digest;            /* XXH3 of those, once sealed */
	bool whole_digested;        /* the content is one whole file on disk, and it was read: */
	uint64_t whole_digest;      /* XXH3 of all of that file, for the record */
};

struct plan {
	enum plan_kind kind;
	enum plan_method method;
	char *method_reason; /* owned: why this method, a clause without a full stop */
	enum plan_form form;
	char *form_reason;       /* owned: why this form, a clause; NULL until claimed */
	char *protocol;          /* owned: "Linux/x86, 64-bit entry" */
	char *kernel_path;       /* owned */
	char *kernel_version;    /* owned; empty when unknown */
	char *command_line;      /* owned: as the next kernel gets it */
	struct plan_note *notes; /* owned: what the user should know, a clause each */
	size_t note_count;
	struct plan_file *added_files; /* owned: what was put behind the initrds */
	size_t added_file_count;

	/* For PLAN_SEGMENTS. */
	struct plan_segment segments[PLAN_SEGMENTS_MAX];
	size_t segment_count;
	uint64_t entry;        /* physical address that the kernel jumps to */
	uint64_t kernel_entry; /* of the direct form: offset in the kernel's segment */
	bool randomised;       /* likewise: its virtual address was drawn */
	uint64_t total_ram;    /* bytes: the kernel's limit is half of it */
	struct map told;       /* what the next kernel is told of memory */
	struct map usable;     /* what could have been a destination */
	size_t check_segment;  /* segment whose content holds the check table */
	uint64_t check_offset; /* and the table's offset in it */
	bool check;            /* purgatory verifies digests */
	/* Of a crash image: where all segments must lie (crashk_res, kernel/crash_reserve.c), and
	 * whether the kernel itself keeps the segment "elfcorehdr" up to date. */
	struct range reservation;
	bool hotplug;
	/* What purgatory copies to `backup` before the jump; empty: nothing. */
	struct range backed_up;
	uint64_t backup;

	/* What the segments are made of, and what PLAN_FILE hands to the kernel. */
	struct blob **blobs; /* owned, all of them */
	size_t blob_count;
	const struct blob *kernel;
	const struct blob *wrapped;  /* the file that the kernel was unwrapped from, else NULL */
	const struct blob *unpacked; /* the kernel as it is in memory; NULL in the plain form */
	const struct blob *initrds;  /* NULL when there is none */
	uint64_t initrds_unpacked;   /* bytes of them that were unpacked for the next kernel */

	bool sealed;
};

/* A segment's needs, for plan_claim. */
struct plan_claim {
	const char *name;
	const struct blob *content; /* one that the plan owns */
	uint64_t content_offset;
	uint64_t content_size;
	uint64_t checked_size;
	uint64_t memory_size; /* rounded up to pages; 0: as large as the content */
	uint64_t alignment;   /* 0: the page size */
	struct range limits;
	bool lowest;
};

struct plan *plan_new(enum plan_method method);
void plan_free(struct plan *plan);
static inline void plan_free_pointer(struct plan **plan)
{
	plan_free(*plan);
}
#define cleanup_plan __attribute__((cleanup(plan_free_pointer)))

/* Sets the form and its reason. 0 or -ENOMEM. */
int plan_set_form(struct plan *plan, enum plan_form form, const char *reason);

/* Adds a note, printf-like. 0 or -ENOMEM. */
int plan_note(struct plan *plan, enum plan_weight weight, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Notes a file. 0 or -ENOMEM. */
int plan_add_file(struct plan *plan, const char *path, uint32_t mode, uint64_t size);

/* Wipes the secrets among the plan's blobs, once it is carried out. */
void plan_wipe(struct plan *plan);

/*
 * Whether a segment's digest may be told: there is one, and it is not of a secret, which could be
 * guessed by it.
 */
bool plan_tells_digest(const struct plan *plan, const struct plan_segment *segment);

/* Takes a blob over; on failure it is freed. The blob, or NULL without memory or for a NULL blob.
 */
struct blob *plan_own(struct plan *plan, struct blob *blob);

/* Adds a segment; its index or a negative errno. */
int plan_claim(struct plan *plan, const struct plan_claim *claim, struct error *error);

/* The same for bytes of our own making: zeros, claim->content_size of them, to be written later. */
int plan_claim_zeros(struct plan *plan, struct plan_claim claim, struct error *error);

/*
 * Gives every segment its destination, in the order of the claims, inside plan->usable. When there
 * is no room the error names the segment, what it needs and the largest gap. 0 or negative errno.
 */
int plan_place(struct plan *plan, struct error *error);

/*
 * Applies the kernel's rules (sanity_check_segment_list(), kernel/kexec_core.c; for a crash image
 * also kimage_alloc_init(), kernel/kexec.c) and our own (destinations are usable memory), computes
 * the digests if plan->check, writes them into the check table, maps the contents for kexec_load,
 * freezes. The guilty segment is named. 0 or a negative errno.
 */
int plan_seal(struct plan *plan, struct error *error);

/* Whether the source files are still what they were. 0 or a negative errno. */
int plan_unchanged(const struct plan *plan, struct error *error);

const char *plan_kind_name(enum plan_kind kind);       /* "normal", "crash" */
const char *plan_method_name(enum plan_method method); /* "segments", "file" */
const char *plan_form_name(enum plan_form form);       /* "plain", "direct" */
const char *plan_method_call(enum plan_method method); /* the system call's name */
