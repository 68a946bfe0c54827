/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* In place of gzip.c, in a build without zlib. */
#include "image/unwrap/formats.h"

int decode_gzip(struct source *source, struct sink *sink, struct error *error)
{
	(void)sink;
	return format_absent(source, "zlib", error);
}
