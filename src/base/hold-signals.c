/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/hold-signals.h"

sigset_t signals_hold(void)
{
	sigset_t set, before;

	sigfillset(&set);
	pthread_sigmask(SIG_BLOCK, &set, &before);
	return before;
}

void signals_release(const sigset_t *before)
{
	pthread_sigmask(SIG_SETMASK, before, NULL);
}
