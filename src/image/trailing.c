/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/trailing.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/blob.h"
#include "base/bytes.h"
#include "base/error.h"
#include "image/recognise.h"

enum {
	CHUNK = 16 << 10,
	FIRST_LOOK = 16, /* mostly nothing is to be skipped */

	/* WIN_CERTIFICATE: length 4 (with this header), revision 2, type 2. */
	CERTIFICATE_HEADER_SIZE = 8,
	CERTIFICATE_ALIGNMENT = 8,
	CERTIFICATE_REVISION_1 = 0x0100,
	CERTIFICATE_REVISION_2 = 0x0200,

	/* Flattened device tree: magic 4, total size 4, all big-endian. */
	DEVICE_TREE_HEADER_SIZE = 40,

	/* struct module_signature: 8 bytes, length 4 (big-endian); then the marker. */
	MODULE_SIGNATURE_SIZE = 12,
};

static const char device_tree_magic[4] = {'\xd0', '\x0d', '\xfe', '\xed'};
static const char module_marker[] = "~Module signature appended~\n";

/* A bound for hostile sparse files; a kernel that was read from a partition has less behind it. */
#define TRAILING_MAX (UINT64_C(1) << 30)

/* The types in the PE Format and, from 0xef0 on, in the UEFI Specification, section 32.2.4. */
static const uint16_t certificate_types[] = {0x0001, 0x0002, 0x0003, 0x0004, 0x0ef0, 0x0ef1};

/* What there can be, and how many bytes of each there are. */
enum kind { PADDING, PE_SIGNATURE, DEVICE_TREE, MODULE_SIGNATURE, KIND_COUNT };

static const char *const kind_names[KIND_COUNT] = {
    [PADDING] = "NUL padding",
    [PE_SIGNATURE] = "a PE signature",
    [DEVICE_TREE] = "a device tree",
    [MODULE_SIGNATURE] = "an appended signature",
};

/* Compared with themselves one byte on: as fast as libc is, and padding can be long. */
static bool all_zeros(const uint8_t *bytes, size_t size)
{
	return bytes[0] == 0 && memcmp(bytes, bytes + 1, size - 1) == 0;
}

int trailing_skip_zeros(const struct blob *blob, uint64_t offset, uint64_t *end,
			struct error *error)
{
	size_t most = FIRST_LOOK;
	uint8_t chunk[CHUNK];

	*end = offset;
	if (blob->size - offset > TRAILING_MAX)
		return 0;
	while (*end < blob->size) {
		uint64_t left = blob->size - *end;
		size_t size = left < most ? (size_t)left : most;
		int r = blob_read(blob, *end, chunk, size, error);

		if (r < 0)
			return r;
		if (!all_zeros(chunk, size)) {
			for (size_t i = 0; chunk[i] == 0; i++)
				++*end;
			return 0;
		}
		*end += size;
		most = sizeof(chunk);
	}
	return 0;
}

/* The size of a certificate in its first bytes, 0 when there is none. */
static uint64_t certificate_size(struct bytes head, uint64_t left)
{
	uint32_t size;
	uint16_t revision, type;

	if (!bytes_le32(head, 0, &size) || !bytes_le16(head, 4, &revision) ||
	    !bytes_le16(head, 6, &type) || size <= CERTIFICATE_HEADER_SIZE || size > left ||
	    (revision != CERTIFICATE_REVISION_1 && revision != CERTIFICATE_REVISION_2))
		return 0;
	for (size_t i = 0; i < sizeof(certificate_types) / sizeof(*certificate_types); i++)
		if (certificate_types[i] == type)
			return size;
	return 0;
}

static uint64_t device_tree_size(struct bytes head, uint64_t left)
{
	uint32_t size;

	if (!bytes_match(head, 0, device_tree_magic, sizeof(device_tree_magic)) ||
	    !bytes_have(head, 4, 4))
		return 0;
	size = (uint32_t)load_be(head.data + 4, 4);
	return size >= DEVICE_TREE_HEADER_SIZE && size <= left ? size : 0;
}

/* Unlike the others it is known by its end, which is the file's. */
static int module_signature_size(const struct blob *blob, uint64_t offset, uint64_t *size,
				 struct error *error)
{
	enum { MARKER_SIZE = sizeof(module_marker) - 1, END = MODULE_SIGNATURE_SIZE + MARKER_SIZE };
	uint64_t left = blob->size - offset;
	uint8_t end[END];
	int r;

	*size = 0;
	if (left <= END)
		return 0;
	r = blob_read(blob, blob->size - END, end, END, error);
	if (r < 0)
		return r;
	if (memcmp(end + MODULE_SIGNATURE_SIZE, module_marker, MARKER_SIZE) == 0 &&
	    load_be(end + 8, 4) == left - END)
		*size = left;
	return 0;
}

/* One thing that begins at or, a certificate whose length has zeros in front, a little before the
 * first byte that is not 0. `*size` is 0 when nothing is known that begins so. */
static int explain_one(const struct blob *blob, uint64_t start, uint64_t *offset, enum kind *kind,
		       uint64_t *size, struct error *error)
{
	uint64_t aligned = *offset / CERTIFICATE_ALIGNMENT * CERTIFICATE_ALIGNMENT;
	uint64_t first = aligned >= start ? aligned : *offset;
	uint64_t left = blob->size - first;
	uint8_t buffer[16];
	struct bytes head = {buffer, left < sizeof(buffer) ? left : sizeof(buffer)};
	int r = blob_read(blob, first, buffer, head.size, error);

	if (r < 0)
		return r;
	*kind = PE_SIGNATURE;
	*size = first == aligned ? certificate_size(head, left) : 0;
	if (*size) {
		*offset = first;
		return 0;
	}
	head = (struct bytes){buffer + (*offset - first), head.size - (*offset - first)};
	*kind = DEVICE_TREE;
	*size = device_tree_size(head, blob->size - *offset);
	if (*size)
		return 0;
	*kind = MODULE_SIGNATURE;
	return module_signature_size(blob, *offset, size, error);
}

static int unexplained(const struct blob *blob, uint64_t offset, const char *what,
		       struct error *error)
{
	uint8_t buffer[RECOGNISE_HEAD_SIZE];
	uint64_t left = blob->size - offset;
	struct bytes head = {buffer, left < sizeof(buffer) ? left : sizeof(buffer)};
	int r = blob_read(blob, offset, buffer, head.size, error);

	if (r < 0)
		return r;
	return error_add(error, ERROR_IMAGE, 0, "check what follows", blob_name(blob),
			 "behind %s, at offset %" PRIu64 ", there are %" PRIu64
			 " bytes that do not belong to it; they look like %s",
			 what, offset, left, recognise(head).description);
}

static void describe(const uint64_t sizes[KIND_COUNT], const char *what,
		     char text[TRAILING_TEXT_SIZE])
{
	size_t length = 0;

	*text = '\0';
	for (int kind = 0; kind < KIND_COUNT && length < TRAILING_TEXT_SIZE; kind++) {
		if (!sizes[kind])
			continue;
		length += (size_t)snprintf(text + length, TRAILING_TEXT_SIZE - length,
					   "%s%s%s%s (%" PRIu64 " bytes)", length ? "" : "behind ",
					   length ? "" : what, length ? ", " : ": ",
					   kind_names[kind], sizes[kind]);
	}
}

int trailing_explain(const struct blob *blob, uint64_t offset, const char *what,
		     char text[TRAILING_TEXT_SIZE], struct error *error)
{
	uint64_t sizes[KIND_COUNT] = {};

	if (blob->size - offset > TRAILING_MAX)
		return unexplained(blob, offset, what, error);
	while (offset < blob->size) {
		uint64_t begin, size = 0;
		enum kind kind = PADDING;
		int r = trailing_skip_zeros(blob, offset, &begin, error);

		if (r == 0 && begin < blob->size)
			r = explain_one(blob, offset, &begin, &kind, &size, error);
		if (r < 0)
			return r;
		sizes[PADDING] += begin - offset;
		if (begin == blob->size)
			break;
		if (size == 0)
			return unexplained(blob, begin, what, error);
		sizes[kind] += size;
		offset = begin + size;
	}
	describe(sizes, what, text);
	return 0;
}
