/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* All of vmcore-dmesg(8) but main(). */
#pragma once

/* The exit code (explain/explain-dump.h). */
int dmesg_program_run(const char *version, int argc, char **argv);
