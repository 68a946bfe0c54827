/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <string.h>

#include "check/check.h"
#include "check/facts.h"
#include "check/panic-rules.h"
#include "explain/exit-code.h"
#include "test-support/test.h"

#define MIB UINT64_C(0x100000)

struct setting {
	struct check_facts facts;
	struct region regions[2];
	struct check_report report;
};

static void reserve(struct setting *setting, uint64_t start, uint64_t size, uint64_t low)
{
	setting->regions[0].range = (struct range){256 * MIB, 256 * MIB + low};
	setting->regions[1].range = (struct range){start, start + size};
	setting->facts.crash.ranges_fact = FACT_KNOWN;
	setting->facts.crash.reserved =
	    (struct map){.regions = setting->regions + (low ? 0 : 1), .count = low ? 2 : 1};
	setting->facts.crash.upper = setting->regions[1].range;
}

/* A machine on which a panic gives a dump. */
static struct setting *works(void)
{
	static struct setting setting;

	setting = (struct setting){};
	reserve(&setting, 512 * MIB, 256 * MIB, 0);
	setting.facts.kernel.crash_loaded_fact = FACT_KNOWN;
	setting.facts.kernel.crash_loaded = true;
	setting.facts.kernel.load_disabled_fact = FACT_KNOWN;
	setting.facts.panic.cpu_hotplug = (struct machine_setting){FACT_KNOWN, 1};
	setting.facts.panic.loads_left = (struct machine_setting){FACT_KNOWN, -1};
	setting.facts.disk = (struct machine_disk){.fact = FACT_KNOWN, .driver_known = true};
	setting.facts.files = (struct check_files){
	    .known = true,
	    .kernel = "/boot/vmlinuz",
	    .need = {.kernel = 60 * MIB, .unpacked_known = true},
	    .initrds_whole = true,
	};
	return &setting;
}

static const struct check_finding *run(struct setting *setting, const char *id)
{
	check_run(&setting->report, check_panic_rules, check_panic_rule_count, &setting->facts);
	for (size_t i = 0; i < check_panic_rule_count; i++)
		if (strcmp(check_panic_rules[i].id, id) == 0)
			return &setting->report.findings[i];
	fail_msg("no rule %s", id);
	return NULL;
}

static int exit_code(const struct setting *setting)
{
	struct error error = {};

	check_to_error(&setting->report, &error);
	return error.count ? (int)verb_exit_code(&error) : 0;
}

#define assert_finds(setting, id, wanted, part)                                                    \
	do {                                                                                       \
		const struct check_finding *found = run(setting, id);                              \
		assert_string_equal(check_result_name(found->result), check_result_name(wanted));  \
		assert_contains(found->words, part);                                               \
	} while (0)

static void test_a_machine_that_is_ready_works(void **state)
{
	struct setting *setting = works();

	(void)state;
	run(setting, "armed");
	for (size_t i = 0; i < check_panic_rule_count; i++) {
		const struct check_finding *finding = &setting->report.findings[i];

		assert_row(check_panic_rules[i].id, finding->result < CHECK_WARNING);
		assert_row(check_panic_rules[i].id, *finding->words);
	}
	assert_int_equal(setting->report.verdict, CHECK_WORKS);
	assert_int_equal(exit_code(setting), VERB_EXIT_OK);
}

static void test_either_setting_makes_an_nmi_that_nothing_explains_panic(void **state)
{
	struct setting *setting = works();

	(void)state;
	setting->facts.panic.on_unknown_nmi.fact = FACT_KNOWN;
	setting->facts.panic.on_unrecovered_nmi.fact = FACT_KNOWN;
	assert_finds(setting, "unknown-nmi", CHECK_INFORMATION, "gives no dump");
	setting->facts.panic.on_unrecovered_nmi.value = 1;
	assert_finds(setting, "unknown-nmi", CHECK_INFORMATION,
		     "panics (kernel.panic_on_unrecovered_nmi=1)");
	setting->facts.panic.on_unknown_nmi.value = 1;
	assert_finds(setting, "unknown-nmi", CHECK_INFORMATION,
		     "panics (kernel.unknown_nmi_panic=1)");
}

static void test_no_rule_finds_worse_than_its_severity_and_each_id_is_there_once(void **state)
{
	struct setting *rows[] = {works(), &(struct setting){}};

	(void)state;
	for (size_t row = 0; row < ELEMENTS(rows); row++) {
		run(rows[row], "armed");
		for (size_t i = 0; i < check_panic_rule_count; i++) {
			const struct check_rule *rule = &check_panic_rules[i];

			assert_row(rule->id, rows[row]->report.findings[i].result <=
						 (rule->severity < CHECK_UNKNOWN ? CHECK_UNKNOWN
										 : rule->severity));
			for (size_t j = 0; j < i; j++)
				assert_row(rule->id,
					   strcmp(rule->id, check_panic_rules[j].id) != 0);
		}
	}
}

static void test_reservation(void **state)
{
	struct setting *setting = works();

	(void)state;
	assert_finds(setting, "reservation", CHECK_OK, "256.0 MiB are reserved");
	reserve(setting, 5 << 10, 0, 0);
	setting->facts.crash.reserved.count = 0;
	assert_finds(setting, "reservation", CHECK_PROBLEM, "no memory is reserved");
	assert_int_equal(exit_code(setting), VERB_EXIT_NO_ROOM);
	setting->facts.crash.ranges_fact = FACT_UNREADABLE;
	assert_finds(setting, "reservation", CHECK_UNKNOWN, "cannot be read");
	assert_int_equal(setting->report.verdict, CHECK_UNSURE);
	assert_int_equal(exit_code(setting), VERB_EXIT_NOT_FOUND);
	setting->facts.crash.size_fact = FACT_KNOWN;
	setting->facts.crash.size = 192 * MIB;
	assert_finds(setting, "reservation", CHECK_OK, "192.0 MiB are reserved");
	assert_finds(setting, "low-memory", CHECK_UNKNOWN, "cannot be read");
	assert_finds(setting, "size", CHECK_OK, "are left");
}

static void test_low_memory(void **state)
{
	struct setting *setting = works();

	(void)state;
	assert_finds(setting, "low-memory", CHECK_OK, "below 4 GiB");
	reserve(setting, 5120 * MIB, 256 * MIB, 0);
	assert_finds(setting, "low-memory", CHECK_WARNING, "above 4 GiB");
	reserve(setting, 5120 * MIB, 256 * MIB, 128 * MIB);
	assert_finds(setting, "low-memory", CHECK_OK, "a part below");
	assert_finds(setting, "reservation", CHECK_OK, "128.0 MiB below 4 GiB");
}

static void test_size(void **state)
{
	struct setting *setting = works();

	(void)state;
	reserve(setting, 512 * MIB, 64 * MIB, 0);
	setting->facts.files.need.boot = 16 * MIB;
	assert_finds(setting, "size", CHECK_PROBLEM, "out of memory");
	assert_int_equal(exit_code(setting), VERB_EXIT_NO_ROOM);
	reserve(setting, 512 * MIB, 48 * MIB, 0);
	assert_finds(setting, "size", CHECK_PROBLEM, "do not fit in");
	reserve(setting, 512 * MIB, 80 * MIB, 0);
	assert_finds(setting, "size", CHECK_WARNING, "only about");
	setting->facts.files.need.unpacked_known = false;
	assert_finds(setting, "size", CHECK_UNKNOWN, "unpacked is not known");
	setting->facts.files.known = false;
	assert_finds(setting, "size", CHECK_UNKNOWN, "not known");
	assert_int_equal(setting->report.verdict, CHECK_UNSURE);
}

static void test_armed(void **state)
{
	struct setting *setting = works();

	(void)state;
	setting->facts.kernel.crash_loaded = false;
	assert_finds(setting, "armed", CHECK_PROBLEM, "none is loaded");
	assert_int_equal(exit_code(setting), VERB_EXIT_NOT_LOADED);
	setting->facts.kernel.crash_loaded_fact = FACT_ABSENT;
	assert_finds(setting, "armed", CHECK_PROBLEM, "cannot start");
	setting->facts.kernel.crash_loaded_fact = FACT_UNREADABLE;
	assert_finds(setting, "armed", CHECK_UNKNOWN, "cannot be read");
}

static void test_permission(void **state)
{
	struct setting *setting = works();

	(void)state;
	setting->facts.panic.loads_left.value = 3;
	assert_finds(setting, "may-load", CHECK_INFORMATION, "allows 3 more");
	setting->facts.panic.loads_left.value = 0;
	assert_finds(setting, "may-load", CHECK_WARNING, "used up");
	setting->facts.kernel.load_disabled = true;
	assert_finds(setting, "may-load", CHECK_WARNING, "kexec_load_disabled is set");
	setting->facts.kernel.load_disabled_fact = FACT_UNREADABLE;
	assert_finds(setting, "may-load", CHECK_UNKNOWN, "cannot be read");
}

static void test_hotplug(void **state)
{
	struct setting *setting = works();

	(void)state;
	setting->facts.panic.can_hotplug_memory = true;
	assert_finds(setting, "hotplug", CHECK_WARNING, "lack memory");
	setting->facts.panic.cpu_hotplug.fact = FACT_ABSENT;
	assert_finds(setting, "hotplug", CHECK_WARNING, "lack CPUs and memory");
	setting->facts.panic.memory_hotplug = (struct machine_setting){FACT_KNOWN, 1};
	assert_finds(setting, "hotplug", CHECK_WARNING, "lack CPUs that");
	setting->facts.panic.service_enabled = true;
	assert_finds(setting, "hotplug", CHECK_OK, "kexec-crash.service");
}

static void test_settings_are_told_and_not_judged(void **state)
{
	struct setting *setting = works();

	(void)state;
	setting->facts.panic.on_oops = (struct machine_setting){FACT_KNOWN, 1};
	assert_finds(setting, "panic-on-oops", CHECK_INFORMATION, "an oops panics");
	setting->facts.panic.on_oops.value = 0;
	assert_finds(setting, "panic-on-oops", CHECK_INFORMATION, "kernel.panic_on_oops=0");
	setting->facts.panic.on_oops.fact = FACT_ABSENT;
	assert_finds(setting, "panic-on-oops", CHECK_INFORMATION, "has no kernel.panic_on_oops");
	setting->facts.panic.timeout = (struct machine_setting){FACT_KNOWN, -1};
	assert_finds(setting, "timeout", CHECK_INFORMATION, "at once");
	setting->facts.panic.timeout.value = 20;
	assert_finds(setting, "timeout", CHECK_INFORMATION, "after 20 s");
	setting->facts.panic.timeout.value = 0;
	assert_finds(setting, "timeout", CHECK_INFORMATION, "stand still");
	assert_int_equal(setting->report.verdict, CHECK_WORKS);
}

static void test_drivers_of_the_disk(void **state)
{
	struct setting *setting = works();
	struct check_files *files = &setting->facts.files;

	(void)state;
	setting->facts.disk.module_count = 2;
	strcpy(setting->facts.disk.device, "vda1");
	strcpy(setting->facts.disk.modules[0], "virtio_blk");
	strcpy(setting->facts.disk.modules[1], "ext4");
	files->modules[0] = CHECK_MODULE_IN_INITRD;
	files->modules[1] = CHECK_MODULE_BUILT_IN;
	assert_finds(setting, "disk-driver", CHECK_OK, "vda1");
	files->modules[0] = CHECK_MODULE_MISSING;
	assert_finds(setting, "disk-driver", CHECK_WARNING, "initrd lacks: virtio_blk");
	files->initrds_hide = true;
	assert_finds(setting, "disk-driver", CHECK_UNKNOWN, "virtio_blk");
	files->modules[0] = CHECK_MODULE_BUILT_IN;
	assert_finds(setting, "disk-driver", CHECK_OK, "vda1");
	setting->facts.disk.driver_known = false;
	assert_finds(setting, "disk-driver", CHECK_UNKNOWN, "not to be seen");
	files->known = false;
	assert_finds(setting, "disk-driver", CHECK_UNKNOWN, "which initrd");
	setting->facts.disk.fact = FACT_ABSENT;
	assert_finds(setting, "disk-driver", CHECK_UNKNOWN, "on no disk");
	setting->facts.disk.fact = FACT_UNREADABLE;
	assert_finds(setting, "disk-driver", CHECK_UNKNOWN, "cannot be read");
}

static void test_configured_files_that_cannot_be_read_are_a_problem(void **state)
{
	struct setting *setting = works();

	(void)state;
	assert_finds(setting, "files", CHECK_INFORMATION, "without an initrd");
	setting->facts.files.known = false;
	assert_finds(setting, "files", CHECK_INFORMATION, "no /etc/kexec/crash.conf");
	error_add(&setting->facts.files.failure, ERROR_FILE, 2, "open", "/boot/x", "gone");
	assert_finds(setting, "files", CHECK_PROBLEM, "/boot/x: gone");
	assert_int_equal(exit_code(setting), VERB_EXIT_NOT_FOUND);
	setting->facts.files.armed = true;
	assert_finds(setting, "files", CHECK_WARNING, "could not be loaded again");
}

static void test_files_that_were_written_over_since_they_were_armed_are_told(void **state)
{
	struct setting *setting = works();

	(void)state;
	setting->facts.files.armed = true;
	strcpy(setting->facts.files.changed, "/boot/initrd");
	assert_finds(setting, "files", CHECK_WARNING, "/boot/initrd was written over");
	assert_int_equal(setting->report.verdict, CHECK_WORKS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_machine_that_is_ready_works),
	    cmocka_unit_test(test_either_setting_makes_an_nmi_that_nothing_explains_panic),
	    cmocka_unit_test(test_no_rule_finds_worse_than_its_severity_and_each_id_is_there_once),
	    cmocka_unit_test(test_reservation),
	    cmocka_unit_test(test_low_memory),
	    cmocka_unit_test(test_size),
	    cmocka_unit_test(test_armed),
	    cmocka_unit_test(test_permission),
	    cmocka_unit_test(test_hotplug),
	    cmocka_unit_test(test_settings_are_told_and_not_judged),
	    cmocka_unit_test(test_drivers_of_the_disk),
	    cmocka_unit_test(test_configured_files_that_cannot_be_read_are_a_problem),
	    cmocka_unit_test(test_files_that_were_written_over_since_they_were_armed_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
