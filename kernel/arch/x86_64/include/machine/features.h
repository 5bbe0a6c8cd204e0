/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the ABIs of x86_64 ask of the CPU. */
#pragma once

#include <base/types.h>

/* CPUID leaf 1, register d. */
uint32_t machine_cpuid_features(void);
/* True if programs may use rdfsbase and its kin. */
bool machine_has_fsgsbase(void);

/* The gs base of the current thread's user mode. -EPERM for one that is not the user's. */
int must_check machine_set_gs_base(uintptr_t value);
uintptr_t machine_get_gs_base(void);
