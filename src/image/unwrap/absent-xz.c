/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* In place of xz.c, in a build without liblzma. */
#include "image/unwrap/formats.h"

int decode_xz(struct source *source, struct sink *sink, struct error *error)
{
	(void)sink;
	return format_absent(source, "liblzma", error);
}

int decode_lzma(struct source *source, struct sink *sink, struct error *error)
{
	(void)sink;
	return format_absent(source, "liblzma", error);
}
