/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "entry/uki-stub.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "entry/bls.h"
#include "entry/files.h"
#include "image/pe.h"

#define GLOBAL_ADDONS      "loader/addons"
#define GLOBAL_CREDENTIALS "loader/credentials"
#define GLOBAL_EXTENSIONS  "loader/extensions"

/* The files beside an image, in the order in which they are packed. */
static const struct extra_kind {
	bool global; /* beside no image in particular */
	const char *end, *but_not;
	const char *packed_in;
} extra_kinds[] = {
    {false, ".cred", NULL, ".extra/credentials"},
    {true, ".cred", NULL, ".extra/global_credentials"},
    {false, ".raw", ".confext.raw", ".extra/sysext"},
    {true, ".raw", ".confext.raw", ".extra/global_sysext"},
    {false, ".confext.raw", NULL, ".extra/confext"},
    {true, ".confext.raw", NULL, ".extra/global_confext"},
};

/* Sections that become files. */
static const struct {
	const char *section, *packed_as;
} packed_sections[] = {
    {".pcrsig", ".extra/tpm2-pcr-signature.json"},
    {".pcrpkey", ".extra/tpm2-pcr-public-key.pem"},
    {".profile", ".extra/profile"},
    {".osrel", ".extra/os-release"},
};

/* Addons that fit, in the order in which they count: global ones first. */
struct addons {
	struct entry_files initrds, ucode;
	char *options;
};

static bool ends_with(const char *name, const char *end)
{
	size_t length = strlen(name), end_length = strlen(end);

	return length >= end_length && strcasecmp(name + length - end_length, end) == 0;
}

int uki_section_text(char **text, const struct uki *uki, const char *section)
{
	const struct pe_section *found = pe_find(uki->pe, uki->profile, section);

	*text = NULL;
	if (!found)
		return 0;
	return entry_read_part(text, uki->fd, found->offset, found->size, ENTRY_TEXT_MAX);
}

/* A command line in a section may have line ends; the kernel gets blanks, and none at its ends. */
static void clean_options(char *text)
{
	size_t start = 0, length;

	while (text[start] && (unsigned char)text[start] <= ' ')
		start++;
	length = strlen(text + start);
	memmove(text, text + start, length + 1);
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)text[i] < ' ')
			text[i] = ' ';
	while (length > 0 && text[length - 1] == ' ')
		text[--length] = '\0';
}

static int section_options(char **options, const struct uki *uki)
{
	int r = uki_section_text(options, uki, ".cmdline");

	if (r == 0 && *options)
		clean_options(*options);
	return r;
}

static int add_part(struct entry_files *files, const struct uki *uki, const char *section,
		    const char *packed_as)
{
	const struct pe_section *found = pe_find(uki->pe, uki->profile, section);
	struct entry_file *file;
	int r;

	if (!found || found->size == 0)
		return 0;
	r = entry_add_file(files, uki->path);
	if (r < 0)
		return r;
	file = &files->files[files->count - 1];
	file->offset = found->offset;
	file->size = found->size;
	return packed_as ? entry_set_text(&file->packed_as, packed_as) : 0;
}

static int add_packed(struct entry_files *files, const char *path, const char *packed_in)
{
	cleanup_free char *packed_as = NULL;
	const char *slash = strrchr(path, '/');
	int r = entry_add_file(files, path);

	if (r < 0)
		return r;
	if (asprintf(&packed_as, "%s/%s", packed_in, slash ? slash + 1 : path) < 0) {
		packed_as = NULL;
		return -ENOMEM;
	}
	return entry_set_text(&files->files[files->count - 1].packed_as, packed_as);
}

int uki_add_extra(struct entry *entry, const char *point, const char *path)
{
	cleanup_free char *joined = NULL;
	const char *packed_in = ends_with(path, ".cred")          ? ".extra/credentials"
				: ends_with(path, ".sysext.raw")  ? ".extra/sysext"
				: ends_with(path, ".confext.raw") ? ".extra/confext"
								  : NULL;
	int r;

	if (!packed_in)
		return -ENOTSUP;
	r = entry_join_path(&joined, point, path);
	return r < 0 ? r : add_packed(&entry->initrds, joined, packed_in);
}

/* What an addon brings. One with a kernel is none, and one for another kernel does not count. */
static int take_addon(struct addons *addons, const struct uki *addon, const char *release)
{
	cleanup_free char *wanted = NULL, *options = NULL;
	int r;

	if (pe_find(addon->pe, 0, ".linux"))
		return 0;
	r = uki_section_text(&wanted, addon, ".uname");
	if (r < 0 || (wanted && release && strcmp(wanted, release) != 0))
		return r;
	r = section_options(&options, addon);
	if (r == 0 && options && *options)
		r = entry_append_text(&addons->options, options);
	if (r == 0)
		r = add_part(&addons->initrds, addon, ".initrd", NULL);
	if (r == 0)
		r = add_part(&addons->ucode, addon, ".ucode", NULL);
	return r;
}

static int read_addon(struct addons *addons, const struct entry_machine *machine,
		      const char *release, const char *path)
{
	cleanup_free struct pe *pe = malloc(sizeof(*pe));
	struct uki addon = {.path = path, .fd = -1, .pe = pe};
	const char *why, *architecture;
	uint64_t size;
	int r;

	if (!pe)
		return -ENOMEM;
	r = entry_open_pe(pe, &addon.fd, &size, &why, machine->root, path);
	if (r < 0)
		return r == -ENOMEM ? r : 0; /* the stub passes over what it cannot load, too */
	architecture = pe_architecture(pe->machine);
	if (!*machine->architecture ||
	    (architecture && strcmp(architecture, machine->architecture) == 0))
		r = take_addon(addons, &addon, release);
	close(addon.fd);
	return r == -ENOMEM || r == -E2BIG ? r : 0;
}

static int read_addons(struct addons *addons, const struct entry_machine *machine,
		       const char *release, const char *folder)
{
	char **names;
	size_t count;
	bool more;
	int r = entry_list_names(&names, &count, &more, machine->root, folder, ".addon.efi");

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	if (count > ENTRY_FILES_MAX)
		r = -E2BIG;
	for (size_t i = 0; r == 0 && i < count; i++) {
		cleanup_free char *path = NULL;

		r = entry_join_path(&path, folder, names[i]);
		if (r == 0)
			r = read_addon(addons, machine, release, path);
	}
	entry_free_names(names, count);
	return r;
}

/* The names of a folder that are of one kind. */
static int add_extras(struct entry_files *files, const struct extra_kind *kind,
		      const struct root *root, const char *folder)
{
	char **names;
	size_t count;
	bool more;
	int r = entry_list_names(&names, &count, &more, root, folder, kind->end);

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	for (size_t i = 0; r == 0 && i < count; i++) {
		cleanup_free char *path = NULL;

		if (kind->but_not && ends_with(names[i], kind->but_not))
			continue;
		r = entry_join_path(&path, folder, names[i]);
		if (r == 0)
			r = add_packed(files, path, kind->packed_in);
	}
	entry_free_names(names, count);
	return r;
}

/* The folder beside an image: "ID.efi.extra.d", without a boot counter. */
static int extra_folder(char **folder, const char *path)
{
	cleanup_free char *id = strdup(path);
	unsigned int left, done;

	if (!id)
		return -ENOMEM;
	bls_boot_counter(path, ".efi", id, &left, &done);
	if (asprintf(folder, "%s.extra.d", id) < 0) {
		*folder = NULL;
		return -ENOMEM;
	}
	return 0;
}

/* Takes the files out of one list and puts them behind another. */
static int move_files(struct entry_files *to, struct entry_files *from, bool backwards)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < from->count; i++) {
		const struct entry_file *file = &from->files[backwards ? from->count - 1 - i : i];
		struct entry_file *added;

		r = entry_add_file(to, file->path);
		if (r < 0)
			break;
		added = &to->files[to->count - 1];
		added->offset = file->offset;
		added->size = file->size;
		if (file->packed_as)
			r = entry_set_text(&added->packed_as, file->packed_as);
	}
	return r;
}

/* `earlier` is what the boot loader registered before it started the image. */
static int assemble_initrds(struct entry *entry, const struct entry_machine *machine,
			    const struct uki *uki, struct addons *addons,
			    struct entry_files *earlier, const char *extra)
{
	int r = move_files(&entry->initrds, &addons->ucode, true);

	if (r == 0)
		r = add_part(&entry->initrds, uki, ".ucode", NULL);
	if (r == 0)
		r = move_files(&entry->initrds, earlier, false);
	if (r == 0)
		r = add_part(&entry->initrds, uki, ".initrd", NULL);
	for (size_t i = 0; r == 0 && i < sizeof(extra_kinds) / sizeof(*extra_kinds); i++) {
		const struct extra_kind *kind = &extra_kinds[i];
		cleanup_free char *folder = NULL;

		if (kind->global)
			r = entry_join_path(&folder, uki->point,
					    strcmp(kind->end, ".cred") == 0 ? GLOBAL_CREDENTIALS
									    : GLOBAL_EXTENSIONS);
		if (r == 0)
			r = add_extras(&entry->initrds, kind, machine->root, folder ?: extra);
	}
	for (size_t i = 0; r == 0 && i < sizeof(packed_sections) / sizeof(*packed_sections); i++)
		r = add_part(&entry->initrds, uki, packed_sections[i].section,
			     packed_sections[i].packed_as);
	return r == 0 ? move_files(&entry->initrds, &addons->initrds, false) : r;
}

/* Options from outside do not count under Secure Boot where the image has its own. */
static int settle_options(struct entry *entry, const struct entry_machine *machine,
			  const struct uki *uki, const struct addons *addons)
{
	cleanup_free char *own = NULL;
	int r = section_options(&own, uki);

	if (r == 0 && own && (!*entry->options || machine->secure_boot))
		r = entry_set_text(&entry->options, own);
	if (r == 0 && own)
		entry->has_options = true;
	if (r == 0 && addons->options && *addons->options) {
		entry->has_options = true;
		r = entry_append_text(&entry->options, addons->options);
	}
	return r;
}

static int fill(struct entry *entry, const struct entry_machine *machine, const struct uki *uki,
		struct addons *addons, struct entry_files *earlier)
{
	const struct pe_section *kernel = pe_find(uki->pe, uki->profile, ".linux");
	cleanup_free char *extra = NULL, *global = NULL;
	int r;

	entry->kernel.offset = kernel->offset;
	entry->kernel.size = kernel->size;
	if (!entry->release) {
		r = uki_section_text(&entry->release, uki, ".uname");
		if (r < 0)
			return r;
		if (entry->release)
			clean_options(entry->release);
	}
	r = extra_folder(&extra, uki->path);
	if (r == 0)
		r = entry_join_path(&global, uki->point, GLOBAL_ADDONS);
	if (r == 0)
		r = read_addons(addons, machine, entry->release, global);
	if (r == 0)
		r = read_addons(addons, machine, entry->release, extra);
	if (r == 0)
		r = settle_options(entry, machine, uki, addons);
	return r < 0 ? r : assemble_initrds(entry, machine, uki, addons, earlier, extra);
}

/* Whether the image can be started here; if not, that is the entry's problem. */
static int judge(struct entry *entry, const struct entry_machine *machine, const struct uki *uki)
{
	const char *architecture = pe_architecture(uki->pe->machine);
	const struct pe_section *kernel;

	if (*machine->architecture &&
	    (!architecture || strcmp(architecture, machine->architecture) != 0)) {
		entry->hidden = entry->kind == ENTRY_UKI;
		return entry_add_problem(entry, ENTRY_OTHER_ARCHITECTURE, uki->path,
					 "it is for %s, and this machine is %s",
					 architecture ?: "a machine that has no name here",
					 machine->architecture);
	}
	if (uki->profile > 0 && uki->profile >= pe_profiles(uki->pe))
		return entry_add_problem(entry, ENTRY_MALFORMED, uki->path, "it has no profile %u",
					 uki->profile);
	kernel = pe_find(uki->pe, uki->profile, ".linux");
	if (kernel && kernel->size == 0)
		return entry_add_problem(entry, ENTRY_MALFORMED, uki->path,
					 "its section .linux is empty");
	if (!kernel)
		return entry_add_problem(entry, ENTRY_NOT_LINUX, uki->path,
					 "it is an EFI program without a section .linux");
	return 0;
}

int uki_fill_from(struct entry *entry, const struct entry_machine *machine, const struct uki *uki)
{
	struct entry_files earlier = entry->initrds;
	struct addons addons = {};
	int r = judge(entry, machine, uki);

	if (r < 0 || entry->problem != ENTRY_USABLE)
		return r;
	entry->initrds = (struct entry_files){};
	r = fill(entry, machine, uki, &addons, &earlier);
	entry_files_fini(&earlier);
	entry_files_fini(&addons.initrds);
	entry_files_fini(&addons.ucode);
	free(addons.options);
	if (r == -E2BIG)
		return entry_add_problem(
		    entry, ENTRY_MALFORMED, uki->path,
		    "a section of it, or of an addon, is too long, or there is too "
		    "much beside it");
	if (r < 0 && r != -ENOMEM)
		return entry_add_problem(entry, ENTRY_FILE_UNREADABLE, uki->path, "%s",
					 entry_error_text(r));
	return r;
}

int uki_fill(struct entry *entry, const struct entry_machine *machine, const char *point)
{
	cleanup_free struct pe *pe = malloc(sizeof(*pe));
	struct uki uki = {.path = entry->kernel.path,
			  .point = point,
			  .fd = -1,
			  .pe = pe,
			  .profile = entry->profile};
	const char *why;
	uint64_t size;
	int r;

	if (!pe)
		return -ENOMEM;
	r = entry_open_pe(pe, &uki.fd, &size, &why, machine->root, uki.path);
	if (r == -EBADMSG)
		return entry_add_problem(entry, ENTRY_NOT_LINUX, uki.path,
					 "it is no EFI program: %s", why);
	if (r == -ENOMEM)
		return r;
	if (r < 0)
		return 0; /* whoever looks for the entry's files says so */
	r = uki_fill_from(entry, machine, &uki);
	close(uki.fd);
	return r;
}
