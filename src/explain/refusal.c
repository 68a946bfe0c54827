/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "explain/refusal.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#define NOT_PERMITTED                                                                              \
	"CAP_SYS_BOOT is missing (a container's root has none), or lockdown, "                     \
	"kernel.kexec_load_disabled or a used-up kernel.kexec_load_limit_reboot forbids it"
#define POLICY     "a security policy (IMA, SELinux) forbids it"
#define UNDER_WAY  "another load, unload or jump is under way in it"
#define TRY_AGAIN  "try again in a moment"
#define NO_MEMORY  "it has no memory for the segments"
#define FREE_SOME  "free memory, or give a smaller initrd"
#define NO_KEXEC   "it was built without this call"
#define NO_MACHINE "kexec does not work on this machine (as with TDX on some CPUs)"
#define FIRMWARE   "restart through the firmware: systemctl reboot"
#define REPORT     "this is a bug in kexec; please report it with the output of kexec plan"
#define DISK       "load again; for errors of the disk see the kernel's log (dmesg)"

static const struct refusal by_segments[] = {
    {EPERM, NOT_PERMITTED, NULL},
    {EACCES, POLICY, "try -s, by which it sees the kernel file itself and can judge that", true},
    {EINVAL, "it does not take these segments or flags",
     "try -s, by which the kernel places the segments itself; kexec plan shows where they lie",
     true},
    {EADDRNOTAVAIL, "a segment's place is not one that it can reach",
     "try -s, by which the kernel places the segments itself", true},
    {EBUSY, UNDER_WAY, TRY_AGAIN},
    {ENOMEM, NO_MEMORY, FREE_SOME},
    {EFAULT,
     "bytes of the kernel or an initrd could not be read: a file was cut, or its disk has errors",
     DISK},
    {ENOSYS, NO_KEXEC,
     "leave -c out, so that kexec_file_load is tried; otherwise start a kernel with CONFIG_KEXEC",
     true},
    {ENOTSUP, NO_MACHINE, FIRMWARE},
};

static const struct refusal by_file[] = {
    {EPERM, NOT_PERMITTED, NULL},
    {EACCES, POLICY,
     "load a kernel file that has IMA's signature (security.ima) and is not compressed as a whole, "
     "because what is unpacked has none; SELinux gives its reason in the audit log"},
    {EINVAL, "it does not take such a file, such a command line or a flag",
     "try -c, by which this program places the segments", true},
    {ENOEXEC, "it has no loader for such a kernel; on x86 only for a 64-bit bzImage",
     "try -c, by which this program prepares the kernel", true},
    {EADDRNOTAVAIL,
     "it found no place for a segment (under kexec hand-over only its scratch counts)",
     "free memory, or try -c", true},
    {EBUSY, UNDER_WAY, TRY_AGAIN},
    {ENOMEM, "it has no memory for the files and segments", FREE_SOME},
    {EFAULT, "it could not read the command line", REPORT},
    {EBADF, "it could not read from a file descriptor", REPORT},
    {ETXTBSY, "a file is open for writing",
     "wait until whatever writes the file has finished, then load again"},
    {EFBIG, "a file is larger than it reads at once", "give a smaller file, or try -c", true},
    {EIO, "a file could not be read to its end: it was cut, or its disk has errors", DISK},
    {ESTALE, "a file is no longer there on its network file system", "load again"},
    {EINTR, "a signal interrupted it", TRY_AGAIN},
    {ENODATA, "it demands a signature, and the kernel file has none",
     "load a signed kernel, or sign this one with a key that the running kernel trusts"},
    {ENOKEY, "no keyring of it has the key of the kernel file's signature",
     "enrol that key (mokutil --import), or load a kernel of the same distribution"},
    {EKEYREJECTED, "the signature does not fit the kernel file, or its key or digest is blocked",
     "install the kernel file again, or a newer one"},
    {ELIBBAD, "the kernel file's PE headers are damaged, so no signature can be read",
     "install the kernel file again"},
    {EBADMSG, "the kernel file's signature is malformed", "install the kernel file again"},
    {ENOPKG, "the kernel file's signature uses an algorithm that it lacks",
     "load the module of that algorithm, or sign the kernel with SHA-256 and RSA"},
    {ENOENT, "it lacks SHA-256, which its own purgatory needs", "modprobe sha256, or try -c", true},
    {ENOSYS, NO_KEXEC,
     "leave -s out, so that kexec_load is tried; otherwise start a kernel with CONFIG_KEXEC_FILE",
     true},
    {ENOTSUP, NO_MACHINE, FIRMWARE},
};

static const struct refusal of_unload[] = {
    {EPERM, NOT_PERMITTED, NULL},
    {EACCES, POLICY, "try it with -s, which unloads without asking it"},
    {EINVAL, "it does not take this flag", "try the other call, with -c or -s"},
    {EBUSY, UNDER_WAY, TRY_AGAIN},
    {ENOSYS, NO_KEXEC, "try the other call, with -c or -s; a kernel with neither has no kexec"},
};

static const struct refusal of_jump[] = {
    {EPERM, "CAP_SYS_BOOT is missing", "run it as root, outside of containers"},
    {EINVAL,
     "nothing is loaded, or it was built without kexec, or this is a pid namespace (a container)",
     "see whether a kernel is loaded: kexec status; run it outside of containers"},
    {EBUSY, UNDER_WAY, TRY_AGAIN},
};

#define TABLE(step, table)                                                                         \
	{                                                                                          \
		step, table, sizeof(table) / sizeof(*table)                                        \
	}

const struct refusal *refusal_find(const char *step, int code)
{
	static const struct {
		const char *step;
		const struct refusal *refusals;
		size_t count;
	} tables[] = {
	    TABLE("kexec_load", by_segments),
	    TABLE("kexec_file_load", by_file),
	    TABLE("unload", of_unload),
	    TABLE("reboot", of_jump),
	};

	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++)
		for (size_t j = 0; j < tables[i].count; j++)
			if (tables[i].refusals[j].code == code && strcmp(tables[i].step, step) == 0)
				return &tables[i].refusals[j];
	return NULL;
}
