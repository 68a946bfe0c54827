/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A real bzImage, damaged in many ways: `mutate KERNEL [COUNT [SEED [FIRST]]]`. Each damage is
 * determined by the seed and its number alone, so that one can be repeated: FIRST is its number,
 * COUNT is 1. Ends with 1 and that number when one crashes, hangs or gives a plan that is wrong.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sanitizer/common_interface_defs.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/bytes.h"
#include "fake-machine.h"
#include "image/bzimage.h"
#include "plan-check.h"
#include "target.h"

enum { HEAD_SIZE = 0x400, HANG_SECONDS = 10, COUNT_DEFAULT = 10000 };

/* The kernel as it is, and a memory file that is damaged and mended again. */
struct victim {
	const uint8_t *whole;
	uint64_t size;
	int fd;
	char path[32];
};

static struct {
	const char *kernel;
	uint64_t seed, number;
} now;

static void say_which(void)
{
	char text[512];
	int length =
	    snprintf(text, sizeof(text),
		     "mutate: finding; repeat it with: mutate %s 1 %" PRIu64 " %" PRIu64 "\n",
		     now.kernel, now.seed, now.number);

	if (write(STDERR_FILENO, text, (size_t)length) < 0)
		_exit(1);
}

static void on_signal(int signal)
{
	(void)signal;
	say_which();
	_exit(1);
}

/* SplitMix64 (Steele, Lea, Flood 2014): small, and every seed is good. */
static uint64_t next_random(uint64_t *state)
{
	uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static uint64_t below(uint64_t *state, uint64_t limit)
{
	return next_random(state) % limit;
}

/* Numbers at which something changes, or that are no sizes at all. */
static uint64_t odd_number(uint64_t *state, uint64_t file_size)
{
	const uint64_t numbers[] = {0,
				    1,
				    0x7f,
				    0x80,
				    0xff,
				    0x100,
				    0xfff,
				    0x1000,
				    0x7fffffff,
				    0x80000000,
				    0xfffff000,
				    UINT32_MAX,
				    UINT64_MAX,
				    UINT64_MAX - 0xfff,
				    file_size,
				    file_size / 16,
				    file_size / 16 + 1};

	return numbers[below(state, sizeof(numbers) / sizeof(*numbers))];
}

static void damage_head(uint8_t *head, uint64_t *state, uint64_t file_size)
{
	for (uint64_t edits = 1 + below(state, 4); edits > 0; edits--) {
		bool in_header = below(state, 4) > 0;
		uint64_t offset =
		    in_header ? 0x1f1 + below(state, 0x268 - 0x1f1) : below(state, HEAD_SIZE - 8);

		switch (below(state, 3)) {
		case 0:
			head[offset] ^= (uint8_t)(1 << below(state, 8));
			break;
		case 1:
			head[offset] = (uint8_t)next_random(state);
			break;
		default:
			store_le(head + offset, 1U << below(state, 4),
				 odd_number(state, file_size));
			break;
		}
	}
}

/* Nearly always as it was; else shorter, in its head or anywhere, or a little longer. */
static uint64_t damaged_size(uint64_t *state, uint64_t size)
{
	switch (below(state, 20)) {
	case 0:
		return below(state, HEAD_SIZE + 1);
	case 1:
		return below(state, size);
	case 2:
		return size + below(state, 8192);
	default:
		return size;
	}
}

static void write_at(const struct victim *victim, const void *bytes, uint64_t size, uint64_t offset)
{
	for (uint64_t done = 0; done < size;) {
		ssize_t n = pwrite(victim->fd, (const uint8_t *)bytes + done, size - done,
				   (off_t)(offset + done));

		require(n > 0);
		done += (uint64_t)n;
	}
}

static struct outcome mutate(const struct victim *victim)
{
	uint64_t state = now.seed * UINT64_C(0x2545f4914f6cdd1d) + now.number;
	uint64_t head_size = victim->size < HEAD_SIZE ? victim->size : HEAD_SIZE;
	uint64_t size = damaged_size(&state, victim->size);
	struct scenario scenario = {
	    .machine = (unsigned int)below(&state, FAKE_MACHINE_COUNT),
	    .initrds = (unsigned int)below(&state, 3),
	    .words = (unsigned int)below(&state, 2100),
	    .five_level_paging = below(&state, 4) == 0,
	    .limits = below(&state, 4) == 0,
	};
	uint8_t head[HEAD_SIZE] = {};
	struct outcome outcome;

	memcpy(head, victim->whole, head_size);
	if (size == victim->size || below(&state, 2))
		damage_head(head, &state, victim->size);
	write_at(victim, head, head_size, 0);
	require(ftruncate(victim->fd, (off_t)size) == 0);

	alarm(HANG_SECONDS);
	outcome = plan_and_check(&scenario, victim->path);
	alarm(0);

	require(ftruncate(victim->fd, (off_t)victim->size) == 0);
	if (size < victim->size)
		write_at(victim, victim->whole + size, victim->size - size, size);
	return outcome;
}

static bool open_victim(struct victim *victim, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;
	void *whole;

	if (fd < 0 || fstat(fd, &status) < 0 || status.st_size < HEAD_SIZE)
		return false;
	victim->size = (uint64_t)status.st_size;
	whole = mmap(NULL, victim->size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	victim->fd = memfd_create("kernel", MFD_CLOEXEC);
	if (whole == MAP_FAILED || victim->fd < 0)
		return false;
	victim->whole = whole;
	snprintf(victim->path, sizeof(victim->path), "/proc/self/fd/%d", victim->fd);
	write_at(victim, victim->whole, victim->size, 0);
	return true;
}

int main(int argc, char **argv)
{
	uint64_t count = argc > 2 ? strtoull(argv[2], NULL, 0) : COUNT_DEFAULT;
	uint64_t first = argc > 4 ? strtoull(argv[4], NULL, 0) : 0;
	uint64_t planned = 0, trace = 0;
	struct victim victim;
	struct scenario intact = {};

	if (argc < 2 || argc > 5) {
		fprintf(stderr, "usage: mutate KERNEL [COUNT [SEED [FIRST]]]\n");
		return 2;
	}
	if (!open_victim(&victim, argv[1])) {
		fprintf(stderr, "mutate: %s cannot be used: %s\n", argv[1], strerror(errno));
		return 2;
	}
	now.kernel = argv[1];
	now.seed = argc > 3 ? strtoull(argv[3], NULL, 0) : 1;
	signal(SIGALRM, on_signal);
	signal(SIGABRT, on_signal);
	__sanitizer_set_death_callback(say_which);
	/* Unless the kernel as it is can be loaded, what follows would prove nothing. */
	require(plan_and_check(&intact, victim.path).planned);
	for (uint64_t i = 0; i < count; i++) {
		struct outcome outcome;

		now.number = first + i;
		outcome = mutate(&victim);
		planned += outcome.planned;
		trace = (trace ^ outcome.trace) * UINT64_C(0x100000001b3);
	}
	printf("%s: seed %" PRIu64 ", %" PRIu64 " mutations: %" PRIu64 " planned, %" PRIu64
	       " refused, trace %016" PRIx64 "\n",
	       argv[1], now.seed, count, planned, count - planned, trace);
	return 0;
}
