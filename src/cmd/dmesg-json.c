/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "cmd/dmesg-show.h"
#include "explain/error-json.h"
#include "explain/explain-dump.h"
#include "vmcore/vmcore.h"

/* Text as UTF-8: bytes that are not printable ASCII become \xNN, as on paper, but newlines. */
static char *text_copy(const uint8_t *text, size_t size)
{
	static const char digits[] = "0123456789abcdef";
	char *copy = malloc(size * 4 + 1), *to = copy;

	for (size_t i = 0; copy && i < size; i++) {
		uint8_t byte = text[i];

		if ((byte >= 0x20 && byte < 0x7f) || byte == '\n' || byte == '\t') {
			*to++ = (char)byte;
		} else {
			*to++ = '\\';
			*to++ = 'x';
			*to++ = digits[byte >> 4];
			*to++ = digits[byte & 15];
		}
	}
	if (copy)
		*to = '\0';
	return copy;
}

static bool put_text(struct json_object *object, const struct log_message *message)
{
	const uint8_t *text = message->text + message->prefix_size;
	size_t size = message->text_size - message->prefix_size;
	cleanup_free char *copy = NULL;

	if (message->is_line && size > 0 && text[size - 1] == '\n')
		size--;
	copy = text_copy(text, size);
	return copy && json_put_text(object, "text", copy);
}

static bool put_name(struct json_object *object, const char *key, const char *name)
{
	return name ? json_put_text(object, key, name) : json_put_null(object, key);
}

static bool put_caller(struct json_object *object, uint32_t caller)
{
	char text[DMESG_CALLER_SIZE];

	dmesg_caller(text, caller);
	return json_put_text(object, "caller", text);
}

/* What is not known is not there. */
static struct json_object *message_json(const struct log_message *message)
{
	cleanup_json struct json_object *object = json_object_new_object();
	bool enough = object != NULL;

	if (message->has_sequence)
		enough = enough && json_put_number(object, "sequence", message->sequence);
	if (message->has_time)
		enough = enough && json_put_number(object, "nanoseconds", message->nanoseconds);
	if (message->has_priority)
		enough = enough && put_name(object, "level", dmesg_level_name(message->level)) &&
			 put_name(object, "facility", dmesg_facility_name(message->facility));
	if (message->has_caller)
		enough = enough && put_caller(object, message->caller);
	if (*message->subsystem)
		enough = enough && json_put_text(object, "subsystem", message->subsystem);
	if (*message->device)
		enough = enough && json_put_text(object, "device", message->device);
	if (!enough || !put_text(object, message))
		return NULL;
	return steal_pointer(object);
}

int dmesg_show_json(void *context, const struct log_message *message)
{
	struct dmesg_show *show = context;
	cleanup_json struct json_object *object = NULL;

	if (!dmesg_wants(show->command, message))
		return 0;
	object = message_json(message);
	if (!object)
		return -ENOMEM;
	if (show->any)
		putc(',', show->out);
	json_print(show->out, object);
	show->any = true;
	return 0;
}

/* A key of VMCOREINFO, if it is there. */
static bool put_info(struct json_object *object, const char *key, const struct vmcore *vmcore,
		     const char *name)
{
	char value[256];

	return !vmcoreinfo_text(&vmcore->dump.info, name, value, sizeof(value)) ||
	       json_put_text(object, key, value);
}

static struct json_object *dump_json(const struct vmcore *vmcore)
{
	cleanup_json struct json_object *object = json_object_new_object();

	if (!object || !json_put_text(object, "format", vmcore->dump.format->name) ||
	    !json_put(object, "flattened", json_object_new_boolean(vmcore->dump.file.flattened)) ||
	    !put_info(object, "release", vmcore, "OSRELEASE") ||
	    !put_info(object, "crash_time", vmcore, "CRASHTIME"))
		return NULL;
	return steal_pointer(object);
}

bool dmesg_json_begin(FILE *out, const struct vmcore *vmcore)
{
	cleanup_json struct json_object *dump = vmcore ? dump_json(vmcore) : NULL;

	fprintf(out, "{\"schema\":\"vmcore-dmesg\",\"schema_version\":%d,\n\"dump\":",
		DMESG_SCHEMA_VERSION);
	if (dump)
		json_print(out, dump);
	else
		fputs("null\n", out);
	fputs(",\"messages\":[\n", out);
	return dump || !vmcore;
}

static struct json_object *losses_json(const struct log_losses *losses)
{
	cleanup_json struct json_object *object = json_object_new_object();

	if (!object || !json_put_number(object, "unreadable", losses->unreadable) ||
	    !json_put_number(object, "cut", losses->cut) ||
	    !json_put_number(object, "unfinished", losses->unfinished) ||
	    !json_put_number(object, "without_text", losses->without_text) ||
	    !json_put(object, "broken_off", json_object_new_boolean(losses->broken_off)))
		return NULL;
	return steal_pointer(object);
}

static bool print_value(FILE *out, const char *key, struct json_object *value)
{
	fprintf(out, ",\"%s\":", key);
	if (value)
		json_print(out, value);
	else
		fputs("null\n", out);
	json_object_put(value);
	return value != NULL;
}

bool dmesg_json_end(FILE *out, const struct log_losses *losses, const struct error *damage,
		    const struct error *error, int *code)
{
	struct error reasons = *damage;
	bool enough;

	error_append(&reasons, &losses->error);
	fputs("]\n", out);
	enough = print_value(out, "missing", losses_json(losses));
	enough = print_value(out, "warnings", error_to_json(&reasons)) && enough;
	enough = print_value(out, "errors", error_to_json(error)) && enough;
	if (!enough && (*code == DUMP_EXIT_OK || *code == DUMP_EXIT_PARTIAL))
		*code = DUMP_EXIT_NO_ROOM;
	fprintf(out, ",\"exit_code\":%d}\n", *code);
	return enough;
}
