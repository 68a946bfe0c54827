/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * "kexec status --json": what is unknown is null.
 */
#pragma once

struct json_object;
struct status;

/* NULL without memory; the caller owns it. */
struct json_object *status_to_json(const struct status *status);
