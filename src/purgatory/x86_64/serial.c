/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "purgatory/x86_64/serial.h"

/* linux/serial_reg.h */
enum {
	UART_TRANSMIT = 0,
	UART_LINE_STATUS = 5,
	LINE_STATUS_HOLDING_EMPTY = 0x20,
	LINE_STATUS_ALL_EMPTY = 0x40,
};

static void wait_for(uint16_t port, uint8_t status)
{
	for (unsigned int i = 0; i < 1000000; i++)
		if (port_read(port + UART_LINE_STATUS) & status)
			return;
}

void serial_text(uint16_t port, const char *text)
{
	if (!port)
		return;
	for (; *text; text++) {
		wait_for(port, LINE_STATUS_HOLDING_EMPTY);
		port_write(port + UART_TRANSMIT, (uint8_t)*text);
	}
}

void serial_number(uint16_t port, uint64_t number)
{
	char digits[2 + 16 + 1] = "0x";
	unsigned int used = 2;

	for (int shift = 60; shift >= 0; shift -= 4) {
		unsigned int nibble = number >> shift & 15;

		if (nibble || used > 2 || shift == 0)
			digits[used++] = (char)(nibble < 10 ? '0' + nibble : 'a' + nibble - 10);
	}
	digits[used] = '\0';
	serial_text(port, digits);
}

void serial_drain(uint16_t port)
{
	if (port)
		wait_for(port, LINE_STATUS_ALL_EMPTY);
}
