/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Memory of our own comes in pages of the running kernel's size. */
#pragma once

#include <stdint.h>
#include <unistd.h>

/* How many bytes the pages have that `size` bytes take; `size` is at most INT64_MAX. */
static inline uint64_t whole_pages(uint64_t size)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	return (size + page - 1) / page * page;
}
