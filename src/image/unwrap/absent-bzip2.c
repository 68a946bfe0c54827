/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* In place of bzip2.c, in a build without libbz2. */
#include "image/unwrap/formats.h"

int decode_bzip2(struct source *source, struct sink *sink, struct error *error)
{
	(void)sink;
	return format_absent(source, "libbz2", error);
}
