/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/cleanup.h"
#include "base/json.h"
#include "cmd/timeline-show.h"

static bool put_points(struct json_object *object, unsigned int from, unsigned int to)
{
	return json_put_text(object, "from", timeline_point_name(from)) &&
	       json_put_text(object, "to", timeline_point_name(to));
}

static bool put_duration(struct json_object *object, bool known, uint64_t nanoseconds)
{
	return known ? json_put_number(object, "ns", nanoseconds) : json_put_null(object, "ns");
}

static struct json_object *stages_to_json(const struct timeline *timeline)
{
	cleanup_json struct json_object *array = json_object_new_array();

	for (unsigned int i = 0; i < STAGE_COUNT; i++) {
		struct json_object *stage = json_object_new_object();
		uint64_t nanoseconds = 0;
		const char *why;
		bool known = timeline_between(timeline, i, i + 1, &nanoseconds, &why);

		if (!json_append(array, stage) ||
		    !json_put_text(stage, "name", timeline_stage_name(i)) ||
		    !put_points(stage, i, i + 1) || !put_duration(stage, known, nanoseconds) ||
		    !(known ? json_put_null(stage, "unknown_because")
			    : json_put_text(stage, "unknown_because", why)))
			return NULL;
	}
	return steal_pointer(array);
}

static struct json_object *spans_to_json(const struct timeline *timeline)
{
	cleanup_json struct json_object *array = json_object_new_array();
	struct timeline_span spans[STAGE_COUNT];
	unsigned int count = timeline_spans(timeline, spans);

	for (unsigned int i = 0; i < count; i++) {
		struct json_object *span = json_object_new_object();

		if (!json_append(array, span) || !put_points(span, spans[i].from, spans[i].to) ||
		    !put_duration(span, true, spans[i].nanoseconds))
			return NULL;
	}
	return steal_pointer(array);
}

static bool put_number_if(struct json_object *object, const char *key, bool known, uint64_t number)
{
	return known ? json_put_number(object, key, number) : json_put_null(object, key);
}

struct json_object *timeline_to_json(const struct timeline *timeline)
{
	cleanup_json struct json_object *object = json_object_new_object();
	uint64_t blackout = 0;
	bool known = timeline_blackout(timeline, &blackout);

	if (!json_put(object, "stages", stages_to_json(timeline)) ||
	    !json_put(object, "spans", spans_to_json(timeline)) ||
	    !put_number_if(object, "blackout_ns", known, blackout) ||
	    !put_number_if(object, "uncertainty_ns", !timeline->apart, timeline->uncertainty) ||
	    !put_number_if(object, "tsc_hz", timeline->hertz > 0,
			   (uint64_t)(timeline->hertz + 0.5)))
		return NULL;
	return steal_pointer(object);
}
