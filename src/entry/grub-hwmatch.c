/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * "hwmatch FILE CLASS": whether a PCI device of a class is in a list of patterns. Ubuntu's GRUB
 * asks so for a display that cannot keep its mode, and adds a word to the command line if there is
 * none.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/root.h"
#include "entry/grub-run.h"

enum {
	PATTERNS_SIZE_MAX = 16384,
	PATTERN_MAX = 256,
	NAME_SIZE = 64,
	DEVICES_MAX = 1024,
};

#define PCI_DEVICES "/sys/bus/pci/devices"

/* What is told of a device: "v15add0405sv15adsd0405bc03sc00". False: it is of another class. */
static bool name_device(const struct root *root, const char *device, unsigned long class,
			char *name, size_t capacity)
{
	static const char *const files[] = {"class", "vendor", "device", "subsystem_vendor",
					    "subsystem_device"};
	uint64_t numbers[5];
	char path[512];

	for (size_t i = 0; i < 5; i++) {
		snprintf(path, sizeof(path), PCI_DEVICES "/%.200s/%s", device, files[i]);
		if (root_read_number(root, path, 0, &numbers[i]) != FACT_KNOWN)
			return false;
		if (i == 0 && numbers[0] >> 16 != class)
			return false;
	}
	snprintf(name, capacity, "v%04xd%04xsv%04xsd%04xbc%02xsc%02x",
		 (unsigned int)(numbers[1] & 0xffff), (unsigned int)(numbers[2] & 0xffff),
		 (unsigned int)(numbers[3] & 0xffff), (unsigned int)(numbers[4] & 0xffff),
		 (unsigned int)(class & 0xff), (unsigned int)(numbers[0] >> 8 & 0xff));
	return true;
}

/* One character of a pattern: itself, "." or "[…]". */
struct element {
	const char *text;
	size_t length;
	bool repeated; /* "*" is behind it */
};

/* Finds the next one; false: it is something else of regular expressions, and not understood. */
static bool next_element(const char **pattern, struct element *element)
{
	const char *end = *pattern + 1;

	if (strchr("(){}|+?^$*\\", **pattern))
		return false;
	if (**pattern == '[') {
		end += *end == '^';
		end += *end == ']';
		end = strchr(end, ']');
		if (!end)
			return false;
		end++;
	}
	*element = (struct element){*pattern, (size_t)(end - *pattern), *end == '*'};
	*pattern = end + (element->repeated ? 1 : 0);
	return true;
}

static bool is_in_set(const struct element *element, char c)
{
	bool inverted = element->text[1] == '^', found = false;

	for (size_t i = inverted ? 2 : 1; i + 1 < element->length; i++) {
		if (i + 3 < element->length && element->text[i + 1] == '-') {
			found |= element->text[i] <= c && c <= element->text[i + 2];
			i += 2;
		} else {
			found |= element->text[i] == c;
		}
	}
	return found != inverted;
}

static bool takes(const struct element *element, char c)
{
	if (element->text[0] == '[')
		return is_in_set(element, c);
	return element->text[0] == '.' || element->text[0] == c;
}

/* 1, 0, or -EINVAL: the pattern is not understood. All of the name must match. */
static int match_pattern(const char *pattern, const char *name)
{
	bool here[NAME_SIZE + 1] = {true}; /* how much of the name may have been matched */
	size_t length = strlen(name);

	while (*pattern) {
		bool next[NAME_SIZE + 1] = {false};
		struct element element;

		if (!next_element(&pattern, &element))
			return -EINVAL;
		for (size_t i = 0; i <= length; i++) {
			next[i] |= element.repeated && here[i];
			if (i < length && (element.repeated ? next[i] : here[i]))
				next[i + 1] |= takes(&element, name[i]);
		}
		memcpy(here, next, sizeof(here));
	}
	return here[length];
}

/* Whether one of the lines is a pattern of the name. 1, 0, or -EINVAL. */
static int match_lines(const char *lines, const char *name)
{
	int unclear = 0;

	while (*lines) {
		size_t length = strcspn(lines, "\n");
		char line[PATTERN_MAX + 1];
		int r;

		snprintf(line, sizeof(line), "%.*s", (int)(length > PATTERN_MAX ? 0 : length),
			 lines);
		line[strcspn(line, "\r")] = '\0';
		r = *line && *line != '#' ? match_pattern(line, name) : 0;
		if (r > 0)
			return r;
		if (r < 0 || length > PATTERN_MAX)
			unclear = -EINVAL;
		lines += length + (lines[length] == '\n');
	}
	return unclear;
}

static int match_devices(const struct root *root, const char *lines, unsigned long class)
{
	cleanup_close int fd = root_open_file(root, PCI_DEVICES, O_RDONLY | O_DIRECTORY);
	cleanup_closedir DIR *folder = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *found;
	int result = 0;

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd == -ENOMEM ? fd : -EINVAL;
	if (!folder)
		return -ENOMEM;
	steal_fd(&fd);
	for (unsigned int i = 0;
	     result <= 0 && result != -ENOMEM && i < DEVICES_MAX && (found = readdir(folder));
	     i++) {
		char name[NAME_SIZE];
		int r;

		if (found->d_name[0] == '.' ||
		    !name_device(root, found->d_name, class, name, sizeof(name)))
			continue;
		r = match_lines(lines, name);
		result = r != 0 ? r : result;
	}
	return result;
}

static int set_match(struct grub_run *run, int result)
{
	const struct grub_doubt *doubt = NULL;
	int r;

	if (result == -ENOMEM)
		return run->arena.code = result;
	if (result < 0) {
		doubt = grub_doubt_new(run, ENTRY_NOT_UNDERSTOOD, "what \"hwmatch\" finds");
		if (!doubt)
			return run->arena.code;
	}
	r = grub_run_set(run, "match", result > 0 ? "1" : "0", doubt);
	return r == 0 ? grub_run_status(run, 0, doubt) : r;
}

int grub_hwmatch(struct grub_run *run, const struct grub_arguments *arguments)
{
	const char *content;
	struct grub_place place;
	size_t size;
	int code, r;

	if (arguments->count < 3)
		return grub_run_status(run, 18, NULL); /* GRUB_ERR_BAD_ARGUMENT */
	r = grub_find_file(run, &arguments->list[1], &place);
	if (r < 0)
		return r;
	if (place.doubt || arguments->list[2].doubt)
		return set_match(run, -EINVAL);
	r = grub_read_file(run, place.path, PATTERNS_SIZE_MAX, &content, &size, &code);
	if (r < 0)
		return r;
	if (code == -ENOENT)
		return grub_run_status(run, 5, NULL); /* GRUB_ERR_FILE_NOT_FOUND */
	if (code < 0)
		return set_match(run, -EINVAL);
	return set_match(run, match_devices(run->machine->root, content,
					    strtoul(arguments->list[2].text, NULL, 10)));
}
