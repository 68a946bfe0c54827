/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "machine/kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/words.h"
#include "machine/crash.h"

#define CAPABILITY_SYS_BOOT 22 /* linux/capability.h */

static enum fact read_flag(const struct root *root, const char *path, bool *flag)
{
	uint64_t number = 0;
	enum fact fact = root_read_number(root, path, 10, &number);

	*flag = number != 0;
	return fact;
}

/* "none [integrity] confidentiality": the word in brackets is in force. */
static enum fact read_lockdown(const struct root *root, char *mode, size_t size)
{
	char line[128], *open, *close;
	enum fact fact = root_read_line(root, "/sys/kernel/security/lockdown", line, sizeof(line));

	if (fact != FACT_KNOWN)
		return fact;
	open = strchr(line, '[');
	close = open ? strchr(open, ']') : NULL;
	if (!close || (size_t)(close - open) > size)
		return FACT_UNREADABLE;
	*close = '\0';
	snprintf(mode, size, "%s", open + 1);
	return FACT_KNOWN;
}

/* Rules as in Documentation/ABI/testing/ima_policy: "appraise func=KEXEC_KERNEL_CHECK …". */
static int read_ima(struct machine_kernel *kernel, const struct root *root)
{
	cleanup_free char *text = NULL;
	char *rest, *line;
	size_t size;
	int r;

	r = root_read(root, "/sys/kernel/security/ima/policy", 1 << 20, &text, &size);
	if (r < 0) {
		kernel->ima_fact = r == -ENOENT ? FACT_ABSENT : FACT_UNREADABLE;
		return r == -ENOMEM ? r : 0;
	}
	kernel->ima_fact = FACT_KNOWN;
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		if (strncmp(line, "appraise", 8) == 0 && strstr(line, "KEXEC_KERNEL_CHECK"))
			kernel->ima_appraises = true;
	return 0;
}

/* "kho=" takes what kstrtobool() takes; a kernel may also have it on without the word. */
static bool handover_is_enabled(const struct root *root, const char *command_line)
{
	cleanup_close int folder = root_open_file(root, "/sys/kernel/debug/kho/out", O_PATH);
	bool enabled = folder >= 0;
	const char *word;
	size_t length;

	while (command_line && words_next(&command_line, &word, &length))
		if (length > 4 && strncmp(word, "kho=", 4) == 0)
			enabled = strchr("yYtT1", word[4]) || strncasecmp(word + 4, "on", 2) == 0;
	return enabled;
}

/* The first "flags" line of /proc/cpuinfo has each flag between blanks. */
static bool cpu_has_flag(const char *cpuinfo, const char *flag)
{
	const char *line = cpuinfo ? strstr(cpuinfo, "\nflags") : NULL;
	const char *word;
	size_t length;
	char flags[8192];

	if (!line)
		return false;
	snprintf(flags, sizeof(flags), "%.*s", (int)strcspn(line + 1, "\n"), line + 1);
	line = flags;
	while (words_next(&line, &word, &length))
		if (length == strlen(flag) && strncmp(word, flag, length) == 0)
			return true;
	return false;
}

/* arch/x86/coco/sev: only an SNP guest gets this device, for its attestation. */
static bool is_snp_guest(const struct root *root)
{
	cleanup_close int device =
	    root_open_file(root, "/sys/bus/platform/devices/sev-guest", O_PATH);

	return device >= 0;
}

/*
 * Nothing that can be read tells whether SME is on. Where the CPU may use it, it is taken for on
 * unless a word forbids it or, in newer kernels, no word asks for it
 * (Documentation/arch/x86/amd-memory-encryption.rst). A guest that sees SEV runs under it.
 */
static bool may_encrypt_memory(const char *cpuinfo, const struct machine_kernel *kernel)
{
	const char *command_line = kernel->command_line, *word;
	bool forbidden = command_line && machine_kernel_at_least(kernel, SME_ON_REQUEST_MAJOR,
								 SME_ON_REQUEST_MINOR);
	size_t length;

	while (command_line && words_next(&command_line, &word, &length))
		if (word_is(word, length, "mem_encrypt"))
			forbidden = length == 15 && memcmp(word, "mem_encrypt=off", 15) == 0;
	return (cpu_has_flag(cpuinfo, "sme") && !forbidden) ||
	       (cpu_has_flag(cpuinfo, "sev") && cpu_has_flag(cpuinfo, "hypervisor"));
}

/*
 * The flag la57 is there while five levels are in use: not with no5lvl, and not where the kernel
 * was built without them (early_identify_cpu(), arch/x86/kernel/cpu/common.c). How wide the CPU's
 * addresses can be is told as CPUID has it.
 */
static bool cpu_has_five_level(const char *cpuinfo)
{
	const char *line = cpuinfo ? strstr(cpuinfo, "\naddress sizes") : NULL;
	unsigned int physical, virtual;

	return cpu_has_flag(cpuinfo, "la57") ||
	       (line && (line = strchr(line, ':')) &&
		sscanf(line, ": %u bits physical, %u bits virtual", &physical, &virtual) == 2 &&
		virtual > 48);
}

enum fact machine_privilege_read(const struct root *root, bool *may_load)
{
	cleanup_free char *text = NULL;
	uint64_t capabilities;
	const char *line;
	size_t size;

	if (root_read(root, "/proc/self/status", 65536, &text, &size) < 0)
		return FACT_UNREADABLE;
	line = strstr(text, "\nCapEff:");
	if (!line || sscanf(line, "\nCapEff: %" SCNx64, &capabilities) != 1)
		return FACT_UNREADABLE;
	*may_load = (capabilities >> CAPABILITY_SYS_BOOT) & 1;
	return FACT_KNOWN;
}

static int read_command_line(const struct root *root, char **command_line)
{
	size_t size;
	int r;

	r = root_read(root, "/proc/cmdline", 1 << 20, command_line, &size);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	(*command_line)[strcspn(*command_line, "\n")] = '\0';
	return 0;
}

int machine_kernel_read(struct machine_kernel *kernel, const struct root *root, struct error *error)
{
	cleanup_free char *cpuinfo = NULL;
	size_t size;

	*kernel = (struct machine_kernel){};
	if (root_read_line(root, "/proc/sys/kernel/osrelease", kernel->release,
			   sizeof(kernel->release)) != FACT_KNOWN)
		kernel->release[0] = '\0';
	if (read_command_line(root, &kernel->command_line) < 0 || read_ima(kernel, root) < 0 ||
	    root_read(root, "/proc/cpuinfo", 64 << 20, &cpuinfo, &size) == -ENOMEM) {
		machine_kernel_fini(kernel);
		return error_memory(error, "read the kernel's state");
	}
	kernel->loaded_fact = read_flag(root, "/sys/kernel/kexec_loaded", &kernel->loaded);
	kernel->crash_loaded_fact = machine_crash_is_loaded(root, &kernel->crash_loaded);
	kernel->load_disabled_fact =
	    read_flag(root, "/proc/sys/kernel/kexec_load_disabled", &kernel->load_disabled);
	kernel->lockdown_fact = read_lockdown(root, kernel->lockdown, sizeof(kernel->lockdown));
	kernel->handover_enabled = handover_is_enabled(root, kernel->command_line);
	kernel->confidential = cpu_has_flag(cpuinfo, "tdx_guest") || is_snp_guest(root);
	kernel->encrypts_memory = may_encrypt_memory(cpuinfo, kernel);
	kernel->has_sme = cpu_has_flag(cpuinfo, "sme");
	kernel->five_level_paging = cpu_has_flag(cpuinfo, "la57");
	kernel->has_five_level = cpu_has_five_level(cpuinfo);
	kernel->privilege_fact = machine_privilege_read(root, &kernel->may_load);
	return 0;
}

void machine_kernel_fini(struct machine_kernel *kernel)
{
	free(kernel->command_line);
	kernel->command_line = NULL;
}

bool machine_kernel_at_least(const struct machine_kernel *kernel, unsigned int major,
			     unsigned int minor)
{
	unsigned int have_major, have_minor;

	if (sscanf(kernel->release, "%u.%u", &have_major, &have_minor) != 2)
		return false;
	return have_major > major || (have_major == major && have_minor >= minor);
}
