/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How much memory there is for initrds that are unpacked at load time: by the running kernel's
 * limits, in this kernel, and in the next one. It is decided before anything is unpacked.
 */
#pragma once

#include "image/initrd-unpack.h"

struct image;
struct machine_memory;
struct request;

/*
 * What is not known counts as nothing. `command_line` is the next kernel's, which may take memory
 * away from it.
 */
struct initrd_room initrd_room(const struct request *request, const struct machine_memory *memory,
			       const struct image *image, const char *command_line);
