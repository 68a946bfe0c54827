/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "machine/recording.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/physical.h"
#include "machine/machine.h"
#include "test-support/machine-tree.h"
#include "test-support/test.h"

#define MARKER "{\"schema\": \"kexec-machine\", \"schema_version\": 1"

/* A machine, and a folder for its recording. */
struct pair {
	struct machine_tree tree;
	struct folder folder;
	const char *path;
	struct recording recording;
};

static int make_pair(void **state)
{
	struct pair *pair = calloc(1, sizeof(*pair));

	assert_non_null(pair);
	machine_tree_make(&pair->tree);
	folder_make(&pair->folder);
	pair->path = folder_path(&pair->folder, "recording");
	pair->recording.folder.fd = -1;
	*state = pair;
	return 0;
}

static int remove_pair(void **state)
{
	struct pair *pair = *state;

	recording_close(&pair->recording);
	folder_remove(&pair->folder);
	machine_tree_remove(&pair->tree);
	free(pair);
	return 0;
}

static void record(struct pair *pair)
{
	struct error error = {};

	machine_record(&pair->tree.root, pair->path, "test", &error);
	assert_no_failure(&error);
	recording_open(&pair->recording, pair->path, &error);
	assert_no_failure(&error);
}

static void read_machine(struct machine *machine, const struct root *root)
{
	assert_int_equal(machine_read(machine, root, NULL), 0);
}

static void assert_same_map(const struct map *a, const struct map *b)
{
	assert_int_equal(a->count, b->count);
	for (size_t i = 0; i < a->count; i++) {
		assert_int_equal(a->regions[i].range.start, b->regions[i].range.start);
		assert_int_equal(a->regions[i].range.end, b->regions[i].range.end);
		assert_int_equal(a->regions[i].type, b->regions[i].type);
		assert_string_equal(a->regions[i].name, b->regions[i].name);
	}
}

static void assert_same_kernel(const struct machine_kernel *a, const struct machine_kernel *b)
{
	assert_string_equal(a->release, b->release);
	assert_int_equal(a->loaded_fact, b->loaded_fact);
	assert_int_equal(a->load_disabled_fact, b->load_disabled_fact);
	assert_int_equal(a->lockdown_fact, b->lockdown_fact);
	assert_string_equal(a->lockdown, b->lockdown);
	assert_int_equal(a->ima_fact, b->ima_fact);
	assert_int_equal(a->ima_appraises, b->ima_appraises);
	assert_int_equal(a->handover_enabled, b->handover_enabled);
	assert_int_equal(a->confidential, b->confidential);
	assert_int_equal(a->encrypts_memory, b->encrypts_memory);
	assert_int_equal(a->five_level_paging, b->five_level_paging);
	assert_int_equal(a->privilege_fact, b->privilege_fact);
	assert_int_equal(a->may_load, b->may_load);
}

static void assert_same_firmware(const struct machine_firmware *a, const struct machine_firmware *b)
{
	assert_int_equal(a->boot_params_fact, b->boot_params_fact);
	assert_memory_equal(a->boot_params, b->boot_params, BOOT_PARAMS_SIZE);
	assert_int_equal(a->efi_fact, b->efi_fact);
	assert_int_equal(a->efi_vendor, b->efi_vendor);
	assert_int_equal(a->acpi_rsdp, b->acpi_rsdp);
	assert_int_equal(a->efi_smbios, b->efi_smbios);
	assert_int_equal(a->efi_range_count, b->efi_range_count);
	for (size_t i = 0; i < a->efi_range_count; i++) {
		assert_int_equal(a->efi_ranges[i].type, b->efi_ranges[i].type);
		assert_int_equal(a->efi_ranges[i].physical, b->efi_ranges[i].physical);
		assert_int_equal(a->efi_ranges[i].virtual, b->efi_ranges[i].virtual);
		assert_int_equal(a->efi_ranges[i].pages, b->efi_ranges[i].pages);
		assert_int_equal(a->efi_ranges[i].attribute, b->efi_ranges[i].attribute);
	}
	assert_int_equal(a->efi_tables_fact, b->efi_tables_fact);
	assert_same_map(&a->efi_tables, &b->efi_tables);
}

/* Records the machine, and finds in the recording what the machine itself tells. */
static void assert_recorded_as_it_is(struct pair *pair)
{
	cleanup_with(machine_fini) struct machine live = {}, recorded = {};

	record(pair);
	read_machine(&live, &pair->tree.root);
	read_machine(&recorded, &pair->recording.root);
	assert_int_equal(recorded.memory.firmware_fact, live.memory.firmware_fact);
	assert_int_equal(recorded.memory.iomem_fact, live.memory.iomem_fact);
	assert_int_equal(recorded.memory.poison_fact, live.memory.poison_fact);
	assert_int_equal(recorded.memory.total, live.memory.total);
	assert_int_equal(recorded.memory.available, live.memory.available);
	assert_same_map(&recorded.memory.firmware, &live.memory.firmware);
	assert_same_map(&recorded.memory.usable, &live.memory.usable);
	assert_same_kernel(&recorded.kernel, &live.kernel);
	assert_same_firmware(&recorded.firmware, &live.firmware);
	assert_int_equal(recorded.console.serial_fact, live.console.serial_fact);
	assert_int_equal(recorded.console.serial_port, live.console.serial_port);
}

static void test_a_recording_tells_what_the_machine_told(void **state)
{
	struct pair *pair = *state;

	assert_recorded_as_it_is(pair);
	assert_int_equal(pair->recording.facts.refusal_count, 0);
}

static void test_efis_tables_are_found_without_dev_mem(void **state)
{
	static const uint64_t pointers[] = {0x3f000000, 0x3f100000, 0x101000000};
	cleanup_with(machine_fini) struct machine live = {};
	struct pair *pair = *state;

	machine_tree_add_efi(&pair->tree, 7);
	machine_tree_add_efi_tables(&pair->tree, pointers, 3, 3);
	machine_tree_write(&pair->tree, "sys/firmware/efi/config_table", "0x30010\n");
	read_machine(&live, &pair->tree.root);
	assert_int_equal(live.firmware.efi_tables.count, 3);
	assert_recorded_as_it_is(pair);
	assert_false(folder_has(&pair->folder, "recording/dev/mem"));
	assert_int_equal(pair->recording.facts.bytes_count, 2);
}

static void test_poisoned_pages_are_known_without_the_flags_of_all(void **state)
{
	static uint64_t flags[0x140000];
	struct pair *pair = *state;

	flags[0x3fe00] = flags[0x3fe01] = flags[0x120000] = UINT64_C(1) << PAGE_FLAG_POISONED;
	machine_tree_write(&pair->tree, "proc/meminfo",
			   "MemTotal: 2031616 kB\nHardwareCorrupted: 12 kB\n");
	folder_write(&pair->tree.folder, "proc/kpageflags", flags, sizeof(flags));
	assert_recorded_as_it_is(pair);
	assert_false(folder_has(&pair->folder, "recording/proc/kpageflags"));
	assert_int_equal(pair->recording.facts.pages_count, 1);
	assert_int_equal(pair->recording.facts.pages[0].found.count, 2);
}

static void test_poisoned_pages_that_nobody_could_find_stay_unknown(void **state)
{
	struct pair *pair = *state;

	machine_tree_write(&pair->tree, "proc/meminfo", "HardwareCorrupted: 12 kB\n");
	assert_recorded_as_it_is(pair);
}

static void test_absent_stays_absent_and_unreadable_stays_unreadable(void **state)
{
	cleanup_with(machine_fini) struct machine recorded = {};
	struct pair *pair = *state;

	machine_tree_delete(&pair->tree, "proc/sys/kernel/kexec_load_disabled");
	machine_tree_delete(&pair->tree, "sys/kernel/security/lockdown");
	machine_tree_write(&pair->tree, "sys/kernel/security/lockdown/folder", "not a file\n");
	machine_tree_delete(&pair->tree, "sys/firmware/memmap/2/type");
	machine_tree_write(&pair->tree, "sys/firmware/memmap/2/type/folder", "not a file\n");
	assert_recorded_as_it_is(pair);
	read_machine(&recorded, &pair->recording.root);
	assert_int_equal(recorded.kernel.load_disabled_fact, FACT_ABSENT);
	assert_int_equal(recorded.kernel.lockdown_fact, FACT_UNREADABLE);
	assert_int_equal(recorded.memory.firmware_fact, FACT_UNREADABLE);
}

static void test_a_folder_whose_existence_tells_something_is_there(void **state)
{
	cleanup_with(machine_fini) struct machine recorded = {};
	struct pair *pair = *state;

	machine_tree_write(&pair->tree, "sys/kernel/debug/kho/out/fdt", "");
	machine_tree_write(&pair->tree, "sys/bus/platform/devices/sev-guest/uevent", "");
	assert_recorded_as_it_is(pair);
	read_machine(&recorded, &pair->recording.root);
	assert_true(recorded.kernel.handover_enabled);
	assert_true(recorded.kernel.confidential);
	assert_false(folder_has(&pair->folder, "recording/sys/kernel/debug/kho/out/fdt"));
}

static void test_offline_memory_is_recorded(void **state)
{
	cleanup_with(machine_fini) struct machine recorded = {};
	struct pair *pair = *state;

	machine_tree_write(&pair->tree, "sys/devices/system/memory/block_size_bytes", "8000000\n");
	machine_tree_write(&pair->tree, "sys/devices/system/memory/memory0/state", "online\n");
	machine_tree_write(&pair->tree, "sys/devices/system/memory/memory1/state", "offline\n");
	assert_recorded_as_it_is(pair);
	read_machine(&recorded, &pair->recording.root);
	assert_false(map_contains(&recorded.memory.usable, (struct range){0x8000000, 0x8001000}));
	assert_true(map_contains(&recorded.memory.usable, (struct range){0x10000000, 0x10001000}));
}

static void test_secrets_are_not_recorded(void **state)
{
	cleanup_free char *line = NULL, *marker = NULL;
	struct pair *pair = *state;

	machine_tree_write(&pair->tree, "proc/cmdline", "token=hunter2 console=ttyS0 quiet\n");
	record(pair);
	line = folder_read(&pair->folder, "recording/proc/cmdline");
	assert_string_equal(line, "token=scrubbed console=ttyS0 quiet\n");
	marker = folder_read(&pair->folder, "recording/machine.json");
	assert_lacks(marker, "hunter2");
	assert_contains(marker, "\"recorded_by\": \"test\"");
}

static void assert_no_recording(struct pair *pair, const char *part)
{
	struct recording recording;
	struct error error = {};

	assert_true(recording_open(&recording, pair->path, &error) < 0);
	assert_failed(&error, ERROR_FILE, part);
	assert_contains(error.failures[0].subject, pair->path);
	recording_close(&recording);
}

static void test_a_recording_without_addresses_says_so(void **state)
{
	cleanup_with(machine_fini) struct machine recorded = {};
	struct pair *pair = *state;
	struct error error = {};

	machine_tree_write(&pair->tree, "proc/iomem", "00000000-00000000 : System RAM\n");
	assert_int_equal(machine_record(&pair->tree.root, pair->path, "test", &error), 0);
	assert_failed(&error, ERROR_FILE, "/proc/iomem");
	assert_int_equal(recording_open(&pair->recording, pair->path, NULL), 0);
	read_machine(&recorded, &pair->recording.root);
	assert_int_equal(recorded.memory.iomem_fact, FACT_UNREADABLE);
}

/* Of each kind as many as are taken, and one more. */
static void test_a_recording_with_too_many_entries_is_refused(void **state)
{
	struct pair *pair = *state;
	cleanup_free char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	fputs(MARKER ", \"unreadable\": [", out);
	for (unsigned int i = 0; i <= RECORDED_REFUSALS_MAX; i++)
		fprintf(out, "%s{\"path\": \"/%u\", \"errno\": 5}", i ? "," : "", i);
	fputs("]}", out);
	assert_int_equal(fclose(out), 0);
	folder_text(&pair->folder, "recording/machine.json", text);
	assert_no_recording(pair, "more entries");
}

static void test_only_a_new_or_empty_folder_is_taken(void **state)
{
	cleanup_free char *mine = NULL;
	struct pair *pair = *state;
	struct error used = {}, file = {}, missing = {};

	folder_text(&pair->folder, "recording/mine", "mine");
	assert_true(machine_record(&pair->tree.root, pair->path, "test", &used) < 0);
	assert_failed(&used, ERROR_FILE, "new or empty");
	mine = folder_read(&pair->folder, "recording/mine");
	assert_string_equal(mine, "mine");
	assert_false(folder_has(&pair->folder, "recording/proc"));
	assert_true(machine_record(&pair->tree.root, folder_path(&pair->folder, "recording/mine"),
				   "test", &file) < 0);
	assert_failed(&file, ERROR_FILE, "recording/mine");
	assert_int_equal(file.failures[0].code, ENOTDIR);
	assert_true(machine_record(&pair->tree.root, folder_path(&pair->folder, "no/where"), "test",
				   &missing) < 0);
	assert_failed(&missing, ERROR_FILE, "no/where");
	folder_delete(&pair->folder, "recording/mine");
	record(pair);
}

static void assert_not_taken(struct pair *pair, int code)
{
	struct error error = {};

	assert_int_equal(machine_record(&pair->tree.root, pair->path, "test", &error), -code);
	assert_failed(&error, ERROR_FILE, pair->path);
	assert_int_equal(error.failures[0].code, code);
	assert_false(folder_has(&pair->folder, "recording/proc"));
}

/* They could put links into it, through which other files would be written. */
static void test_a_folder_that_others_may_write_to_is_not_taken(void **state)
{
	static const mode_t modes[] = {0777, 0770, 01777};
	struct pair *pair = *state;

	assert_int_equal(mkdir(pair->path, 0700), 0);
	for (size_t i = 0; i < ELEMENTS(modes); i++) {
		assert_int_equal(chmod(pair->path, modes[i]), 0);
		assert_not_taken(pair, EPERM);
	}
	assert_int_equal(chmod(pair->path, 0755), 0);
	if (geteuid() == 0) {
		assert_int_equal(chown(pair->path, 4711, (gid_t)-1), 0);
		assert_not_taken(pair, EPERM);
		assert_int_equal(chown(pair->path, 0, (gid_t)-1), 0);
	}
	record(pair);
}

/* As a process of its own without privileges: root may read any folder. */
static void test_a_folder_that_cannot_be_read_is_told_from_one_that_is_not_empty(void **state)
{
	struct pair *pair = *state;
	int status;
	pid_t child;

	assert_int_equal(mkdir(pair->path, 0300), 0);
	if (geteuid() == 0) {
		assert_int_equal(chmod(pair->folder.path, 0755), 0);
		assert_int_equal(chown(pair->path, 4711, (gid_t)-1), 0);
	}
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		if (geteuid() == 0 && setresuid(4711, 4711, 4711) < 0)
			_exit(1);
		_exit(machine_record(&pair->tree.root, pair->path, "test", NULL) == -EACCES ? 0
											    : 2);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

/* openat2(2) is new in Linux 5.6; a recording is made without it. */
static void deny_openat2(void)
{
	struct sock_filter rules[] = {
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = {ELEMENTS(rules), rules};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0 ||
	    syscall(SYS_openat2, -1, NULL, NULL, 0) != -1 || errno != ENOSYS)
		_exit(3);
}

static void test_an_older_kernel_is_recorded(void **state)
{
	struct pair *pair = *state;
	struct error error = {};
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		deny_openat2();
		_exit(machine_record(&pair->tree.root, pair->path, "test", NULL) == 0 ? 0 : 2);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(recording_open(&pair->recording, pair->path, &error), 0);
}

static int record_with_limit(struct pair *pair, rlim_t limit, struct error *error)
{
	void (*before)(int) = signal(SIGXFSZ, SIG_IGN);
	struct rlimit old, new;
	int r;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	new = (struct rlimit){limit, old.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &new), 0);
	r = machine_record(&pair->tree.root, pair->path, "test", error);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	signal(SIGXFSZ, before);
	return r;
}

/* EFI's tables make machine.json the largest file: boot_params comes next, with 4096 bytes. */
static void test_what_could_not_be_kept_makes_no_recording(void **state)
{
	static const struct {
		rlim_t limit;
		const char *part;
	} rows[] = {{16, "could not be kept"}, {4096, "machine.json could not be kept"}};
	enum { TABLES = 100 };
	static uint64_t pointers[TABLES];
	struct pair *pair = *state;

	for (size_t i = 0; i < TABLES; i++)
		pointers[i] = 0x3f000000 + i * 0x1000;
	machine_tree_add_efi(&pair->tree, 7);
	machine_tree_add_efi_tables(&pair->tree, pointers, TABLES, TABLES);
	machine_tree_write(&pair->tree, "sys/firmware/efi/config_table", "0x30010\n");
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct error error = {};

		assert_row(rows[i].part, record_with_limit(pair, rows[i].limit, &error) == -EFBIG);
		assert_failed(&error, ERROR_FILE, rows[i].part);
		assert_false(folder_has(&pair->folder, "recording/machine.json"));
		assert_no_recording(pair, "no machine.json");
		pair->path = folder_path(&pair->folder, "recording2");
	}
}

static void test_a_folder_that_is_no_recording_is_named(void **state)
{
	static const struct {
		const char *text, *part;
	} rows[] = {
	    {"", "does not say"},
	    {"{}", "does not say"},
	    {"[]", "does not say"},
	    {"null", "does not say"},
	    {"{\"schema\": 1}", "does not say"},
	    {"{\"schema\": \"kexec-plan\", \"schema_version\": 1}", "does not say"},
	    {"{\"schema\": \"kexec-machine\"}", "no version"},
	    {"{\"schema\": \"kexec-machine\", \"schema_version\": 0}", "no version"},
	    {"{\"schema\": \"kexec-machine\", \"schema_version\": -1}", "no version"},
	    {"{\"schema\": \"kexec-machine\", \"schema_version\": \"1\"}", "no version"},
	    {"{\"schema\": \"kexec-machine\", \"schema_version\": 2}", "version 2"},
	    {MARKER, "does not say"},
	    {MARKER "} more", "does not say"},
	    {MARKER ", \"unreadable\": [1]}", "an entry"},
	    {MARKER ", \"unreadable\": [{\"path\": \"/a\", \"errno\": 0}]}", "an entry"},
	    {MARKER ", \"unreadable\": [{\"path\": \"/a\", \"errno\": -5}]}", "an entry"},
	    {MARKER ", \"unreadable\": [{\"path\": \"/a\", \"errno\": 99999}]}", "an entry"},
	    {MARKER ", \"unreadable\": [{\"errno\": 5}]}", "an entry"},
	    {MARKER ", \"physical_memory\": [{\"address\": \"0x0\", \"bytes\": \"0\"}]}",
	     "an entry"},
	    {MARKER ", \"physical_memory\": [{\"address\": \"0x0\", \"bytes\": \"0g\"}]}",
	     "an entry"},
	    {MARKER ", \"physical_memory\": [{\"address\": \"12\", \"bytes\": \"00\"}]}",
	     "an entry"},
	    {MARKER ", \"physical_memory\": [{\"address\": \"0xffffffffffffffff\", \"bytes\": "
		    "\"0000\"}]}",
	     "an entry"},
	    {MARKER ", \"physical_memory\": [null]}", "an entry"},
	    {MARKER ", \"page_flags\": [{\"flag\": 64}]}", "an entry"},
	    {MARKER ", \"page_flags\": [{\"flag\": 1}, {\"flag\": 1, \"asked\": [{\"start\": "
		    "\"0x2\", \"end\": \"0x1\"}]}]}",
	     "an entry"},
	};
	struct pair *pair = *state;

	assert_no_recording(pair, "recording");
	folder_text(&pair->folder, "recording/proc/cmdline", "quiet\n");
	assert_no_recording(pair, "no machine.json");
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		folder_text(&pair->folder, "recording/machine.json", rows[i].text);
		assert_no_recording(pair, rows[i].part);
	}
}

/* As an older version would have made it, or a hand. */
static void test_a_recording_that_lacks_everything_is_unknown_and_no_crash(void **state)
{
	cleanup_with(machine_fini) struct machine machine = {};
	struct map found = {};
	struct pair *pair = *state;
	struct error error = {};
	char byte;

	folder_text(&pair->folder, "recording/machine.json", MARKER "}");
	recording_open(&pair->recording, pair->path, &error);
	assert_no_failure(&error);
	read_machine(&machine, &pair->recording.root);
	assert_int_equal(machine.memory.firmware_fact, FACT_ABSENT);
	assert_int_equal(machine.memory.iomem_fact, FACT_ABSENT);
	assert_int_equal(machine.firmware.boot_params_fact, FACT_ABSENT);
	assert_int_equal(machine.kernel.privilege_fact, FACT_UNREADABLE);
	assert_int_equal(root_read_physical(&pair->recording.root, 0, &byte, 1), -EIO);
	assert_int_equal(root_find_pages(&pair->recording.root, (struct range){0, 4096},
					 PAGE_FLAG_POISONED, &found),
			 -EIO);
}

static void test_a_part_of_recorded_memory_is_read_and_nothing_beside_it(void **state)
{
	static const struct {
		uint64_t address;
		size_t size;
		int result;
	} rows[] = {
	    {0x1000, 4, 0},        {0x1001, 3, 0},           {0x1000, 5, -EIO},
	    {0xfff, 2, -EIO},      {0x1004, 1, -EIO},        {0x2000, 1, 0},
	    {UINT64_MAX, 2, -EIO}, {0x1001, SIZE_MAX, -EIO}, {0x1005, 1, -EIO},
	};
	struct pair *pair = *state;
	struct error error = {};

	folder_text(&pair->folder, "recording/machine.json",
		    MARKER ", \"physical_memory\": [{\"address\": \"0x1000\", \"bytes\": "
			   "\"0a0B0c0d\"}, {\"address\": \"0x2000\", \"bytes\": \"ff\"}]}");
	recording_open(&pair->recording, pair->path, &error);
	assert_no_failure(&error);
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		uint8_t bytes[4] = {};
		int r =
		    root_read_physical(&pair->recording.root, rows[i].address, bytes, rows[i].size);

		assert_int_equal(r, rows[i].result);
		if (rows[i].address == 0x1001 && r == 0)
			assert_memory_equal(bytes, "\x0b\x0c\x0d", 4);
	}
}

static void test_the_same_bytes_are_kept_once(void **state)
{
	cleanup_with(recorded_facts_fini) struct recorded_facts facts = {};
	char bytes[5] = "";

	(void)state;
	assert_int_equal(recorded_facts_add_bytes(&facts, 0x1000, "abcd", 4), 0);
	assert_int_equal(recorded_facts_add_bytes(&facts, 0x2000, "x", 1), 0);
	assert_int_equal(recorded_facts_add_bytes(&facts, 0x1000, "abcd", 4), 0);
	assert_int_equal(recorded_facts_add_bytes(&facts, 0x1001, "BC", 2), 0);
	assert_int_equal(facts.bytes_count, 2);
	assert_int_equal(recorded_facts_read_physical(&facts, 0x1000, bytes, 4), 0);
	assert_string_equal(bytes, "abcd");
	assert_int_equal(recorded_facts_add_bytes(&facts, 0x1002, "cdef", 4), 0);
	assert_int_equal(recorded_facts_read_physical(&facts, 0x1002, bytes, 4), 0);
	assert_string_equal(bytes, "cdef");
}

static void test_flags_of_pages_are_told_where_they_were_looked_for(void **state)
{
	struct region asked_regions[] = {{{0x1000, 0x9000}}, {{0x20000, 0x30000}}};
	struct region found_regions[] = {{{0x2000, 0x3000}}, {{0x5000, 0x8000}}};
	struct map asked = {asked_regions, 2, 2}, found = {found_regions, 2, 2};
	static const struct {
		struct range bytes;
		int result;
		uint64_t total;
	} rows[] = {
	    {{0x1000, 0x9000}, 0, 0x4000},    {{0x2000, 0x3000}, 0, 0x1000},
	    {{0x2800, 0x5001}, 0, 0x801},     {{0x3000, 0x5000}, 0, 0},
	    {{0x8000, 0x9000}, 0, 0},         {{0x1000, 0x2000}, 0, 0},
	    {{0x20000, 0x30000}, 0, 0},       {{0, 0x2000}, -EIO, 0},
	    {{0x8000, 0x9001}, -EIO, 0},      {{0x2000, 0x20001}, -EIO, 0},
	    {{0x30000, UINT64_MAX}, -EIO, 0}, {{0x2fff, 0x30001}, -EIO, 0},
	};
	cleanup_with(recorded_facts_fini) struct recorded_facts facts = {};

	(void)state;
	assert_int_equal(recorded_facts_add_pages(&facts, 19, &asked, &found), 0);
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		cleanup_with(map_fini) struct map here = {};

		assert_int_equal(recorded_facts_find_pages(&facts, rows[i].bytes, 19, &here),
				 rows[i].result);
		assert_int_equal(map_total(&here), rows[i].total);
	}
}

/* Each region against each would take minutes. */
static void test_many_flags_of_pages_take_no_time(void **state)
{
	cleanup_with(recorded_facts_fini) struct recorded_facts facts = {};
	cleanup_with(map_fini) struct map pages = {}, all = {};
	int r = 0;

	(void)state;
	for (uint64_t i = 0; i < RECORDED_ENTRIES_MAX; i++)
		assert_int_equal(map_add(&pages, (struct range){i << 13, (i << 13) + 4096}, 0, ""),
				 0);
	assert_int_equal(recorded_facts_add_pages(&facts, 19, &pages, &pages), 0);
	alarm(5); /* instead of the test's whole time limit */
	for (size_t i = 0; r == 0 && i < pages.count; i++)
		r = recorded_facts_find_pages(&facts, pages.regions[i].range, 19, &all);
	alarm(0);
	assert_int_equal(r, 0);
	assert_int_equal(map_total(&all), map_total(&pages));
}

/* A recording comes from anywhere: it must not lead to this machine's files. */
static void test_nothing_outside_of_a_recording_is_read(void **state)
{
	struct pair *pair = *state;
	const struct root *root = &pair->recording.root;
	char *content;
	size_t size;

	record(pair);
	folder_text(&pair->folder, "outside", "1\n");
	assert_int_equal(symlink("../outside", folder_path(&pair->folder, "recording/link")), 0);
	assert_int_equal(symlink("/", folder_path(&pair->folder, "recording/top")), 0);
	assert_int_equal(mkfifo(folder_path(&pair->folder, "recording/pipe"), 0600), 0);
	assert_int_equal(root_read(root, "/link", 99, &content, &size), -ELOOP);
	assert_int_equal(root_read(root, "/top/proc/version", 99, &content, &size), -ELOOP);
	assert_int_equal(root_read(root, "/../outside", 99, &content, &size), -EXDEV);
	assert_int_equal(root_read(root, "/proc/../../outside", 99, &content, &size), -EXDEV);
	assert_int_equal(root_read(root, "/pipe", 99, &content, &size), -ENXIO);
	assert_int_equal(root_open_file(root, "/new", O_WRONLY | O_CREAT), -EROFS);
	assert_int_equal(root_open_file(root, "/proc/cmdline", O_RDWR), -EROFS);
	assert_false(folder_has(&pair->folder, "recording/new"));
}

#define PAIR_TEST(name) cmocka_unit_test_setup_teardown(name, make_pair, remove_pair)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    PAIR_TEST(test_a_recording_tells_what_the_machine_told),
	    PAIR_TEST(test_efis_tables_are_found_without_dev_mem),
	    PAIR_TEST(test_poisoned_pages_are_known_without_the_flags_of_all),
	    PAIR_TEST(test_poisoned_pages_that_nobody_could_find_stay_unknown),
	    PAIR_TEST(test_absent_stays_absent_and_unreadable_stays_unreadable),
	    PAIR_TEST(test_a_folder_whose_existence_tells_something_is_there),
	    PAIR_TEST(test_offline_memory_is_recorded),
	    PAIR_TEST(test_secrets_are_not_recorded),
	    PAIR_TEST(test_a_recording_without_addresses_says_so),
	    PAIR_TEST(test_a_recording_with_too_many_entries_is_refused),
	    PAIR_TEST(test_only_a_new_or_empty_folder_is_taken),
	    PAIR_TEST(test_a_folder_that_others_may_write_to_is_not_taken),
	    PAIR_TEST(test_a_folder_that_cannot_be_read_is_told_from_one_that_is_not_empty),
	    PAIR_TEST(test_an_older_kernel_is_recorded),
	    PAIR_TEST(test_what_could_not_be_kept_makes_no_recording),
	    PAIR_TEST(test_a_folder_that_is_no_recording_is_named),
	    PAIR_TEST(test_a_recording_that_lacks_everything_is_unknown_and_no_crash),
	    cmocka_unit_test(test_flags_of_pages_are_told_where_they_were_looked_for),
	    cmocka_unit_test(test_many_flags_of_pages_take_no_time),
	    PAIR_TEST(test_a_part_of_recorded_memory_is_read_and_nothing_beside_it),
	    cmocka_unit_test(test_the_same_bytes_are_kept_once),
	    PAIR_TEST(test_nothing_outside_of_a_recording_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
