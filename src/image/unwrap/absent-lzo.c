/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* In place of lzo.c, in a build without liblzo2. */
#include "image/unwrap/formats.h"

int decode_lzo(struct source *source, struct sink *sink, struct error *error)
{
	(void)sink;
	return format_absent(source, "liblzo2", error);
}
