/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Rules that say beforehand whether something will work: whether a panic will give a dump. Each is
 * a row of a table and a function that looks at facts which others have read; nothing is changed,
 * nothing is printed.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct check_facts;

/* What a rule found. The order is that of their weight. */
enum check_result {
	CHECK_OK,
	CHECK_INFORMATION, /* how it is set: neither right nor wrong */
	CHECK_UNKNOWN,     /* it could not be read, or is not known here */
	CHECK_WARNING,
	CHECK_PROBLEM,
};

struct check_finding {
	enum check_result result;
	char words[400];  /* a sentence without its period: what was seen */
	const char *next; /* static text: what to do about it; NULL: nothing */
};

struct check_rule {
	const char *id;             /* "reservation"; a word of the interface */
	const char *subject;        /* what it looks at, for people */
	enum check_result severity; /* the worst that it can find */
	enum error_kind kind;       /* of the failure that a problem is */
	void (*look)(struct check_finding *finding, const struct check_rule *rule,
		     const struct check_facts *facts);
	const struct check_setting *setting; /* of rules that tell how one is set */
};

/* The rules for a crash kernel, in the order in which they are told. */
extern const struct check_rule check_panic_rules[];
extern const size_t check_panic_rule_count;

enum check_verdict {
	CHECK_WORKS,
	CHECK_FAILS,  /* a rule found a problem */
	CHECK_UNSURE, /* none did, but one that could have does not know */
};

enum { CHECK_RULES_MAX = 32 };

struct check_report {
	const struct check_rule *rules;
	size_t count;
	struct check_finding findings[CHECK_RULES_MAX]; /* one for each rule */
	enum check_verdict verdict;
};

/* Applies the rules, in their order. */
void check_run(struct check_report *report, const struct check_rule *rules, size_t count,
	       const struct check_facts *facts);

/* A failure for each problem; where there is none and the verdict is unsure, for what is unknown.
 */
void check_to_error(const struct check_report *report, struct error *error);

/* Fills in a finding. */
void check_found(struct check_finding *finding, enum check_result result, const char *next,
		 const char *format, ...) __attribute__((format(printf, 4, 5)));

/* "ok", "information", …; "works", "fails", "unknown". */
const char *check_result_name(enum check_result result);
const char *check_verdict_name(enum check_verdict verdict);
