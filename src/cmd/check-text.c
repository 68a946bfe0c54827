/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/check-text.h"

#include <stdio.h>

#include "base/printable.h"

static const char *verdict_in_words(enum check_verdict verdict)
{
	switch (verdict) {
	case CHECK_WORKS:
		return "a panic should give a dump";
	case CHECK_FAILS:
		return "a panic would give no dump";
	case CHECK_UNSURE:
		break;
	}
	return "whether a panic would give a dump is not known";
}

void check_show(const struct check_report *report, enum check_result least)
{
	for (size_t i = 0; i < report->count; i++) {
		const struct check_finding *finding = &report->findings[i];

		if (finding->result < least)
			continue;
		printf("%-12s %s: ", check_result_name(finding->result), report->rules[i].subject);
		print_printable(stdout, finding->words);
		putchar('\n');
		if (finding->next)
			printf("%-12s next: %s\n", "", finding->next);
	}
	printf("\n%s\n", verdict_in_words(report->verdict));
}
