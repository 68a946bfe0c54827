/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The 64-bit entry of a kernel that only tells, on the first UART, what it was given: CR0, CR4,
 * XCR0, and the last word of purgatory's stamp (how many segments, and with which registers). Then
 * it resets the machine.
 */
	.text
	.code64
	mov	0x250(%rsi), %rbx	/* boot_params.hdr.setup_data */
	mov	%cr0, %rdi
	call	print
	mov	%cr4, %rdi
	call	print
	mov	%cr4, %rax
	or	$0x40000, %rax		/* OSXSAVE, or XCR0 cannot be read */
	mov	%rax, %cr4
	xor	%ecx, %ecx
	xgetbv
	shl	$32, %rdx
	lea	(%rdx, %rax), %rdi
	call	print
next_node:
	test	%rbx, %rbx
	jz	done
	cmpl	$0x4b455843, 8(%rbx)
	je	stamp
	mov	(%rbx), %rbx
	jmp	next_node
stamp:
	mov	16 + 24(%rbx), %rdi
	call	print
done:
	mov	$'\n', %eax
	call	put
	mov	$0xfe, %al
	out	%al, $0x64
	hlt

/* RDI in 16 hexadecimal digits, and a space. */
print:
	mov	$16, %r8d
digit:
	rol	$4, %rdi
	mov	%edi, %eax
	and	$15, %eax
	add	$'0', %eax
	cmp	$'9', %eax
	jbe	decimal
	add	$'a' - '9' - 1, %eax
decimal:
	call	put
	dec	%r8d
	jnz	digit
	mov	$' ', %eax
put:
	mov	%eax, %r9d
wait:
	mov	$0x3fd, %edx
	in	%dx, %al
	test	$0x20, %al
	jz	wait
	mov	$0x3f8, %edx
	mov	%r9d, %eax
	out	%al, %dx
	ret
