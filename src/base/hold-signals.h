/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Signals that ask a program to end or to stop, held back over a few steps that belong together.
 * One that arrives meanwhile takes effect behind them. SIGKILL and SIGSTOP cannot be held.
 *
 *     { cleanup_signals sigset_t before = signals_hold(); … }
 */
#pragma once

#include <signal.h>

#include "base/cleanup.h"

/* Holds SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP and SIGPIPE; which were held before. */
sigset_t signals_hold(void);

void signals_release(const sigset_t *before);
#define cleanup_signals cleanup_with(signals_release)
