/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What rules found, in words on stdout. */
#pragma once

#include "check/check.h"

/* What weighs at least so much, each with its next step, and then the verdict. */
void check_show(const struct check_report *report, enum check_result least);
