/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Puts the built blob into the library; the build gives its path. */
	.section .rodata
	.balign	4096
	.globl purgatory_x86_64
	.globl purgatory_x86_64_end
purgatory_x86_64:
	.incbin PURGATORY_X86_64_FILE
purgatory_x86_64_end:
	.section .note.GNU-stack, "", %progbits
