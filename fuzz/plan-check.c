/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan-check.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "boot/linux-x86/layout.h"
#include "boot/linux-x86/linux-x86.h"
#include "explain/explain.h"
#include "fake-machine.h"
#include "handover/make-plan.h"
#include "machine/machine.h"
#include "plan/digest.h"
#include "plan/show.h"
#include "purgatory/parameters.h"
#include "target.h"

#define PAGE_BYTES UINT64_C(4096)
#define FOUR_GIB   UINT64_C(0x100000000)

enum { WORDS_MAX = 4096, PATH_SIZE = 32 };

/* A memory file as a path. It stays for as long as the process does. */
static void memory_file(char path[PATH_SIZE], const void *content, size_t size)
{
	int fd = memfd_create("initrd", MFD_CLOEXEC);

	require(fd >= 0 && write(fd, content, size) == (ssize_t)size);
	snprintf(path, PATH_SIZE, "/proc/self/fd/%d", fd);
}

static void early_archive(char *archive, size_t capacity)
{
	snprintf(archive, capacity,
		 "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08Xkernel%c%c%c%c"
		 "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08XTRAILER!!!",
		 1, 040755, 0, 0, 1, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0,
		 0, 0, 11, 0);
}

static const char *const *initrds(void)
{
	static char plain_path[PATH_SIZE], early_path[PATH_SIZE];
	static const char *const paths[] = {plain_path, early_path};

	if (!*plain_path) {
		char plain[5000] = "plain", early[2 * 124 + 4] = "";

		early_archive(early, sizeof(early));
		memory_file(plain_path, plain, sizeof(plain));
		memory_file(early_path, early, sizeof(early));
	}
	return paths;
}

/* The kernel's bzImage header, read once more. */
static struct bzimage read_again(const struct plan *plan)
{
	uint8_t head[BZIMAGE_HEAD_SIZE];
	uint64_t size = plan->kernel->size < sizeof(head) ? plan->kernel->size : sizeof(head);
	struct bzimage image;

	require(blob_read(plan->kernel, 0, head, size, NULL) == 0);
	require(bzimage_read(&image, (struct bytes){head, size}, plan->kernel->size, "", NULL) ==
		0);
	return image;
}

static bool lies_in(const struct map *map, struct range range)
{
	for (size_t i = 0; i < map->count; i++)
		if (map->regions[i].range.start <= range.start &&
		    range.end <= map->regions[i].range.end)
			return true;
	return false;
}

static void check_segment(const struct plan *plan, const struct plan_segment *segment,
			  const struct request *request, const struct machine *machine)
{
	const struct map *tables = &machine->firmware.efi_tables;
	struct range at = segment->destination;

	require(at.start < at.end && at.start % PAGE_BYTES == 0 && at.end % PAGE_BYTES == 0);
	require(at.end - at.start == segment->memory_size);
	require(is_power_of_two(segment->alignment) && segment->alignment >= PAGE_BYTES);
	require(at.start % segment->alignment == 0);
	require(at.start >= request->load_min && at.end <= request->load_max);
	require(lies_in(&machine->memory.usable, at));
	for (size_t i = 0; i < tables->count; i++)
		require(at.end <= tables->regions[i].range.start ||
			tables->regions[i].range.end <= at.start);
	for (const struct plan_segment *other = plan->segments; other < segment; other++) {
		require(at.end <= other->destination.start || other->destination.end <= at.start);
		require(strcmp(other->name, segment->name) != 0);
	}
	require(segment->content_size <= segment->memory_size);
	require(segment->content_offset <= segment->content->size);
	require(segment->content_size <= segment->content->size - segment->content_offset);
	require(segment->checked_size <= segment->content_size);
	require(plan->check || segment->checked_size == 0);
}

static void check_form(const struct plan *plan, const struct bzimage *image)
{
	const struct plan_segment *kernel = &plan->segments[LINUX_X86_KERNEL];

	require(plan->form_reason && *plan->form_reason);
	if (plan->form == PLAN_DIRECT) {
		require(image->entry_64 && image->relocatable);
		require(kernel->content == plan->unpacked);
		require(plan->kernel_entry < kernel->content_size);
		return;
	}
	require(kernel->content == plan->kernel);
	require(kernel->content_offset == image->kernel_offset);
	require(kernel->content_size == image->kernel_size);
	require(kernel->memory_size >= image->init_size);
}

static void check_kernel(const struct plan *plan, const struct bzimage *image)
{
	const struct plan_segment *kernel = &plan->segments[LINUX_X86_KERNEL];
	bool above = image->entry_64 && (image->xloadflags & BZIMAGE_XLF_ABOVE_4G);

	check_form(plan, image);
	require(image->relocatable ? kernel->destination.start % image->alignment == 0
				   : kernel->destination.start == image->preferred_address);
	require(!image->relocatable || kernel->destination.start >= image->preferred_address);
	for (size_t i = 0; !above && i < plan->segment_count; i++)
		require(plan->segments[i].destination.end <= FOUR_GIB);
	if (!above && plan->initrds)
		require(plan->segments[LINUX_X86_INITRD].destination.start + plan->initrds->size -
			    1 <=
			image->initrd_max);
}

static bool holds(const struct plan_segment *segment, uint64_t address, uint64_t size)
{
	return address >= segment->destination.start && address <= segment->destination.end &&
	       size <= segment->destination.end - address;
}

static void check_purgatory(const struct plan *plan, const struct bzimage *image)
{
	const struct plan_segment *segment = &plan->segments[LINUX_X86_PURGATORY];
	struct purgatory_parameters parameters;

	require(plan->entry >= segment->destination.start &&
		plan->entry < segment->destination.start + PURGATORY_PARAMETERS_OFFSET);
	memcpy(&parameters, segment->content->memory + PURGATORY_PARAMETERS_OFFSET,
	       sizeof(parameters));
	require(parameters.magic == PURGATORY_MAGIC);
	require(parameters.entry - plan->segments[LINUX_X86_KERNEL].destination.start ==
		(plan->form == PLAN_DIRECT ? plan->kernel_entry
		 : image->entry_64         ? 0x200
					   : 0));
	require(parameters.argument == plan->segments[LINUX_X86_BOOT_PARAMS].destination.start);
	require(holds(&plan->segments[LINUX_X86_SETUP_DATA], parameters.stamp,
		      sizeof(struct purgatory_stamp)));
	require(plan->check || parameters.checks.count == 0);
	require(!plan->check || parameters.checks.count == plan->segment_count);
	for (size_t i = 0; i < parameters.checks.count; i++) {
		const struct plan_segment *checked = &plan->segments[i];
		uint64_t digest;

		require(parameters.checks.entries[i].start == checked->destination.start);
		require(parameters.checks.entries[i].size == checked->checked_size);
		require(digest_blob(checked->content, checked->content_offset,
				    checked->checked_size, &digest, NULL) == 0);
		require(parameters.checks.entries[i].digest == digest);
	}
}

/* Every node of the chain lies in its segment, and the chain ends. */
static void check_setup_data(const struct plan *plan, uint64_t node)
{
	const struct plan_segment *segment = &plan->segments[LINUX_X86_SETUP_DATA];
	const uint8_t *content = segment->content->memory;
	unsigned int nodes = 0;

	require(node == segment->destination.start);
	for (uint64_t offset; node; node = load_le(content + offset, 8)) {
		require(++nodes < 16);
		offset = node - segment->destination.start;
		require(node >= segment->destination.start && node % 8 == 0);
		require(offset <= segment->content_size &&
			SETUP_DATA_HEADER_SIZE <= segment->content_size - offset);
		require(load_le(content + offset + 12, 4) <=
			segment->content_size - offset - SETUP_DATA_HEADER_SIZE);
	}
}

static void check_boot_params(const struct plan *plan, const struct request *request)
{
	const struct plan_segment *segment = &plan->segments[LINUX_X86_BOOT_PARAMS];
	const uint8_t *page = segment->content->memory;
	size_t count = plan->told.count < E820_TABLE_MAX ? plan->told.count : E820_TABLE_MAX;
	uint64_t line = load_le(page + BP_CMD_LINE_PTR, 4) | load_le(page + BP_EXT_CMD_LINE_PTR, 4)
								 << 32;
	uint64_t map = load_le(page + BP_EFI_INFO + EFI_INFO_MEMMAP, 4) |
		       load_le(page + BP_EFI_INFO + EFI_INFO_MEMMAP_HI, 4) << 32;
	uint64_t initrd =
	    load_le(page + BP_RAMDISK_IMAGE, 4) | load_le(page + BP_EXT_RAMDISK_IMAGE, 4) << 32;
	uint64_t initrd_size =
	    load_le(page + BP_RAMDISK_SIZE, 4) | load_le(page + BP_EXT_RAMDISK_SIZE, 4) << 32;

	require(memcmp(page + 0x202, "HdrS", 4) == 0);
	require(plan->form == PLAN_DIRECT || !plan->randomised);
	require(!plan->randomised || (page[BP_LOADFLAGS] & BZIMAGE_KASLR));
	require(holds(segment, line, strlen(request->command_line) + 1));
	require(line - segment->destination.start + strlen(request->command_line) + 1 <=
		segment->content_size);
	require(strcmp((const char *)page + (line - segment->destination.start),
		       request->command_line) == 0);
	require(page[BP_E820_ENTRIES] == count);
	for (size_t i = 0; i < count; i++)
		require(load_le(page + BP_E820_TABLE + i * E820_ENTRY_SIZE, 8) ==
			plan->told.regions[i].range.start);
	require(!map || holds(&plan->segments[LINUX_X86_SETUP_DATA], map,
			      load_le(page + BP_EFI_INFO + EFI_INFO_MEMMAP_SIZE, 4)));
	require(request->initrd_count == 0
		    ? initrd == 0 && initrd_size == 0
		    : initrd == plan->segments[LINUX_X86_INITRD].destination.start &&
			  initrd_size == plan->initrds->size);
	check_setup_data(plan, load_le(page + BP_SETUP_DATA, 8));
}

static void check_plan(const struct plan *plan, const struct request *request,
		       const struct machine *machine)
{
	struct bzimage image = read_again(plan);
	uint64_t total = 0;

	require(plan->sealed && plan->method == PLAN_SEGMENTS);
	require(plan->check == !request->skip_check);
	require(plan->segment_count == (request->initrd_count ? 5 : 4));
	for (size_t i = 0; i < plan->segment_count; i++) {
		check_segment(plan, &plan->segments[i], request, machine);
		total += plan->segments[i].memory_size;
	}
	require(total <= machine->memory.total / 2);
	check_kernel(plan, &image);
	check_purgatory(plan, &image);
	check_boot_params(plan, request);
	require(plan_unchanged(plan, NULL) == 0);
}

/* What a person would be shown must be there, without control characters of the file's. */
static void check_text(const char *text)
{
	require(*text);
	for (const char *c = text; *c; c++)
		require((unsigned char)*c >= 0x20 || *c == '\n' || *c == '\t');
}

static void check_shown(const struct plan *plan, const struct error *error)
{
	cleanup_free char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	require(out);
	if (plan)
		plan_show_text(plan, out);
	else
		explain_error(out, EXPLAIN_PLAN, error, NULL);
	fclose(out);
	check_text(text);
}

static uint64_t mix(uint64_t trace, uint64_t value)
{
	return (trace ^ value) * UINT64_C(0x100000001b3);
}

static uint64_t trace_plan(const struct plan *plan)
{
	uint64_t trace = mix(UINT64_C(0xcbf29ce484222325), plan->entry);

	for (size_t i = 0; i < plan->segment_count; i++)
		trace = mix(mix(trace, plan->segments[i].destination.start),
			    plan->segments[i].destination.end);
	return trace;
}

/* A file that can be read is refused for what is in it, or for want of room, by name. */
static uint64_t check_refusal(int r, const struct error *error, bool empty)
{
	enum error_kind kind = error_kind(error);

	require(r < 0 && error->count > 0);
	require(kind == ERROR_IMAGE || kind == ERROR_NO_ROOM || kind == ERROR_TOO_LONG ||
		kind == ERROR_UNSUPPORTED || (kind == ERROR_FILE && empty));
	require(error->failures[0].step && *error->failures[0].detail);
	return mix(kind, (uint64_t)error->failures[0].detail[0]);
}

static int lowest_free_fd(void)
{
	int fd = fcntl(0, F_DUPFD_CLOEXEC, 0);

	require(fd >= 0);
	close(fd);
	return fd;
}

static struct request request_of(const struct scenario *scenario, const char *path,
				 char words[WORDS_MAX])
{
	size_t length = scenario->words % WORDS_MAX;

	memset(words, 'w', length);
	words[length] = '\0';
	return (struct request){
	    .kernel = path,
	    .initrds = initrds(),
	    .initrd_count = scenario->initrds % 3,
	    .command_line = words,
	    .method = METHOD_SEGMENTS_ONLY,
	    .skip_check = !scenario->check,
	    .load_min = scenario->limits ? 0x2000000 : 0,
	    .load_max = scenario->limits ? 0x40000000 : UINT64_MAX,
	    .have_seed = true,
	};
}

struct outcome plan_and_check(const struct scenario *scenario, const char *path)
{
	static struct machine machine;
	char words[WORDS_MAX];
	struct request request = request_of(scenario, path, words);
	struct outcome outcome = {};
	struct error error = {};
	struct plan *plan = NULL;
	int r, before = lowest_free_fd();

	machine = *fake_machine(scenario->machine);
	machine.kernel.five_level_paging = scenario->five_level_paging;
	r = make_plan(&request, NULL, &machine, attempt_first(&request, &machine), &plan, &error);
	if (r == 0) {
		require(plan && error.count == 0);
		check_plan(plan, &request, &machine);
		outcome = (struct outcome){true, trace_plan(plan)};
	} else {
		int fd = open(path, O_RDONLY | O_CLOEXEC);

		require(!plan && fd >= 0);
		outcome.trace = check_refusal(r, &error, lseek(fd, 0, SEEK_END) == 0);
		close(fd);
	}
	check_shown(plan, &error);
	plan_free(plan);
	require(lowest_free_fd() == before);
	return outcome;
}
