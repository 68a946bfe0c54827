/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "machine/machine.h"

int machine_read(struct machine *machine, const struct root *root, struct error *error)
{
	int r;

	*machine = (struct machine){};
	r = machine_memory_read(&machine->memory, root, error);
	if (r == 0)
		r = machine_kernel_read(&machine->kernel, root, error);
	if (r == 0)
		r = machine_firmware_read(&machine->firmware, root, error);
	if (r == 0)
		machine_console_read(&machine->console, root);
	else
		machine_fini(machine);
	return r;
}

void machine_fini(struct machine *machine)
{
	machine_memory_fini(&machine->memory);
	machine_kernel_fini(&machine->kernel);
	machine_firmware_fini(&machine->firmware);
	machine_crash_fini(&machine->crash);
}
