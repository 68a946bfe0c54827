/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where an address is in a picture of physical memory.
 *
 * A bar is to scale, with two exceptions: long stretches where nothing is to be seen are left out
 * (a break), and no segment is thinner than can be seen. So it is a list of slices, each with a
 * height of its own, and an address has one place for everything that is drawn. Heights are in
 * pixels.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/range.h"

struct plan;

enum {
	SVG_BAR_HEIGHT = 520, /* of all that is to scale */
	SVG_BREAK_HEIGHT = 18,
};

struct svg_slice {
	struct range range;
	double y, height;
	bool broken; /* left out; of a run of these only the first has a height */
};

struct svg_bar {
	double height;
	struct svg_slice *slices; /* owned; by ascending address, without a gap between them */
	size_t count;
};

/* All memory: what is left out has no RAM. 0 or -ENOMEM; end it with svg_bar_fini() always. */
int svg_bar_of_all(struct svg_bar *bar, const struct plan *plan);

/* The segments: what is left out is far from them. Likewise. */
int svg_bar_of_segments(struct svg_bar *bar, const struct plan *plan);

/* From the bar's top. */
double svg_bar_place(const struct svg_bar *bar, uint64_t address);

void svg_bar_fini(struct svg_bar *bar);
