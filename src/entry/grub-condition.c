/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * "test" and "[", as GRUB's grub-core/commands/test.c evaluates them, but that a value may be in
 * doubt: what is true either way stays true.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "entry/grub-run.h"

enum truth {
	FALSE,
	TRUE,
	DOUBTFUL,
};

struct testing {
	struct grub_run *run;
	const struct grub_argument *arguments;
	size_t count, at;
	const struct grub_doubt *doubt; /* the first that was met */
	unsigned int depth;
};

/* A parenthesis: what is gathered up to now. */
struct expression {
	enum truth any; /* of what stood before the last -o */
	enum truth all;
	bool inverted;
};

static enum truth truth_of(bool value)
{
	return value ? TRUE : FALSE;
}

static enum truth both(enum truth a, enum truth b)
{
	if (a == FALSE || b == FALSE)
		return FALSE;
	return a == TRUE && b == TRUE ? TRUE : DOUBTFUL;
}

static enum truth invert(enum truth a)
{
	return a == DOUBTFUL ? DOUBTFUL : truth_of(a == FALSE);
}

static enum truth either(enum truth a, enum truth b)
{
	return invert(both(invert(a), invert(b)));
}

static void update(struct expression *expression, enum truth value)
{
	expression->all = both(expression->all, expression->inverted ? invert(value) : value);
	expression->inverted = false;
}

static enum truth doubt(struct testing *testing, const struct grub_doubt *cause)
{
	if (!testing->doubt)
		testing->doubt = cause;
	return DOUBTFUL;
}

static const struct grub_argument *argument(const struct testing *testing, size_t distance)
{
	return &testing->arguments[testing->at + distance];
}

static bool is(const struct testing *testing, size_t distance, const char *text)
{
	const struct grub_argument *found = argument(testing, distance);

	return !found->doubt && strcmp(found->text, text) == 0;
}

/* grub_strtoul() of GRUB with a sign; what is no number is 0. */
static long long number_of(const char *text)
{
	return strtoll(text, NULL, 0);
}

/* Behind what both have in common, back to where the number starts (-pgt, -plt). */
static int compare_behind_prefix(const char *a, const char *b)
{
	size_t i = 0;
	unsigned long long x, y;

	while (a[i] && a[i] == b[i])
		i++;
	while (i > 0 && a[i - 1] >= '0' && a[i - 1] <= '9')
		i--;
	x = strtoull(a + i, NULL, 0);
	y = strtoull(b + i, NULL, 0);
	return (x > y) - (x < y);
}

static int compare(const char *operator, const char * a, const char *b)
{
	long long x = number_of(a), y = number_of(b);

	if (operator[0] != '-')
		return strcmp(a, b);
	if (operator[1] == 'p')
		return compare_behind_prefix(a, b);
	return (x > y) - (x < y);
}

static const struct {
	const char *name;
	bool less, equal, greater; /* when it is true */
} operators[] = {
    {"=", false, true, false},   {"==", false, true, false},   {"!=", true, false, true},
    {"<", true, false, false},   {"<=", true, true, false},    {">", false, false, true},
    {">=", false, true, true},   {"-eq", false, true, false},  {"-ge", false, true, true},
    {"-gt", false, false, true}, {"-le", true, true, false},   {"-lt", true, false, false},
    {"-ne", true, false, true},  {"-pgt", false, false, true}, {"-plt", true, false, false},
};

static enum truth compare_times(struct testing *testing)
{
	const struct grub_doubt *cause =
	    grub_doubt_new(testing->run, ENTRY_NOT_UNDERSTOOD, "which of two files is newer");

	testing->at += 3;
	return doubt(testing, cause);
}

/* A test of three arguments; false when there is none. */
static bool test_three(struct testing *testing, struct expression *expression)
{
	const struct grub_argument *a, *b;

	if (testing->count - testing->at < 3 || argument(testing, 1)->doubt)
		return false;
	if (strncmp(argument(testing, 1)->text, "-nt", 3) == 0 ||
	    strncmp(argument(testing, 1)->text, "-ot", 3) == 0) {
		update(expression, compare_times(testing));
		return true;
	}
	for (size_t i = 0; i < sizeof(operators) / sizeof(*operators); i++) {
		int order;

		if (!is(testing, 1, operators[i].name))
			continue;
		a = argument(testing, 0);
		b = argument(testing, 2);
		order = compare(operators[i].name, a->text, b->text);
		testing->at += 3;
		if (a->doubt || b->doubt)
			update(expression, doubt(testing, a->doubt ? a->doubt : b->doubt));
		else if (order != 0 && (grub_names_device(a->text) || grub_names_device(b->text)))
			update(expression, doubt(testing, grub_doubt_device(testing->run)));
		else
			update(expression, truth_of(order < 0    ? operators[i].less
						    : order == 0 ? operators[i].equal
								 : operators[i].greater));
		return true;
	}
	return false;
}

static int test_file(struct testing *testing, char option, const struct grub_argument *name,
		     enum truth *value)
{
	struct grub_place place;
	int r = grub_find_file(testing->run, name, &place);
	char kind;

	if (r < 0)
		return r;
	if (place.doubt) {
		*value = doubt(testing, place.doubt);
		return 0;
	}
	kind = grub_path_kind(testing->run, place.path);
	if (kind == '?') {
		*value = doubt(testing, grub_doubt_new(testing->run, ENTRY_FILE_UNREADABLE,
						       "whether there is %s", place.path));
		return testing->run->arena.code;
	}
	*value = truth_of(option == 'e'   ? kind != '-'
			  : option == 'd' ? kind == 'd'
			  : option == 's' ? kind == 'f'
					  : kind == 'f' || kind == '0');
	return 0;
}

/* A test of two arguments. */
static int test_two(struct testing *testing, struct expression *expression, bool *found)
{
	const struct grub_argument *option = argument(testing, 0), *operand;
	enum truth value = DOUBTFUL;
	int r = 0;

	*found = testing->count - testing->at >= 2 && !option->doubt && option->text[0] == '-' &&
		 option->text[1] && strchr("defsnz", option->text[1]) && !option->text[2];
	if (!*found)
		return 0;
	operand = argument(testing, 1);
	if (operand->doubt)
		doubt(testing, operand->doubt);
	else if (option->text[1] == 'n' || option->text[1] == 'z')
		value = truth_of((*operand->text == '\0') == (option->text[1] == 'z'));
	else
		r = test_file(testing, option->text[1], operand, &value);
	testing->at += 2;
	update(expression, value);
	return r;
}

static int evaluate(struct testing *testing, enum truth *result);

static int test_parenthesis(struct testing *testing, struct expression *expression)
{
	enum truth value = FALSE;
	int r;

	testing->at++;
	if (++testing->depth > GRUB_DEPTH_MAX)
		return testing->run->arena.code = -E2BIG;
	r = evaluate(testing, &value);
	testing->depth--;
	update(expression, value);
	return r;
}

/* What is no test of two or three arguments. *ended: it was the ")". */
static int test_one(struct testing *testing, struct expression *expression, bool *ended)
{
	const struct grub_argument *here = argument(testing, 0);

	if (is(testing, 0, "("))
		return test_parenthesis(testing, expression);
	testing->at++;
	if (here->doubt) {
		update(expression, doubt(testing, here->doubt));
	} else if (strcmp(here->text, ")") == 0) {
		*ended = true;
	} else if (strcmp(here->text, "!") == 0) {
		expression->inverted = !expression->inverted;
	} else if (strcmp(here->text, "-o") == 0) {
		expression->any = either(expression->any, expression->all);
		expression->all = TRUE;
	} else if (strcmp(here->text, "-a") != 0) {
		update(expression, truth_of(*here->text != '\0'));
	}
	return 0;
}

static int evaluate(struct testing *testing, enum truth *result)
{
	struct expression expression = {.any = FALSE, .all = TRUE};
	bool found, ended = false;
	int r = 0;

	while (r == 0 && !ended && testing->at < testing->count) {
		if (test_three(testing, &expression))
			continue;
		r = test_two(testing, &expression, &found);
		if (r == 0 && !found)
			r = test_one(testing, &expression, &ended);
	}
	*result = either(expression.any, expression.all);
	return r;
}

static bool looks_like_operator(const struct grub_argument *argument)
{
	return !argument->doubt && argument->text[0] && strchr("=!<>-", argument->text[0]);
}

/* An argument in doubt may be a "-f", or two words: it must stand where only a value can. */
static const struct grub_doubt *doubtful_form(const struct grub_arguments *arguments)
{
	const struct grub_argument *list = arguments->list;

	for (size_t i = 1; i < arguments->count; i++) {
		bool behind = i > 1 && looks_like_operator(&list[i - 1]);
		bool before = i + 1 < arguments->count && looks_like_operator(&list[i + 1]);

		if (list[i].doubt && !behind && !before && arguments->count > 3)
			return list[i].doubt;
	}
	return NULL;
}

int grub_test(struct grub_run *run, const struct grub_arguments *arguments)
{
	struct testing testing = {
	    .run = run, .arguments = arguments->list, .count = arguments->count, .at = 1};
	const struct grub_doubt *form = doubtful_form(arguments);
	enum truth value = FALSE;
	int r;

	if (form)
		return grub_run_status(run, 0, form);
	if (testing.count > 1 && is(&testing, testing.count - 2, "]"))
		testing.count--;
	r = evaluate(&testing, &value);
	if (r < 0)
		return r;
	if (run->arena.code)
		return run->arena.code;
	if (value == DOUBTFUL)
		return grub_run_status(run, 0, testing.doubt);
	return grub_run_status(run, value == TRUE ? 0 : 1, NULL);
}
