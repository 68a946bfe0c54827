/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "handover/initrd-notes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image/initrd.h"
#include "plan/plan.h"
#include "test-support/archive.h"
#include "test-support/folder.h"
#include "test-support/gzip.h"
#include "test-support/test.h"

#define ROOM UINT64_C(0x10000000)

static void pack(struct archive *archive, bool damaged)
{
	uint8_t packed[sizeof(archive->bytes) + GZIP_OVERHEAD];
	size_t size = gzip_wrap(packed, archive->bytes, archive->size);

	memcpy(archive->bytes, packed, size);
	archive->size = size;
	archive->bytes[size - 8] ^= damaged;
}

/* a archive, s squashfs, e ext, u unknown, b with bootconfig, x with a wrong one, l too long, g in
 * gzip, d in damaged gzip, m microcode in gzip, n gzip of something else. */
static const char *write_file(struct folder *folder, char letter, size_t number)
{
	struct archive archive = {};
	char name[8];

	switch (letter) {
	case 's':
		archive_add_bytes(&archive, "hsqs", 4);
		break;
	case 'e':
		archive_add_zeros(&archive, 1080);
		archive_add_bytes(&archive, "\x53\xef", 2);
		break;
	case 'u':
		archive_add_bytes(&archive, "text", 4);
		break;
	case 'n':
		archive_add_bytes(&archive, "text", 4);
		break;
	default:
		archive_add(&archive, letter == 'm' ? "kernel/x86/microcode/x" : "init", "");
		archive_add(&archive, "TRAILER!!!", "");
		break;
	}
	if (strchr("gdmn", letter))
		pack(&archive, letter == 'd');
	if (strchr("bxl", letter))
		archive_add_bootconfig(&archive, "a = 1\n", 6);
	if (letter == 'x')
		archive.bytes[archive.size - 16]++;
	if (letter == 'l')
		archive.bytes[archive.size - 17] = 1;
	snprintf(name, sizeof(name), "%zu%c", number, letter);
	return folder_write(folder, name, archive.bytes, archive.size);
}

/* The notes of files by letters, as one text: "! " before a warning, "- " before a note. */
static char *notes_of(const char *letters, uint64_t room)
{
	const struct initrd_unpacking unpacking = {.room = {room, room, room}, .cpus = 1};
	cleanup_folder struct folder folder;
	cleanup_initrds struct initrds initrds = {};
	cleanup_plan struct plan *plan = plan_new(PLAN_FILE);
	struct error error = {};
	const char *paths[4];
	char *text = NULL;
	size_t size;
	FILE *out;

	folder_make(&folder);
	for (size_t i = 0; letters[i]; i++)
		paths[i] = write_file(&folder, letters[i], i);
	initrds_open(&initrds, paths, strlen(letters), &unpacking, NULL, &error);
	assert_no_failure(&error);
	assert_int_equal(initrd_notes(plan, &initrds), 0);
	out = open_memstream(&text, &size);
	for (size_t i = 0; i < plan->note_count; i++)
		fprintf(out, "%c %s\n", plan->notes[i].weight == PLAN_WARNING ? '!' : '-',
			plan->notes[i].text);
	fclose(out);
	return text;
}

static void test_each_case_has_its_note(void **state)
{
	static const struct {
		const char *files, *parts[3];
		size_t count;
	} rows[] = {
	    {"a", {}, 0},
	    {"aaa", {}, 0},
	    {"b", {}, 0},
	    {"ab", {}, 0},
	    {"s", {"- ", "/0s is no cpio archive", "(squashfs), and is handed on as it is"}, 1},
	    {"e", {"- ", "/0e is no cpio archive", "(ext), and is handed on"}, 1},
	    {"sa", {"! ", "/0s looks like a filesystem (squashfs)", "must be the only initrd"}, 1},
	    {"ae", {"! ", "/1e looks like a filesystem (ext)", "must be the only initrd"}, 1},
	    {"u", {"! ", "/0u is no cpio archive", "able to unpack it\n"}, 1},
	    {"ua", {"! ", "/0u is no cpio archive", "or what is behind it"}, 1},
	    {"us", {"! ", "/0u is no cpio archive", "/1s looks like a filesystem"}, 2},
	    {"ba", {"- ", "at the end of ", "/0b was put behind all initrds"}, 1},
	    {"bb", {"! ", "/0b is left out", "/1b has one, too"}, 1},
	    {"bba", {"/0b is left out", "/1b has one, too", "- the bootconfig at the end of"}, 2},
	    {"x", {"! ", "/0x ends like a bootconfig", "checksum is wrong"}, 1},
	    {"l", {"! ", "/0l ends like a bootconfig", "size is larger than the file"}, 1},
	    {"g", {"- ", "/0g was unpacked for the next kernel: ", "(gzip) became"}, 1},
	    {"d", {"! ", "/0d is handed on as it is from offset 0 on", "gzip data is corrupt"}, 1},
	    {"m", {"- ", "/0m stays compressed from offset 0 on: it has microcode"}, 1},
	    {"n", {"- ", "/0n is handed on as it is", "is no whole cpio archive"}, 1},
	    {"xa", {"! ", "/0x ends like a bootconfig", "left where it is"}, 1},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		char *text = strpbrk(rows[i].files, "gdmn") && !gzip_is_built()
				 ? NULL
				 : notes_of(rows[i].files, ROOM);
		size_t lines = 0;

		if (!text)
			continue;
		for (const char *c = text; *c; c++)
			lines += *c == '\n';
		assert_row(rows[i].files, lines == rows[i].count);
		for (size_t j = 0; j < ELEMENTS(rows[i].parts) && rows[i].parts[j]; j++)
			assert_contains(text, rows[i].parts[j]);
		free(text);
	}
}

static void test_too_little_room_is_one_warning_with_the_limit(void **state)
{
	char *text;

	(void)state;
	if (!gzip_is_built())
		return;
	text = notes_of("gd", 1000);
	assert_contains(text,
			"! compressed initrds are left for the next kernel to unpack: unpacked "
			"they would be more than the ");
	assert_null(strstr(text, "/0g"));
	assert_null(strchr(strchr(text, '\n') + 1, '\n'));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_each_case_has_its_note),
	    cmocka_unit_test(test_too_little_room_is_one_warning_with_the_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
