/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From a kernel file to a sealed plan: claim, place, fill, seal. */
#include "boot/linux-x86/linux-x86.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "boot/linux-x86/layout.h"
#include "machine/console.h"
#include "machine/firmware.h"
#include "machine/kernel.h"
#include "plan/show.h"
#include "purgatory/parameters.h"
#include "purgatory/purgatory.h"
#include "test-support/folder.h"
#include "test-support/kernel-file.h"
#include "test-support/test.h"

#define FOUR_GIB      UINT64_C(0x100000000)
#define COMMAND_LINE  "root=/dev/vda1 quiet"
#define INITRD_LENGTH 9000

/* All that a plan is made of, to be changed by a test before plan_of(). */
struct scene {
	struct folder folder;
	uint8_t file[KERNEL_FILE_SIZE];
	struct image image;
	struct blob *initrds;
	struct machine_firmware firmware;
	struct machine_console console;
	struct machine_kernel running;
	uint8_t seed[BOOT_SEED_SIZE];
	struct boot_source source;
	struct map told, usable;
};

static void open_image(struct scene *scene)
{
	struct error error = {};

	image_close(&scene->image);
	image_open(&scene->image,
		   folder_write(&scene->folder, "vmlinuz", scene->file, sizeof(scene->file)),
		   UINT64_MAX, &error);
	assert_no_failure(&error);
}

static void add_ram(struct scene *scene, uint64_t start, uint64_t end)
{
	struct range range = {start, end};

	assert_int_equal(map_add(&scene->told, range, 1, "System RAM"), 0);
	assert_int_equal(map_add(&scene->usable, range, 1, "System RAM"), 0);
}

static int make_scene(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));
	uint8_t initrd[INITRD_LENGTH];
	const char *path;

	assert_non_null(scene);
	folder_make(&scene->folder);
	kernel_file_fill(scene->file);
	open_image(scene);
	memset(initrd, 'i', sizeof(initrd));
	path = folder_write(&scene->folder, "initrd", initrd, sizeof(initrd));
	assert_int_equal(blob_open(&scene->initrds, path, NULL), 0);
	memset(scene->seed, 's', sizeof(scene->seed));
	scene->console = (struct machine_console){FACT_KNOWN, "ttyS0", 0x3f8};
	scene->firmware.boot_params_fact = FACT_KNOWN;
	scene->firmware.efi_fact = FACT_ABSENT;
	scene->source = (struct boot_source){
	    .image = &scene->image,
	    .initrds = scene->initrds,
	    .command_line = COMMAND_LINE,
	    .load_max = UINT64_MAX,
	    .check = true,
	    .seed = scene->seed,
	    .plain = "a test asks for it",
	    .running = &scene->running,
	    .firmware = &scene->firmware,
	    .console = &scene->console,
	};
	add_ram(scene, 0x100000, 0x40000000);
	add_ram(scene, FOUR_GIB, 2 * FOUR_GIB);
	*state = scene;
	return 0;
}

static int free_scene(void **state)
{
	struct scene *scene = *state;

	image_close(&scene->image);
	blob_free(scene->initrds);
	map_fini(&scene->told);
	map_fini(&scene->usable);
	free(scene->firmware.efi_ranges);
	folder_remove(&scene->folder);
	free(scene);
	return 0;
}

static int make_plan(const struct scene *scene, struct plan *plan, struct error *error)
{
	int r;

	assert_int_equal(map_copy(&plan->told, &scene->told), 0);
	assert_int_equal(map_copy(&plan->usable, &scene->usable), 0);
	plan->method_reason = strdup("a test asks for it");
	plan->protocol = strdup(boot_linux_x86.describe(&scene->image));
	plan->kernel_path = strdup("vmlinuz");
	plan->kernel_version = strdup("");
	plan->command_line = strdup(scene->source.command_line);
	r = boot_linux_x86.claim(plan, &scene->source, error);
	if (r == 0)
		r = plan_place(plan, error);
	if (r == 0)
		r = boot_linux_x86.fill(plan, &scene->source, error);
	if (r == 0)
		r = plan_seal(plan, error);
	return r;
}

static struct plan *plan_of(const struct scene *scene)
{
	struct plan *plan = plan_new(PLAN_SEGMENTS);
	struct error error = {};

	assert_non_null(plan);
	make_plan(scene, plan, &error);
	assert_no_failure(&error);
	return plan;
}

static const uint8_t *bytes_of(const struct plan *plan, enum linux_x86_segment index)
{
	return plan->segments[index].content->memory;
}

static uint64_t start_of(const struct plan *plan, enum linux_x86_segment index)
{
	return plan->segments[index].destination.start;
}

static struct purgatory_parameters parameters_of(const struct plan *plan)
{
	struct purgatory_parameters parameters;

	memcpy(&parameters, bytes_of(plan, LINUX_X86_PURGATORY) + PURGATORY_PARAMETERS_OFFSET,
	       sizeof(parameters));
	return parameters;
}

static void test_a_kernel_with_an_initrd_is_five_segments(void **state)
{
	static const char *const names[] = {"kernel", "boot_params", "setup_data", "purgatory",
					    "initrd"};
	cleanup_plan struct plan *plan = plan_of(*state);

	assert_int_equal(plan->segment_count, ELEMENTS(names));
	for (size_t i = 0; i < ELEMENTS(names); i++)
		assert_string_equal(plan->segments[i].name, names[i]);
	assert_int_equal(plan->segments[LINUX_X86_KERNEL].content_offset, KERNEL_FILE_OFFSET);
	assert_int_equal(plan->segments[LINUX_X86_KERNEL].content_size, KERNEL_FILE_BODY);
	assert_int_equal(range_size(plan->segments[LINUX_X86_KERNEL].destination),
			 KERNEL_FILE_INIT_SIZE);
	assert_int_equal(plan->segments[LINUX_X86_INITRD].content_size, INITRD_LENGTH);
	assert_int_equal(range_size(plan->segments[LINUX_X86_PURGATORY].destination),
			 PURGATORY_WINDOW_SIZE);
	assert_int_equal(plan->entry, start_of(plan, LINUX_X86_PURGATORY));
}

static void test_without_an_initrd_there_are_four_segments(void **state)
{
	struct scene *scene = *state;
	cleanup_plan struct plan *plan = NULL;
	const uint8_t *page;

	scene->source.initrds = NULL;
	plan = plan_of(scene);
	assert_int_equal(plan->segment_count, 4);
	page = bytes_of(plan, LINUX_X86_BOOT_PARAMS);
	assert_int_equal(load_le(page + BP_RAMDISK_IMAGE, 4), 0);
	assert_int_equal(load_le(page + BP_RAMDISK_SIZE, 4), 0);
}

static void test_what_the_kernel_is_told_agrees_with_the_places(void **state)
{
	cleanup_plan struct plan *plan = plan_of(*state);
	const uint8_t *page = bytes_of(plan, LINUX_X86_BOOT_PARAMS);
	uint64_t command_line =
	    load_le(page + BP_CMD_LINE_PTR, 4) | load_le(page + BP_EXT_CMD_LINE_PTR, 4) << 32;
	uint64_t initrd =
	    load_le(page + BP_RAMDISK_IMAGE, 4) | load_le(page + BP_EXT_RAMDISK_IMAGE, 4) << 32;

	assert_int_equal(command_line, start_of(plan, LINUX_X86_BOOT_PARAMS) + BOOT_PARAMS_SIZE);
	assert_string_equal((const char *)page + BOOT_PARAMS_SIZE, COMMAND_LINE);
	assert_int_equal(initrd, start_of(plan, LINUX_X86_INITRD));
	assert_int_equal(load_le(page + BP_RAMDISK_SIZE, 4), INITRD_LENGTH);
	assert_int_equal(load_le(page + BP_SETUP_DATA, 8), start_of(plan, LINUX_X86_SETUP_DATA));
	assert_int_equal(page[BP_E820_ENTRIES], 2);
}

static void test_purgatory_knows_where_to_go_and_what_to_check(void **state)
{
	cleanup_plan struct plan *plan = plan_of(*state);
	struct purgatory_parameters parameters = parameters_of(plan);

	assert_int_equal(parameters.magic, PURGATORY_MAGIC);
	assert_int_equal(parameters.entry, start_of(plan, LINUX_X86_KERNEL) + 0x200);
	assert_int_equal(parameters.argument, start_of(plan, LINUX_X86_BOOT_PARAMS));
	assert_int_equal(parameters.serial_port, 0x3f8);
	assert_true(parameters.stamp > start_of(plan, LINUX_X86_SETUP_DATA));
	assert_memory_equal(bytes_of(plan, LINUX_X86_SETUP_DATA) +
				(parameters.stamp - start_of(plan, LINUX_X86_SETUP_DATA)),
			    "KXSTAMP1", 8);
	assert_int_equal(parameters.checks.count, plan->segment_count);
	for (size_t i = 0; i < plan->segment_count; i++) {
		const struct check_entry *entry = &parameters.checks.entries[i];

		assert_string_equal(entry->name, plan->segments[i].name);
		assert_int_equal(entry->start, plan->segments[i].destination.start);
		assert_int_equal(entry->digest, plan->segments[i].digest);
		assert_true(entry->size > 0);
		assert_true(entry->size <= plan->segments[i].content_size);
	}
	/* Its code is checked too, and is what was built. */
	assert_memory_equal(bytes_of(plan, LINUX_X86_PURGATORY), purgatory_x86_64,
			    PURGATORY_PARAMETERS_OFFSET);
}

static void test_without_checks_the_table_is_empty(void **state)
{
	struct scene *scene = *state;
	cleanup_plan struct plan *plan = NULL;

	scene->source.check = false;
	plan = plan_of(scene);
	assert_false(plan->check);
	assert_int_equal(parameters_of(plan).checks.count, 0);
	assert_int_equal(plan->note_count, 0);
}

static void test_without_a_serial_console_a_note_says_so(void **state)
{
	struct scene *scene = *state;
	cleanup_plan struct plan *plan = NULL;

	scene->console.serial_fact = FACT_ABSENT;
	plan = plan_of(scene);
	assert_int_equal(parameters_of(plan).serial_port, 0);
	assert_int_equal(plan->note_count, 1);
	assert_contains(plan->notes[0].text, "no serial console");
	assert_int_equal(plan->notes[0].weight, PLAN_NOTE);
}

static void assert_same_plan(const struct plan *a, const struct plan *b)
{
	struct json_object *json_a = plan_to_json(a), *json_b = plan_to_json(b);

	assert_string_equal(json_object_to_json_string(json_a), json_object_to_json_string(json_b));
	json_object_put(json_a);
	json_object_put(json_b);
	for (size_t i = 0; i < a->segment_count; i++) {
		const struct blob *x = a->segments[i].content, *y = b->segments[i].content;

		assert_int_equal(x->size, y->size);
		if (x->memory)
			assert_memory_equal(x->memory, y->memory, x->size);
	}
}

static void test_the_same_inputs_give_the_same_plan_byte_for_byte(void **state)
{
	cleanup_plan struct plan *a = plan_of(*state), *b = plan_of(*state);

	assert_same_plan(a, b);
}

static void test_another_seed_changes_only_the_setup_data(void **state)
{
	struct scene *scene = *state;
	cleanup_plan struct plan *a = plan_of(scene), *b = NULL;

	scene->seed[31]++;
	b = plan_of(scene);
	for (size_t i = 0; i < a->segment_count; i++) {
		assert_memory_equal(&a->segments[i].destination, &b->segments[i].destination,
				    sizeof(struct range));
		if (i == LINUX_X86_SETUP_DATA)
			assert_int_not_equal(a->segments[i].digest, b->segments[i].digest);
		else
			assert_int_equal(a->segments[i].digest, b->segments[i].digest);
	}
}

static void test_a_kernel_that_wants_low_memory_gets_all_of_it_low(void **state)
{
	struct scene *scene = *state;
	cleanup_plan struct plan *plan = NULL;

	store_le(scene->file + HEADER_XLOADFLAGS, 2, BZIMAGE_XLF_KERNEL_64);
	store_le(scene->file + HEADER_INITRD_ADDR_MAX, 4, 0x1fffffff);
	open_image(scene);
	plan = plan_of(scene);
	for (size_t i = 0; i < plan->segment_count; i++)
		assert_true(plan->segments[i].destination.end <= FOUR_GIB);
	assert_true(plan->segments[LINUX_X86_INITRD].destination.end <= 0x20000000);
}

static void test_a_kernel_that_allows_it_may_lie_high(void **state)
{
	cleanup_plan struct plan *plan = plan_of(*state);

	assert_true(start_of(plan, LINUX_X86_INITRD) >= FOUR_GIB);
	assert_true(start_of(plan, LINUX_X86_KERNEL) >= FOUR_GIB);
}

/* Without KASLR it stays where it is loaded, and mem= may take that away. */
static void test_a_kernel_whose_command_line_limits_memory_lies_low(void **state)
{
	struct scene *scene = *state;
	cleanup_plan struct plan *plan = NULL;

	scene->source.command_line = "quiet nokaslr mem=512M";
	plan = plan_of(scene);
	assert_int_equal(start_of(plan, LINUX_X86_KERNEL), 0x1000000);
}

static void test_a_relocatable_kernel_lies_at_or_above_its_preferred_address(void **state)
{
	static const struct {
		uint64_t preferred, load_min, start;
	} rows[] = {
	    {0, 0, 0x1000000},
	    {0x200000, 0, 0x1000000}, /* not as low as that */
	    {0x1000000, 0, 0x1000000},
	    {0x5000000, 0, 0x5000000},
	    {0x5000001, 0, 0x5200000}, /* aligned as the kernel asks */
	    {0x5000000, 0x8000000, 0x8000000},
	    {0x5000000, 0x2000000, 0x5000000},
	    {0x50000000, 0, FOUR_GIB}, /* the next RAM above */
	};
	struct scene *scene = *state;

	scene->source.command_line = "mem=8G";
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_plan struct plan *plan = NULL;

		store_le(scene->file + HEADER_PREF_ADDRESS, 8, rows[i].preferred);
		open_image(scene);
		scene->source.load_min = rows[i].load_min;
		plan = plan_of(scene);
		assert_int_equal(start_of(plan, LINUX_X86_KERNEL), rows[i].start);
	}
}

static void test_a_limit_below_the_preferred_address_leaves_no_room(void **state)
{
	struct scene *scene = *state;
	cleanup_plan struct plan *plan = plan_new(PLAN_SEGMENTS);
	struct error error = {};

	store_le(scene->file + HEADER_PREF_ADDRESS, 8, 0x5000000);
	open_image(scene);
	scene->source.load_max = 0x4000000;
	assert_true(make_plan(scene, plan, &error) < 0);
	assert_failed(&error, ERROR_NO_ROOM, "kernel");
	assert_contains(error.failures[0].detail, "at or above 0x5000000");
	assert_contains(error.failures[0].detail, "at or above 0x4000000");
}

static void test_a_fixed_kernel_lies_at_its_preferred_address(void **state)
{
	struct scene *scene = *state;
	cleanup_plan struct plan *plan = NULL;

	scene->file[HEADER_RELOCATABLE] = 0;
	store_le(scene->file + HEADER_PREF_ADDRESS, 8, 0x2345000);
	open_image(scene);
	plan = plan_of(scene);
	assert_int_equal(start_of(plan, LINUX_X86_KERNEL), 0x2345000);
}

static void test_a_fixed_kernel_need_not_end_on_a_page_boundary(void **state)
{
	struct scene *scene = *state;
	cleanup_plan struct plan *plan = NULL;

	scene->file[HEADER_RELOCATABLE] = 0;
	store_le(scene->file + HEADER_INIT_SIZE, 4, KERNEL_FILE_INIT_SIZE + 16);
	open_image(scene);
	plan = plan_of(scene);
	assert_int_equal(start_of(plan, LINUX_X86_KERNEL), 0x1000000);
}

static void test_a_fixed_kernel_whose_place_is_taken_is_an_error(void **state)
{
	static const struct {
		uint64_t address;
		enum error_kind kind;
	} rows[] = {
	    {0x50000000, ERROR_NO_ROOM}, /* no RAM */
	    {0, ERROR_NO_ROOM},          /* below 1 MiB */
	    {UINT64_MAX - 0xfff, ERROR_IMAGE},
	};
	struct scene *scene = *state;

	scene->file[HEADER_RELOCATABLE] = 0;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_plan struct plan *plan = plan_new(PLAN_SEGMENTS);
		struct error error = {};

		store_le(scene->file + HEADER_PREF_ADDRESS, 8, rows[i].address);
		open_image(scene);
		assert_true(make_plan(scene, plan, &error) < 0);
		assert_failed(&error, rows[i].kind, "kernel");
	}
}

static void test_the_users_limits_hold_for_every_segment(void **state)
{
	struct scene *scene = *state;
	cleanup_plan struct plan *plan = NULL;

	scene->source.load_min = 0x20000000;
	scene->source.load_max = 0x30000000;
	plan = plan_of(scene);
	for (size_t i = 0; i < plan->segment_count; i++) {
		assert_true(plan->segments[i].destination.start >= 0x20000000);
		assert_true(plan->segments[i].destination.end <= 0x30000000);
	}
}

static void add_efi(struct scene *scene)
{
	struct efi_range *ranges = calloc(2, sizeof(*ranges));

	assert_non_null(ranges);
	ranges[0] = (struct efi_range){5, 0x7f000000, UINT64_C(0xfffffffeff000000), 4, 15};
	ranges[1] = (struct efi_range){6, 0x7f100000, UINT64_C(0xfffffffeff100000), 4, 15};
	scene->firmware.efi_fact = FACT_KNOWN;
	scene->firmware.efi_ranges = ranges;
	scene->firmware.efi_range_count = 2;
	scene->firmware.boot_params_fact = FACT_KNOWN;
	memcpy(scene->firmware.boot_params + BP_EFI_INFO, "EL64", 4);
}

static void test_efi_is_handed_on_where_both_sides_can(void **state)
{
	struct scene *scene = *state;
	cleanup_plan struct plan *plan = NULL;
	const uint8_t *info;
	uint64_t map;

	add_efi(scene);
	plan = plan_of(scene);
	info = bytes_of(plan, LINUX_X86_BOOT_PARAMS) + BP_EFI_INFO;
	assert_memory_equal(info, "EL64", 4);
	assert_int_equal(load_le(info + EFI_INFO_MEMMAP_SIZE, 4), 2 * EFI_DESCRIPTOR_SIZE);
	map = load_le(info + EFI_INFO_MEMMAP, 4) | load_le(info + EFI_INFO_MEMMAP_HI, 4) << 32;
	assert_true(range_contains(plan->segments[LINUX_X86_SETUP_DATA].destination,
				   (struct range){map, map + 2 * EFI_DESCRIPTOR_SIZE}));
	assert_int_equal(load_le(bytes_of(plan, LINUX_X86_SETUP_DATA) + map -
				     start_of(plan, LINUX_X86_SETUP_DATA) + 8,
				 8),
			 0x7f000000);
	assert_int_equal(plan->note_count, 0);
}

/* Also without runtime services (efi=noruntime), and where their map cannot be read. */
static void test_efi_is_left_out_with_a_warning_where_one_side_cannot(void **state)
{
	static const struct {
		const char *row;
		uint16_t xloadflags;
		const char *signature;
		enum fact fact;
	} rows[] = {
	    {"the next kernel", BZIMAGE_XLF_KERNEL_64, "EL64", FACT_KNOWN},
	    {"the firmware", BZIMAGE_XLF_KERNEL_64 | BZIMAGE_XLF_EFI_KEXEC, "EL32", FACT_KNOWN},
	    {"no services", BZIMAGE_XLF_KERNEL_64 | BZIMAGE_XLF_EFI_KEXEC, "EL64", FACT_ABSENT},
	    {"no map", BZIMAGE_XLF_KERNEL_64 | BZIMAGE_XLF_EFI_KEXEC, "EL64", FACT_UNREADABLE},
	    {"no services of 32 bits", BZIMAGE_XLF_KERNEL_64, "EL32", FACT_ABSENT},
	};
	struct scene *scene = *state;

	add_efi(scene);
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_plan struct plan *plan = NULL;

		memcpy(scene->firmware.boot_params + BP_EFI_INFO, rows[i].signature, 4);
		scene->firmware.efi_fact = rows[i].fact;
		store_le(scene->file + HEADER_XLOADFLAGS, 2, rows[i].xloadflags);
		open_image(scene);
		plan = plan_of(scene);
		assert_row(rows[i].row,
			   load_le(bytes_of(plan, LINUX_X86_BOOT_PARAMS) + BP_EFI_INFO, 4) == 0);
		assert_row(rows[i].row, plan->note_count == 1);
		assert_contains(plan->notes[0].text, "EFI");
		assert_int_equal(plan->notes[0].weight, PLAN_WARNING);
	}
}

static void test_a_machine_without_efi_is_not_warned_of_it(void **state)
{
	static const char *const signatures[] = {"\0\0\0", "EX64", "LE46"};
	struct scene *scene = *state;

	for (size_t i = 0; i < ELEMENTS(signatures); i++) {
		cleanup_plan struct plan *plan = NULL;

		memcpy(scene->firmware.boot_params + BP_EFI_INFO, signatures[i], 4);
		plan = plan_of(scene);
		assert_int_equal(plan->note_count, 0);
	}
}

/* Nothing is known of the machine then, EFI included. */
static void test_by_segments_boot_params_are_needed(void **state)
{
	static const enum fact facts[] = {FACT_ABSENT, FACT_UNREADABLE};
	struct scene *scene = *state;

	for (size_t i = 0; i < ELEMENTS(facts); i++) {
		struct error error = {}, none = {};

		scene->firmware.boot_params_fact = facts[i];
		assert_int_equal(boot_linux_x86.check(&scene->source, PLAN_SEGMENTS, &error),
				 -EINVAL);
		assert_failed(&error, ERROR_UNSUPPORTED, "/sys/kernel/boot_params/data");
		assert_int_equal(boot_linux_x86.check(&scene->source, PLAN_FILE, &none), 0);
		assert_no_failure(&none);
	}
}

static void test_a_command_line_over_the_limit_is_refused_by_method(void **state)
{
	static const struct {
		size_t length;
		enum plan_method method;
		bool accepted;
	} rows[] = {
	    {KERNEL_FILE_COMMAND_LINE_MAX, PLAN_SEGMENTS, true},
	    {KERNEL_FILE_COMMAND_LINE_MAX + 1, PLAN_SEGMENTS, false},
	    /* linux: kernel_cmdline_len (with the NUL) + 30 > cmdline_size is refused */
	    {KERNEL_FILE_COMMAND_LINE_MAX - 31, PLAN_FILE, true},
	    {KERNEL_FILE_COMMAND_LINE_MAX - 30, PLAN_FILE, false},
	};
	struct scene *scene = *state;

	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_free char *text = calloc(1, rows[i].length + 1);
		struct error error = {};
		int r;

		memset(text, 'x', rows[i].length);
		scene->source.command_line = text;
		r = boot_linux_x86.check(&scene->source, rows[i].method, &error);
		assert_int_equal(r, rows[i].accepted ? 0 : -EINVAL);
		if (r < 0)
			assert_failed(&error, ERROR_TOO_LONG, "vmlinuz");
	}
}

static void test_five_level_paging_needs_a_kernel_that_knows_it(void **state)
{
	struct scene *scene = *state;
	struct error error = {};

	scene->running.five_level_paging = true;
	assert_int_equal(boot_linux_x86.check(&scene->source, PLAN_SEGMENTS, &error), 0);
	store_le(scene->file + HEADER_XLOADFLAGS, 2, BZIMAGE_XLF_KERNEL_64);
	open_image(scene);
	assert_true(boot_linux_x86.check(&scene->source, PLAN_SEGMENTS, &error) < 0);
	assert_failed(&error, ERROR_UNSUPPORTED, "5-level");
}

static void test_a_32_bit_kernel_is_entered_in_protected_mode_below_4_gib(void **state)
{
	/* With contradicting flags too: an address over 4 GiB would be cut off. */
	static const uint16_t flags[] = {0, BZIMAGE_XLF_ABOVE_4G};
	struct scene *scene = *state;

	for (size_t i = 0; i < ELEMENTS(flags); i++) {
		cleanup_plan struct plan *plan = NULL;

		store_le(scene->file + HEADER_XLOADFLAGS, 2, flags[i]);
		open_image(scene);
		plan = plan_of(scene);
		assert_contains(plan->protocol, "32-bit entry");
		assert_int_equal(parameters_of(plan).mode, PURGATORY_ENTER_PROTECTED_MODE);
		assert_int_equal(parameters_of(plan).entry, start_of(plan, LINUX_X86_KERNEL));
		/* High in memory it would not reach itself. */
		assert_int_equal(start_of(plan, LINUX_X86_KERNEL), 0x1000000);
		for (size_t j = 0; j < plan->segment_count; j++)
			assert_true(plan->segments[j].destination.end <= FOUR_GIB);
	}
}

static void test_a_64_bit_kernel_is_entered_in_long_mode(void **state)
{
	cleanup_plan struct plan *plan = plan_of(*state);

	assert_contains(plan->protocol, "64-bit entry");
	assert_int_equal(parameters_of(plan).mode, PURGATORY_ENTER_LONG_MODE);
	assert_int_equal(parameters_of(plan).entry, start_of(plan, LINUX_X86_KERNEL) + 0x200);
}

/* It is entered without paging. */
static void test_five_level_paging_is_nothing_to_a_32_bit_kernel(void **state)
{
	struct scene *scene = *state;
	struct error error = {};

	scene->running.five_level_paging = true;
	store_le(scene->file + HEADER_XLOADFLAGS, 2, 0);
	open_image(scene);
	assert_int_equal(boot_linux_x86.check(&scene->source, PLAN_SEGMENTS, &error), 0);
	assert_no_failure(&error);
}

static void test_a_map_of_many_ranges_loses_none(void **state)
{
	struct scene *scene = *state;
	cleanup_plan struct plan *plan = NULL;
	const uint8_t *data, *page;
	uint64_t offset = 0, entries = 0;

	for (uint64_t i = 0; i < 200; i++)
		assert_int_equal(map_add(&scene->told,
					 (struct range){(i + 32) << 32, ((i + 32) << 32) + 4096}, 2,
					 "Reserved"),
				 0);
	plan = plan_of(scene);
	page = bytes_of(plan, LINUX_X86_BOOT_PARAMS);
	data = bytes_of(plan, LINUX_X86_SETUP_DATA);
	for (;;) {
		uint64_t next = load_le(data + offset, 8);

		if (load_le(data + offset + 8, 4) == SETUP_DATA_E820_EXT)
			entries = load_le(data + offset + 12, 4) / E820_ENTRY_SIZE;
		if (!next)
			break;
		offset = next - start_of(plan, LINUX_X86_SETUP_DATA);
	}
	assert_int_equal(page[BP_E820_ENTRIES] + entries, 202);
}

#define SCENE_TEST(name) cmocka_unit_test_setup_teardown(name, make_scene, free_scene)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    SCENE_TEST(test_a_kernel_with_an_initrd_is_five_segments),
	    SCENE_TEST(test_without_an_initrd_there_are_four_segments),
	    SCENE_TEST(test_what_the_kernel_is_told_agrees_with_the_places),
	    SCENE_TEST(test_purgatory_knows_where_to_go_and_what_to_check),
	    SCENE_TEST(test_without_checks_the_table_is_empty),
	    SCENE_TEST(test_without_a_serial_console_a_note_says_so),
	    SCENE_TEST(test_the_same_inputs_give_the_same_plan_byte_for_byte),
	    SCENE_TEST(test_another_seed_changes_only_the_setup_data),
	    SCENE_TEST(test_a_kernel_that_wants_low_memory_gets_all_of_it_low),
	    SCENE_TEST(test_a_kernel_that_allows_it_may_lie_high),
	    SCENE_TEST(test_a_kernel_whose_command_line_limits_memory_lies_low),
	    SCENE_TEST(test_a_relocatable_kernel_lies_at_or_above_its_preferred_address),
	    SCENE_TEST(test_a_limit_below_the_preferred_address_leaves_no_room),
	    SCENE_TEST(test_a_fixed_kernel_lies_at_its_preferred_address),
	    SCENE_TEST(test_a_fixed_kernel_need_not_end_on_a_page_boundary),
	    SCENE_TEST(test_a_fixed_kernel_whose_place_is_taken_is_an_error),
	    SCENE_TEST(test_the_users_limits_hold_for_every_segment),
	    SCENE_TEST(test_efi_is_handed_on_where_both_sides_can),
	    SCENE_TEST(test_efi_is_left_out_with_a_warning_where_one_side_cannot),
	    SCENE_TEST(test_a_machine_without_efi_is_not_warned_of_it),
	    SCENE_TEST(test_by_segments_boot_params_are_needed),
	    SCENE_TEST(test_a_command_line_over_the_limit_is_refused_by_method),
	    SCENE_TEST(test_five_level_paging_needs_a_kernel_that_knows_it),
	    SCENE_TEST(test_a_32_bit_kernel_is_entered_in_protected_mode_below_4_gib),
	    SCENE_TEST(test_a_64_bit_kernel_is_entered_in_long_mode),
	    SCENE_TEST(test_five_level_paging_is_nothing_to_a_32_bit_kernel),
	    SCENE_TEST(test_a_map_of_many_ranges_loses_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
