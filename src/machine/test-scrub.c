/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "machine/scrub.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "test-support/test.h"

static char *scrub(const char *path, const char *content)
{
	size_t size = strlen(content);
	char *scrubbed = scrub_file(path, content, &size);

	assert_non_null(scrubbed);
	assert_int_equal(size, strlen(scrubbed));
	return scrubbed;
}

static void test_the_command_line_keeps_names_and_loses_values(void **state)
{
	static const struct {
		const char *text, *scrubbed;
	} rows[] = {
	    {"", "\n"},
	    {"root=/dev/vda1 ro quiet\n", "root=scrubbed ro quiet\n"},
	    {"console=ttyS0,115200 console=tty0", "console=ttyS0,115200 console=tty0\n"},
	    {"memmap=64M$512M mem=4G crashkernel=512M",
	     "memmap=64M$512M mem=4G crashkernel=512M\n"},
	    {"ramoops.mem_address=0x1000 ramoops.mem_size=0x2000",
	     "ramoops.mem_address=0x1000 ramoops.mem_size=0x2000\n"},
	    {"ramoops.=x", "ramoops.=scrubbed\n"},
	    {"kho=on acpi_rsdp=0x7f000", "kho=on acpi_rsdp=0x7f000\n"},
	    {"memx=secret xmem=secret", "memx=scrubbed xmem=scrubbed\n"},
	    {"ip=10.0.0.7::10.0.0.1:255.255.255.0:host", "ip=scrubbed\n"},
	    {"key=", "key=scrubbed\n"},
	    {"rd.luks.key=a=b=c", "rd.luks.key=scrubbed\n"},
	    {"password=\"two words\" after", "password=scrubbed after\n"},
	    {"\"password=two words\" after", "password=scrubbed after\n"},
	    {"\"console=ttyS0\"", "\"console=ttyS0\"\n"},
	    {"a=\"unfinished and more", "a=scrubbed\n"},
	    {"a\"b=secret c\" next", "scrubbed next\n"},
	    {"mem\"x=secret\" next", "scrubbed next\n"},
	    {"\"-- =secret\" \"two words=secret\" next", "scrubbed scrubbed next\n"},
	    {"console=\"ttyS0\nsecond=line", "console=\"ttyS0\n"},
	    {"=secret", "=scrubbed\n"},
	    {"  many \t blanks ", "many blanks\n"},
	    {"quiet -- --token=secret console=secret secret",
	     "quiet -- scrubbed scrubbed scrubbed\n"},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_free char *scrubbed = scrub("/proc/cmdline", rows[i].text);

		assert_row(rows[i].text, strcmp(scrubbed, rows[i].scrubbed) == 0);
	}
}

static void test_of_the_process_only_its_capabilities_stay(void **state)
{
	cleanup_free char *scrubbed = scrub(
	    "/proc/self/status",
	    "Name:\tkexec\nUid:\t1000\t1000\nCapPrm:\t00ff\nCapEff:\t00ff\nCpus_allowed:\t3\n");

	(void)state;
	assert_string_equal(scrubbed, "Name:\tkexec\nCapEff:\t00ff\n");
}

static void test_of_the_ima_policy_only_appraising_stays(void **state)
{
	cleanup_free char *scrubbed =
	    scrub("/sys/kernel/security/ima/policy",
		  "measure func=BPRM_CHECK fsuuid=1234\nappraise func=KEXEC_KERNEL_CHECK");

	(void)state;
	assert_string_equal(scrubbed, "appraise func=KEXEC_KERNEL_CHECK\n");
}

static void test_boot_params_lose_the_places_of_command_line_and_seed(void **state)
{
	static char page[4096];
	cleanup_free char *scrubbed = NULL, *part = NULL;
	size_t size = sizeof(page), part_size = 0x22a;

	(void)state;
	memset(page, 0x55, sizeof(page));
	scrubbed = scrub_file("/sys/kernel/boot_params/data", page, &size);
	assert_non_null(scrubbed);
	assert_int_equal(size, sizeof(page));
	for (size_t i = 0; i < size; i++) {
		bool gone = (i >= 0xc8 && i < 0xcc) || (i >= 0x228 && i < 0x22c) ||
			    (i >= 0x250 && i < 0x258);

		assert_int_equal(scrubbed[i], gone ? 0 : 0x55);
	}
	part = scrub_file("/sys/kernel/boot_params/data", page, &part_size);
	assert_non_null(part);
	assert_int_equal(part_size, 0x22a);
}

static void test_other_files_stay_as_they_are(void **state)
{
	static const char bytes[] = "a=b\0c=d\n";
	size_t size = sizeof(bytes);
	cleanup_free char *scrubbed = scrub_file("/proc/iomem", bytes, &size);

	(void)state;
	assert_non_null(scrubbed);
	assert_int_equal(size, sizeof(bytes));
	assert_memory_equal(scrubbed, bytes, size);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_the_command_line_keeps_names_and_loses_values),
	    cmocka_unit_test(test_of_the_process_only_its_capabilities_stay),
	    cmocka_unit_test(test_of_the_ima_policy_only_appraising_stays),
	    cmocka_unit_test(test_boot_params_lose_the_places_of_command_line_and_seed),
	    cmocka_unit_test(test_other_files_stay_as_they_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
