/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* In place of zstd.c, in a build without libzstd. */
#include "image/unwrap/formats.h"

int decode_zstd(struct source *source, struct sink *sink, struct error *error)
{
	(void)sink;
	return format_absent(source, "libzstd", error);
}
