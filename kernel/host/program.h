/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The program of all hosts (ddk/user), as it lies in the kernel's image: a static ELF executable. */
#pragma once

#include <base/types.h>

extern const uint8_t host_program_start[], host_program_end[];
