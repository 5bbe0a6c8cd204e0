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

/* Both bases of a thread's user mode, which may lie in either half: of the current thread, or of
 * one that is stopped. -EINVAL for addresses that are not canonical. */
struct thread;
int must_check machine_set_bases(struct thread *thread, uint64_t fs_base, uint64_t gs_base);
void machine_get_bases(struct thread *thread, uint64_t *fs_base, uint64_t *gs_base);
