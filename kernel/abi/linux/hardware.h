/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the auxiliary vector says of the CPU; supplied by the folder of the architecture. */
#pragma once

#include <base/types.h>

/* AT_PLATFORM. */
extern const char linux_platform[];

/* AT_HWCAP and AT_HWCAP2. */
uint64_t linux_hardware_capabilities(void);
uint64_t linux_hardware_capabilities_2(void);
