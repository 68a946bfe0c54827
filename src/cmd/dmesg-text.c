/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/dmesg-show.h"

#include <string.h>

#define NANOSECONDS UINT64_C(1000000000)

bool dmesg_wants(const struct dmesg_command *command, const struct log_message *message)
{
	if (!message->has_priority)
		return true;
	if (command->levels && !(command->levels >> message->level & 1))
		return false;
	return !command->facilities ||
	       (message->facility < 32 && command->facilities >> message->facility & 1);
}

bool dmesg_needs_start(const struct dmesg_command *command)
{
	return command->time == DMESG_TIME_CTIME || command->time == DMESG_TIME_RELTIME ||
	       command->time == DMESG_TIME_ISO;
}

void dmesg_caller(char text[DMESG_CALLER_SIZE], uint32_t caller)
{
	snprintf(text, DMESG_CALLER_SIZE, "%c%u", caller & LOG_CALLER_IS_CPU ? 'C' : 'T',
		 caller & ~LOG_CALLER_IS_CPU);
}

static void print_raw_time(const struct dmesg_show *show, uint64_t nanoseconds)
{
	fprintf(show->out, "[%5llu.%06llu", (unsigned long long)(nanoseconds / NANOSECONDS),
		(unsigned long long)(nanoseconds % NANOSECONDS / 1000));
}

/* The time of day, in the reader's time zone, and microseconds. */
static unsigned int local_time(const struct dmesg_show *show, uint64_t nanoseconds, struct tm *tm)
{
	int64_t micro = show->start + (int64_t)(nanoseconds / 1000);
	int64_t rest = micro % 1000000;
	time_t seconds = (time_t)(micro / 1000000);

	if (rest < 0) {
		rest += 1000000;
		seconds--;
	}
	if (!localtime_r(&seconds, tm))
		*tm = (struct tm){};
	return (unsigned int)rest;
}

/* Seconds since the message before, 0 of the first. */
static double distance(const struct dmesg_show *show, uint64_t nanoseconds)
{
	if (!show->any)
		return 0;
	return ((double)nanoseconds - (double)show->previous) / (double)NANOSECONDS;
}

/* Prints a time of day; a macro, because a format must be a literal. */
#define PRINT_DAY_TIME(show, format, tm)                                                           \
	do {                                                                                       \
		char day_time[64];                                                                 \
                                                                                                   \
		if (strftime(day_time, sizeof(day_time), format, tm) > 0)                          \
			fputs(day_time, (show)->out);                                              \
	} while (0)

static void print_iso(const struct dmesg_show *show, uint64_t nanoseconds)
{
	struct tm tm;
	char zone[8] = "";
	unsigned int micro = local_time(show, nanoseconds, &tm);

	PRINT_DAY_TIME(show, "%Y-%m-%dT%H:%M:%S", &tm);
	strftime(zone, sizeof(zone), "%z", &tm); /* +hhmm */
	fprintf(show->out, ",%06u%.3s:%s ", micro, zone, strlen(zone) > 3 ? zone + 3 : "");
}

/* The minute once, then how much later the next messages came. */
static void print_relative(struct dmesg_show *show, uint64_t nanoseconds)
{
	double later = distance(show, nanoseconds);
	struct tm tm;

	local_time(show, nanoseconds, &tm);
	if (!show->any || tm.tm_min != show->minute.tm_min || tm.tm_hour != show->minute.tm_hour ||
	    tm.tm_yday != show->minute.tm_yday)
		PRINT_DAY_TIME(show, "[%b%e %H:%M] ", &tm);
	else
		fprintf(show->out, "[ %*s%+.6f] ", later < 10 ? 1 : 0, "", later);
	show->minute = tm;
}

static void print_time(struct dmesg_show *show, uint64_t nanoseconds)
{
	struct tm tm;

	switch (show->command->time) {
	case DMESG_TIME_RAW:
		print_raw_time(show, nanoseconds);
		fputs("] ", show->out);
		break;
	case DMESG_TIME_CTIME:
		local_time(show, nanoseconds, &tm);
		PRINT_DAY_TIME(show, "[%a %b %e %H:%M:%S %Y] ", &tm);
		break;
	case DMESG_TIME_RELTIME:
		print_relative(show, nanoseconds);
		break;
	case DMESG_TIME_DELTA:
		print_raw_time(show, nanoseconds);
		fprintf(show->out, " <%12.6f>] ", distance(show, nanoseconds));
		break;
	case DMESG_TIME_ISO:
		print_iso(show, nanoseconds);
		break;
	case DMESG_TIME_NOTIME:
		break;
	}
	show->previous = nanoseconds;
	show->any = true;
}

/* As isprint() and isspace() in the C locale, which kexec-tools' vmcore-dmesg goes by. */
static bool is_shown(uint8_t byte)
{
	return (byte >= 0x20 && byte < 0x7f) || (byte >= '\t' && byte <= '\r');
}

static void print_escaped(FILE *out, const uint8_t *text, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (is_shown(text[i]))
			putc(text[i], out);
		else
			fprintf(out, "\\x%02x", text[i]);
}

/* Lines of old kernels have their times, or not, and are shown as they are. */
static bool is_shown_as_it_is(const struct dmesg_command *command,
			      const struct log_message *message)
{
	return message->is_line && !command->time_given && !command->caller;
}

int dmesg_show_text(void *context, const struct log_message *message)
{
	struct dmesg_show *show = context;
	const uint8_t *text = message->text + message->prefix_size;
	size_t size = message->text_size - message->prefix_size;
	char caller[DMESG_CALLER_SIZE];

	if (!dmesg_wants(show->command, message))
		return 0;
	if (is_shown_as_it_is(show->command, message)) {
		fwrite(message->text, 1, message->text_size, show->out);
		return 0;
	}
	if (message->has_time)
		print_time(show, message->nanoseconds);
	if (show->command->caller && message->has_caller) {
		dmesg_caller(caller, message->caller);
		fprintf(show->out, "[%6s] ", caller);
	}
	if (message->is_line && size > 0 && text[size - 1] == '\n')
		size--;
	print_escaped(show->out, text, size);
	putc('\n', show->out);
	return 0;
}
