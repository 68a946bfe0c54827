/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Runs a command on what looks like a kernel without one or both of the loading calls: a seccomp
 * filter answers ENOSYS to them.
 *
 *     without-kexec load|file|both COMMAND…
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	unsigned int first = SYS_kexec_load, second = SYS_kexec_file_load;

	if (argc < 3)
		return 2;
	if (strcmp(argv[1], "load") == 0)
		second = first;
	else if (strcmp(argv[1], "file") == 0)
		first = second;
	struct sock_filter filter[] = {
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, first, 1, 0),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, second, 0, 1),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {sizeof(filter) / sizeof(*filter), filter};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0) {
		perror("without-kexec: seccomp");
		return 99;
	}
	execvp(argv[2], argv + 2);
	perror(argv[2]);
	return 99;
}
