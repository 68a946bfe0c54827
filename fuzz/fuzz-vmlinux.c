/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The kernel inside a bzImage: its ELF file, what it is in memory, its relocations. Input: how far
 * it is moved (8 bytes), the file.
 */
#include "base/bytes.h"
#include "image/vmlinux.h"
#include "target.h"

enum { INPUT_PREFIX = 8 };

static bool lies_in(struct range list, const struct vmlinux *vmlinux)
{
	return list.start <= list.end && list.end <= vmlinux->size &&
	       (list.end - list.start) % 4 == 0;
}

static void check_image(const struct vmlinux *vmlinux)
{
	require(vmlinux->offset <= vmlinux->size);
	require(vmlinux->content_size <= vmlinux->size - vmlinux->offset);
	require(vmlinux->content_size > 0 && vmlinux->content_size <= vmlinux->memory_size);
	require(vmlinux->memory_size <= UINT64_C(1) << 30 && vmlinux->memory_size % 4096 == 0);
	require(vmlinux->entry < vmlinux->content_size);
	require(vmlinux->virtual - vmlinux->physical == UINT64_C(0xffffffff80000000));
	require(lies_in(vmlinux->relocations.add_32, vmlinux));
	require(lies_in(vmlinux->relocations.subtract_32, vmlinux));
	require(lies_in(vmlinux->relocations.add_64, vmlinux));
}

/* Nothing before the kernel and nothing behind it is touched. */
static void check_relocating(struct vmlinux *vmlinux, uint64_t distance)
{
	uint64_t end = vmlinux->offset + vmlinux->content_size;
	uint8_t *before = malloc(vmlinux->size);
	const char *why;

	require(before);
	memcpy(before, vmlinux->bytes, vmlinux->size);
	why = vmlinux_relocate(vmlinux, distance);
	require(!why || (*why && relocations_any(&vmlinux->relocations)));
	require(memcmp(before, vmlinux->bytes, vmlinux->offset) == 0);
	require(memcmp(before + end, vmlinux->bytes + end, vmlinux->size - end) == 0);
	require(distance || memcmp(before, vmlinux->bytes, vmlinux->size) == 0);
	free(before);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vmlinux vmlinux;
	const char *why;
	uint8_t *file;

	if (size < INPUT_PREFIX)
		return 0;
	size -= INPUT_PREFIX;
	file = malloc(size ? size : 1);
	require(file);
	memcpy(file, data + INPUT_PREFIX, size);
	why = vmlinux_read(&vmlinux, file, size);
	require(!why || *why);
	if (!why) {
		uint64_t whole = vmlinux.content_size;

		check_image(&vmlinux);
		check_relocating(&vmlinux, load_le(data, INPUT_PREFIX));
		vmlinux_trim(&vmlinux);
		require(vmlinux.content_size <= whole);
		for (uint64_t i = vmlinux.content_size; i < whole; i++)
			require(file[vmlinux.offset + i] == 0);
	}
	free(file);
	return 0;
}
