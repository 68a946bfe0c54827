/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "explain/error-json.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/json.h"

struct json_object *error_to_json(const struct error *error)
{
	cleanup_json struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < error->count; i++) {
		const struct failure *failure = &error->failures[i];
		struct json_object *object = json_object_new_object();

		if (!json_append(array, object) ||
		    !json_put_text(object, "kind", error_kind_name(failure->kind)) ||
		    !json_put_text(object, "step", failure->step) ||
		    !json_put_text(object, "subject", failure->subject) ||
		    !json_put_number(object, "errno", (uint64_t)failure->code) ||
		    !json_put_text(object, "detail", failure->detail))
			return NULL;
	}
	return steal_pointer(array);
}
