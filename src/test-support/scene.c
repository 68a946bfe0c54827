/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-support/scene.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "test-support/fake-calls.h"
#include "test-support/kernel-file.h"

int scene_setup(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));
	uint8_t file[KERNEL_FILE_SIZE];

	assert_non_null(scene);
	fake_calls_reset(NULL);
	machine_tree_make(&scene->tree);
	kernel_file_fill(file);
	scene->initrds[0] = folder_text(&scene->tree.folder, "initrd.img", "070701 initrd bytes");
	scene->request = (struct request){
	    .kernel = folder_write(&scene->tree.folder, "vmlinuz", file, sizeof(file)),
	    .initrds = scene->initrds,
	    .initrd_count = 1,
	    .command_line = "root=/dev/vda1",
	    .load_max = UINT64_MAX,
	    .plain = true,
	    .have_seed = true,
	};
	*state = scene;
	return 0;
}

int scene_teardown(void **state)
{
	struct scene *scene = *state;

	machine_tree_remove(&scene->tree);
	free(scene);
	return 0;
}

int scene_load(const struct scene *scene, struct handover_result *result, struct error *error)
{
	return handover_load(&scene->request, &scene->tree.root, &load_calls_fake, result, error);
}

struct plan *scene_plan(const struct scene *scene)
{
	struct plan *plan = NULL;
	struct error error = {};

	handover_plan(&scene->request, &scene->tree.root, &plan, &error);
	assert_no_failure(&error);
	return plan;
}

void check_no_plan(const struct scene *scene, enum error_kind kind, const char *part,
		   const char *file, int line)
{
	struct plan *plan = NULL;
	struct error error = {};

	assert_true(handover_plan(&scene->request, &scene->tree.root, &plan, &error) < 0);
	assert_null(plan);
	check_failed(&error, kind, part, file, line);
}

void scene_block_record(struct scene *scene)
{
	folder_text(&scene->tree.folder, SCENE_RECORD "/x", "");
}

void scene_add_program(struct scene *scene, const char *name)
{
	const char *path = folder_text(&scene->tree.folder, name, "#!/bin/sh\nexit 1\n");

	assert_int_equal(chmod(path, 0755), 0);
}

int scene_setup_loaded(void **state)
{
	cleanup_result struct handover_result result = {};
	struct error error = {};
	struct scene *scene;

	scene_setup(state);
	scene = *state;
	machine_tree_write(&scene->tree, "proc/sys/kernel/random/boot_id",
			   "6b0f3f0e-6d8c-4d3f-9a53-0d7f6f4b7a11\n");
	scene_load(scene, &result, &error);
	assert_no_failure(&error);
	machine_tree_write(&scene->tree, "sys/kernel/kexec_loaded", "1\n");
	scene_add_program(scene, "sbin/shutdown");
	machine_tree_write(&scene->tree, "etc/init.d/kexec", "");
	return 0;
}
