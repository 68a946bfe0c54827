/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "machine/scrub.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/words.h"

/* arch/x86/include/uapi/asm/bootparam.h: struct boot_params. */
enum {
	BOOT_PARAMS_EXT_CMD_LINE_PTR = 0x0c8,
	BOOT_PARAMS_CMD_LINE_PTR = 0x228,
	BOOT_PARAMS_SETUP_DATA = 0x250,
};

/* Words of the command line whose values a plan, or who looks for its fault, needs. */
static const char *const kept_words[] = {
    "acpi",
    "acpi_rsdp",
    "amd_iommu",
    "cma",
    "console",
    "crashkernel",
    "default_hugepagesz",
    "earlycon",
    "earlyprintk",
    "efi",
    "elfcorehdr",
    "hugepages",
    "hugepagesz",
    "ima_appraise",
    "ima_policy",
    "intel_iommu",
    "iommu",
    "kernelcore",
    "kho",
    "kho_scratch",
    "lockdown",
    "lsm",
    "maxcpus",
    "mem",
    "mem_encrypt",
    "memhp_default_state",
    "memmap",
    "movablecore",
    "nr_cpus",
    "numa",
    "panic",
    "pci",
    "possible_cpus",
    "reserve_mem",
    "swiotlb",
    "video",
};

bool scrub_keeps_word(const char *name, size_t length)
{
	static const char ramoops[] = "ramoops.";

	if (length >= sizeof(ramoops) && strncmp(name, ramoops, sizeof(ramoops) - 1) == 0)
		return true;
	for (size_t i = 0; i < sizeof(kept_words) / sizeof(*kept_words); i++)
		if (length == strlen(kept_words[i]) && strncmp(name, kept_words[i], length) == 0)
			return true;
	return false;
}

/* Whether a name stays one word without the quotes around it. */
static bool is_plain(const char *name, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (name[i] == '"' || isspace((unsigned char)name[i]))
			return false;
	return true;
}

/*
 * A word that is quoted as a whole loses its quotes with its value. Quotes and blanks elsewhere in
 * a name would make it several words, or part of another one, once the value is gone.
 */
static void write_word(FILE *out, const char *word, size_t length)
{
	const char *name = *word == '"' ? word + 1 : word;
	const char *equals = memchr(word, '=', length);
	size_t name_length = equals ? (size_t)(equals - name) : 0;

	if (equals && !is_plain(name, name_length))
		fputs("scrubbed", out);
	else if (!equals || scrub_keeps_word(name, name_length))
		fprintf(out, "%.*s", (int)length, word);
	else
		fprintf(out, "%.*s=scrubbed", (int)name_length, name);
}

/* What stands behind "--" is init's, and may be anything. */
static int write_command_line(FILE *out, const char *content)
{
	cleanup_free char *line = strndup(content, strcspn(content, "\n"));
	const char *text = line, *word, *blank = "";
	bool for_init = false;
	size_t length;

	if (!line)
		return -1;
	for (; words_next(&text, &word, &length); blank = " ") {
		fputs(blank, out);
		if (for_init)
			fputs("scrubbed", out);
		else
			write_word(out, word, length);
		for_init = for_init || (length == 2 && strncmp(word, "--", 2) == 0);
	}
	fputc('\n', out);
	return 0;
}

static void write_lines(FILE *out, const char *text, const char *start)
{
	for (size_t length; *text; text += length + (text[length] == '\n')) {
		length = strcspn(text, "\n");
		if (strncmp(text, start, strlen(start)) == 0)
			fprintf(out, "%.*s\n", (int)length, text);
	}
}

static void write_boot_params(FILE *out, const char *content, size_t size)
{
	static const struct {
		size_t offset, size;
	} fields[] = {
	    {BOOT_PARAMS_EXT_CMD_LINE_PTR, 4},
	    {BOOT_PARAMS_CMD_LINE_PTR, 4},
	    {BOOT_PARAMS_SETUP_DATA, 8},
	};
	size_t from = 0;

	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		static const char zeros[8];

		if (size < fields[i].offset + fields[i].size)
			break;
		fwrite(content + from, 1, fields[i].offset - from, out);
		fwrite(zeros, 1, fields[i].size, out);
		from = fields[i].offset + fields[i].size;
	}
	fwrite(content + from, 1, size - from, out);
}

char *scrub_file(const char *path, const char *content, size_t *size)
{
	cleanup_fclose FILE *out = NULL;
	char *scrubbed = NULL;
	size_t written = 0;
	int r = 0;

	out = open_memstream(&scrubbed, &written);
	if (!out)
		return NULL;
	if (strcmp(path, "/proc/cmdline") == 0) {
		r = write_command_line(out, content);
	} else if (strcmp(path, "/proc/self/status") == 0) {
		write_lines(out, content, "Name:");
		write_lines(out, content, "CapEff:");
	} else if (strcmp(path, "/sys/kernel/security/ima/policy") == 0) {
		write_lines(out, content, "appraise");
	} else if (strcmp(path, "/sys/kernel/boot_params/data") == 0) {
		write_boot_params(out, content, *size);
	} else {
		fwrite(content, 1, *size, out);
	}
	r |= ferror(out);
	if (fclose(steal_pointer(out)) != 0 || r) {
		free(scrubbed);
		return NULL;
	}
	*size = written;
	return scrubbed;
}
