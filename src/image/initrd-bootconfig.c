/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/initrd-bootconfig.h"

#include <string.h>

#include "base/blob.h"
#include "base/bytes.h"
#include "base/error.h"

enum {
	MAGIC_SIZE = 12,
	FOOTER_SIZE = 8 + MAGIC_SIZE, /* size, checksum, magic word */
	SLACK_MAX = 3,                /* a boot loader may have rounded the size up to 4 */
	CHUNK_SIZE = 4096,
};

static const char magic[] = "#BOOTCONFIG\n";

_Static_assert(sizeof(magic) == MAGIC_SIZE + 1, "the magic word has 12 characters");

static int sum_bytes(const struct blob *initrd, uint64_t start, uint64_t end, uint32_t *sum,
		     struct error *error)
{
	uint8_t chunk[CHUNK_SIZE];

	*sum = 0;
	while (start < end) {
		size_t now = end - start < sizeof(chunk) ? (size_t)(end - start) : sizeof(chunk);
		int r = blob_read(initrd, start, chunk, now, error);

		if (r < 0)
			return r;
		for (size_t i = 0; i < now; i++)
			*sum += chunk[i];
		start += now;
	}
	return 0;
}

/* Where the magic word that the kernel would find starts in the last bytes; false without one. */
static bool find_magic(struct bytes tail, uint64_t *offset)
{
	for (uint64_t slack = 0; slack <= SLACK_MAX && tail.size >= slack + MAGIC_SIZE; slack++) {
		*offset = tail.size - slack - MAGIC_SIZE;
		if (bytes_match(tail, *offset, magic, MAGIC_SIZE))
			return true;
	}
	return false;
}

int bootconfig_find(struct bootconfig *bootconfig, const struct blob *initrd, struct error *error)
{
	uint8_t buffer[FOOTER_SIZE + SLACK_MAX];
	struct bytes tail = {buffer, initrd->size < sizeof(buffer) ? initrd->size : sizeof(buffer)};
	uint64_t tail_start = initrd->size - tail.size, at, data_end;
	uint32_t size, wanted, sum;
	int r;

	*bootconfig = (struct bootconfig){};
	r = blob_read(initrd, tail_start, buffer, tail.size, error);
	if (r < 0 || !find_magic(tail, &at))
		return r;
	bootconfig->end = tail_start + at + MAGIC_SIZE;
	bootconfig->state = BOOTCONFIG_TOO_LONG;
	if (at < 8 || !bytes_le32(tail, at - 8, &size) || !bytes_le32(tail, at - 4, &wanted))
		return 0;
	data_end = tail_start + at - 8;
	if (size > data_end)
		return 0;
	bootconfig->start = data_end - size;
	r = sum_bytes(initrd, bootconfig->start, data_end, &sum, error);
	if (r == 0)
		bootconfig->state = sum == wanted ? BOOTCONFIG_VALID : BOOTCONFIG_WRONG_SUM;
	return r;
}
