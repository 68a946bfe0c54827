/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Showing a plan: as text with a memory map drawn to scale, as JSON, or as a picture.
 */
#pragma once

#include <stdio.h>

struct json_object;
struct plan;

/* Version of the JSON form; it grows when a field changes its meaning or goes away. */
#define PLAN_SCHEMA_VERSION 1

void plan_show_text(const struct plan *plan, FILE *out);

/* A new JSON object, to be released with json_object_put(); NULL without memory. */
struct json_object *plan_to_json(const struct plan *plan);

/*
 * As a picture (SVG, without scripts and foreign fonts), well-formed whatever the plan's texts
 * hold. 0, or -ENOMEM, and then nothing was written.
 */
int plan_show_svg(const struct plan *plan, FILE *out);
