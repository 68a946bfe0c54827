/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A timeline for people, for programs, and as a picture.
 */
#pragma once

#include <stdint.h>
#include <stdio.h>

#include "record/timeline-stages.h"

struct json_object;

/* In words and bars. `stamp` is purgatory's, or NULL. */
void timeline_show_text(const struct timeline *timeline, const struct purgatory_stamp *stamp,
			FILE *out);

/* NULL without memory. */
struct json_object *timeline_to_json(const struct timeline *timeline);

/* In SVG 1.1. */
void timeline_show_svg(const struct timeline *timeline, FILE *out);

/* "12.3 ms", "1.62 s"; `text` has DURATION_TEXT_SIZE bytes and is returned. */
enum { DURATION_TEXT_SIZE = 32 };
const char *duration_text(uint64_t nanoseconds, char *text);

/* What a stage is called where people read it; of the stages of a span, joined by " + ". */
enum { SPAN_TITLE_SIZE = 160 };
const char *timeline_stage_title(enum timeline_stage stage);
const char *timeline_span_title(const struct timeline_span *span, char *text);

/* From the jump to /init, which is the time in which nothing serves; false: it is unknown. */
bool timeline_blackout(const struct timeline *timeline, uint64_t *nanoseconds);
