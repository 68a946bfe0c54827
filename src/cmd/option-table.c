/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/option-table.h"

#define LATER(text, argument_name)                                                                 \
	{                                                                                          \
		.id = OPTION_OTHERS, .name = (text), .argument = (argument_name),                  \
		.state = OPTION_LATER                                                              \
	}

/* Beside --initrd-file these would not be unique any more, and kexec-tools takes them. */
#define CUT_INITRD(cut)                                                                            \
	{                                                                                          \
		OPTION_INITRD, 0, cut, "FILE", SCOPE_LOAD, NULL, WITH_A_KERNEL | WITH_CHECK, 0     \
	}

const struct option_entry option_table[] = {
    {OPTION_LOAD, 'l', "load", NULL, SCOPE_ANY, "load KERNEL; do nothing else", 0, 0},
    {OPTION_FORCE, 'f', "force", NULL, SCOPE_ANY,
     "load KERNEL, sync, take interfaces down and jump at once, without a shutdown", 0, 0},
    {OPTION_EXEC, 'e', "exec", NULL, SCOPE_ANY,
     "sync, take interfaces down and jump into what is loaded, without a shutdown", 0, 0},
    {OPTION_UNLOAD, 'u', "unload", NULL, SCOPE_ANY, "unload what is loaded", 0, 0},
    {OPTION_STATUS, 'S', "status", NULL, SCOPE_ANY,
     "exit with 1 when a crash kernel (with -l: a kernel) is loaded, else with 0", 0, 0},
    {OPTION_LOAD_PANIC, 'p', "load-panic", NULL, SCOPE_ANY,
     "load KERNEL, to be jumped into when this one panics; with -u, unload that", 0, 0},
    {OPTION_PRINT_CRASH_SIZE, 0, "print-ckr-size", NULL, SCOPE_ANY,
     "print how many bytes are reserved for a crash kernel, 0 for none", 0, 0},
    {OPTION_TYPE, 't', "type", "TYPE", SCOPE_LOAD, "insist that KERNEL is of this type: bzImage",
     WITH_A_KERNEL, 0},
    {OPTION_INITRD, 0, "initrd", "FILE", SCOPE_LOAD,
     "initrd for the next kernel; given several times, they are joined in this order",
     WITH_A_KERNEL | WITH_CHECK, 0},
    {OPTION_INITRD, 0, "ramdisk", "FILE", SCOPE_LOAD, NULL, WITH_A_KERNEL | WITH_CHECK, 0},
    {OPTION_COMMAND_LINE, 0, "command-line", "WORDS", SCOPE_LOAD,
     "command line of the next kernel; empty when not given", WITH_A_KERNEL, 0,
     "command line of the next kernel; the running kernel's when not given"},
    {OPTION_REUSE_CMDLINE, 0, "reuse-cmdline", NULL, SCOPE_LOAD,
     "take the running kernel's command line, without what a boot loader put there", WITH_A_KERNEL,
     0, "take the running kernel's command line, as without --command-line"},
    {OPTION_APPEND, 0, "append", "WORDS", SCOPE_LOAD,
     "add words to the command line; may be given several times", WITH_A_KERNEL, 0},
    {OPTION_FILE_SYSCALL, 's', "kexec-file-syscall", NULL, SCOPE_ANY,
     "use kexec_file_load and nothing else (signed kernels, lockdown)", WITH_A_KERNEL | WITH_UNLOAD,
     0},
    {OPTION_LOAD_SYSCALL, 'c', "kexec-syscall", NULL, SCOPE_ANY, "use kexec_load and nothing else",
     WITH_A_KERNEL | WITH_UNLOAD, 0},
    {OPTION_AUTO_SYSCALL, 'a', "kexec-syscall-auto", NULL, SCOPE_ANY,
     "use kexec_file_load, and kexec_load where the kernel does not support that",
     WITH_A_KERNEL | WITH_UNLOAD, 0},
    {OPTION_NO_CHECKS, 'i', "no-checks", NULL, SCOPE_LOAD,
     "do not verify the segments just before the jump", WITH_A_KERNEL, 0},
    {OPTION_PLAIN, 0, "plain", NULL, SCOPE_LOAD,
     "let the next kernel unpack itself and its initrd, as it does when firmware starts it",
     WITH_A_KERNEL, 0},
    {OPTION_MEM_MIN, 0, "mem-min", "ADDRESS", SCOPE_LOAD, "place nothing below this address",
     WITH_A_KERNEL, 0},
    {OPTION_MEM_MAX, 0, "mem-max", "ADDRESS", SCOPE_LOAD, "place nothing at or above this address",
     WITH_A_KERNEL, 0},
    {OPTION_PANIC, 0, "panic", NULL, SCOPE_VERBS, "it is about the kernel for a panic of this one",
     WITH_A_KERNEL | WITH_UNLOAD | WITH_CHECK, 0},
    {OPTION_HOTPLUG, 0, "hotplug", NULL, SCOPE_LOAD,
     "with -p: let this kernel keep track of CPUs and memory that come or go", WITH_A_KERNEL, 0,
     "with --panic: say so where this kernel cannot keep track of CPUs and memory"},
    {OPTION_MEMMAP_WORDS, 0, "pass-memmap-cmdline", NULL, SCOPE_LOAD,
     "with -p: tell the crash kernel its memory by memmap= words too", WITH_A_KERNEL, 0,
     "with --panic: tell the crash kernel its memory by memmap= words too"},
    {OPTION_ALLOW_DISARM, 0, "allow-disarm", NULL, SCOPE_LOAD,
     "with -p: load also where the crash kernel that is loaded now could be lost", WITH_LOAD, 0,
     "with --panic: load also where the crash kernel that is loaded now could be lost"},
    {OPTION_DRY_RUN, 0, "dry-run", NULL, SCOPE_LOAD, "show the plan of a load and stop there", 0,
     0},
    {OPTION_JSON, 0, "json", NULL, SCOPE_LOAD, "show the plan as JSON", WITH_ALL, 0,
     "report as one JSON object on stdout"},
    {OPTION_SVG, 0, "svg", "FILE", SCOPE_LOAD, "draw the plan as a picture into FILE too",
     WITH_PLAN | WITH_TIMELINE, 0, "draw it as a picture into FILE too"},
    {OPTION_SYSROOT, 0, "sysroot", "DIR", SCOPE_LOAD,
     "with --dry-run: plan for the machine recorded in DIR", WITH_PLAN, 0,
     "plan for the machine recorded in DIR"},
    {OPTION_RECORD_MACHINE, 0, "record-machine", "DIR", SCOPE_ANY,
     "record what a plan needs to know of this machine in DIR, without its secrets", 0, 0},
    {OPTION_NO_IFDOWN, 'x', "no-ifdown", NULL, SCOPE_EXECUTE,
     "leave network interfaces up before the jump", WITH_REBOOT, 0},
    {OPTION_NO_SYNC, 'y', "no-sync", NULL, SCOPE_EXECUTE,
     "do not write file systems back before the jump", WITH_REBOOT, 0},
    {OPTION_DEBUG, 'd', "debug", NULL, SCOPE_ANY,
     "show on stderr the plan of a load before it is carried out; with -S, how this "
     "kernel was started",
     WITH_ALL, 0, "show more on stderr, as the plan of a load before it is carried out"},
    {OPTION_VERSION, 'v', "version", NULL, SCOPE_ANY, "print the version", WITH_ALL, 0},
    {OPTION_HELP, 'h', "help", NULL, SCOPE_ANY, "print this text", WITH_ALL, 0},
    {OPTION_ADD, 0, "add", "WORD", SCOPE_VERBS,
     "add a word to the command line; may be given several times", WITH_A_KERNEL, 0},
    {OPTION_REMOVE, 0, "remove", "WORD", SCOPE_VERBS,
     "remove a word, or every word of that name, from the command line", WITH_A_KERNEL, 0},
    {OPTION_IF_CHANGED, 0, "if-changed", NULL, SCOPE_VERBS,
     "do nothing when the same files are loaded already, in the same way", WITH_LOAD, 0},
    {OPTION_COLD, 0, "cold", NULL, SCOPE_VERBS,
     "unload what is loaded, and restart through the firmware", WITH_REBOOT, 0},
    {OPTION_NOW, 0, "now", NULL, SCOPE_VERBS, "jump at once, without a shutdown, as -e does",
     WITH_REBOOT, 0},
    {OPTION_SKIP_FIRMWARE, 0, "skip-firmware", NULL, SCOPE_VERBS,
     "go on though work waits for the firmware, such as an update", WITH_REBOOT, 0},
    {OPTION_ADD_INITRD, 0, "add-initrd", "FILE", SCOPE_VERBS,
     "one more initrd, behind those of --initrd; may be given several times", WITH_A_KERNEL, 0},
    {OPTION_INITRD_FILE, 0, "initrd-file", "FILE:PATH", SCOPE_VERBS,
     "put FILE, a secret, into the next kernel's initrd as PATH; may be given several times",
     WITH_A_KERNEL, 0},
    {OPTION_CREDENTIAL, 0, "credential", "NAME:FILE", SCOPE_VERBS,
     "hand FILE over to the next systemd as credential NAME; may be given several times",
     WITH_A_KERNEL, 0},
    {OPTION_ALLOW_SWAP, 0, "allow-swap", NULL, SCOPE_VERBS,
     "handle secrets although swap is not encrypted", WITH_A_KERNEL, 0},
    {OPTION_DUMP_DIRECTORY, 0, "dump-directory", "DIR", SCOPE_VERBS,
     "where dumps are saved; without it, what /etc/kexec/crash.conf says, or /var/crash",
     WITH_CHECK | WITH_TEST_PANIC, 0},
    {OPTION_CRASH_NOW, 0, "crash-now", NULL, SCOPE_VERBS,
     "crash the machine now: nothing is shut down, and what is not saved is lost", WITH_TEST_PANIC,
     0},
    {OPTION_VERIFY, 0, "verify", NULL, SCOPE_VERBS, "after the crash: look whether its dump came",
     WITH_TEST_PANIC, 0},
    CUT_INITRD("i"),
    CUT_INITRD("in"),
    CUT_INITRD("ini"),
    CUT_INITRD("init"),
    CUT_INITRD("initr"),
    {.id = OPTION_OTHERS, .name = "elf32-core-headers", .state = OPTION_WITHOUT_EFFECT},
    {.id = OPTION_OTHERS, .name = "elf64-core-headers", .state = OPTION_WITHOUT_EFFECT},
    LATER("entry", "ADDRESS"),
    LATER("reuseinitrd", NULL),
    LATER("load-preserve-context", NULL),
    LATER("load-jump-back-helper", NULL),
    LATER("load-live-update", NULL),
    LATER("exec-live-update", NULL),
    LATER("no-cma", NULL),
    LATER("force-dtb", NULL),
    LATER("reset-vga", NULL),
    LATER("serial", "PORT"),
    LATER("serial-baud", "RATE"),
    LATER("console-vga", NULL),
    LATER("console-serial", NULL),
    LATER("noefi", NULL),
    LATER("reuse-video-type", NULL),
    LATER("real-mode", NULL),
    LATER("entry-32bit", NULL),
    LATER("dtb", "FILE"),
    LATER("args-elf", NULL),
    LATER("args-linux", NULL),
    LATER("args-none", NULL),
    LATER("module", "FILE"),
};

const size_t option_table_size = sizeof(option_table) / sizeof(*option_table);

_Static_assert(sizeof(option_table) / sizeof(*option_table) <= OPTION_COUNT, "getopt's tables");

/* Values that getopt_long returns: the entry's index, out of the way of characters. */
#define VALUE_OF_FIRST 256

void option_table_for_getopt(struct option *long_options, char *short_options)
{
	size_t used = 0;

	short_options[used++] =
	    '-'; /* words that are no options are returned in their turn, as 1 */
	short_options[used++] = ':'; /* a missing value is ':' and not '?' */
	for (size_t i = 0; i < option_table_size; i++) {
		const struct option_entry *entry = &option_table[i];

		long_options[i] = (struct option){
		    .name = entry->name,
		    .has_arg = entry->argument ? required_argument : no_argument,
		    .val = VALUE_OF_FIRST + (int)i,
		};
		if (!entry->letter)
			continue;
		short_options[used++] = entry->letter;
		if (entry->argument)
			short_options[used++] = ':';
	}
	long_options[option_table_size] = (struct option){};
	short_options[used] = '\0';
}

const struct option_entry *option_find_by_value(int value)
{
	size_t index = (size_t)value - VALUE_OF_FIRST;

	if (value >= VALUE_OF_FIRST)
		return index < option_table_size ? &option_table[index] : NULL;
	for (size_t i = 0; i < option_table_size; i++)
		if (option_table[i].letter && option_table[i].letter == value)
			return &option_table[i];
	return NULL;
}
