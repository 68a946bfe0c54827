/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * All signals, held back over a few steps that belong together. One that arrives meanwhile takes
 * effect behind them. SIGKILL and SIGSTOP cannot be held, nor can what the process itself does
 * wrong, as SIGSEGV.
 *
 *     { cleanup_signals sigset_t before = signals_hold(); … }
 */
#pragma once

#include <signal.h>

#include "base/cleanup.h"

/* Holds all that can be held; which were held before. */
sigset_t signals_hold(void);

void signals_release(const sigset_t *before);
#define cleanup_signals cleanup_with(signals_release)
