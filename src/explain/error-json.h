/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Errors for programs: what explain.h puts into words, as JSON.
 */
#pragma once

struct error;
struct json_object;

/*
 * An array with an object for each failure: kind, step, subject, errno (0 when no call failed) and
 * detail. The first is the cause. NULL without memory; the caller owns it.
 */
struct json_object *error_to_json(const struct error *error);
