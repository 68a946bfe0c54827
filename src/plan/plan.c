/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/plan.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct plan *plan_new(enum plan_method method)
{
	struct plan *plan = calloc(1, sizeof(*plan));

	if (plan)
		plan->method = method;
	return plan;
}

void plan_free(struct plan *plan)
{
	if (!plan)
		return;
	for (size_t i = 0; i < plan->blob_count; i++)
		blob_free(plan->blobs[i]);
	free(plan->blobs);
	for (size_t i = 0; i < plan->note_count; i++)
		free(plan->notes[i].text);
	free(plan->notes);
	for (size_t i = 0; i < plan->added_file_count; i++)
		free(plan->added_files[i].path);
	free(plan->added_files);
	free(plan->method_reason);
	free(plan->form_reason);
	free(plan->protocol);
	free(plan->kernel_path);
	free(plan->kernel_version);
	free(plan->command_line);
	map_fini(&plan->told);
	map_fini(&plan->usable);
	free(plan);
}

struct blob *plan_own(struct plan *plan, struct blob *blob)
{
	struct blob **blobs;

	if (!blob)
		return NULL;
	blobs = reallocarray(plan->blobs, plan->blob_count + 1, sizeof(*blobs));
	if (!blobs) {
		blob_free(blob);
		return NULL;
	}
	plan->blobs = blobs;
	plan->blobs[plan->blob_count++] = blob;
	return blob;
}

int plan_set_form(struct plan *plan, enum plan_form form, const char *reason)
{
	char *copy = strdup(reason);

	if (!copy)
		return -ENOMEM;
	free(plan->form_reason);
	plan->form = form;
	plan->form_reason = copy;
	return 0;
}

int plan_note(struct plan *plan, enum plan_weight weight, const char *format, ...)
{
	struct plan_note *notes;
	va_list arguments;
	char *text = NULL;
	int r;

	va_start(arguments, format);
	r = vasprintf(&text, format, arguments);
	va_end(arguments);
	if (r < 0)
		return -ENOMEM;
	notes = reallocarray(plan->notes, plan->note_count + 1, sizeof(*notes));
	if (!notes) {
		free(text);
		return -ENOMEM;
	}
	plan->notes = notes;
	plan->notes[plan->note_count++] = (struct plan_note){weight, text};
	return 0;
}

int plan_add_file(struct plan *plan, const char *path, uint32_t mode, uint64_t size)
{
	struct plan_file *files =
	    reallocarray(plan->added_files, plan->added_file_count + 1, sizeof(*files));
	char *copy;

	if (!files)
		return -ENOMEM;
	plan->added_files = files;
	copy = strdup(path);
	if (!copy)
		return -ENOMEM;
	plan->added_files[plan->added_file_count++] = (struct plan_file){copy, mode, size};
	return 0;
}

void plan_wipe(struct plan *plan)
{
	for (size_t i = 0; i < plan->blob_count; i++)
		blob_wipe(plan->blobs[i]);
}

bool plan_tells_digest(const struct plan *plan, const struct plan_segment *segment)
{
	return plan->check && segment->checked_size && !segment->content->secret;
}

const char *plan_kind_name(enum plan_kind kind)
{
	return kind == PLAN_CRASH ? "crash" : "normal";
}

const char *plan_method_name(enum plan_method method)
{
	return method == PLAN_FILE ? "file" : "segments";
}

int plan_unchanged(const struct plan *plan, struct error *error)
{
	int r;

	r = plan->kernel ? blob_unchanged(plan->kernel, error) : 0;
	if (r == 0 && plan->wrapped)
		r = blob_unchanged(plan->wrapped, error);
	if (r == 0 && plan->initrds)
		r = blob_unchanged(plan->initrds, error);
	return r;
}

const char *plan_form_name(enum plan_form form)
{
	return form == PLAN_DIRECT ? "direct" : "plain";
}

const char *plan_method_call(enum plan_method method)
{
	return method == PLAN_FILE ? "kexec_file_load" : "kexec_load";
}
