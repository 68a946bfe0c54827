/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Marks a page of memory in each of some physical ranges, prints where, and stays behind to hold
 * them: a dump of the memory must then have the mark at that address.
 *
 * usage: mark-memory TOKEN START-END...          (hexadecimal, END excluded)
 *
 * The kernel gives high memory first, so name high ranges first.
 *
 * Prints a line "MARK address" for each range, in hexadecimal, and fills each page with the token,
 * over and over. Exit status 1: no page of a range was to be had.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE       4096ul
#define CHUNK      (1024 * 1024ul)
#define PRESENT    (1ull << 63)
#define FRAME_MASK ((1ull << 55) - 1)

/* Documentation/admin-guide/mm/pagemap.rst: a word for each page; 0 when it is not there. */
static uint64_t physical(int pagemap, const char *page)
{
	uint64_t word;

	if (pread(pagemap, &word, sizeof(word), (off_t)((uintptr_t)page / PAGE * sizeof(word))) !=
		sizeof(word) ||
	    !(word & PRESENT))
		return 0;
	return (word & FRAME_MASK) * PAGE;
}

/* A page of the range in a chunk; NULL when none is in it. */
static char *find(int pagemap, char *chunk, uint64_t start, uint64_t end)
{
	for (char *page = chunk; page < chunk + CHUNK; page += PAGE) {
		uint64_t address = physical(pagemap, page);

		if (address >= start && address < end)
			return page;
	}
	return NULL;
}

/*
 * A page of the range, taken from the kernel until it gives one; what it gave before stays taken.
 * It comes in huge pages, because that is quick, and is left alone by khugepaged afterwards.
 */
static char *take(int pagemap, uint64_t start, uint64_t end)
{
	for (;;) {
		char *page, *chunk = mmap(NULL, CHUNK, PROT_READ | PROT_WRITE,
					  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (chunk == MAP_FAILED || madvise(chunk, CHUNK, MADV_HUGEPAGE) < 0 ||
		    mlock(chunk, CHUNK) < 0 || madvise(chunk, CHUNK, MADV_NOHUGEPAGE) < 0)
			return NULL;
		page = find(pagemap, chunk, start, end);
		if (page)
			return page;
	}
}

static int mark(int pagemap, const char *token, const char *range)
{
	char *rest, *page;
	uint64_t start = strtoull(range, &rest, 16),
		 end = *rest == '-' ? strtoull(rest + 1, NULL, 16) : 0;
	size_t length = strlen(token);

	page = take(pagemap, start, end);
	if (!page)
		return -1;
	for (size_t i = 0; i < PAGE; i++)
		page[i] = token[i % length];
	printf("MARK %llx\n", (unsigned long long)physical(pagemap, page));
	return 0;
}

int main(int argc, char **argv)
{
	int pagemap, results[2], failed = argc < 3 || pipe(results) < 0;
	char byte;

	if (failed)
		return 2;
	if (fork() > 0) {
		close(results[1]);
		return read(results[0], &byte, 1) == 1 ? byte : 1;
	}
	setsid();
	pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	for (int i = 2; i < argc && !failed; i++)
		failed = pagemap < 0 || mark(pagemap, argv[1], argv[i]) < 0;
	byte = (char)failed;
	if (fflush(stdout) || write(results[1], &byte, 1) != 1 || failed)
		return 1;
	for (int i = 0; i < 3; i++)
		close(i);
	for (;;)
		pause();
}
