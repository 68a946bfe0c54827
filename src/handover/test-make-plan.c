/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "handover/make-plan.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "machine/machine.h"
#include "plan/show.h"
#include "test-support/archive.h"
#include "test-support/gzip.h"
#include "test-support/kernel-file.h"
#include "test-support/scene.h"

static void test_the_command_line_is_its_base_and_what_is_added(void **state)
{
	static const struct {
		const char *base;
		bool reuse;
		const char *append, *command_line;
	} rows[] = {
	    {NULL, false, NULL, ""},
	    {"a b", false, NULL, "a b"},
	    {"a b", false, "c", "a b c"},
	    {NULL, false, "c", "c"},
	    {NULL, true, NULL, "root=/dev/vda1 ro quiet"},
	    {NULL, true, "c d", "root=/dev/vda1 ro quiet c d"},
	};
	struct scene *scene = *state;

	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_plan struct plan *plan = NULL;

		scene->request.command_line = rows[i].base;
		scene->request.reuse_command_line = rows[i].reuse;
		scene->request.append = rows[i].append;
		plan = scene_plan(scene);
		assert_string_equal(plan->command_line, rows[i].command_line);
	}
	machine_tree_delete(&scene->tree, "proc/cmdline");
	scene->request.reuse_command_line = true;
	assert_no_plan(scene, ERROR_FILE, "/proc/cmdline");
}

static void test_a_type_is_insisted_on(void **state)
{
	static const char *const good[] = {"bzImage", "bzimage", "bzImage64"};
	struct scene *scene = *state;

	for (size_t i = 0; i < ELEMENTS(good); i++) {
		cleanup_plan struct plan *plan = NULL;

		scene->request.type = good[i];
		plan = scene_plan(scene);
	}
	scene->request.type = "elf-x86_64";
	assert_no_plan(scene, ERROR_IMAGE, "--type says elf-x86_64, and the file is a bzImage");
}

static void test_a_file_that_is_missing_is_named(void **state)
{
	struct scene *scene = *state;

	scene->initrds[0] = "/nowhere/initrd";
	assert_no_plan(scene, ERROR_FILE, "/nowhere/initrd");
	scene->request.kernel = "/nowhere/vmlinuz";
	assert_no_plan(scene, ERROR_FILE, "/nowhere/vmlinuz");
}

static void test_limits_hold_or_are_refused_but_never_ignored(void **state)
{
	struct scene *scene = *state;
	cleanup_plan struct plan *plan = NULL;

	scene->request.load_min = 0x20000000;
	plan = scene_plan(scene);
	for (size_t i = 0; i < plan->segment_count; i++)
		assert_true(plan->segments[i].destination.start >= 0x20000000);
	scene->request.load_max = 0x20001000;
	assert_no_plan(scene, ERROR_NO_ROOM, "kernel");
	scene->request.method = METHOD_FILE_ONLY;
	assert_no_plan(scene, ERROR_USAGE, "--mem-min");
}

static void remove_firmware_map(struct scene *scene)
{
	static const char *const names[] = {"/start", "/end", "/type", ""};
	char path[64];

	for (int i = 0; i < MACHINE_TREE_FIRMWARE_RANGES; i++)
		for (size_t j = 0; j < ELEMENTS(names); j++) {
			snprintf(path, sizeof(path), "sys/firmware/memmap/%d%s", i, names[j]);
			machine_tree_delete(&scene->tree, path);
		}
	machine_tree_delete(&scene->tree, "sys/firmware/memmap");
}

static void test_without_a_memory_map_nothing_is_placed(void **state)
{
	struct scene *scene = *state;
	cleanup_plan struct plan *plan = NULL, *other = NULL;

	scene->request.method = METHOD_SEGMENTS_ONLY;
	machine_tree_write(&scene->tree, "proc/iomem", "00000000-00000000 : System RAM\n");
	assert_no_plan(scene, ERROR_FORBIDDEN, "/proc/iomem");
	machine_tree_write(&scene->tree, "sys/firmware/memmap/1/start", "?\n");
	assert_no_plan(scene, ERROR_UNSUPPORTED, "/sys/firmware/memmap");
	remove_firmware_map(scene);
	assert_no_plan(scene, ERROR_UNSUPPORTED, "does not exist");
	/* Where the kernel places, no map is needed. */
	scene->request.method = METHOD_FILE_ONLY;
	plan = scene_plan(scene);
	assert_int_equal(plan->method, PLAN_FILE);
	/* So without a wish that is what is planned. */
	scene->request.method = METHOD_ANY;
	other = scene_plan(scene);
	assert_int_equal(other->method, PLAN_FILE);
	assert_contains(other->method_reason, "memory map");
}

static void test_without_boot_params_only_the_kernel_itself_can_load(void **state)
{
	struct scene *scene = *state;
	cleanup_plan struct plan *plan = NULL, *other = NULL;

	machine_tree_write(&scene->tree, "sys/kernel/boot_params/data", "short");
	scene->request.method = METHOD_SEGMENTS_ONLY;
	assert_no_plan(scene, ERROR_UNSUPPORTED, "/sys/kernel/boot_params/data");
	machine_tree_delete(&scene->tree, "sys/kernel/boot_params/data");
	assert_no_plan(scene, ERROR_UNSUPPORTED, "/sys/kernel/boot_params/data");
	scene->request.method = METHOD_FILE_ONLY;
	plan = scene_plan(scene);
	assert_int_equal(plan->method, PLAN_FILE);
	scene->request.method = METHOD_ANY;
	other = scene_plan(scene);
	assert_int_equal(other->method, PLAN_FILE);
	assert_contains(other->method_reason, "boot_params");
}

static void test_a_missing_iomem_is_told_from_a_hidden_one(void **state)
{
	struct scene *scene = *state;

	scene->request.method = METHOD_SEGMENTS_ONLY;
	machine_tree_delete(&scene->tree, "proc/iomem");
	assert_no_plan(scene, ERROR_UNSUPPORTED, "is /proc mounted?");
}

static void test_an_early_archive_is_moved_to_the_front_with_a_note(void **state)
{
	struct scene *scene = *state;
	cleanup_plan struct plan *plan = NULL;
	struct archive early = {};

	archive_add(&early, "kernel/x86/microcode/GenuineIntel.bin", "x");
	archive_add(&early, "TRAILER!!!", "");
	scene->initrds[1] = folder_write(&scene->tree.folder, "early", early.bytes, early.size);
	scene->request.initrd_count = 2;
	plan = scene_plan(scene);
	assert_string_equal(plan->initrds->files[0].path, scene->initrds[1]);
	assert_int_equal(plan->note_count, 1);
	assert_contains(plan->notes[0].text, "microcode");
}

static void wrap_kernel(struct scene *scene)
{
	uint8_t file[KERNEL_FILE_SIZE], wrapped[KERNEL_FILE_SIZE + GZIP_OVERHEAD + 9] = {};

	kernel_file_fill(file);
	gzip_wrap(wrapped, file, sizeof(file));
	scene->request.kernel =
	    folder_write(&scene->tree.folder, "vmlinuz.gz", wrapped, sizeof(wrapped));
}

static void test_a_wrapped_kernel_is_noted_and_goes_by_its_files_name(void **state)
{
	static const enum method_wish methods[] = {METHOD_FILE_ONLY, METHOD_SEGMENTS_ONLY};
	struct scene *scene = *state;

	if (!gzip_is_built())
		skip();
	wrap_kernel(scene);
	for (size_t i = 0; i < ELEMENTS(methods); i++) {
		cleanup_plan struct plan *plan = NULL;
		cleanup_free char *text = NULL;
		size_t size;
		FILE *out = open_memstream(&text, &size);

		scene->request.method = methods[i];
		plan = scene_plan(scene);
		assert_int_equal(plan->kernel->size, KERNEL_FILE_SIZE);
		assert_string_equal(plan->kernel_path, scene->request.kernel);
		assert_int_equal(plan->note_count, 2);
		assert_string_equal(plan->notes[0].text, "the kernel was unwrapped: gzip");
		assert_string_equal(plan->notes[1].text,
				    "behind the gzip data: NUL padding (9 bytes)");
		plan_show_text(plan, out);
		assert_int_equal(fclose(out), 0);
		assert_contains(text, "vmlinuz.gz, 8.0 KiB\n");
		assert_lacks(text, "inside");
	}
}

static void test_a_change_of_the_wrapped_file_is_seen(void **state)
{
	struct scene *scene = *state;
	cleanup_plan struct plan *plan = NULL;
	struct error error = {};

	if (!gzip_is_built())
		skip();
	wrap_kernel(scene);
	plan = scene_plan(scene);
	assert_int_equal(plan_unchanged(plan, &error), 0);
	folder_text(&scene->tree.folder, "vmlinuz.gz", "something else");
	assert_true(plan_unchanged(plan, &error) < 0);
	assert_failed(&error, ERROR_CHANGED, scene->request.kernel);
}

/* 2 * 8192 bytes are just enough; where the number is not known the limit is 1 GiB. */
static void test_what_is_unwrapped_may_take_half_of_what_is_available(void **state)
{
	struct scene *scene = *state;
	cleanup_plan struct plan *enough = NULL, *unknown = NULL;

	_Static_assert(KERNEL_FILE_SIZE == 8 << 10, "the sizes below are made for it");
	if (!gzip_is_built())
		skip();
	wrap_kernel(scene);
	machine_tree_write(&scene->tree, "proc/meminfo",
			   "MemTotal: 2031616 kB\nMemAvailable: 16 kB\n");
	enough = scene_plan(scene);
	machine_tree_write(&scene->tree, "proc/meminfo",
			   "MemTotal: 2031616 kB\nMemAvailable: 15 kB\n");
	assert_no_plan(scene, ERROR_TOO_LONG, "more than 7680 bytes");
	machine_tree_write(&scene->tree, "proc/meminfo", "MemTotal: 2031616 kB\n");
	unknown = scene_plan(scene);
}

/* An initrd of 12 KiB and some, compressed, at most 16 KiB. */
static void add_packed_initrd(struct scene *scene)
{
	static uint8_t packed[sizeof(((struct archive *)0)->bytes) + GZIP_OVERHEAD];
	struct archive archive = {};
	size_t size;

	archive_add_header(&archive, "file", 5, 12 << 10);
	archive_add_zeros(&archive, 12 << 10);
	size = gzip_wrap(packed, archive.bytes, archive.size);
	scene->initrds[0] = folder_write(&scene->tree.folder, "initrd.gz", packed, size);
}

/* A kernel that says that it has 64 MiB inside, which is found out only when it is unpacked. */
static void add_large_kernel(struct scene *scene)
{
	uint8_t file[KERNEL_FILE_SIZE], *payload = file + KERNEL_FILE_OFFSET + KERNEL_FILE_PAYLOAD;

	kernel_file_fill(file);
	store_le(payload + load_le(file + HEADER_PAYLOAD_LENGTH, 4) - 4, 4, 64 << 20);
	scene->request.kernel =
	    folder_write(&scene->tree.folder, "vmlinuz-large", file, sizeof(file));
}

/* Twice the kernel and 48 MiB beside it are not enough: the initrd lies there twice, too. */
static void test_an_unpacked_initrd_counts_twice_before_the_kernel_is_unpacked(void **state)
{
	struct scene *scene = *state;
	cleanup_plan struct plan *plan = NULL;

	if (!gzip_is_built())
		skip();
	add_packed_initrd(scene);
	add_large_kernel(scene);
	scene->request.plain = false;
	machine_tree_write(&scene->tree, "proc/meminfo",
			   "MemTotal: 2031616 kB\nMemAvailable: 180240 kB\n");
	plan = scene_plan(scene);
	assert_true(plan->initrds_unpacked > 12 << 10);
	assert_int_equal(plan->form, PLAN_PLAIN);
	assert_contains(plan->form_reason, "too little memory");
	machine_tree_write(&scene->tree, "proc/meminfo",
			   "MemTotal: 2031616 kB\nMemAvailable: 180260 kB\n");
	assert_no_plan(scene, ERROR_IMAGE, "corrupt");
}

static void test_initrds_stay_packed_where_an_attempt_says_so(void **state)
{
	struct scene *scene = *state;
	cleanup_plan struct plan *plan = NULL;
	cleanup_with(machine_fini) struct machine machine = {};
	struct error error = {};
	struct attempt attempt;

	if (!gzip_is_built())
		skip();
	add_packed_initrd(scene);
	scene->request.plain = false;
	assert_int_equal(machine_read(&machine, &scene->tree.root, &error), 0);
	attempt = attempt_first(&scene->request, &machine);
	attempt.packed = "of this test";
	assert_int_equal(make_plan(&scene->request, NULL, &machine, attempt, &plan, &error), 0);
	assert_int_equal(plan->initrds_unpacked, 0);
	assert_int_equal(plan->form, PLAN_DIRECT);
	assert_contains(plan->notes[0].text, "to unpack, because of this test");
	assert_int_equal(plan->notes[0].weight, PLAN_WARNING);
}

static bool has_note(const struct plan *plan, enum plan_weight weight, const char *text)
{
	for (size_t i = 0; i < plan->note_count; i++)
		if (plan->notes[i].weight == weight && strcmp(plan->notes[i].text, text) == 0)
			return true;
	return false;
}

static void test_with_file_compressed_initrds_stay_so_and_it_is_said_unless_chosen(void **state)
{
	static const char text[] = "compressed initrds are left for the next kernel to unpack, "
				   "because lockdown forbids kexec_load";
	struct scene *scene = *state;
	cleanup_plan struct plan *compressed = NULL, *plain = NULL, *chosen = NULL;

	scene->request.plain = false;
	machine_tree_write(&scene->tree, "sys/kernel/security/lockdown", "none [integrity]\n");
	plain = scene_plan(scene);
	assert_int_equal(plain->method, PLAN_FILE);
	assert_false(has_note(plain, PLAN_WARNING, text));
	add_packed_initrd(scene);
	compressed = scene_plan(scene);
	assert_true(has_note(compressed, PLAN_WARNING, text));
	scene->request.method = METHOD_FILE_ONLY;
	chosen = scene_plan(scene);
	assert_int_equal(chosen->note_count, 0);
}

static void test_no_checks_with_file_is_warned_of_in_the_plan(void **state)
{
	static const struct {
		enum method_wish method;
		bool skip_check;
		unsigned int warnings;
	} rows[] = {
	    {METHOD_FILE_ONLY, true, 1},
	    {METHOD_FILE_ONLY, false, 0},
	    {METHOD_SEGMENTS_ONLY, true, 0},
	};
	struct scene *scene = *state;

	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_plan struct plan *plan = NULL;

		scene->request.method = rows[i].method;
		scene->request.skip_check = rows[i].skip_check;
		plan = scene_plan(scene);
		assert_int_equal(plan->note_count, rows[i].warnings);
		if (rows[i].warnings) {
			assert_int_equal(plan->notes[0].weight, PLAN_WARNING);
			assert_contains(plan->notes[0].text, "-i has no effect");
		}
	}
}

/* Makes the plan for a machine whose EFI tables are what the test says. */
static struct plan *plan_with_tables(const struct scene *scene, enum fact fact,
				     const struct range *tables, size_t count)
{
	cleanup_with(machine_fini) struct machine machine = {};
	struct plan *plan = NULL;
	struct error error = {};

	machine_read(&machine, &scene->tree.root, &error);
	assert_no_failure(&error);
	machine.firmware.efi_tables_fact = fact;
	for (size_t i = 0; i < count; i++)
		assert_int_equal(map_add(&machine.firmware.efi_tables, tables[i], 0, "EFI table"),
				 0);
	make_plan(&scene->request, NULL, &machine, attempt_first(&scene->request, &machine), &plan,
		  &error);
	assert_no_failure(&error);
	return plan;
}

static void test_nothing_is_placed_on_efis_tables(void **state)
{
	struct scene *scene = *state;
	cleanup_plan struct plan *plan = scene_plan(scene), *other = NULL;
	struct range tables[8] = {{0x3e000000, 0x3e020000}, {0x10000, 0x30000}};
	size_t count = 2;

	/* Wherever a segment would lie lies a table. */
	for (size_t i = 0; i < plan->segment_count; i++)
		tables[count++] = plan->segments[i].destination;
	other = plan_with_tables(scene, FACT_KNOWN, tables, count);
	assert_int_equal(other->note_count, 0);
	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < other->usable.count; j++)
			assert_false(range_overlaps(tables[i], other->usable.regions[j].range));
		for (size_t j = 0; j < other->segment_count; j++)
			assert_false(range_overlaps(tables[i], other->segments[j].destination));
	}
	/* What the next kernel is told about its memory stays the same. */
	assert_int_equal(other->told.count, plan->told.count);
}

/*
 * A cpio archive of one file of 64 KiB of zeros, as gzip -9 packs it: its first bytes, and its last
 * ones behind 62 zeros.
 */
static const uint8_t zeros_head[] = {
    0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xed, 0xc6, 0xb1, 0x09, 0x80,
    0x40, 0x14, 0x05, 0x41, 0x4b, 0x7a, 0x1f, 0x94, 0x33, 0xbd, 0x62, 0x14, 0x04, 0xfb, 0x8f,
    0x85, 0x13, 0x33, 0xc5, 0x06, 0x66, 0x92, 0xdd, 0xb4, 0xb4, 0x54, 0x6e, 0xa3, 0x6b, 0xf5,
    0x39, 0xef, 0xea, 0xe3, 0xff, 0x2c, 0xcf, 0xec, 0xc7, 0xb9, 0x4d, 0x00};
static const uint8_t zeros_tail[] = {0x30, 0x5c, 0x71, 0x88, 0xac, 0xc8, 0x74, 0x00, 0x01, 0x00};

enum { ZEROS_SIZE = 129 };

/* Memory in pieces that are large enough for each segment, but not for the initrd unpacked. */
static void test_initrds_stay_packed_where_only_so_there_is_room(void **state)
{
	static const struct range taken[] = {
	    {0, 0x1000000},         {0x1010000, 0x1100000}, {0x1110000, 0x1200000},
	    {0x1210000, 0x1300000}, {0x1310000, 0x1400000}, {0x1410000, 0x10000000000},
	};
	struct scene *scene = *state;
	cleanup_plan struct plan *plan = NULL;
	uint8_t packed[ZEROS_SIZE] = {};

	if (!gzip_is_built())
		skip();
	memcpy(packed, zeros_head, sizeof(zeros_head));
	memcpy(packed + ZEROS_SIZE - sizeof(zeros_tail), zeros_tail, sizeof(zeros_tail));
	scene->initrds[0] = folder_write(&scene->tree.folder, "zeros.gz", packed, sizeof(packed));
	scene->request.plain = false;
	plan = scene_plan(scene);
	assert_int_equal(plan->initrds_unpacked, 65652);
	plan_free(plan);
	plan = plan_with_tables(scene, FACT_KNOWN, taken, ELEMENTS(taken));
	assert_int_equal(plan->initrds_unpacked, 0);
	assert_int_equal(plan->form, PLAN_DIRECT);
	assert_contains(plan->notes[0].text,
			"to unpack, because with them unpacked there is no room");
	assert_int_equal(plan->notes[0].weight, PLAN_WARNING);
}

static void test_efi_tables_that_cannot_be_located_are_warned_of(void **state)
{
	struct scene *scene = *state;
	cleanup_plan struct plan *plan = plan_with_tables(scene, FACT_UNREADABLE, NULL, 0);
	cleanup_plan struct plan *by_file = NULL;

	assert_int_equal(plan->method, PLAN_SEGMENTS);
	assert_int_equal(plan->note_count, 1);
	assert_int_equal(plan->notes[0].weight, PLAN_WARNING);
	assert_contains(plan->notes[0].text, "EFI's tables");
	scene->request.method = METHOD_FILE_ONLY;
	by_file = plan_with_tables(scene, FACT_UNREADABLE, NULL, 0);
	assert_int_equal(by_file->note_count, 0);
}

/* From /dev/mem to the plan's map. */
static void test_efi_tables_found_in_dev_mem_are_not_usable(void **state)
{
	static const uint64_t pointers[] = {0x3e001018, UINT64_MAX};
	struct scene *scene = *state;
	cleanup_plan struct plan *plan = NULL;
	char text[32];

	machine_tree_add_efi(&scene->tree, 1);
	machine_tree_add_efi_tables(&scene->tree, pointers, ELEMENTS(pointers), ELEMENTS(pointers));
	snprintf(text, sizeof(text), "0x%x\n", MACHINE_TREE_EFI_CONFIG_TABLES);
	machine_tree_write(&scene->tree, "sys/firmware/efi/config_table", text);
	plan = scene_plan(scene);
	assert_int_equal(plan->note_count, 0);
	assert_false(map_contains(&plan->usable, (struct range){0x3e001000, 0x3e002000}));
	assert_true(map_contains(&plan->usable, (struct range){0x3d000000, 0x3e000000}));
	assert_true(map_contains(&plan->usable, (struct range){0x3e020000, 0x3e030000}));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    SCENE_TEST(test_the_command_line_is_its_base_and_what_is_added),
	    SCENE_TEST(test_a_type_is_insisted_on),
	    SCENE_TEST(test_a_file_that_is_missing_is_named),
	    SCENE_TEST(test_limits_hold_or_are_refused_but_never_ignored),
	    SCENE_TEST(test_without_a_memory_map_nothing_is_placed),
	    SCENE_TEST(test_without_boot_params_only_the_kernel_itself_can_load),
	    SCENE_TEST(test_a_missing_iomem_is_told_from_a_hidden_one),
	    SCENE_TEST(test_a_wrapped_kernel_is_noted_and_goes_by_its_files_name),
	    SCENE_TEST(test_a_change_of_the_wrapped_file_is_seen),
	    SCENE_TEST(test_what_is_unwrapped_may_take_half_of_what_is_available),
	    SCENE_TEST(test_an_unpacked_initrd_counts_twice_before_the_kernel_is_unpacked),
	    SCENE_TEST(test_initrds_stay_packed_where_an_attempt_says_so),
	    SCENE_TEST(test_initrds_stay_packed_where_only_so_there_is_room),
	    SCENE_TEST(test_with_file_compressed_initrds_stay_so_and_it_is_said_unless_chosen),
	    SCENE_TEST(test_no_checks_with_file_is_warned_of_in_the_plan),
	    SCENE_TEST(test_nothing_is_placed_on_efis_tables),
	    SCENE_TEST(test_efi_tables_that_cannot_be_located_are_warned_of),
	    SCENE_TEST(test_efi_tables_found_in_dev_mem_are_not_usable),
	    SCENE_TEST(test_an_early_archive_is_moved_to_the_front_with_a_note),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
