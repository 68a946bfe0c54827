/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-support/sample-plan.h"

#include <string.h>

#include "test-support/test.h"

static void add(struct plan *plan, const char *name, uint64_t size, uint64_t checked)
{
	struct blob *content = plan_own(plan, blob_new_memory(size));
	struct plan_claim claim = {
	    .name = name,
	    .content = content,
	    .content_size = size,
	    .checked_size = checked,
	    .limits = {0, UINT64_MAX},
	};

	assert_non_null(content);
	for (uint64_t i = 0; i < size; i++)
		content->memory[i] = (uint8_t)(i % 251 + size); /* no period of a page */
	assert_true(plan_claim(plan, &claim, NULL) >= 0);
}

struct plan *sample_plan(void)
{
	struct plan *plan = plan_new(PLAN_SEGMENTS);

	assert_non_null(plan);
	plan->method_reason = strdup("a test asks for it");
	assert_int_equal(plan_set_form(plan, PLAN_PLAIN, "a test asks for that"), 0);
	plan->protocol = strdup("test protocol");
	plan->kernel_path = strdup("/boot/vmlinuz-test");
	plan->kernel_version = strdup("6.12.0-test");
	plan->command_line = strdup("root=/dev/vda1 quiet");
	assert_int_equal(map_add(&plan->told, (struct range){0, 0x10000000}, 1, "System RAM"), 0);
	assert_int_equal(
	    map_add(&plan->usable, (struct range){0x100000, 0x8000000}, 1, "System RAM"), 0);
	plan->total_ram = 0x8000000;
	add(plan, "kernel", SAMPLE_KERNEL_SIZE, SAMPLE_KERNEL_SIZE);
	add(plan, "initrd", SAMPLE_INITRD_SIZE, SAMPLE_INITRD_SIZE);
	add(plan, "purgatory", SAMPLE_CHECK_OFFSET + sizeof(struct check_table),
	    SAMPLE_CHECK_OFFSET);
	plan->check = true;
	plan->check_segment = SAMPLE_PURGATORY;
	plan->check_offset = SAMPLE_CHECK_OFFSET;
	assert_int_equal(plan_place(plan, NULL), 0);
	plan->entry = plan->segments[SAMPLE_PURGATORY].destination.start;
	return plan;
}
