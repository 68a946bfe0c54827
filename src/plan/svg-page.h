/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The page that the picture of a plan is on: its style, the words over and below the picture, and
 * the colours of memory, which the legend explains. Places are in pixels from the top left.
 */
#pragma once

#include <stdint.h>
#include <stdio.h>

struct plan;

enum {
	SVG_MARGIN = 24,
	SVG_LINE = 18, /* from one line of text to the next */
};

/* RAM where segments may lie. */
#define SVG_USABLE_COLOUR "#a5d38b"

/* The colour of other memory, by its type in the firmware's map. */
const char *svg_memory_colour(uint32_t type);

/* All that comes before the first element; "</svg>" is the caller's. */
void svg_start_page(FILE *out, double height);

/* The lines over the picture: what is loaded, and how. Where they end. */
double svg_put_head(FILE *out, const struct plan *plan);

/* What stands in the picture's place, below `y`, when the kernel places the segments. Where it
 * ends. */
double svg_put_no_memory(FILE *out, double y);

/* The colours of the memory that the plan tells of, below `y`. Where they end. */
double svg_put_legend(FILE *out, const struct plan *plan, double y);
