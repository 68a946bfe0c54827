/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/size-text.h"

#include <stdio.h>

const char *size_text(uint64_t size, char *text, size_t capacity)
{
	static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
	double value = (double)size;
	size_t unit = 0;

	while (value >= 1024 && unit + 1 < sizeof(units) / sizeof(*units)) {
		value /= 1024;
		unit++;
	}
	snprintf(text, capacity, unit ? "%.1f %s" : "%.0f %s", value, units[unit]);
	return text;
}
