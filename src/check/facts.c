/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/facts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/words.h"
#include "image/image.h"
#include "image/initrd-list.h"
#include "machine/crash-config.h"
#include "machine/memory.h"
#include "record/file.h"
#include "record/read.h"

/* What unpacking may take, whatever there is. */
#define UNPACKED_MAX (UINT64_C(1) << 30)

/* A file's inode and name in the crash kernel's first root filesystem, about. */
#define BYTES_OF_ENTRY 1024

static uint64_t unpack_limit(const struct machine_memory *memory)
{
	uint64_t half = memory->available / 2;

	return half && half < UNPACKED_MAX ? half : UNPACKED_MAX;
}

static void take_release(struct check_files *files, const char *version)
{
	snprintf(files->release, sizeof(files->release), "%.*s", (int)strcspn(version, " "),
		 version);
}

static int read_kernel(struct check_files *files, uint64_t limit, struct error *error)
{
	struct image image;
	int r = image_open(&image, files->kernel, limit, error);

	if (r < 0)
		return r;
	files->need.kernel = image.bzimage.init_size;
	take_release(files, image.bzimage.version);
	files->need.boot = crash_need_of_boot(files->release);
	image_close(&image);
	return 0;
}

/* How dracut calls the image that it packs most files into. */
static bool hides_files(const char *name)
{
	const char *slash = strrchr(name, '/'), *last = slash ? slash + 1 : name;

	return strcmp(last, "squashfs-root.img") == 0 || strcmp(last, "squash-root.img") == 0 ||
	       strcmp(last, "erofs-root.img") == 0;
}

static void find_module(struct check_facts *facts, const char *path, enum check_module where)
{
	char name[MODULE_NAME_SIZE];

	if (!module_name_of_file(path, name))
		return;
	for (size_t i = 0; i < facts->disk.module_count; i++)
		if (strcmp(facts->disk.modules[i], name) == 0)
			facts->files.modules[i] = where;
}

static int visit(void *context, const struct newc_walk_entry *entry)
{
	struct check_facts *facts = context;
	uint64_t pages;

	facts->files.initrds_hide = facts->files.initrds_hide || hides_files(entry->name);
	if (S_ISREG(entry->mode) && align_up(entry->size, PAGE_BYTES, &pages))
		facts->files.need.unpacked += pages;
	facts->files.need.unpacked += BYTES_OF_ENTRY;
	if (S_ISREG(entry->mode) || S_ISLNK(entry->mode))
		find_module(facts, entry->name, CHECK_MODULE_IN_INITRD);
	return 0;
}

static int read_initrds(struct check_facts *facts, const char *const *paths, size_t count,
			uint64_t limit, struct error *error)
{
	const struct newc_visitor visitor = {visit, facts};
	struct check_files *files = &facts->files;
	struct initrd_list list;
	int r = initrd_list(&list, paths, count, limit, &visitor, error);

	files->need.packed = list.packed;
	files->initrds_whole = files->need.unpacked_known = count == 0 || list.whole;
	return r;
}

/* /lib/modules/RELEASE/modules.builtin: a line for each, "kernel/drivers/block/virtio_blk.ko". */
static int read_built_in(struct check_facts *facts, const struct root *root, struct error *error)
{
	cleanup_free char *text = NULL;
	char path[160], *rest, *line;
	size_t size;
	int r;

	if (!*facts->files.release || strchr(facts->files.release, '/'))
		return 0;
	snprintf(path, sizeof(path), "/lib/modules/%s/modules.builtin", facts->files.release);
	r = root_read(root, path, 4 << 20, &text, &size);
	if (r == -ENOMEM)
		return error_memory(error, "read modules");
	for (line = r == 0 ? strtok_r(text, "\n", &rest) : NULL; line;
	     line = strtok_r(NULL, "\n", &rest))
		find_module(facts, line, CHECK_MODULE_BUILT_IN);
	return 0;
}

/* A module that was loaded has a state there, and one that is built in has none. */
static void look_at_running_kernel(struct check_facts *facts, const struct root *root)
{
	if (strcmp(facts->files.release, facts->kernel.release) != 0)
		return;
	for (size_t i = 0; i < facts->disk.module_count; i++) {
		const char *name = facts->disk.modules[i];
		char path[MODULE_NAME_SIZE + 40], line[32];

		if (facts->files.modules[i] != CHECK_MODULE_MISSING)
			continue;
		snprintf(path, sizeof(path), "/sys/module/%s/initstate", name);
		if (root_read_line(root, path, line, sizeof(line)) == FACT_ABSENT)
			facts->files.modules[i] = CHECK_MODULE_BUILT_IN;
	}
}

static bool has_root(const char *command_line)
{
	const char *word;
	size_t length;

	while (command_line && words_next(&command_line, &word, &length))
		if (length > 5 && word_is(word, length, "root"))
			return true;
	return false;
}

/* The files, whoever named them; their paths are in facts->files. */
static int examine_files(struct check_facts *facts, const char *const *initrds, size_t count,
			 const struct root *root, struct error *error)
{
	cleanup_with(machine_memory_fini) struct machine_memory memory = {};
	int r = machine_memory_read(&memory, root, error);

	if (r == 0)
		r = read_kernel(&facts->files, unpack_limit(&memory), error);
	if (r == 0)
		r = read_initrds(facts, initrds, count, unpack_limit(&memory), error);
	if (r == 0)
		r = read_built_in(facts, root, error);
	if (r < 0)
		return r;
	look_at_running_kernel(facts, root);
	facts->files.need.unpacked_limited = !has_root(facts->kernel.command_line);
	facts->files.known = true;
	return 0;
}

/* What is armed, where this program armed it in this boot. 1, 0 or -ENOMEM. */
static int read_armed(struct record *record, const struct check_facts *facts,
		      const struct root *root)
{
	int r;

	if (facts->kernel.crash_loaded_fact != FACT_KNOWN || !facts->kernel.crash_loaded ||
	    record_state_of(PLAN_CRASH, root) != RECORD_CONFIRMED)
		return 0;
	r = record_read(record, root, RECORD_CRASH_FILE, NULL);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	return record_is_of_this_boot(record, root);
}

/* What is looked at is then not what is armed. */
static void find_changed(struct check_files *files, const struct record *record)
{
	for (size_t i = 0; i < record->file_count && !*files->changed; i++)
		if (record_file_state(&record->files[i]) == FILE_CHANGED)
			snprintf(files->changed, sizeof(files->changed), "%s",
				 record->files[i].path);
}

/* 1 when it is known what is armed, and was examined; 0, or a negative errno. */
static int read_armed_files(struct check_facts *facts, const struct root *root, struct error *error)
{
	cleanup_with(record_fini) struct record record = {};
	struct check_files *files = &facts->files;
	int r;

	r = read_armed(&record, facts, root);
	if (r < 0)
		return error_memory(error, "read " RECORD_CRASH_FILE);
	if (r == 0)
		return 0;
	files->armed = true;
	find_changed(files, &record);
	snprintf(files->kernel, sizeof(files->kernel), "%s", record.asked_kernel);
	snprintf(files->initrd, sizeof(files->initrd), "%s",
		 record.asked_initrd_count ? *record.asked_initrds : "");
	r = examine_files(facts, (const char *const *)record.asked_initrds,
			  record.asked_initrd_count, root, &files->failure);
	files->need.unpacked_limited = !has_root(record.command_line);
	if (r == -ENOMEM)
		error_append(error, &files->failure);
	return r == -ENOMEM ? r : 1;
}

/* What is wrong with configured files is for a rule to tell. */
static int read_files(struct check_facts *facts, const struct check_wish *wish,
		      const struct crash_config *config, const struct root *root,
		      struct error *error)
{
	int armed = wish->kernel ? 0 : read_armed_files(facts, root, error);
	const char *const configured = config->initrd;
	const char *const *initrds = wish->kernel ? wish->initrds : &configured;
	size_t count = wish->kernel ? wish->initrd_count : *config->initrd != '\0';
	struct check_files *files = &facts->files;
	int r;

	if (armed)
		return armed < 0 ? armed : 0;
	if (!wish->kernel && config->fact != FACT_KNOWN)
		return 0;
	snprintf(files->kernel, sizeof(files->kernel), "%s",
		 wish->kernel ? wish->kernel : config->kernel);
	snprintf(files->initrd, sizeof(files->initrd), "%s", count ? *initrds : "");
	r = examine_files(facts, initrds, count, root, wish->kernel ? error : &files->failure);
	if (r == -ENOMEM && !wish->kernel)
		error_append(error, &files->failure);
	return wish->kernel || r == -ENOMEM ? r : 0;
}

int check_facts_read(struct check_facts *facts, const struct check_wish *wish,
		     const struct root *root, struct error *error)
{
	struct crash_config config;
	int r;

	*facts = (struct check_facts){};
	machine_panic_read(&facts->panic, root);
	if (crash_config_read(&config, root) < 0)
		return error_memory(error, "read " CRASH_CONFIG_FILE);
	r = machine_kernel_read(&facts->kernel, root, error);
	if (r == 0)
		r = machine_crash_read(&facts->crash, root, error);
	snprintf(facts->dump_folder, sizeof(facts->dump_folder), "%s",
		 wish->dump_folder ? wish->dump_folder : config.dump_folder);
	if (r == 0)
		r = machine_disk_read(&facts->disk, root, facts->dump_folder, error);
	return r < 0 ? r : read_files(facts, wish, &config, root, error);
}

void check_facts_fini(struct check_facts *facts)
{
	machine_kernel_fini(&facts->kernel);
	machine_crash_fini(&facts->crash);
}
