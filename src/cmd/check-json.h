/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What rules found, as JSON. */
#pragma once

struct check_facts;
struct check_report;
struct json_object;

/* NULL without memory; the caller owns it. */
struct json_object *check_to_json(const struct check_report *report,
				  const struct check_facts *facts);
