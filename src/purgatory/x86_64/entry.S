/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Purgatory's first and last instructions on x86-64.
 *
 * The old kernel jumps to the blob's first byte in long mode, with an identity map of all RAM, with
 * interrupts off, and with neither a stack nor a valid GDT or IDT (machine_kexec_64.c,
 * relocate_kernel_64.S). The next kernel wants the flat segments 0x10 and 0x18 and boot_params in
 * RSI (Documentation/arch/x86/boot.rst, "64-bit boot protocol").
 */
#include "purgatory/x86_64/layout.h"

	.section .text.entry, "ax"
	.code64
	.globl purgatory_entry
purgatory_entry:
	cli
	cld
	rdtsc
	shl	$32, %rdx
	or	%rdx, %rax
	mov	%rax, %r12			/* time of entry */
	lea	purgatory_entry(%rip), %rbx	/* where the window starts */
	lea	WINDOW_SIZE(%rbx), %rsp

	/* A GDT of our own, its address filled in on the stack. */
	lea	gdt(%rip), %rax
	sub	$16, %rsp
	movw	$(gdt_end - gdt - 1), 6(%rsp)
	mov	%rax, 8(%rsp)
	lgdt	6(%rsp)
	mov	$0x18, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	xor	%eax, %eax
	mov	%eax, %fs
	mov	%eax, %gs
	lea	flat_code(%rip), %rax
	pushq	$0x10
	pushq	%rax
	lretq
flat_code:
	add	$16, %rsp

	/* SSE: its use is allowed in CR0 and CR4, which are put back before the jump. */
	mov	%cr0, %r13
	mov	%cr4, %r14
	mov	%r13, %rax
	and	$~(CR0_EM | CR0_TS), %rax
	or	$CR0_MP, %rax
	mov	%rax, %cr0
	mov	%r14, %rax
	or	$(CR4_OSFXSR | CR4_OSXMMEXCPT), %rax
	mov	%rax, %cr4
	fninit
	movl	$MXCSR_DEFAULT, -8(%rsp)
	ldmxcsr	-8(%rsp)

	lea	PARAMETERS_OFFSET(%rbx), %rdi
	mov	%r12, %rsi
	call	purgatory_main			/* returns only when all is well */

	mov	%r14, %cr4
	mov	%r13, %cr0
	mov	(PARAMETERS_OFFSET + PARAMETERS_ENTRY)(%rbx), %rcx
	mov	(PARAMETERS_OFFSET + PARAMETERS_ARGUMENT)(%rbx), %rsi
	cmpq	$ENTER_PROTECTED_MODE, (PARAMETERS_OFFSET + PARAMETERS_MODE)(%rbx)
	je	leave_long_mode
	xor	%eax, %eax
	xor	%ebx, %ebx
	xor	%edx, %edx
	xor	%edi, %edi
	xor	%ebp, %ebp
	xor	%r8d, %r8d
	xor	%r9d, %r9d
	xor	%r10d, %r10d
	xor	%r11d, %r11d
	xor	%r12d, %r12d
	xor	%r13d, %r13d
	xor	%r14d, %r14d
	xor	%r15d, %r15d
	jmp	*%rcx

/*
 * The 32-bit boot protocol (boot.rst): protected mode, paging off, flat segments 0x10 and 0x18, EBP,
 * EDI and EBX zero. Compatibility mode is entered through a GDT with 32-bit code at 0x10; there
 * paging can be switched off (Intel SDM volume 3, section 10.8.5.4).
 */
leave_long_mode:
	mov	%rcx, %rdi			/* EDI: the entry, until the jump; ECX serves the MSR */
	lea	gdt32(%rip), %rax
	sub	$16, %rsp
	movw	$(gdt32_end - gdt32 - 1), 6(%rsp)
	mov	%rax, 8(%rsp)
	lgdt	6(%rsp)
	lea	compatibility_mode(%rip), %rax
	pushq	$0x10
	pushq	%rax
	lretq

	.code32
compatibility_mode:
	mov	$0x18, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	mov	%eax, %fs
	mov	%eax, %gs
	mov	%cr0, %eax
	and	$~CR0_PG, %eax
	mov	%eax, %cr0
	mov	$MSR_EFER, %ecx
	rdmsr
	and	$~EFER_LME, %eax
	wrmsr
	xor	%eax, %eax
	mov	%eax, %cr4
	mov	%edi, %ecx
	xor	%ebx, %ebx
	xor	%edx, %edx
	xor	%edi, %edi
	xor	%ebp, %ebp
	jmp	*%ecx
	.code64

/* The last rung of the reset ladder: an exception without an IDT shuts the processor down. */
	.globl purgatory_triple_fault
purgatory_triple_fault:
	pushq	$0
	pushq	$0
	lidt	(%rsp)
	ud2

	.section .rodata.gdt, "a"
	.balign	16
gdt:
	.quad	0
	.quad	0
	.quad	0x00af9b000000ffff		/* 0x10: 64-bit code, ring 0 */
	.quad	0x00cf93000000ffff		/* 0x18: data, ring 0, flat */
gdt_end:
gdt32:
	.quad	0
	.quad	0
	.quad	0x00cf9b000000ffff		/* 0x10: 32-bit code, ring 0, flat */
	.quad	0x00cf93000000ffff		/* 0x18: data, ring 0, flat */
gdt32_end:

	.section .parameters, "aw"
	.quad	PARAMETERS_MAGIC
	.fill	PARAMETERS_SIZE - 8, 1, 0
	.section .note.GNU-stack, "", @progbits
