/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/xxh3.h"

const struct xxh3 *xxh3_choose(void)
{
	return &xxh3_any;
}
