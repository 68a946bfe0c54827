/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rules about the memory that is kept free for a crash kernel. */
#include <inttypes.h>
#include <stdio.h>

#include "check/panic-rules.h"
#include "plan/size-text.h"

#define FOUR_GIB UINT64_C(0x100000000)
#define MIB      UINT64_C(0x100000)

static const char reserve_more[] =
    "give crashkernel= on the kernel's command line a larger size, and reboot";

enum { SIZE_TEXT = 32 };

/* Where the ranges are hidden, the size of the upper part is not. */
void look_at_reservation(struct check_finding *finding, const struct check_rule *rule,
			 const struct check_facts *facts)
{
	const struct machine_crash *crash = &facts->crash;
	char upper[SIZE_TEXT], low[SIZE_TEXT];
	uint64_t size = crash->ranges_fact == FACT_KNOWN ? range_size(crash->upper) : crash->size;
	uint64_t all = crash->ranges_fact == FACT_KNOWN ? map_total(&crash->reserved) : size;

	(void)rule;
	if (crash->ranges_fact != FACT_KNOWN && crash->size_fact != FACT_KNOWN)
		check_found(finding, CHECK_UNKNOWN, "run it as root",
			    "whether memory is reserved cannot be read in /proc/iomem");
	else if (size == 0)
		check_found(finding, CHECK_PROBLEM,
			    "put crashkernel=256M on the kernel's command line, and reboot",
			    "no memory is reserved for a crash kernel");
	else if (all > size)
		check_found(finding, CHECK_OK, NULL, "%s are reserved, and %s below 4 GiB",
			    size_text(size, upper, sizeof(upper)),
			    size_text(all - size, low, sizeof(low)));
	else
		check_found(finding, CHECK_OK, NULL, "%s are reserved",
			    size_text(size, upper, sizeof(upper)));
}

/* Devices that cannot reach addresses above 4 GiB need buffers below (swiotlb). */
void look_at_low_memory(struct check_finding *finding, const struct check_rule *rule,
			const struct check_facts *facts)
{
	const struct machine_crash *crash = &facts->crash;
	uint64_t size = range_size(crash->upper);

	(void)rule;
	if (crash->ranges_fact != FACT_KNOWN)
		check_found(finding, CHECK_UNKNOWN, "run it as root",
			    "where the memory lies cannot be read in /proc/iomem");
	else if (size == 0)
		check_found(finding, CHECK_UNKNOWN, NULL, "no memory is reserved");
	else if (crash->upper.end <= FOUR_GIB)
		check_found(finding, CHECK_OK, NULL, "all of it lies below 4 GiB");
	else if (map_total(&crash->reserved) > size)
		check_found(finding, CHECK_OK, NULL,
			    "the larger part lies above 4 GiB, and a part below");
	else
		check_found(finding, CHECK_WARNING,
			    "add crashkernel=256M,low to the kernel's command line, and reboot",
			    "all of it lies above 4 GiB, where devices that only reach 32-bit "
			    "addresses cannot put the dump");
}

struct crash_room check_room(const struct machine_crash *crash)
{
	uint64_t size = range_size(crash->upper);

	if (crash->ranges_fact == FACT_KNOWN)
		return (struct crash_room){crash->upper, map_total(&crash->reserved) - size};
	/* Its place is not known: taken to be low, where no buffers are needed. */
	return (struct crash_room){{0, crash->size}, 0};
}

static void say_too_small(struct check_finding *finding, const struct crash_prediction *prediction,
			  const char *why)
{
	char needed[SIZE_TEXT];

	check_found(finding, CHECK_PROBLEM, reserve_more, "%s: about %s would be needed", why,
		    size_text(prediction->needed, needed, sizeof(needed)));
}

void look_at_size(struct check_finding *finding, const struct check_rule *rule,
		  const struct check_facts *facts)
{
	struct crash_room room = check_room(&facts->crash);
	struct crash_prediction prediction = crash_predict(&facts->files.need, &room);
	char left[SIZE_TEXT];

	(void)rule;
	if (!facts->files.known || range_size(room.upper) == 0) {
		check_found(finding, CHECK_UNKNOWN,
			    facts->files.known ? NULL
					       : "name the files: kexec check --panic "
						 "KERNEL --initrd=INITRD",
			    "%s",
			    facts->files.known ? "the memory is not known"
					       : "which kernel and initrd it is for is not "
						 "known");
		return;
	}
	switch (prediction.fit) {
	case CRASH_TOO_SMALL_TO_LOAD:
		say_too_small(finding, &prediction, "kernel and initrd do not fit in");
		return;
	case CRASH_TOO_SMALL_TO_BOOT:
		say_too_small(finding, &prediction,
			      "the crash kernel would run out of memory before its first program");
		return;
	case CRASH_TOO_SMALL_TO_UNPACK:
		say_too_small(finding, &prediction,
			      "the unpacked initrd would be more than half of the crash kernel's "
			      "memory, which is all that it may take");
		return;
	case CRASH_TIGHT:
		check_found(finding, CHECK_WARNING, reserve_more,
			    "only about %s are left for the programs that save the dump",
			    size_text(prediction.left, left, sizeof(left)));
		break;
	case CRASH_FITS:
		check_found(finding, CHECK_OK, NULL,
			    "about %s are left for the programs that save the dump",
			    size_text(prediction.left, left, sizeof(left)));
		break;
	}
	if (!facts->files.need.unpacked_known)
		check_found(finding, CHECK_UNKNOWN, "name an initrd that can be unpacked here",
			    "how large the initrd is when it is unpacked is not known");
}
