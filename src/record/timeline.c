/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "record/timeline.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

#define SETUP_DATA_NODES_MAX 64

enum fact timeline_read_stamp(const struct root *root, struct purgatory_stamp *stamp)
{
	for (unsigned int i = 0; i < SETUP_DATA_NODES_MAX; i++) {
		cleanup_free char *data = NULL;
		char path[80];
		uint64_t type;
		enum fact fact;
		size_t size;

		snprintf(path, sizeof(path), "/sys/kernel/boot_params/setup_data/%u/type", i);
		fact = root_read_number(root, path, 0, &type);
		if (fact != FACT_KNOWN)
			return fact;
		if (type != PURGATORY_SETUP_DATA_TYPE)
			continue;
		snprintf(path, sizeof(path), "/sys/kernel/boot_params/setup_data/%u/data", i);
		if (root_read(root, path, 65536, &data, &size) < 0 || size < sizeof(*stamp))
			return FACT_UNREADABLE;
		memcpy(stamp, data, sizeof(*stamp));
		return stamp->magic == PURGATORY_STAMP_MAGIC && stamp->entered ? FACT_KNOWN
									       : FACT_ABSENT;
	}
	return FACT_ABSENT;
}
