/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sealing: the kernel's rules applied to the plan, and the digests. */
#include <inttypes.h>
#include <string.h>

#include "base/error.h"
#include "plan/digest.h"
#include "plan/plan.h"

/* What kexec_file_load reads of a file at most (KEXEC_FILE_SIZE_MAX, kernel/kexec_file.c). */
#define FILE_SIZE_MAX (UINT64_C(4) << 30)

static int guilty(const struct plan_segment *segment, enum error_kind kind, struct error *error,
		  const char *why)
{
	return error_add(error, kind, 0, "seal plan", segment->name,
			 "at 0x%" PRIx64 "-0x%" PRIx64 ": %s", segment->destination.start,
			 segment->destination.end, why);
}

static int check_segment(const struct plan *plan, const struct plan_segment *segment,
			 struct error *error)
{
	struct range destination = segment->destination;

	if (destination.start % PAGE_BYTES || destination.end % PAGE_BYTES)
		return guilty(segment, ERROR_INTERNAL, error,
			      "its ends are not on page boundaries");
	if (segment->content_size > range_size(destination))
		return guilty(segment, ERROR_INTERNAL, error, "its bytes are more than its memory");
	if (plan->kind == PLAN_CRASH && !range_contains(plan->reservation, destination))
		return guilty(segment, ERROR_INTERNAL, error,
			      "it is not wholly in the memory reserved for a crash kernel");
	if (!map_contains(&plan->usable, destination))
		return guilty(segment, ERROR_INTERNAL, error, "it is not wholly in usable memory");
	if (plan->total_ram && range_size(destination) > plan->total_ram / 2)
		return guilty(segment, ERROR_NO_ROOM, error,
			      "it is larger than half of the memory, the kernel's limit");
	for (const struct plan_segment *other = plan->segments; other < segment; other++)
		if (range_overlaps(other->destination, destination))
			return guilty(segment, ERROR_INTERNAL, error,
				      "it overlaps an earlier segment");
	return 0;
}

static int check_whole(const struct plan *plan, struct error *error)
{
	uint64_t total = 0;

	for (size_t i = 0; i < plan->segment_count; i++) {
		int r = check_segment(plan, &plan->segments[i], error);

		if (r < 0)
			return r;
		total += range_size(plan->segments[i].destination);
	}
	if (plan->total_ram && total > plan->total_ram / 2)
		return error_add(error, ERROR_NO_ROOM, 0, "seal plan", "all segments",
				 "they need %" PRIu64 " MiB together, and the kernel's limit is "
				 "half of the memory, %" PRIu64 " MiB",
				 total >> 20, plan->total_ram / 2 >> 20);
	for (size_t i = 0; i < plan->segment_count; i++)
		if (plan->entry >= plan->segments[i].destination.start &&
		    plan->entry < plan->segments[i].destination.end)
			return 0;
	return error_add(error, ERROR_INTERNAL, 0, "seal plan", "entry",
			 "0x%" PRIx64 " lies in no segment", plan->entry);
}

/* Not so the memory file that a kernel was unwrapped into. */
static bool is_whole_file_on_disk(const struct plan *plan, const struct blob *content)
{
	return content->file_count == 1 && content->piece_count == 1 &&
	       content->pieces->file == content->files &&
	       content->pieces->size == content->files->size &&
	       !(plan->wrapped && content == plan->kernel);
}

static int compute_digest(const struct plan *plan, struct plan_segment *segment,
			  struct error *error)
{
	segment->whole_digested = is_whole_file_on_disk(plan, segment->content);
	if (segment->whole_digested)
		return digest_part_and_whole(segment->content, segment->content_offset,
					     segment->checked_size, &segment->digest,
					     &segment->whole_digest, error);
	return digest_blob(segment->content, segment->content_offset, segment->checked_size,
			   &segment->digest, error);
}

static int compute_digests(struct plan *plan, struct error *error)
{
	for (size_t i = 0; i < plan->segment_count; i++) {
		struct plan_segment *segment = &plan->segments[i];
		int r;

		if (!segment->checked_size)
			continue;
		r = compute_digest(plan, segment, error);
		if (r < 0)
			return r;
	}
	return 0;
}

static int write_check_table(struct plan *plan, struct error *error)
{
	const struct plan_segment *owner = &plan->segments[plan->check_segment];
	struct check_table table = {};

	if (!owner->content->memory || owner->checked_size > plan->check_offset ||
	    plan->check_offset + sizeof(table) > owner->content_size)
		return error_add(error, ERROR_INTERNAL, 0, "seal plan", owner->name,
				 "it has no place for the table of digests");
	for (size_t i = 0; i < plan->segment_count; i++) {
		const struct plan_segment *segment = &plan->segments[i];
		struct check_entry *entry = &table.entries[table.count];

		if (!segment->checked_size)
			continue;
		memcpy(entry->name, segment->name, sizeof(entry->name));
		entry->start = segment->destination.start;
		entry->size = segment->checked_size;
		entry->digest = segment->digest;
		table.count++;
	}
	memcpy(owner->content->memory + owner->content_offset + plan->check_offset, &table,
	       sizeof(table));
	return 0;
}

static bool is_content(const struct plan *plan, const struct blob *blob)
{
	for (size_t i = 0; i < plan->segment_count; i++)
		if (plan->segments[i].content == blob)
			return true;
	return false;
}

/* Here and not when they are opened: by kexec_file_load nothing needs an address. */
static int map_contents(struct plan *plan, struct error *error)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < plan->blob_count; i++)
		if (is_content(plan, plan->blobs[i]))
			r = blob_map(plan->blobs[i], error);
	return r;
}

static int check_file(const struct blob *file, struct error *error)
{
	if (!file || file->size <= FILE_SIZE_MAX)
		return 0;
	return error_add(error, ERROR_TOO_LONG, 0, "seal plan", blob_name(file),
			 "it has %" PRIu64 " MiB, and kexec_file_load takes at most 4096 of a file",
			 file->size >> 20);
}

static int check_files(const struct plan *plan, struct error *error)
{
	int r = check_file(plan->kernel, error);

	return r < 0 ? r : check_file(plan->initrds, error);
}

int plan_seal(struct plan *plan, struct error *error)
{
	int r;

	if (plan->method == PLAN_SEGMENTS) {
		r = check_whole(plan, error);
		if (r == 0)
			r = map_contents(plan, error);
		if (r == 0 && plan->check)
			r = compute_digests(plan, error);
		if (r == 0 && plan->check)
			r = write_check_table(plan, error);
	} else {
		r = check_files(plan, error);
	}
	if (r < 0)
		return r;
	plan->sealed = true;
	return 0;
}
