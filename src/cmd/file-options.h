/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The options that hand files over to the next kernel: --initrd-file=SRC:DST and
 * --credential=NAME:FILE.
 */
#pragma once

struct command;
struct error;

/*
 * SRC:DST. The last colon separates, so that DST has none. 0 or a negative errno with a failure
 * added.
 */
int add_initrd_file(struct command *command, const char *value, struct error *error);

/* NAME:FILE. The first colon separates: a credential's name has none. Likewise. */
int add_credential(struct command *command, const char *value, struct error *error);

/* Whether they can be there all together. Likewise. */
int judge_files(const struct command *command, struct error *error);

/* Frees what the command owns of them. */
void free_files(struct command *command);
