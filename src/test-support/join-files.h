/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Several files as one blob, whole and in their order. Any trouble fails the test.
 */
#pragma once

#include <stddef.h>

#include "base/blob.h"

struct blob *join_files(const char *const *paths, size_t count);
