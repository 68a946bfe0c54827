/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "entry/grub-environment.h"

#include <errno.h>
#include <string.h>

struct grub_environment *grub_environment_copy(struct grub_arena *arena,
					       const struct grub_environment *from,
					       bool exported_only)
{
	struct grub_environment *copy = grub_arena_get(arena, sizeof(*copy));
	size_t count = from ? from->count : 0;

	if (!copy)
		return NULL;
	copy->arena = arena;
	copy->capacity = count + 16;
	copy->variables = grub_arena_get(arena, copy->capacity * sizeof(*copy->variables));
	if (!copy->variables)
		return NULL;
	for (size_t i = 0; i < count; i++)
		if (from->variables[i].exported || !exported_only)
			copy->variables[copy->count++] = from->variables[i];
	return copy;
}

static struct grub_variable *find(const struct grub_environment *environment, const char *name)
{
	for (size_t i = 0; i < environment->count; i++)
		if (strcmp(environment->variables[i].name, name) == 0)
			return &environment->variables[i];
	return NULL;
}

struct grub_variable *grub_environment_get(const struct grub_environment *environment,
					   const char *name)
{
	return find(environment, name);
}

static int grow(struct grub_environment *environment)
{
	size_t capacity = environment->capacity * 2;
	struct grub_variable *larger;

	if (environment->count >= GRUB_VARIABLES_MAX) {
		environment->arena->code = -E2BIG;
		return -E2BIG;
	}
	larger = grub_arena_get(environment->arena, capacity * sizeof(*larger));
	if (!larger)
		return environment->arena->code;
	memcpy(larger, environment->variables, environment->count * sizeof(*larger));
	environment->variables = larger;
	environment->capacity = capacity;
	return 0;
}

static int add(struct grub_environment *environment, const char *name,
	       struct grub_variable **variable)
{
	char *copy = grub_arena_text(environment->arena, name);
	int r = copy ? 0 : environment->arena->code;

	if (r == 0 && environment->count == environment->capacity)
		r = grow(environment);
	if (r < 0)
		return r;
	*variable = &environment->variables[environment->count++];
	**variable = (struct grub_variable){.name = copy};
	return 0;
}

int grub_environment_set(struct grub_environment *environment, const char *name, const char *value,
			 const struct grub_doubt *doubt)
{
	struct grub_variable *variable = find(environment, name);
	char *copy = NULL;
	int r = 0;

	if (value && !doubt && strlen(value) > ENTRY_TEXT_MAX)
		return environment->arena->code = -E2BIG;
	if (!variable)
		r = add(environment, name, &variable);
	if (r == 0 && value) {
		copy = grub_arena_text(environment->arena, doubt ? "" : value);
		r = copy ? 0 : environment->arena->code;
	}
	if (r < 0)
		return r;
	variable->value = copy;
	variable->doubt = doubt;
	if (!value && !doubt)
		variable->exported = false;
	return 0;
}

int grub_environment_export(struct grub_environment *environment, const char *name)
{
	struct grub_variable *variable = find(environment, name);
	int r = 0;

	if (!variable)
		r = add(environment, name, &variable);
	if (r < 0)
		return r;
	if (!variable->value)
		variable->value = "";
	variable->exported = true;
	return 0;
}

/* Behind the value that starts at `at`: at its newline, or at the end. */
static size_t end_of_value(const char *bytes, size_t size, size_t at)
{
	while (at < size && bytes[at] != '\n')
		at += bytes[at] == '\\' ? 2 : 1;
	return at;
}

static void undo_escapes(char *to, const char *from, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (from[i] == '\\' && i + 1 < length)
			i++;
		*to++ = from[i];
	}
	*to = '\0';
}

static struct grub_block_entry *make_entry(struct grub_arena *arena, const char *name,
					   size_t name_length, const char *value,
					   size_t value_length)
{
	struct grub_block_entry *entry = grub_arena_get(arena, sizeof(*entry));
	char *value_copy = grub_arena_get(arena, value_length + 1);

	if (!entry || !value_copy)
		return NULL;
	entry->name = grub_arena_copy(arena, name, name_length);
	undo_escapes(value_copy, value, value_length);
	entry->value = value_copy;
	return entry->name ? entry : NULL;
}

bool grub_block_parse(struct grub_block_entry **entries, struct grub_arena *arena,
		      const char *bytes, size_t size)
{
	static const char signature[] = "# GRUB Environment Block\n";
	size_t at = sizeof(signature) - 1;

	*entries = NULL;
	if (size < at || memcmp(bytes, signature, at) != 0)
		return false;
	while (at < size) {
		const char *name = bytes + at, *equals = memchr(name, '=', size - at);
		size_t value, end;

		if (*name == '#') {
			at = end_of_value(bytes, size, at) + 1;
			continue;
		}
		if (!equals)
			break;
		value = (size_t)(equals + 1 - bytes);
		end = end_of_value(bytes, size, value);
		if (end >= size)
			break;
		*entries =
		    make_entry(arena, name, (size_t)(equals - name), bytes + value, end - value);
		if (!*entries)
			break;
		entries = &(*entries)->next;
		at = end + 1;
	}
	return true;
}
