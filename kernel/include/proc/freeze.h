/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Programs that stand still while the machine sleeps.
 *
 * Each thread stops on its way to user mode. One that sleeps in the kernel is left asleep: nothing is
 * interrupted, no system call ends early, and no program sees that it stood still but by the clocks. If it
 * wakes, it gets as far as user mode. What it asks of disks meanwhile waits there.
 */
#pragma once

#include <base/types.h>

/* Has all programs stand still; the calling thread goes on. -EBUSY: by `deadline` (monotonic ns) some
 * thread still ran; the others stand still all the same. One at a time. Thread context, no lock held. */
int must_check programs_freeze(uint64_t deadline);
/* They go on; also after an error. */
void programs_thaw(void);
