/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From a whole request to a plan in the direct form, or to why it is in the plain one. */
#include "boot/linux-x86/direct.h"

#include <elf.h>
#include <sched.h>
#include <stdlib.h>

#include "base/bytes.h"
#include "boot/linux-x86/layout.h"
#include "boot/linux-x86/linux-x86.h"
#include "purgatory/parameters.h"
#include "test-support/gzip.h"
#include "test-support/kernel-file.h"
#include "test-support/scene.h"
#include "test-support/vmlinux-file.h"

#define MIB UINT64_C(0x100000)

enum { PAYLOAD = KERNEL_FILE_OFFSET + KERNEL_FILE_PAYLOAD };

static int setup(void **state)
{
	struct scene *scene;

	scene_setup(state);
	scene = *state;
	scene->request.plain = false;
	scene->request.kaslr_seed[0] = 5;
	scene->request.kaslr_seed[8] = 3;
	return 0;
}

static void write_kernel(struct scene *scene, const uint8_t file[KERNEL_FILE_SIZE])
{
	scene->request.kernel =
	    folder_write(&scene->tree.folder, "vmlinuz", file, KERNEL_FILE_SIZE);
}

static void put_payload(uint8_t file[KERNEL_FILE_SIZE], const uint8_t *vmlinux, uint64_t size)
{
	store_le(file + HEADER_PAYLOAD_LENGTH, 4, gzip_wrap(file + PAYLOAD, vmlinux, size));
}

static const uint8_t *page_of(const struct plan *plan)
{
	return plan->segments[LINUX_X86_BOOT_PARAMS].content->memory;
}

static uint64_t entry_of(const struct plan *plan)
{
	const uint8_t *window = plan->segments[LINUX_X86_PURGATORY].content->memory;

	return load_le(
	    window + PURGATORY_PARAMETERS_OFFSET + offsetof(struct purgatory_parameters, entry), 8);
}

static void read_kernel(const struct plan *plan, uint64_t offset, void *to, size_t size)
{
	const struct plan_segment *kernel = &plan->segments[LINUX_X86_KERNEL];

	assert_int_equal(
	    blob_read(kernel->content, kernel->content_offset + offset, to, size, NULL), 0);
}

static uint64_t number_at(const struct plan *plan, uint64_t offset, unsigned int width)
{
	uint8_t bytes[8];

	read_kernel(plan, offset, bytes, width);
	return load_le(bytes, width);
}

static void test_the_kernel_is_unpacked_placed_and_relocated(void **state)
{
	cleanup_plan struct plan *plan = scene_plan(*state);
	const struct plan_segment *kernel = &plan->segments[LINUX_X86_KERNEL];
	uint64_t distance = 3 * 2 * MIB;

	assert_int_equal(plan->form, PLAN_DIRECT);
	assert_int_equal(plan->note_count, 0);
	assert_string_equal(kernel->name, "kernel");
	assert_int_equal(kernel->destination.start, 16 * MIB + 5 * 2 * MIB);
	assert_int_equal(range_size(kernel->destination), VMLINUX_MEMORY_SIZE);
	assert_int_equal(kernel->content_size, VMLINUX_DATA_START + VMLINUX_DATA_SIZE);
	assert_int_equal(kernel->checked_size, kernel->content_size);
	assert_false(kernel->whole_digested); /* it is no file that the user named */
	assert_int_equal(number_at(plan, 0, 1), 't');
	assert_int_equal(number_at(plan, VMLINUX_PLACE_32, 4), 0x81000080 + distance);
	assert_int_equal(number_at(plan, VMLINUX_PLACE_64, 8), VMLINUX_VIRTUAL + 0x90 + distance);
	assert_int_equal(entry_of(plan), kernel->destination.start + VMLINUX_ENTRY);
	assert_true(page_of(plan)[BP_LOADFLAGS] & BZIMAGE_KASLR);
}

/* The second part moves up in the file and grows to 0x1100 bytes, nearly all of them zeros. */
static void test_zeros_at_the_end_are_neither_loaded_nor_checked(void **state)
{
	enum { DATA = 0x400, SIZE = 0x1100 };
	struct scene *scene = *state;
	uint8_t file[KERNEL_FILE_SIZE], vmlinux[DATA + SIZE] = {};
	uint8_t *part = vmlinux + sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr);
	cleanup_plan struct plan *plan = NULL;

	vmlinux_file_fill(vmlinux, VMLINUX_NO_TABLE);
	memset(vmlinux + DATA, 0, SIZE);
	store_le(part + offsetof(Elf64_Phdr, p_offset), 8, DATA);
	store_le(part + offsetof(Elf64_Phdr, p_filesz), 8, SIZE);
	kernel_file_fill(file);
	put_payload(file, vmlinux, sizeof(vmlinux));
	write_kernel(scene, file);
	plan = scene_plan(scene);
	assert_int_equal(plan->form, PLAN_DIRECT);
	assert_int_equal(plan->segments[LINUX_X86_KERNEL].content_size, 0x1000);
	assert_int_equal(plan->segments[LINUX_X86_KERNEL].checked_size, 0x1000);
	assert_int_equal(plan->segments[LINUX_X86_KERNEL].memory_size, VMLINUX_MEMORY_SIZE);
}

static void test_the_same_request_gives_the_same_plan_and_seeds_are_apart(void **state)
{
	struct scene *scene = *state;
	cleanup_plan struct plan *first = scene_plan(scene), *second = scene_plan(scene),
				 *other = NULL, *third = NULL;

	assert_int_equal(first->segments[0].digest, second->segments[0].digest);
	assert_int_equal(first->segments[0].destination.start,
			 second->segments[0].destination.start);
	/* What the next kernel is told of randomness is not what its addresses are made of. */
	scene->request.seed[0] ^= 1;
	third = scene_plan(scene);
	assert_int_equal(first->segments[0].digest, third->segments[0].digest);
	assert_int_equal(first->segments[0].destination.start,
			 third->segments[0].destination.start);
	scene->request.kaslr_seed[0]++;
	scene->request.kaslr_seed[8]++;
	other = scene_plan(scene);
	assert_int_not_equal(first->segments[0].digest, other->segments[0].digest);
	assert_int_not_equal(first->segments[0].destination.start,
			     other->segments[0].destination.start);
	assert_int_equal(third->segments[LINUX_X86_SETUP_DATA].digest,
			 other->segments[LINUX_X86_SETUP_DATA].digest);
}

/* With an initrd the kernel is unpacked beside it, without one when its segment is claimed. */
static void test_with_and_without_other_work_and_cpus_the_kernel_is_the_same(void **state)
{
	struct scene *scene = *state;
	struct plan *plans[3] = {};
	cpu_set_t before, one;

	assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	plans[0] = scene_plan(scene);
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
	plans[1] = scene_plan(scene);
	assert_int_equal(sched_setaffinity(0, sizeof(before), &before), 0);
	scene->request.initrd_count = 0;
	plans[2] = scene_plan(scene);
	for (size_t i = 0; i < ELEMENTS(plans); i++) {
		const struct plan_segment *kernel = &plans[i]->segments[LINUX_X86_KERNEL];

		assert_int_equal(plans[i]->form, PLAN_DIRECT);
		assert_int_equal(kernel->digest, plans[0]->segments[LINUX_X86_KERNEL].digest);
		assert_int_equal(kernel->destination.start,
				 plans[0]->segments[LINUX_X86_KERNEL].destination.start);
	}
	for (size_t i = 0; i < ELEMENTS(plans); i++)
		plan_free(plans[i]);
}

static uint64_t told_done, told_total;

static void tell(uint64_t done, uint64_t total)
{
	told_done = done;
	told_total = total;
}

static void test_progress_counts_the_kernel_and_ends_complete(void **state)
{
	struct scene *scene = *state;
	uint64_t alone;

	scene->request.progress = tell;
	scene->request.initrd_count = 0;
	plan_free(scene_plan(scene));
	assert_int_equal(told_done, told_total);
	alone = told_total;
	assert_true(alone > 0);
	scene->request.initrd_count = 1;
	plan_free(scene_plan(scene));
	assert_int_equal(told_done, told_total);
	assert_true(told_total > alone);
}

static void test_nokaslr_leaves_the_kernel_as_it_is_linked(void **state)
{
	struct scene *scene = *state;
	cleanup_plan struct plan *plan = NULL;

	scene->request.command_line = "nokaslr";
	scene->request.have_seed = false; /* none is needed */
	plan = scene_plan(scene);
	assert_int_equal(plan->form, PLAN_DIRECT);
	assert_contains(plan->form_reason, "nokaslr");
	assert_int_equal(number_at(plan, VMLINUX_PLACE_64, 8), VMLINUX_VIRTUAL + 0x90);
	assert_false(page_of(plan)[BP_LOADFLAGS] & BZIMAGE_KASLR);
	assert_int_equal(entry_of(plan), plan->segments[0].destination.start + VMLINUX_ENTRY);
	assert_int_equal(plan->segments[0].destination.start % (2 * MIB), 0);
}

static void test_without_relocations_only_the_physical_address_is_drawn(void **state)
{
	struct scene *scene = *state;
	uint8_t file[KERNEL_FILE_SIZE], vmlinux[VMLINUX_FILE_MAX];
	cleanup_plan struct plan *plan = NULL;

	kernel_file_fill(file);
	put_payload(file, vmlinux, vmlinux_file_fill(vmlinux, VMLINUX_NO_TABLE));
	write_kernel(scene, file);
	plan = scene_plan(scene);
	assert_int_equal(plan->form, PLAN_DIRECT);
	assert_contains(plan->form_reason, "no relocations");
	assert_int_equal(plan->segments[0].destination.start, 16 * MIB + 5 * 2 * MIB);
	assert_int_equal(number_at(plan, VMLINUX_PLACE_64, 8), VMLINUX_VIRTUAL + 0x90);
	assert_false(page_of(plan)[BP_LOADFLAGS] & BZIMAGE_KASLR);
}

static void assert_plain(struct scene *scene, const char *why)
{
	cleanup_plan struct plan *plan = scene_plan(scene);

	if (plan->form != PLAN_PLAIN)
		print_error("not plain: %s\n", why);
	assert_int_equal(plan->form, PLAN_PLAIN);
	assert_contains(plan->form_reason, why);
	assert_int_equal(plan->segments[LINUX_X86_KERNEL].content_size, KERNEL_FILE_BODY);
	assert_int_equal(plan->note_count, 1);
	assert_int_equal(plan->notes[0].weight, PLAN_WARNING);
	assert_contains(plan->notes[0].text, why);
}

static void test_a_command_line_that_does_not_go_with_it_falls_back(void **state)
{
	static const char *const rows[][2] = {
	    {"movable_node", "movable_node"}, {"kernelcore=mirror", "mirrored"},
	    {"memmap=exactmap", "exactmap"},  {"mem=odd", "not understood"},
	    {"mem=16M", "no room"},           {"mem_encrypt=on", "encrypted"},
	};
	struct scene *scene = *state;

	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		scene->request.command_line = rows[i][0];
		assert_plain(scene, rows[i][1]);
	}
}

#define CPUINFO(flags) "processor\t: 0\nflags\t\t: fpu lm " flags "\n"
#define WIDE           "address sizes\t: 46 bits physical, 57 bits virtual\n"

static void test_a_machine_that_does_not_go_with_it_falls_back(void **state)
{
	static const struct {
		const char *flags, *running, *next, *why; /* NULL: direct */
	} rows[] = {
	    {CPUINFO("la57"), "", "", NULL},
	    {CPUINFO("la57"), "", "no5lvl", "LA57"},
	    {CPUINFO("la57"), "", "-- no5lvl", "LA57"},
	    {CPUINFO(""), "no5lvl", "", "told no5lvl"},
	    {CPUINFO(""), "no5lvl", "no5lvl", NULL},
	    {CPUINFO(""), "", "no5lvl", NULL},
	    {CPUINFO("") WIDE, "", "", "does not use 5-level"},
	    {CPUINFO("") WIDE, "", "no5lvl", NULL},
	    {CPUINFO("la57") WIDE, "", "", NULL},
	    /* Both are a 6.12, which turns SME on only if it is told to. */
	    {CPUINFO("sme"), "", "", NULL},
	    {CPUINFO("sme"), "", "mem_encrypt=off", NULL},
	    {CPUINFO("sme"), "mem_encrypt=on", "", "encrypted"},
	    {CPUINFO("sme"), "mem_encrypt=off", "", NULL},
	    {CPUINFO("sme"), "mem_encrypt=off", "mem_encrypt=on", "encrypted"},
	    {CPUINFO("sev sev_es"), "", "", NULL},
	    {CPUINFO("sev hypervisor"), "mem_encrypt=off", "", "encrypted"},
	    {CPUINFO("tdx_guest"), "", "", "confidential"},
	};
	struct scene *scene = *state;

	scene->request.method = METHOD_SEGMENTS_ONLY;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		machine_tree_write(&scene->tree, "proc/cpuinfo", rows[i].flags);
		machine_tree_write(&scene->tree, "proc/cmdline", rows[i].running);
		scene->request.command_line = rows[i].next;
		if (rows[i].why) {
			assert_plain(scene, rows[i].why);
		} else {
			cleanup_plan struct plan *plan = scene_plan(scene);

			assert_int_equal(plan->form, PLAN_DIRECT);
		}
	}
}

static void test_an_older_kernel_may_turn_sme_on_by_itself(void **state)
{
	static const struct {
		const char *version, *next;
		bool plain;
	} rows[] = {
	    {"6.8.12-test", "", true},
	    {"6.8.12-test", "mem_encrypt=off", false},
	    {"6.9.10-test", "", false},
	    {"x.12.0-test", "", true},
	};
	struct scene *scene = *state;
	uint8_t file[KERNEL_FILE_SIZE];
	char *version;

	kernel_file_fill(file);
	version = memmem(file, sizeof(file), KERNEL_FILE_VERSION, strlen(KERNEL_FILE_VERSION));
	assert_non_null(version);
	machine_tree_write(&scene->tree, "proc/cpuinfo", CPUINFO("sme"));
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		scene->request.command_line = rows[i].next;
		memcpy(version, rows[i].version, strlen(KERNEL_FILE_VERSION));
		write_kernel(scene, file);
		if (rows[i].plain) {
			assert_plain(scene, "encrypted");
		} else {
			cleanup_plan struct plan *plan = scene_plan(scene);

			assert_int_equal(plan->form, PLAN_DIRECT);
		}
	}
}

static void test_mirrored_memory_falls_back(void **state)
{
	struct scene *scene = *state;

	machine_tree_add_efi(&scene->tree, 2);
	machine_tree_add_efi_tables(&scene->tree, NULL, 0, 0);
	machine_tree_write(&scene->tree, "sys/firmware/efi/runtime-map/1/attribute",
			   "0x800000000001000f\n");
	assert_plain(scene, "mirrored");
}

static void test_a_header_that_does_not_go_with_it_falls_back(void **state)
{
	static const struct {
		unsigned int offset, width;
		uint64_t value;
		const char *why;
	} rows[] = {
	    {HEADER_XLOADFLAGS, 2, 0, "64-bit entry"},
	    {HEADER_RELOCATABLE, 1, 0, "not relocatable"},
	    {HEADER_PAYLOAD_LENGTH, 4, 0, "not compressed in a known way"},
	    {HEADER_PAYLOAD_OFFSET, 4, 0x300, "not compressed in a known way"},
	    {HEADER_KERNEL_ALIGNMENT, 4, 0x2000000, "aligned"},
	    {HEADER_KERNEL_ALIGNMENT, 4, 0x100000, "less than the 2 MiB"},
	};

	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		uint8_t file[KERNEL_FILE_SIZE];

		kernel_file_fill(file);
		store_le(file + rows[i].offset, rows[i].width, rows[i].value);
		write_kernel(*state, file);
		assert_plain(*state, rows[i].why);
	}
}

static void test_an_odd_kernel_inside_falls_back(void **state)
{
	uint8_t file[KERNEL_FILE_SIZE], vmlinux[VMLINUX_FILE_MAX];
	uint64_t size = vmlinux_file_fill(vmlinux, VMLINUX_TWO_LISTS);

	kernel_file_fill(file);
	vmlinux[0] = 0;
	put_payload(file, vmlinux, size);
	write_kernel(*state, file);
	assert_plain(*state, "no ELF file");

	vmlinux_file_fill(vmlinux, VMLINUX_TWO_LISTS);
	store_le(vmlinux + size - 4, 4, 0x81000000 + VMLINUX_MEMORY_SIZE);
	put_payload(file, vmlinux, size);
	write_kernel(*state, file);
	assert_plain(*state, "relocation");

	vmlinux_file_fill(vmlinux, VMLINUX_TWO_LISTS);
	store_le(vmlinux + VMLINUX_TABLE, 4, 1);
	put_payload(file, vmlinux, size);
	write_kernel(*state, file);
	assert_plain(*state, "table of relocations");
}

static void test_a_damaged_kernel_inside_is_refused_but_not_with_plain(void **state)
{
	struct scene *scene = *state;
	cleanup_plan struct plan *plan = NULL;
	uint8_t file[KERNEL_FILE_SIZE];

	kernel_file_fill(file);
	file[PAYLOAD + 500] ^= 1;
	write_kernel(scene, file);
	assert_no_plan(scene, ERROR_IMAGE, "corrupt");
	scene->request.plain = true;
	plan = scene_plan(scene);
	assert_int_equal(plan->form, PLAN_PLAIN);
	assert_string_equal(plan->form_reason, "--plain asks for it");
	assert_int_equal(plan->note_count, 0);
}

static void test_too_little_memory_falls_back_before_anything_is_unpacked(void **state)
{
	struct scene *scene = *state;
	uint8_t file[KERNEL_FILE_SIZE];

	kernel_file_fill(file);
	/* A size that nothing could hold: the stream itself says so. */
	store_le(file + PAYLOAD + load_le(file + HEADER_PAYLOAD_LENGTH, 4) - 4, 4, UINT32_MAX);
	write_kernel(scene, file);
	assert_plain(scene, "too little memory");
	kernel_file_fill(file);
	write_kernel(scene, file);
	machine_tree_write(&scene->tree, "proc/meminfo",
			   "MemTotal:        2031616 kB\nMemAvailable:    48000 kB\n");
	assert_plain(scene, "too little memory: 46 MiB are available");
	machine_tree_write(&scene->tree, "proc/meminfo", "MemTotal:        2031616 kB\n");
	assert_plain(scene, "too little memory");
}

static void test_without_random_bytes_the_kernel_finds_its_own(void **state)
{
	struct scene *scene = *state;

	scene->request.have_seed = false;
	assert_plain(scene, "random bytes");
}

/* The kernel drawn into the middle of what --mem-min and --mem-max leave, the initrd has no room.
 */
static void test_when_the_rest_finds_no_room_the_plain_form_is_planned(void **state)
{
	struct scene *scene = *state;
	uint8_t *initrd = calloc(1, 3 * MIB);

	assert_non_null(initrd);
	memcpy(initrd, "070701", 6);
	scene->initrds[0] = folder_write(&scene->tree.folder, "initrd.img", initrd, 3 * MIB);
	free(initrd);
	scene->request.command_line = "mem=1G";
	scene->request.load_min = 32 * MIB;
	scene->request.load_max = 36 * MIB;
	scene->request.kaslr_seed[0] = 1;
	assert_plain(scene, "no room for all segments");
	scene->request.load_max = 33 * MIB;
	assert_no_plan(scene, ERROR_NO_ROOM, "initrd");
}

static void test_by_kexec_file_load_the_form_is_plain(void **state)
{
	struct scene *scene = *state;
	cleanup_plan struct plan *asked = NULL, *chosen = NULL;

	scene->request.method = METHOD_FILE_ONLY;
	asked = scene_plan(scene);
	assert_int_equal(asked->form, PLAN_PLAIN);
	assert_contains(asked->form_reason, "kexec_file_load");
	assert_int_equal(asked->note_count, 0);
	scene->request.method = METHOD_ANY;
	machine_tree_write(&scene->tree, "sys/kernel/security/lockdown",
			   "none [integrity] confidentiality\n");
	chosen = scene_plan(scene);
	assert_int_equal(chosen->note_count, 1);
	assert_contains(chosen->notes[0].text, "lockdown");
}

#define DIRECT_TEST(name) cmocka_unit_test_setup_teardown(name, setup, scene_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    DIRECT_TEST(test_the_kernel_is_unpacked_placed_and_relocated),
	    DIRECT_TEST(test_zeros_at_the_end_are_neither_loaded_nor_checked),
	    DIRECT_TEST(test_the_same_request_gives_the_same_plan_and_seeds_are_apart),
	    DIRECT_TEST(test_with_and_without_other_work_and_cpus_the_kernel_is_the_same),
	    DIRECT_TEST(test_progress_counts_the_kernel_and_ends_complete),
	    DIRECT_TEST(test_nokaslr_leaves_the_kernel_as_it_is_linked),
	    DIRECT_TEST(test_without_relocations_only_the_physical_address_is_drawn),
	    DIRECT_TEST(test_a_command_line_that_does_not_go_with_it_falls_back),
	    DIRECT_TEST(test_a_machine_that_does_not_go_with_it_falls_back),
	    DIRECT_TEST(test_an_older_kernel_may_turn_sme_on_by_itself),
	    DIRECT_TEST(test_mirrored_memory_falls_back),
	    DIRECT_TEST(test_a_header_that_does_not_go_with_it_falls_back),
	    DIRECT_TEST(test_an_odd_kernel_inside_falls_back),
	    DIRECT_TEST(test_a_damaged_kernel_inside_is_refused_but_not_with_plain),
	    DIRECT_TEST(test_too_little_memory_falls_back_before_anything_is_unpacked),
	    DIRECT_TEST(test_without_random_bytes_the_kernel_finds_its_own),
	    DIRECT_TEST(test_when_the_rest_finds_no_room_the_plain_form_is_planned),
	    DIRECT_TEST(test_by_kexec_file_load_the_form_is_plain),
	};

	if (!gzip_is_built())
		return 77; /* skipped: what is inside the kernel of these tests is gzip */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
