/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The whole story of a hand-over: from a request to a plan, from a plan to a loaded kernel, and the
 * jump. The steps are other rooms'; here are their order, the attempts and the lock.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "boot/boot.h"
#include "crash/crash.h"
#include "plan/method.h"

struct load_calls;
struct machine_kernel;
struct plan;
struct root;

/* A secret that becomes a file of the next kernel's first root filesystem, which root owns. */
struct request_file {
	const char *source; /* path of a file of any kind, read to its end */
	const char *path;   /* there: one that added_path_problem() has nothing against */
	uint32_t mode;      /* permissions */
};

/* What to load and how. All text is borrowed. */
struct request {
	const char *kernel; /* path */
	enum plan_kind kind;
	const char *type; /* name of the image's type, or NULL for whatever it is */
	const char *const *initrds;
	size_t initrd_count;
	const struct request_file *files; /* put behind the initrds; no two that collide */
	size_t file_count;
	bool allow_swap;          /* load them although swap is not encrypted */
	const char *command_line; /* the base; NULL: none was given */
	bool reuse_command_line;  /* the base is the running kernel's, cleaned */
	bool crash_words;         /* and changed as crash-words.conf says */
	const char *append;       /* added behind the base; NULL: nothing */
	/* Words taken out of and put into what that gives (boot/command-line.h). */
	const char *const *removed, *const *added;
	size_t removed_count, added_count;
	enum method_wish method;
	bool plain;                  /* what the next kernel can unpack itself stays packed */
	bool skip_check;             /* purgatory verifies nothing */
	uint64_t load_min, load_max; /* limits for all segments; 0 and UINT64_MAX: none */
	/* Of a crash image: */
	enum crash_hotplug hotplug;
	bool memmap_words; /* its memory map also as memmap= words */
	bool allow_disarm; /* also where what is armed now could not be armed again */
	bool if_changed;   /* not loaded again when it is loaded already (handover/unchanged.h) */
	const char *program_version; /* for the record; NULL: unknown */
	bool debug;
	void (*planned)(const struct plan *plan); /* called with each plan before it is carried
						   * out; NULL: nobody wants to see it */
	void (*waiting)(long holder); /* called once when another process has been loading for a
				       * second: its pid, 0 when unknown; NULL as above */
	/* Called now and then while a plan is made that takes long, in bytes of some work; at its
	 * end with done == total; NULL as above. */
	void (*progress)(uint64_t done, uint64_t total);
	bool have_seed;
	/* The only randomness there is in a plan; the next kernel is told only the first. */
	uint8_t seed[BOOT_SEED_SIZE];
	uint8_t kaslr_seed[BOOT_KASLR_SEED_SIZE];
};

/*
 * Makes the plan that a load would carry out first, and stops there. 0 or a negative errno; the
 * caller ends the plan with plan_free().
 */
int handover_plan(const struct request *request, const struct root *root, struct plan **plan,
		  struct error *error);

/* What came of a load that succeeded. */
struct handover_result {
	struct plan *plan; /* that was carried out; owned, to be ended with plan_free(). NULL: none,
			    * because of if_changed */
	bool fell_back;    /* `error` holds what was overcome */
	bool changed;      /* what is loaded is not what it was before; also when the load failed */
	/* Of a crash image, also where the load failed: */
	bool disarmed; /* one was loaded before, and is lost */
	bool restored; /* the kernel dropped it, and it was loaded again */
	/* Not empty: the kernel is loaded, but that is not recorded; with `debug` also: it is not
	 * for the next boot. */
	struct error unrecorded;
};

/*
 * Loads. Where the kernel refuses one method and another is right, that is tried next, and both
 * failures are kept. 0 or a negative errno, and then whatever was loaded before is still loaded,
 * unless `result->changed`, which an error of kind ERROR_CHANGED may have caused.
 *
 * A crash image that is loaded is not given up (handover/way-back.h): where it could not be loaded
 * again that is an error of kind ERROR_RISKY, unless the request allows it; and 0 says that the
 * kernel says that one is loaded now.
 */
int handover_load(const struct request *request, const struct root *root,
		  const struct load_calls *calls, struct handover_result *result,
		  struct error *error);

/*
 * Unloads the image of that kind, by the call that `method` asks for; `waiting` as in a request. 0
 * or a negative errno; on success too `error` may hold a failure, to remove the record.
 * `*was_loaded`: there was one, or that could not be read; NULL: nobody wants to know.
 */
int handover_unload(enum plan_kind kind, const struct root *root, const struct load_calls *calls,
		    enum method_wish method, void (*waiting)(long holder), bool *was_loaded,
		    struct error *error);

/*
 * Whether there is something to jump into: a negative errno with a failure added when the kernel
 * says that nothing is loaded, or has no kexec. Where that cannot be read `*known` becomes false,
 * and 0 is returned.
 */
int handover_check_loaded(const struct root *root, bool *known, struct error *error);

/*
 * Whether the jump makes sense: a negative errno with a failure added when this process may not
 * jump, or the kernel says that nothing is loaded, or has no kexec. Where that cannot be read (a
 * shutdown initramfs without /sys) the answer is yes.
 */
int handover_check_jump(const struct root *root, struct error *error);
