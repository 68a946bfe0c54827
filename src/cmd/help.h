/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * --help, made of the tables of verbs and options.
 */
#pragma once

#include <stdio.h>

#include "cmd/verb-table.h"

/* The whole program's help for VERB_NONE, else that of one verb, with only its options. */
void help_print(FILE *out, enum verb verb);
