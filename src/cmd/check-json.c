/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/check-json.h"

#include "base/cleanup.h"
#include "base/json.h"
#include "check/check.h"
#include "check/facts.h"
#include "check/panic-rules.h"

static bool put_size(struct json_object *object, const char *key, bool known, uint64_t size)
{
	return known ? json_put_number(object, key, size) : json_put_null(object, key);
}

/* In bytes; what is not known is null. */
static struct json_object *memory_to_json(const struct check_facts *facts)
{
	cleanup_json struct json_object *object = json_object_new_object();
	struct crash_room room = check_room(&facts->crash);
	const struct check_files *files = &facts->files;
	struct crash_prediction prediction = crash_predict(&files->need, &room);
	bool ranges = facts->crash.ranges_fact == FACT_KNOWN;

	if (!put_size(object, "reserved", ranges || facts->crash.size_fact == FACT_KNOWN,
		      range_size(room.upper)) ||
	    !put_size(object, "reserved_low", ranges, room.low) ||
	    !put_size(object, "needed", files->known && files->need.unpacked_known,
		      prediction.needed) ||
	    !put_size(object, "left", files->known && files->need.unpacked_known, prediction.left))
		return NULL;
	return steal_pointer(object);
}

static struct json_object *finding_to_json(const struct check_rule *rule,
					   const struct check_finding *finding)
{
	cleanup_json struct json_object *object = json_object_new_object();

	if (!json_put_text(object, "id", rule->id) ||
	    !json_put_text(object, "subject", rule->subject) ||
	    !json_put_text(object, "result", check_result_name(finding->result)) ||
	    !json_put_text(object, "severity", check_result_name(rule->severity)) ||
	    !json_put_text(object, "words", finding->words) ||
	    !(finding->next ? json_put_text(object, "next", finding->next)
			    : json_put_null(object, "next")))
		return NULL;
	return steal_pointer(object);
}

static struct json_object *findings_to_json(const struct check_report *report)
{
	cleanup_json struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < report->count; i++)
		if (!json_append(array, finding_to_json(&report->rules[i], &report->findings[i])))
			return NULL;
	return steal_pointer(array);
}

struct json_object *check_to_json(const struct check_report *report,
				  const struct check_facts *facts)
{
	cleanup_json struct json_object *object = json_object_new_object();

	if (!json_put_text(object, "of", "panic") ||
	    !json_put_text(object, "verdict", check_verdict_name(report->verdict)) ||
	    !json_put(object, "memory", memory_to_json(facts)) ||
	    !json_put(object, "rules", findings_to_json(report)))
		return NULL;
	return steal_pointer(object);
}
