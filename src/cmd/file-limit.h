/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The limit of open files (RLIMIT_NOFILE), which a load with very many initrds meets: each is kept
 * open until the load is done. The soft limit, by default 1024, is raised to the hard one for so
 * long, and only when it is too low: programs that are started later must not inherit it.
 */
#pragma once

#include <stddef.h>
#include <sys/resource.h>

struct error;

/*
 * Makes room for so many initrds, if need be. `*before` is what file_limit_restore() puts back,
 * whether anything was changed or not. When the hard limit is too low the error names both numbers.
 * 0 or a negative errno.
 */
int file_limit_raise(size_t initrd_count, struct rlimit *before, struct error *error);

void file_limit_restore(const struct rlimit *before);
