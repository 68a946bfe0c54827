/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* In place of lz4.c, in a build without liblz4. */
#include "image/unwrap/formats.h"

int decode_lz4(struct source *source, struct sink *sink, struct error *error)
{
	(void)sink;
	return format_absent(source, "liblz4", error);
}
