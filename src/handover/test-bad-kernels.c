/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Damaged kernels through the whole of make_plan(): cut at every length, and with each field of the
 * header that sizes depend on at its extremes. What comes of it is an error that names the file or
 * the segment, or a plan that the kernel's rules allow.
 */
#include "handover/make-plan.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "machine/machine.h"
#include "test-support/kernel-file.h"
#include "test-support/scene.h"

enum {
	BODY = 160 << 10, /* a multiple of 16 */
	SIZE = KERNEL_FILE_OFFSET + BODY,
	EVERY_LENGTH_TO = 64 << 10,
};

struct damage {
	struct scene *scene;
	struct machine machine;
	uint8_t file[SIZE];
};

static void write_kernel(struct damage *damage)
{
	damage->scene->request.kernel =
	    folder_write(&damage->scene->tree.folder, "vmlinuz", damage->file, SIZE);
}

static int setup(void **state)
{
	struct damage *damage = calloc(1, sizeof(*damage));
	void *scene;

	assert_non_null(damage);
	scene_setup(&scene);
	damage->scene = scene;
	kernel_file_fill(damage->file);
	store_le(damage->file + HEADER_SYSSIZE, 4, BODY / 16);
	store_le(damage->file + HEADER_INIT_SIZE, 4, 2 * BODY);
	write_kernel(damage);
	assert_int_equal(machine_read(&damage->machine, &damage->scene->tree.root, NULL), 0);
	*state = damage;
	return 0;
}

static int teardown(void **state)
{
	struct damage *damage = *state;
	void *scene = damage->scene;

	machine_fini(&damage->machine);
	scene_teardown(&scene);
	free(damage);
	return 0;
}

static struct plan *plan_by(struct damage *damage, enum plan_method method, struct error *error)
{
	struct attempt attempt = {{method, "a test asks for it"}, 1, .plain = "a test asks for it"};
	struct plan *plan = NULL;

	make_plan(&damage->scene->request, NULL, &damage->machine, attempt, &plan, error);
	return plan;
}

static void test_a_kernel_cut_at_any_length_is_refused_by_name(void **state)
{
	struct damage *damage = *state;
	cleanup_plan struct plan *whole = plan_by(damage, PLAN_SEGMENTS, NULL);
	size_t step = 997;

	assert_non_null(whole);
	for (size_t size = SIZE; size > 0;) {
		struct error error = {};
		struct plan *plan;

		size -= size > EVERY_LENGTH_TO + step ? step : 1;
		assert_int_equal(truncate(damage->scene->request.kernel, (off_t)size), 0);
		plan = plan_by(damage, size % 2 ? PLAN_SEGMENTS : PLAN_FILE, &error);
		assert_null(plan);
		assert_int_equal(error.count, 1);
		assert_string_equal(error.failures[0].subject, damage->scene->request.kernel);
		assert_int_equal(error.failures[0].kind, size ? ERROR_IMAGE : ERROR_FILE);
		if (size >= 0x264) /* behind the last field that is needed */
			assert_failed(&error, ERROR_IMAGE, "truncated");
	}
}

/* What each method makes of it: 0 a plan, else the kind of error, and a word of it. */
struct row {
	const char *name;
	unsigned int offset, width;
	uint64_t value;
	enum error_kind segments, file;
	const char *words;
};

static const struct row rows[] = {
    {"setup_sects 0", HEADER_SETUP_SECTS, 1, 0, ERROR_IMAGE, ERROR_IMAGE, "truncated"},
    {"setup_sects less", HEADER_SETUP_SECTS, 1, KERNEL_FILE_SECTORS - 1, 0, 0, NULL},
    {"setup_sects more", HEADER_SETUP_SECTS, 1, KERNEL_FILE_SECTORS + 1, ERROR_IMAGE, ERROR_IMAGE,
     "truncated"},
    {"setup_sects most", HEADER_SETUP_SECTS, 1, 0xff, ERROR_IMAGE, ERROR_IMAGE, "truncated"},
    {"syssize 0", HEADER_SYSSIZE, 4, 0, ERROR_IMAGE, ERROR_IMAGE, "syssize"},
    {"syssize less", HEADER_SYSSIZE, 4, BODY / 16 - 1, 0, 0, NULL},
    {"syssize more", HEADER_SYSSIZE, 4, BODY / 16 + 1, ERROR_IMAGE, ERROR_IMAGE, "truncated"},
    {"syssize most", HEADER_SYSSIZE, 4, UINT32_MAX, ERROR_IMAGE, ERROR_IMAGE, "truncated"},
    {"init_size 0", HEADER_INIT_SIZE, 4, 0, ERROR_IMAGE, ERROR_IMAGE, "init_size"},
    {"init_size less", HEADER_INIT_SIZE, 4, BODY - 1, ERROR_IMAGE, ERROR_IMAGE, "init_size"},
    {"init_size least", HEADER_INIT_SIZE, 4, BODY, 0, 0, NULL},
    {"init_size more", HEADER_INIT_SIZE, 4, BODY + 1, 0, 0, NULL},
    {"init_size most", HEADER_INIT_SIZE, 4, UINT32_MAX, ERROR_NO_ROOM, 0, "kernel"},
    {"kernel_alignment 0", HEADER_KERNEL_ALIGNMENT, 4, 0, ERROR_IMAGE, ERROR_IMAGE,
     "kernel_alignment"},
    {"kernel_alignment 1", HEADER_KERNEL_ALIGNMENT, 4, 1, ERROR_IMAGE, ERROR_IMAGE,
     "kernel_alignment"},
    {"kernel_alignment less", HEADER_KERNEL_ALIGNMENT, 4, 0x200000 - 1, ERROR_IMAGE, ERROR_IMAGE,
     "kernel_alignment"},
    {"kernel_alignment more", HEADER_KERNEL_ALIGNMENT, 4, 0x200000 + 1, ERROR_IMAGE, ERROR_IMAGE,
     "kernel_alignment"},
    {"kernel_alignment least", HEADER_KERNEL_ALIGNMENT, 4, 0x1000, 0, 0, NULL},
    {"kernel_alignment large", HEADER_KERNEL_ALIGNMENT, 4, 0x80000000, 0, 0, NULL},
    {"kernel_alignment most", HEADER_KERNEL_ALIGNMENT, 4, UINT32_MAX, ERROR_IMAGE, ERROR_IMAGE,
     "kernel_alignment"},
    {"payload_offset 0", HEADER_PAYLOAD_OFFSET, 4, 0, 0, 0, NULL},
    {"payload_offset most", HEADER_PAYLOAD_OFFSET, 4, UINT32_MAX, ERROR_IMAGE, ERROR_IMAGE,
     "payload_length"},
    {"payload_length 0", HEADER_PAYLOAD_LENGTH, 4, 0, 0, 0, NULL},
    {"payload_length just fits", HEADER_PAYLOAD_LENGTH, 4, BODY - 0x200, 0, 0, NULL},
    {"payload_length more", HEADER_PAYLOAD_LENGTH, 4, BODY - 0x1ff, ERROR_IMAGE, ERROR_IMAGE,
     "payload_length"},
    {"payload_length most", HEADER_PAYLOAD_LENGTH, 4, UINT32_MAX, ERROR_IMAGE, ERROR_IMAGE,
     "payload_length"},
    {"cmdline_size 0", HEADER_CMDLINE_SIZE, 4, 0, ERROR_TOO_LONG, ERROR_TOO_LONG, "characters"},
    {"cmdline_size less", HEADER_CMDLINE_SIZE, 4, 13, ERROR_TOO_LONG, ERROR_TOO_LONG, "characters"},
    {"cmdline_size just fits", HEADER_CMDLINE_SIZE, 4, 14, 0, ERROR_TOO_LONG, "characters"},
    {"cmdline_size fits the file call", HEADER_CMDLINE_SIZE, 4, 14 + 31, 0, 0, NULL},
    {"cmdline_size most", HEADER_CMDLINE_SIZE, 4, UINT32_MAX, 0, 0, NULL},
    {"pref_address 0", HEADER_PREF_ADDRESS, 8, 0, 0, 0, NULL},
    {"pref_address off a page", HEADER_PREF_ADDRESS, 8, 0x1000001, 0, 0, NULL},
    {"pref_address most", HEADER_PREF_ADDRESS, 8, UINT64_MAX, ERROR_NO_ROOM, 0, "kernel"},
    {"initrd_addr_max most", HEADER_INITRD_ADDR_MAX, 4, UINT32_MAX, 0, 0, NULL},
};

/* By other means than plan_seal(): segments lie in usable memory, apart, and hold their content. */
static void assert_allowed(const struct row *row, const struct plan *plan)
{
	assert_row(row->name, plan->sealed);
	for (size_t i = 0; plan->method == PLAN_SEGMENTS && i < plan->segment_count; i++) {
		const struct plan_segment *segment = &plan->segments[i];
		struct range place = segment->destination;
		bool usable = false;

		assert_row(row->name, place.start % 4096 == 0 && place.end % 4096 == 0);
		assert_row(row->name, range_size(place) >= segment->content_size);
		assert_row(row->name, segment->content_offset + segment->content_size <=
					  segment->content->size);
		for (size_t j = 0; j < plan->usable.count; j++)
			usable = usable || range_contains(plan->usable.regions[j].range, place);
		assert_row(row->name, usable);
		for (size_t j = 0; j < i; j++)
			assert_row(row->name,
				   !range_overlaps(place, plan->segments[j].destination));
	}
}

static void check_row(struct damage *damage, const struct row *row, enum plan_method method)
{
	enum error_kind expected = method == PLAN_FILE ? row->file : row->segments;
	cleanup_plan struct plan *plan = NULL;
	struct error error = {};

	plan = plan_by(damage, method, &error);
	if (error_kind(&error) != expected)
		fail_msg("%s by %s: \"%s\"", row->name, plan_method_name(method),
			 error.failures[0].detail);
	if (plan) {
		assert_allowed(row, plan);
		return;
	}
	if (!strstr(error.failures[0].detail, row->words) &&
	    !strstr(error.failures[0].subject, row->words))
		fail_msg("%s: \"%s\" does not say %s", row->name, error.failures[0].detail,
			 row->words);
}

static void test_each_field_at_its_extremes_is_a_plan_or_an_error_that_names_it(void **state)
{
	struct damage *damage = *state;

	assert_int_equal(strlen(damage->scene->request.command_line), 14);
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		uint64_t before = load_le(damage->file + rows[i].offset, rows[i].width);

		store_le(damage->file + rows[i].offset, rows[i].width, rows[i].value);
		write_kernel(damage);
		check_row(damage, &rows[i], PLAN_SEGMENTS);
		check_row(damage, &rows[i], PLAN_FILE);
		store_le(damage->file + rows[i].offset, rows[i].width, before);
	}
}

static void test_a_kernel_of_another_architecture_is_named(void **state)
{
	static const struct {
		unsigned int offset;
		const char *magic, *words;
	} kernels[] = {
	    {56, "ARM\x64", "arm64"},
	    {56, "RSC\x05", "riscv"},
	    {4, "zimg", "zboot"},
	    {0,
	     "\x7f"
	     "ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0\xb7",
	     "arm64"},
	    {0,
	     "\x7f"
	     "ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0\xf3",
	     "riscv"},
	};
	static const size_t lengths[] = {4, 4, 4, 19, 19};
	struct damage *damage = *state;

	for (size_t i = 0; i < ELEMENTS(kernels); i++)
		for (int method = PLAN_SEGMENTS; method <= PLAN_FILE; method++) {
			struct error error = {};

			memset(damage->file, 0, SIZE);
			memcpy(damage->file, "MZ", i < 3 ? 2 : 0);
			memcpy(damage->file + kernels[i].offset, kernels[i].magic, lengths[i]);
			write_kernel(damage);
			assert_null(plan_by(damage, (enum plan_method)method, &error));
			assert_failed(&error, ERROR_IMAGE, kernels[i].words);
		}
}

#define DAMAGE_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    DAMAGE_TEST(test_a_kernel_cut_at_any_length_is_refused_by_name),
	    DAMAGE_TEST(test_each_field_at_its_extremes_is_a_plan_or_an_error_that_names_it),
	    DAMAGE_TEST(test_a_kernel_of_another_architecture_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
