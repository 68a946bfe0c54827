/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Text on an 8250-like UART behind port I/O, as the old kernel left it set up. Port 0 is no UART.
 * Every wait is bounded: a UART that is gone must not keep the machine from its reset.
 */
#pragma once

#include <stdint.h>

static inline uint8_t port_read(uint16_t port)
{
	uint8_t value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline void port_write(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

void serial_text(uint16_t port, const char *text);
void serial_number(uint16_t port, uint64_t number); /* in hexadecimal */
void serial_drain(uint16_t port);                   /* until the last character is on the line */
