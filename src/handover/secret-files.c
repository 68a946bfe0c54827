/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "handover/secret-files.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/secret.h"
#include "handover/handover.h"
#include "image/added-files.h"
#include "plan/plan.h"

enum {
	FILE_MAX = 16 << 20,
	CREDENTIALS_MAX =
	    1 << 20, /* of all together: systemd takes no more (src/shared/creds-util.h) */
};

static int check_swap(const struct machine_swap *swap, const struct request *request,
		      struct error *error)
{
	if (request->allow_swap)
		return 0;
	if (swap->fact == FACT_UNREADABLE)
		return error_add(error, ERROR_FORBIDDEN, 0, "check swap", "/proc/swaps",
				 "it cannot be read: a secret might reach a disk in the clear");
	if (*swap->unencrypted)
		return error_add(error, ERROR_FORBIDDEN, 0, "check swap", swap->unencrypted,
				 "this swap is not encrypted: a secret might reach a disk in the "
				 "clear");
	return 0;
}

int secret_files_read(struct secret_files *result, const struct request *request,
		      const struct root *root, bool load, struct error *error)
{
	cleanup_with(secret_files_fini) struct secret_files files = {.request = request};
	int r;

	*result = files;
	if (request->file_count == 0)
		return 0;
	machine_swap_read(&files.swap, root);
	r = load ? check_swap(&files.swap, request, error) : 0;
	if (r < 0)
		return r;
	files.contents = calloc(request->file_count, sizeof(*files.contents));
	if (!files.contents)
		return error_memory(error, "read secrets");
	for (; files.count < request->file_count; files.count++) {
		r = secret_read(&files.contents[files.count], request->files[files.count].source,
				FILE_MAX, error);
		if (r < 0)
			return r;
	}
	*result = files;
	files = (struct secret_files){};
	return 0;
}

void secret_files_fini(struct secret_files *files)
{
	for (size_t i = 0; i < files->count; i++)
		secret_fini(&files->contents[i]);
	free(files->contents);
	*files = (struct secret_files){};
}

static int note_swap(const struct secret_files *files, struct plan *plan)
{
	const struct machine_swap *swap = &files->swap;
	const char *name =
	    *swap->unencrypted ? swap->unencrypted : "which one is in use is unknown";

	if (!*swap->unencrypted && swap->fact != FACT_UNREADABLE)
		return 0;
	if (files->request->allow_swap)
		return plan_note(plan, PLAN_NOTE,
				 "there is swap that is not encrypted (%s), which --allow-swap "
				 "allows",
				 name);
	return plan_note(plan, PLAN_WARNING,
			 "there is swap that is not encrypted (%s): secrets are loaded only with "
			 "--allow-swap",
			 name);
}

static bool is_credential(const char *path)
{
	return strncmp(path, CREDENTIALS_FOLDER "/", sizeof(CREDENTIALS_FOLDER)) == 0;
}

static int note_file(struct plan *plan, const struct request_file *file, size_t size)
{
	const char *hidden = added_path_hidden_below(file->path);
	int r = 0;

	if (size == 0)
		r = plan_note(plan, PLAN_WARNING, "%s, which becomes %s, is empty", file->source,
			      file->path);
	if (r == 0 && hidden)
		r = plan_note(plan, PLAN_WARNING,
			      "%s will hardly be seen: almost every initrd mounts something over "
			      "/%s",
			      file->path, hidden);
	return r;
}

static int tell_of(const struct secret_files *files, struct plan *plan)
{
	size_t credentials = 0;
	int r = note_swap(files, plan);

	if (r == 0 && files->request->if_changed)
		r = plan_note(plan, PLAN_NOTE,
			      "--if-changed cannot tell whether the same is loaded: the record "
			      "keeps nothing of a secret to compare");
	for (size_t i = 0; r == 0 && i < files->count; i++) {
		const struct request_file *file = &files->request->files[i];
		size_t size = files->contents[i].size;

		if (is_credential(file->path))
			credentials += size;
		r = plan_add_file(plan, file->path, file->mode, size);
		if (r == 0)
			r = note_file(plan, file, size);
	}
	if (r == 0 && credentials > CREDENTIALS_MAX)
		r = plan_note(plan, PLAN_WARNING,
			      "the credentials have %zu bytes together: systemd takes no more than "
			      "%d, and leaves the rest out",
			      credentials, CREDENTIALS_MAX);
	return r;
}

int secret_files_pack(const struct secret_files *files, struct plan *plan, struct blob **archive,
		      struct error *error)
{
	cleanup_free struct added_file *added = NULL;

	*archive = NULL;
	if (files->count == 0)
		return 0;
	added = calloc(files->count, sizeof(*added));
	if (!added || tell_of(files, plan) < 0)
		return error_memory(error, "pack files");
	for (size_t i = 0; i < files->count; i++)
		added[i] = (struct added_file){
		    .path = files->request->files[i].path,
		    .mode = files->request->files[i].mode,
		    .content = files->contents[i].bytes,
		    .size = files->contents[i].size,
		};
	return added_files_pack(archive, added, files->count, files->request->initrd_count == 0,
				error);
}
