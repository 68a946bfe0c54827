/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/progress-bar.h"

#include <time.h>

enum { PATIENCE_MS = 1000, EVERY_MS = 100, CELLS = 30 };

static void draw(FILE *out, uint64_t done, uint64_t total)
{
	unsigned int percent = (unsigned int)((double)done * 100 / (double)total);
	unsigned int cells = percent * CELLS / 100;

	fputs("\runpacking [", out);
	for (unsigned int i = 0; i < CELLS; i++)
		fputc(i < cells ? '#' : ' ', out);
	fprintf(out, "] %3u %%", percent);
	fflush(out);
}

/* "\033[K" erases to the end of the line (ECMA-48, EL). */
static void erase(FILE *out)
{
	fputs("\r\033[K", out);
	fflush(out);
}

void progress_bar_tell(struct progress_bar *bar, uint64_t now, uint64_t done, uint64_t total)
{
	if (done >= total) {
		if (bar->drawn)
			erase(bar->out);
		*bar = (struct progress_bar){.out = bar->out};
		return;
	}
	if (!bar->started)
		bar->start = now;
	bar->started = true;
	if (now - bar->start < PATIENCE_MS || (bar->drawn && now - bar->last < EVERY_MS))
		return;
	draw(bar->out, done, total);
	bar->drawn = true;
	bar->last = now;
}

void show_progress(uint64_t done, uint64_t total)
{
	static struct progress_bar bar;
	struct timespec now;

	bar.out = stderr;
	clock_gettime(CLOCK_MONOTONIC, &now);
	progress_bar_tell(&bar, (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000, done,
			  total);
}
