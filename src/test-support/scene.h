/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A machine, a kernel and an initrd on it, and a request to load them that a test may change.
 */
#pragma once

#include "handover/handover.h"
#include "plan/plan.h"
#include "test-support/machine-tree.h"
#include "test-support/test.h"

struct scene {
	struct machine_tree tree;
	struct request request;
	const char *initrds[2];
};

/* As setup and teardown of a cmocka test: *state becomes a struct scene, no call was made. */
int scene_setup(void **state);
int scene_teardown(void **state);
#define SCENE_TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)

/* As scene_setup(), and its kernel is loaded and recorded, and there is a shutdown(8) that jumps.
 */
int scene_setup_loaded(void **state);

/* Puts a program there that does nothing and fails. */
void scene_add_program(struct scene *scene, const char *name);

/* What handover_load() and handover_plan() make of it; the latter must succeed. */
int scene_load(const struct scene *scene, struct handover_result *result, struct error *error);
struct plan *scene_plan(const struct scene *scene);

/* The record, in the machine's folder. */
#define SCENE_RECORD "run/kexec/loaded.json"

/* Puts a folder in the record's place, which can neither be replaced nor removed as a file. */
void scene_block_record(struct scene *scene);

static inline void scene_result_fini(struct handover_result *result)
{
	plan_free(result->plan);
}
#define cleanup_result __attribute__((cleanup(scene_result_fini)))

/* Asserts that it cannot be planned, as assert_failed(). */
#define assert_no_plan(scene, kind, part) check_no_plan(scene, kind, part, __FILE__, __LINE__)
void check_no_plan(const struct scene *scene, enum error_kind kind, const char *part,
		   const char *file, int line);
