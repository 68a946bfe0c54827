/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A list of boot entries as JSON.
 */
#pragma once

#include <json-c/json.h>

struct entry_list;

/* NULL without memory. */
struct json_object *entry_list_to_json(const struct entry_list *list);
