/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "machine/kernel.h"

#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "test-support/machine-tree.h"
#include "test-support/test.h"

#define cleanup_kernel cleanup_with(machine_kernel_fini)

static void read_kernel(struct machine_kernel *kernel, const struct machine_tree *tree)
{
	struct error error = {};

	assert_int_equal(machine_kernel_read(kernel, &tree->root, &error), 0);
	assert_no_failure(&error);
}

static void test_an_ordinary_machine_forbids_nothing(void **state)
{
	cleanup_kernel struct machine_kernel kernel;

	read_kernel(&kernel, *state);
	assert_string_equal(kernel.release, "6.12.0-test");
	assert_string_equal(kernel.command_line, "BOOT_IMAGE=/vmlinuz root=/dev/vda1 ro quiet");
	assert_int_equal(kernel.loaded_fact, FACT_KNOWN);
	assert_false(kernel.loaded);
	assert_false(kernel.crash_loaded);
	assert_int_equal(kernel.load_disabled_fact, FACT_KNOWN);
	assert_false(kernel.load_disabled);
	assert_int_equal(kernel.lockdown_fact, FACT_KNOWN);
	assert_string_equal(kernel.lockdown, "none");
	assert_int_equal(kernel.ima_fact, FACT_ABSENT);
	assert_false(kernel.ima_appraises);
	assert_false(kernel.handover_enabled);
	assert_false(kernel.confidential);
	assert_false(kernel.five_level_paging);
	assert_int_equal(kernel.privilege_fact, FACT_KNOWN);
	assert_true(kernel.may_load);
}

static void test_an_empty_root_knows_nothing_and_says_so(void **state)
{
	cleanup_kernel struct machine_kernel kernel;
	cleanup_folder struct folder empty;
	struct error error = {};
	struct root root;

	(void)state;
	folder_make(&empty);
	assert_int_equal(root_open(&root, empty.path, NULL), 0);
	assert_int_equal(machine_kernel_read(&kernel, &root, &error), 0);
	root_close(&root);
	assert_string_equal(kernel.release, "");
	assert_null(kernel.command_line);
	assert_int_equal(kernel.loaded_fact, FACT_ABSENT);
	assert_int_equal(kernel.lockdown_fact, FACT_ABSENT);
	assert_int_equal(kernel.privilege_fact, FACT_UNREADABLE);
}

static void test_the_lockdown_mode_is_the_one_in_brackets(void **state)
{
	static const struct {
		const char *text, *mode;
		enum fact fact;
	} rows[] = {
	    {"none [integrity] confidentiality\n", "integrity", FACT_KNOWN},
	    {"none integrity [confidentiality]\n", "confidentiality", FACT_KNOWN},
	    {"[none]", "none", FACT_KNOWN},
	    {"none integrity confidentiality\n", "", FACT_UNREADABLE},
	    {"none [integrity\n", "", FACT_UNREADABLE},
	    {"]none[\n", "", FACT_UNREADABLE},
	    {"[abcdefghijklmnopqrstuvwxyz01234]\n", "abcdefghijklmnopqrstuvwxyz01234", FACT_KNOWN},
	    {"[abcdefghijklmnopqrstuvwxyz012345]\n", "", FACT_UNREADABLE},
	    {"", "", FACT_UNREADABLE},
	};

	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_kernel struct machine_kernel kernel;

		machine_tree_write(*state, "sys/kernel/security/lockdown", rows[i].text);
		read_kernel(&kernel, *state);
		assert_row(rows[i].text, kernel.lockdown_fact == rows[i].fact);
		assert_row(rows[i].text, strcmp(kernel.lockdown, rows[i].mode) == 0);
	}
}

static void test_only_an_appraise_rule_for_kernels_counts(void **state)
{
	static const struct {
		const char *policy;
		bool appraises;
	} rows[] = {
	    {"appraise func=KEXEC_KERNEL_CHECK appraise_type=imasig\n", true},
	    {"measure func=BPRM_CHECK\nappraise func=KEXEC_KERNEL_CHECK\n", true},
	    {"measure func=KEXEC_KERNEL_CHECK\n", false},
	    {"dont_appraise func=KEXEC_KERNEL_CHECK\n", false},
	    {"appraise func=MODULE_CHECK\nmeasure func=KEXEC_KERNEL_CHECK\n", false},
	    {"appraise func=KEXEC_INITRAMFS_CHECK\n", false},
	    {"", false},
	};

	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_kernel struct machine_kernel kernel;

		machine_tree_write(*state, "sys/kernel/security/ima/policy", rows[i].policy);
		read_kernel(&kernel, *state);
		assert_row(rows[i].policy, kernel.ima_fact == FACT_KNOWN);
		assert_row(rows[i].policy, kernel.ima_appraises == rows[i].appraises);
	}
}

static void test_hand_over_is_on_only_where_the_command_line_says_so(void **state)
{
	static const struct {
		const char *command_line;
		bool enabled;
	} rows[] = {
	    {"quiet kho=on\n", true},    {"kho=1\n", true},    {"kho=off\n", false},
	    {"kho=Yes\n", true},         {"kho=t\n", true},    {"kho=0\n", false},
	    {"kho=on kho=n\n", false},   {"xkho=on\n", false}, {"kho\n", false},
	    {"x=\"kho=on y\"\n", false}, {"kho=\n", false},    {"", false},
	    {"kho=one\n", true}, /* as kstrtobool() reads it */
	};

	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_kernel struct machine_kernel kernel;

		machine_tree_write(*state, "proc/cmdline", rows[i].command_line);
		read_kernel(&kernel, *state);
		assert_row(rows[i].command_line, kernel.handover_enabled == rows[i].enabled);
	}
}

static void test_cpu_flags_are_whole_words_of_the_first_flags_line(void **state)
{
	static const struct {
		const char *cpuinfo;
		bool five_level, has_five_level, confidential;
	} rows[] = {
	    {"processor : 0\nflags : fpu la57 sse\n", true, true, false},
	    {"processor : 0\nflags : fpu la5 la577 xla57\n", false, false, false},
	    {"processor : 0\nvmx flags : la57\nflags : fpu\n", false, false, false},
	    {"processor : 0\nflags : fpu tdx_guest\n", false, false, true},
	    {"processor : 0\nflags : fpu tdx_guest la57", true, true, true},
	    /* No kernel shows such a flag: an SNP guest is known by its device. */
	    {"processor : 0\nflags : fpu sev_snp_guest\n", false, false, false},
	    {"processor : 0\nflags : sev sev_es sev_snp\n", false, false, false},
	    {"processor : 0\nbugs : la57\n", false, false, false},
	    {"", false, false, false},
	    /* As 7.3 shows it with no5lvl. */
	    {"x\nflags : fpu\naddress sizes\t: 46 bits physical, 57 bits virtual\n", false, true,
	     false},
	    {"x\nflags : fpu\naddress sizes\t: 46 bits physical, 48 bits virtual\n", false, false,
	     false},
	    {"x\nflags : fpu\naddress sizes\t: odd\n", false, false, false},
	};

	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_kernel struct machine_kernel kernel;

		machine_tree_write(*state, "proc/cpuinfo", rows[i].cpuinfo);
		read_kernel(&kernel, *state);
		assert_row(rows[i].cpuinfo, kernel.five_level_paging == rows[i].five_level);
		assert_row(rows[i].cpuinfo, kernel.has_five_level == rows[i].has_five_level);
		assert_row(rows[i].cpuinfo, kernel.confidential == rows[i].confidential);
	}
}

static void test_sme_may_be_on_and_a_guest_that_sees_sev_has_it(void **state)
{
	static const struct {
		const char *flags, *release, *command_line;
		bool encrypts;
	} rows[] = {
	    {"x\nflags : fpu lm\n", "6.1.0", "", false},
	    {"x\nflags : fpu sme\n", "6.1.0", "quiet", true},
	    {"x\nflags : fpu sme\n", "6.8.12", "quiet", true},
	    {"x\nflags : fpu sme\n", "6.9.0", "quiet", false},
	    {"x\nflags : fpu sme\n", "7.3.4", "quiet", false},
	    {"x\nflags : fpu sme\n", "odd", "quiet", true},
	    {"x\nflags : fpu sme\n", "6.1.0", "mem_encrypt=on", true},
	    {"x\nflags : fpu sme\n", "7.3.4", "mem_encrypt=on", true},
	    {"x\nflags : fpu sme\n", "6.1.0", "mem_encrypt=off", false},
	    {"x\nflags : fpu sme\n", "6.1.0", "mem_encrypt=off mem_encrypt=on", true},
	    {"x\nflags : fpu sme\n", "7.3.4", "mem_encrypt=offx", true},
	    {"x\nflags : fpu\n", "6.1.0", "mem_encrypt=on", false},
	    {"x\nflags : sev sev_es\n", "6.1.0", "", false},
	    {"x\nflags : hypervisor sev\n", "7.3.4", "mem_encrypt=off", true},
	    {"x\nflags : hypervisor\n", "6.1.0", "", false},
	};

	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_kernel struct machine_kernel kernel;

		machine_tree_write(*state, "proc/cpuinfo", rows[i].flags);
		machine_tree_write(*state, "proc/sys/kernel/osrelease", rows[i].release);
		machine_tree_write(*state, "proc/cmdline", rows[i].command_line);
		read_kernel(&kernel, *state);
		assert_row(rows[i].flags, kernel.encrypts_memory == rows[i].encrypts);
	}
}

static void test_an_snp_guest_is_known_by_its_device(void **state)
{
	static const struct {
		const char *name;
		bool confidential;
	} rows[] = {
	    {"sys/bus/platform/devices/serial8250/uevent", false},
	    {"sys/bus/platform/devices/sev-guest.1/uevent", false},
	    {"sys/bus/platform/drivers/sev-guest/uevent", false},
	    {"sys/bus/platform/devices/sev-guest/uevent", true},
	};

	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_kernel struct machine_kernel kernel;

		machine_tree_write(*state, rows[i].name, "DRIVER=x\n");
		read_kernel(&kernel, *state);
		assert_row(rows[i].name, kernel.confidential == rows[i].confidential);
	}
}

/* As in /sys: a link to the device's own folder. */
static void test_an_snp_guests_device_may_be_a_link(void **state)
{
	cleanup_kernel struct machine_kernel kernel;
	struct machine_tree *tree = *state;

	machine_tree_write(tree, "sys/devices/platform/sev-guest/uevent", "DRIVER=sev-guest\n");
	machine_tree_write(tree, "sys/bus/platform/devices/other", "");
	assert_int_equal(symlink("../../../devices/platform/sev-guest",
				 folder_path(&tree->folder, "sys/bus/platform/devices/sev-guest")),
			 0);
	read_kernel(&kernel, tree);
	assert_true(kernel.confidential);
}

static void test_the_privilege_is_bit_22_of_the_effective_set(void **state)
{
	static const struct {
		const char *status;
		enum fact fact;
		bool may;
	} rows[] = {
	    {"Name:\tx\nCapEff:\t0000000000400000\n", FACT_KNOWN, true},
	    {"Name:\tx\nCapEff:\tffffffffffbfffff\n", FACT_KNOWN, false},
	    {"Name:\tx\nCapPrm:\t0000000000400000\nCapEff:\t0\n", FACT_KNOWN, false},
	    {"Name:\tCapEff: 400000\n", FACT_UNREADABLE, false},
	    {"Name:\tx\nCapEff:\tnone\n", FACT_UNREADABLE, false},
	    {"", FACT_UNREADABLE, false},
	};

	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_kernel struct machine_kernel kernel;
		struct machine_tree *tree = *state;
		bool may = false;

		machine_tree_write(*state, "proc/self/status", rows[i].status);
		read_kernel(&kernel, *state);
		assert_row(rows[i].status, kernel.privilege_fact == rows[i].fact);
		assert_row(rows[i].status, kernel.may_load == rows[i].may);
		assert_row(rows[i].status,
			   machine_privilege_read(&tree->root, &may) == rows[i].fact);
		assert_row(rows[i].status, may == rows[i].may);
	}
}

static void test_what_is_loaded_and_forbidden_is_read_as_numbers(void **state)
{
	cleanup_kernel struct machine_kernel kernel, unknown;

	machine_tree_write(*state, "sys/kernel/kexec_loaded", "1\n");
	machine_tree_write(*state, "sys/kernel/kexec_crash_loaded", "1\n");
	machine_tree_write(*state, "proc/sys/kernel/kexec_load_disabled", "1\n");
	read_kernel(&kernel, *state);
	assert_true(kernel.loaded);
	assert_true(kernel.crash_loaded);
	assert_true(kernel.load_disabled);
	machine_tree_write(*state, "sys/kernel/kexec_loaded", "perhaps\n");
	machine_tree_delete(*state, "proc/sys/kernel/kexec_load_disabled");
	read_kernel(&unknown, *state);
	assert_int_equal(unknown.loaded_fact, FACT_UNREADABLE);
	assert_int_equal(unknown.load_disabled_fact, FACT_ABSENT);
}

static void test_releases_are_compared_as_numbers(void **state)
{
	static const struct {
		const char *release;
		bool at_least; /* 6.8 */
	} rows[] = {
	    {"6.8.0", true},   {"6.8", true},     {"6.7.12-amd64", false},
	    {"6.12.0", true},  {"6.9-rc1", true}, {"7.0.0", true},
	    {"5.19.0", false}, {"10.1", true},    {"", false},
	    {"custom", false}, {"6", false},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct machine_kernel kernel = {};

		strcpy(kernel.release, rows[i].release);
		assert_row(rows[i].release,
			   machine_kernel_at_least(&kernel, 6, 8) == rows[i].at_least);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TREE_TEST(test_an_ordinary_machine_forbids_nothing),
	    cmocka_unit_test(test_an_empty_root_knows_nothing_and_says_so),
	    TREE_TEST(test_the_lockdown_mode_is_the_one_in_brackets),
	    TREE_TEST(test_only_an_appraise_rule_for_kernels_counts),
	    TREE_TEST(test_hand_over_is_on_only_where_the_command_line_says_so),
	    TREE_TEST(test_cpu_flags_are_whole_words_of_the_first_flags_line),
	    TREE_TEST(test_sme_may_be_on_and_a_guest_that_sees_sev_has_it),
	    TREE_TEST(test_an_snp_guest_is_known_by_its_device),
	    TREE_TEST(test_an_snp_guests_device_may_be_a_link),
	    TREE_TEST(test_the_privilege_is_bit_22_of_the_effective_set),
	    TREE_TEST(test_what_is_loaded_and_forbidden_is_read_as_numbers),
	    cmocka_unit_test(test_releases_are_compared_as_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
