/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "handover/plan-for-panic.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "boot/linux-x86/layout.h"
#include "boot/linux-x86/linux-x86.h"
#include "crash/elfcorehdr.h"
#include "machine/memory.h"
#include "plan/show.h"
#include "purgatory/parameters.h"
#include "test-support/crash-tree.h"
#include "test-support/kernel-file.h"
#include "test-support/scene.h"

static int setup(void **state)
{
	struct scene *scene;

	scene_setup(state);
	scene = *state;
	crash_tree_add(&scene->tree);
	scene->request.kind = PLAN_CRASH;
	scene->request.plain = false;
	return 0;
}
#define PANIC_TEST(name) cmocka_unit_test_setup_teardown(name, setup, scene_teardown)

static const struct plan_segment *segment_of(const struct plan *plan, const char *name)
{
	for (size_t i = 0; i < plan->segment_count; i++)
		if (strcmp(plan->segments[i].name, name) == 0)
			return &plan->segments[i];
	fail_msg("there is no segment \"%s\"", name);
	return NULL;
}

static const uint8_t *bytes_of(const struct plan *plan, const char *name)
{
	return segment_of(plan, name)->content->memory;
}

static uint64_t size_of(const struct plan *plan, const char *name)
{
	return range_size(segment_of(plan, name)->destination);
}

static uint64_t segments_total(const struct plan *plan)
{
	uint64_t total = 0;

	for (size_t i = 0; i < plan->segment_count; i++)
		total += range_size(plan->segments[i].destination);
	return total;
}

static bool has_note(const struct plan *plan, enum plan_weight weight, const char *part)
{
	for (size_t i = 0; i < plan->note_count; i++)
		if (plan->notes[i].weight == weight && strstr(plan->notes[i].text, part))
			return true;
	return false;
}

static void test_all_segments_lie_in_the_upper_part_of_the_reservation(void **state)
{
	cleanup_plan struct plan *plan = scene_plan(*state);
	const struct plan_segment *headers = segment_of(plan, "elfcorehdr");
	const struct range upper = {CRASH_TREE_START, CRASH_TREE_END};

	assert_int_equal(plan->kind, PLAN_CRASH);
	assert_int_equal(plan->method, PLAN_SEGMENTS);
	assert_int_equal(plan->form, PLAN_PLAIN);
	assert_int_equal(plan->segment_count, 6);
	for (size_t i = 0; i < plan->segment_count; i++)
		assert_row(plan->segments[i].name,
			   range_contains(upper, plan->segments[i].destination));
	assert_true(range_contains(upper, (struct range){plan->entry, plan->entry + 1}));
	assert_memory_equal(&plan->reservation, &upper, sizeof(upper));
	assert_int_equal(headers->destination.start, CRASH_TREE_START);
	assert_int_equal(headers->checked_size, headers->content_size);
	assert_int_equal(range_size(plan->backed_up), 0);
	assert_int_equal(plan->note_count, 0);
}

static void test_elfcorehdr_is_that_of_the_machine(void **state)
{
	cleanup_plan struct plan *plan = scene_plan(*state);
	const uint8_t *bytes = bytes_of(plan, "elfcorehdr");
	Elf64_Ehdr file;
	Elf64_Phdr headers[8];

	memcpy(&file, bytes, sizeof(file));
	assert_int_equal(file.e_machine, EM_X86_64);
	assert_int_equal(file.e_phnum, 2 + 1 + 1 + 4);
	memcpy(headers, bytes + sizeof(file), sizeof(headers));
	assert_int_equal(headers[1].p_offset, CRASH_TREE_NOTES + 0x1000);
	assert_int_equal(headers[2].p_offset, CRASH_TREE_VMCOREINFO);
	assert_true(headers[3].p_vaddr == CRASH_TREE_TEXT);
	assert_int_equal(headers[4].p_paddr, 0x100000);
	assert_true(headers[4].p_vaddr == CRASH_TREE_LINEAR + 0x100000);
	assert_int_equal(headers[4].p_memsz, CRASH_TREE_LOW_START - 0x100000);
	assert_int_equal(headers[6].p_paddr, CRASH_TREE_END);
}

/* A map as boot_params has it. */
static void test_the_crash_kernel_is_told_its_own_memory(void **state)
{
	static const struct {
		uint64_t start, end;
		uint32_t type;
	} wanted[] = {
	    {0x1000, 0x9fc00, MEMORY_RAM},
	    {0x9fc00, 0x100000, MEMORY_RESERVED},
	    {CRASH_TREE_LOW_START, CRASH_TREE_LOW_END, MEMORY_RAM},
	    {CRASH_TREE_START + 0x1000, CRASH_TREE_END, MEMORY_RAM},
	    {0x3ffe0000, 0x40000000, MEMORY_RESERVED},
	};
	cleanup_plan struct plan *plan = scene_plan(*state);
	const uint8_t *page = bytes_of(plan, "boot_params"), *entry = page + BP_E820_TABLE;

	assert_int_equal(page[BP_E820_ENTRIES], ELEMENTS(wanted));
	for (size_t i = 0; i < ELEMENTS(wanted); i++, entry += E820_ENTRY_SIZE) {
		assert_int_equal(load_le(entry, 8), wanted[i].start);
		assert_int_equal(load_le(entry + 8, 8), wanted[i].end - wanted[i].start);
		assert_int_equal(load_le(entry + 16, 4), wanted[i].type);
	}
}

static void test_the_command_line_says_where_elfcorehdr_is(void **state)
{
	static const char wanted[] = "root=/dev/vda1 elfcorehdr=0x20000000";
	cleanup_plan struct plan *plan = scene_plan(*state);

	assert_string_equal(plan->command_line, wanted);
	assert_string_equal((const char *)bytes_of(plan, "boot_params") + 4096, wanted);
}

static void test_memory_may_be_told_in_words_too(void **state)
{
	struct scene *scene = *state;
	cleanup_plan struct plan *plan = NULL;

	scene->request.memmap_words = true;
	plan = scene_plan(scene);
	assert_string_equal(plan->command_line,
			    "root=/dev/vda1 elfcorehdr=0x20020000 memmap=exactmap memmap=635K@4K "
			    "memmap=385K$639K memmap=16384K@262144K memmap=128K@524288K "
			    "memmap=262012K@524420K memmap=128K$1048448K");
	assert_string_equal((const char *)bytes_of(plan, "boot_params") + 4096, plan->command_line);
}

/* Where elfcorehdr lies within what else would be one piece. */
static void test_limits_narrow_the_reservation(void **state)
{
	struct scene *scene = *state;
	cleanup_plan struct plan *plan = NULL;

	scene->request.load_min = 0x24000000;
	scene->request.load_max = 0x2c000000;
	scene->request.memmap_words = true;
	plan = scene_plan(scene);
	for (size_t i = 0; i < plan->segment_count; i++)
		assert_row(plan->segments[i].name,
			   range_contains((struct range){0x24000000, 0x2c000000},
					  plan->segments[i].destination));
	assert_contains(plan->command_line, "elfcorehdr=0x24020000 ");
	assert_contains(plan->command_line, " memmap=65664K@524288K ");
	assert_contains(plan->command_line, " memmap=196476K@589956K ");
	scene->request.load_max = 0x1000000;
	scene->request.load_min = 0;
	assert_no_plan(scene, ERROR_NO_ROOM, "kernel");
}

static void test_a_kernel_before_5_6_has_its_low_memory_saved(void **state)
{
	struct scene *scene = *state;
	cleanup_plan struct plan *plan = NULL;
	const struct plan_segment *saved;
	struct purgatory_parameters parameters;
	Elf64_Phdr header;

	machine_tree_write(&scene->tree, "proc/sys/kernel/osrelease", "5.4.0\n");
	plan = scene_plan(scene);
	saved = segment_of(plan, "low_memory");
	assert_int_equal(range_size(saved->destination), 0xa0000);
	assert_int_equal(saved->checked_size, 0);
	memcpy(&parameters, bytes_of(plan, "purgatory") + PURGATORY_PARAMETERS_OFFSET,
	       sizeof(parameters));
	assert_int_equal(parameters.backup_source, 0);
	assert_int_equal(parameters.backup_size, 0xa0000);
	assert_int_equal(parameters.backup, saved->destination.start);
	memcpy(&header, bytes_of(plan, "elfcorehdr") + sizeof(Elf64_Ehdr) + 4 * sizeof(header),
	       sizeof(header));
	assert_int_equal(header.p_paddr, 0x1000);
	assert_int_equal(header.p_offset, saved->destination.start + 0x1000);
	for (size_t i = 0; i < plan->told.count; i++)
		assert_false(range_overlaps(plan->told.regions[i].range, saved->destination));
}

static void test_room_for_changes_is_as_large_as_the_kernel_asks_for(void **state)
{
	static const struct {
		const char *row;
		enum crash_hotplug wish;
		const char *size;
		bool hotplug;
		uint64_t room;
		const char *warning;
	} rows[] = {
	    {"not wanted", CRASH_HOTPLUG_NO, "917560\n", false, 0x1000, NULL},
	    {"wanted", CRASH_HOTPLUG_WANTED, "917560\n", true, 0xe1000, NULL},
	    {"possible", CRASH_HOTPLUG_IF_POSSIBLE, "917560\n", true, 0xe1000, NULL},
	    {"not possible", CRASH_HOTPLUG_IF_POSSIBLE, NULL, false, 0x1000, NULL},
	    {"wanted in vain", CRASH_HOTPLUG_WANTED, NULL, false, 0x1000, "does not keep"},
	    {"too small", CRASH_HOTPLUG_IF_POSSIBLE, "400\n", false, 0x1000, "at most 400"},
	};
	struct scene *scene = *state;

	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_plan struct plan *plan = NULL;
		const struct plan_segment *headers;

		if (rows[i].size)
			machine_tree_write(&scene->tree, "sys/kernel/crash_elfcorehdr_size",
					   rows[i].size);
		else
			unlink(
			    folder_path(&scene->tree.folder, "sys/kernel/crash_elfcorehdr_size"));
		scene->request.hotplug = rows[i].wish;
		plan = scene_plan(scene);
		headers = segment_of(plan, "elfcorehdr");
		assert_row(rows[i].row, plan->hotplug == rows[i].hotplug);
		assert_row(rows[i].row, range_size(headers->destination) == rows[i].room);
		assert_row(rows[i].row, (headers->checked_size == 0) == rows[i].hotplug);
		assert_row(rows[i].row,
			   !rows[i].warning || has_note(plan, PLAN_WARNING, rows[i].warning));
		assert_row(rows[i].row, plan->note_count == (rows[i].warning ? 1 : 0));
	}
}

static void test_ten_thousand_ranges_have_ten_thousand_headers(void **state)
{
	struct scene *scene = *state;
	cleanup_plan struct plan *plan = NULL;
	Elf64_Ehdr file;

	crash_tree_add_ranges(&scene->tree, 10000);
	plan = scene_plan(scene);
	memcpy(&file, bytes_of(plan, "elfcorehdr"), sizeof(file));
	assert_int_equal(file.e_phnum, 10008);
}

static void test_more_ranges_than_an_elf_file_has_are_counted(void **state)
{
	struct scene *scene = *state;

	crash_tree_add_ranges(&scene->tree, 65534);
	assert_no_plan(scene, ERROR_TOO_LONG,
		       "65538 ranges of memory and 2 CPUs need 65542 headers");
}

static void test_a_reservation_is_large_enough_or_lacks_a_page(void **state)
{
	struct scene *scene = *state;
	static const enum method_wish wishes[] = {METHOD_ANY, METHOD_FILE_ONLY};
	cleanup_plan struct plan *plan = scene_plan(scene);
	uint64_t needed = segments_total(plan);

	for (size_t i = 0; i < ELEMENTS(wishes); i++) {
		cleanup_plan struct plan *fits = NULL;
		/* What the running kernel needs itself has room where there is a gap. */
		uint64_t own = wishes[i] == METHOD_ANY ? 17 * 4096 : 0;

		scene->request.method = wishes[i];
		/* By that call it lies on a multiple of 2 MiB below the small ones, and above
		 * elfcorehdr, behind which the initrd has room. */
		if (wishes[i] == METHOD_FILE_ONLY)
			needed = 0x200000 + KERNEL_FILE_INIT_SIZE + size_of(plan, "boot_params") +
				 size_of(plan, "setup_data") + size_of(plan, "purgatory");
		crash_tree_reserve(&scene->tree, needed + own);
		fits = scene_plan(scene);
		crash_tree_reserve(&scene->tree, needed - 4096);
		assert_no_plan(scene, ERROR_NO_ROOM,
			       wishes[i] == METHOD_ANY ? "elfcorehdr" : "kernel");
		crash_tree_reserve(&scene->tree, 65536);
		assert_no_plan(scene, ERROR_NO_ROOM, "it needs");
	}
}

/* What the running kernel takes of it for itself, where there is less than 2 GiB of memory. */
static void test_the_running_kernel_has_room_for_its_own_pages(void **state)
{
	struct scene *scene = *state;
	cleanup_plan struct plan *plan = scene_plan(scene), *fits = NULL;
	uint64_t needed = segments_total(plan) + 17 * 4096;

	crash_tree_reserve(&scene->tree, needed);
	fits = scene_plan(scene);
	crash_tree_reserve(&scene->tree, needed - 4096);
	assert_no_plan(
	    scene, ERROR_NO_ROOM,
	    "needs about 68 KiB of the reservation itself, and the segments leave 64 KiB");
}

static void test_without_a_reservation_there_is_no_plan(void **state)
{
	static const enum method_wish wishes[] = {METHOD_ANY, METHOD_FILE_ONLY};
	struct scene *scene = *state;

	machine_tree_write(&scene->tree, "proc/iomem", "00100000-3ffdffff : System RAM\n");
	machine_tree_write(&scene->tree, "sys/kernel/kexec_crash_size", "0\n");
	for (size_t i = 0; i < ELEMENTS(wishes); i++) {
		scene->request.method = wishes[i];
		assert_no_plan(scene, ERROR_NO_ROOM, "no memory is reserved for a crash kernel");
	}
	machine_tree_write(&scene->tree, "proc/iomem", "00000000-00000000 : System RAM\n");
	assert_no_plan(scene, ERROR_NO_ROOM, "no memory is reserved for a crash kernel");
}

static void test_what_a_dump_lacks_is_named(void **state)
{
	static const struct {
		const char *name, *text, *words;
		enum error_kind kind;
	} rows[] = {
	    {"sys/kernel/vmcoreinfo", "hello\n", "vmcoreinfo", ERROR_FORBIDDEN},
	    {"sys/kernel/vmcoreinfo", NULL, "vmcoreinfo", ERROR_UNSUPPORTED},
	    {"sys/devices/system/cpu/cpu1/crash_notes", "0\n", "crash_notes", ERROR_FORBIDDEN},
	    {"sys/firmware/memmap/1/type", NULL, "/sys/firmware/memmap", ERROR_FORBIDDEN},
	    {"proc/kcore", NULL, "/proc/kcore", ERROR_UNSUPPORTED},
	    {"sys/kernel/kexec/crash_cma_ranges", "hello\n", "crash_cma_ranges", ERROR_FORBIDDEN},
	};
	struct scene *scene = *state;

	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_plan struct plan *plan = NULL;

		crash_tree_add(&scene->tree);
		machine_tree_add_range(&scene->tree, 1, 0x9fc00, 0xfffff, "Reserved");
		if (rows[i].text)
			machine_tree_write(&scene->tree, rows[i].name, rows[i].text);
		else
			machine_tree_delete(&scene->tree, rows[i].name);
		scene->request.method = METHOD_SEGMENTS_ONLY;
		assert_no_plan(scene, rows[i].kind, rows[i].words);
		/* That call makes all of it itself. */
		scene->request.method = METHOD_FILE_ONLY;
		plan = scene_plan(scene);
		assert_int_equal(plan->method, PLAN_FILE);
	}
}

static void test_without_any_cpus_notes_there_is_no_plan(void **state)
{
	struct scene *scene = *state;
	cleanup_plan struct plan *plan = NULL;

	for (unsigned int i = 0; i < 2; i++) {
		char path[64];

		snprintf(path, sizeof(path), "sys/devices/system/cpu/cpu%u/crash_notes", i);
		machine_tree_delete(&scene->tree, path);
	}
	scene->request.method = METHOD_SEGMENTS_ONLY;
	assert_no_plan(scene, ERROR_UNSUPPORTED, "crash_notes");
	scene->request.method = METHOD_ANY;
	plan = scene_plan(scene);
	assert_int_equal(plan->method, PLAN_FILE);
	assert_contains(plan->method_reason, "cannot be read");
}

static void patch_kernel(struct scene *scene, size_t offset, unsigned int width, uint64_t value)
{
	uint8_t file[KERNEL_FILE_SIZE];

	kernel_file_fill(file);
	store_le(file + offset, width, value);
	folder_write(&scene->tree.folder, "vmlinuz", file, sizeof(file));
}

static void test_a_kernel_with_one_place_must_have_it_there(void **state)
{
	struct scene *scene = *state;
	cleanup_plan struct plan *plan = NULL;
	uint8_t file[KERNEL_FILE_SIZE];

	patch_kernel(scene, HEADER_RELOCATABLE, 1, 0);
	assert_no_plan(scene, ERROR_NO_ROOM, "kernel");
	kernel_file_fill(file);
	file[HEADER_RELOCATABLE] = 0;
	store_le(file + HEADER_PREF_ADDRESS, 8, CRASH_TREE_START + 0x1000000);
	folder_write(&scene->tree.folder, "vmlinuz", file, sizeof(file));
	plan = scene_plan(scene);
	assert_int_equal(segment_of(plan, "kernel")->destination.start,
			 CRASH_TREE_START + 0x1000000);
}

static void test_a_command_line_must_have_room_for_what_is_added(void **state)
{
	static const char places[] = " elfcorehdr=0xffffffffffffffff";
	struct scene *scene = *state;
	char line[KERNEL_FILE_COMMAND_LINE_MAX + 1];
	size_t most = KERNEL_FILE_COMMAND_LINE_MAX - (sizeof(places) - 1);
	cleanup_plan struct plan *plan = NULL;

	memset(line, 'x', sizeof(line));
	line[most] = '\0';
	scene->request.command_line = line;
	plan = scene_plan(scene);
	line[most] = 'x';
	line[most + 1] = '\0';
	assert_no_plan(scene, ERROR_TOO_LONG, "with what a crash kernel is told on it (up to 30)");
}

static void test_the_running_kernels_words_are_changed_as_the_file_says(void **state)
{
	struct scene *scene = *state;
	cleanup_plan struct plan *plan = NULL, *local = NULL, *without = NULL, *none = NULL;

	machine_tree_write(&scene->tree, "proc/cmdline", "quiet root=/dev/vda1 crashkernel=1G\n");
	machine_tree_write(&scene->tree, "usr/lib/kexec/crash-words.conf",
			   "remove quiet\nadd nr_cpus=1\n");
	scene->request.command_line = NULL;
	scene->request.reuse_command_line = true;
	scene->request.crash_words = true;
	scene->request.append = "extra";
	plan = scene_plan(scene);
	assert_int_equal(plan->note_count, 0);
	assert_string_equal(plan->command_line,
			    "root=/dev/vda1 nr_cpus=1 extra elfcorehdr=0x20000000");
	machine_tree_write(&scene->tree, "etc/kexec/crash-words.conf", "add irqpoll\n");
	local = scene_plan(scene);
	assert_contains(local->command_line, "quiet root=/dev/vda1 irqpoll extra");
	machine_tree_write(&scene->tree, "etc/kexec/crash-words.conf", "irqpoll\n");
	assert_no_plan(scene, ERROR_FILE, "line 1");
	scene->request.crash_words = false;
	without = scene_plan(scene);
	assert_contains(without->command_line, "quiet root=/dev/vda1 extra");
	machine_tree_delete(&scene->tree, "etc/kexec/crash-words.conf");
	machine_tree_delete(&scene->tree, "usr/lib/kexec/crash-words.conf");
	scene->request.crash_words = true;
	none = scene_plan(scene);
	assert_true(has_note(none, PLAN_WARNING, "there is no crash-words.conf"));
}

static void test_an_old_kernel_is_told_of_acpi_on_its_command_line(void **state)
{
	struct scene *scene = *state;
	cleanup_plan struct plan *recent = NULL, *old = NULL, *own = NULL;

	machine_tree_write(&scene->tree, "sys/firmware/efi/systab", "ACPI20=0x7f7e014\n");
	recent = scene_plan(scene);
	assert_lacks(recent->command_line, "acpi_rsdp");
	patch_kernel(scene, HEADER_PROTOCOL, 2, 0x20d);
	old = scene_plan(scene);
	assert_contains(old->command_line, " acpi_rsdp=0x7f7e014 elfcorehdr=");
	scene->request.command_line = "acpi_rsdp=0x1000";
	own = scene_plan(scene);
	assert_string_equal(own->command_line, "acpi_rsdp=0x1000 elfcorehdr=0x20000000");
}

static void test_memory_of_cma_that_nobody_tells_is_warned_of(void **state)
{
	struct scene *scene = *state;
	cleanup_plan struct plan *silent = NULL, *told = NULL;

	machine_tree_write(&scene->tree, "proc/cmdline", "crashkernel=256M crashkernel=1G,cma\n");
	silent = scene_plan(scene);
	assert_true(has_note(silent, PLAN_WARNING, ",cma"));
	machine_tree_write(&scene->tree, "sys/kernel/kexec/crash_cma_ranges",
			   "100000000-10fffffff\n");
	told = scene_plan(scene);
	assert_int_equal(told->note_count, 0);
	assert_int_equal(told->told.regions[told->told.count - 1].range.start, 0x100000000);
}

static void test_memory_that_the_crash_kernel_might_take_is_warned_of(void **state)
{
	struct scene *scene = *state;
	cleanup_plan struct plan *plain = scene_plan(scene), *warned = NULL, *told = NULL;

	assert_false(has_note(plain, PLAN_WARNING, "acpi_no_memhotplug"));
	crash_tree_add_ranges(&scene->tree, 1);
	warned = scene_plan(scene);
	assert_true(has_note(warned, PLAN_WARNING, "acpi_no_memhotplug"));
	scene->request.append = "acpi_no_memhotplug";
	told = scene_plan(scene);
	assert_false(has_note(told, PLAN_WARNING, "acpi_no_memhotplug"));
}

static void test_a_plan_for_a_panic_says_so(void **state)
{
	struct scene *scene = *state;
	cleanup_plan struct plan *plan = NULL;
	cleanup_free char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	machine_tree_write(&scene->tree, "sys/kernel/crash_elfcorehdr_size", "917560\n");
	scene->request.hotplug = CRASH_HOTPLUG_WANTED;
	plan = scene_plan(scene);
	assert_non_null(out);
	plan_show_text(plan, out);
	assert_int_equal(fclose(out), 0);
	assert_contains(text, "loaded for:   a panic\n");
	assert_contains(text, "reservation:  0x20000000-0x30000000, 256.0 MiB\n");
	assert_contains(text, "hotplug:      ");
	assert_contains(text, "E  elfcorehdr ");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    PANIC_TEST(test_all_segments_lie_in_the_upper_part_of_the_reservation),
	    PANIC_TEST(test_elfcorehdr_is_that_of_the_machine),
	    PANIC_TEST(test_the_crash_kernel_is_told_its_own_memory),
	    PANIC_TEST(test_the_command_line_says_where_elfcorehdr_is),
	    PANIC_TEST(test_memory_may_be_told_in_words_too),
	    PANIC_TEST(test_limits_narrow_the_reservation),
	    PANIC_TEST(test_a_kernel_before_5_6_has_its_low_memory_saved),
	    PANIC_TEST(test_room_for_changes_is_as_large_as_the_kernel_asks_for),
	    PANIC_TEST(test_ten_thousand_ranges_have_ten_thousand_headers),
	    PANIC_TEST(test_more_ranges_than_an_elf_file_has_are_counted),
	    PANIC_TEST(test_a_reservation_is_large_enough_or_lacks_a_page),
	    PANIC_TEST(test_the_running_kernel_has_room_for_its_own_pages),
	    PANIC_TEST(test_without_a_reservation_there_is_no_plan),
	    PANIC_TEST(test_what_a_dump_lacks_is_named),
	    PANIC_TEST(test_without_any_cpus_notes_there_is_no_plan),
	    PANIC_TEST(test_a_kernel_with_one_place_must_have_it_there),
	    PANIC_TEST(test_a_command_line_must_have_room_for_what_is_added),
	    PANIC_TEST(test_the_running_kernels_words_are_changed_as_the_file_says),
	    PANIC_TEST(test_an_old_kernel_is_told_of_acpi_on_its_command_line),
	    PANIC_TEST(test_memory_of_cma_that_nobody_tells_is_warned_of),
	    PANIC_TEST(test_memory_that_the_crash_kernel_might_take_is_warned_of),
	    PANIC_TEST(test_a_plan_for_a_panic_says_so),
	};

	return cmocka_run_group_tests_name("handover/plan-for-panic", tests, NULL, NULL);
}
