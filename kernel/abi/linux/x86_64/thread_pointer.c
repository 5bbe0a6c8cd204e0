/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calls and values that exist on x86_64 alone. */
#include "../hardware.h"
#include "../linux.h"

#include <arch/thread.h>
#include <machine/features.h>
#include <proc/process.h>

enum arch_prctl_option {
	ARCH_SET_GS = 0x1001,
	ARCH_SET_FS = 0x1002,
	ARCH_GET_FS = 0x1003,
	ARCH_GET_GS = 0x1004,
};

int64_t linux_arch_prctl(const struct linux_call *call)
{
	struct thread *self = thread_current();

	switch (linux_int(call, 0)) {
	case ARCH_SET_FS:
		return arch_set_thread_pointer(self, call->argument[1]);
	case ARCH_GET_FS:
		return write_user_u64(call->argument[1], arch_get_thread_pointer(self));
	case ARCH_SET_GS:
		return machine_set_gs_base(call->argument[1]);
	case ARCH_GET_GS:
		return write_user_u64(call->argument[1], machine_get_gs_base());
	default:
		return -EINVAL;
	}
}

const char linux_platform[] = "x86_64";

#define HARDWARE_2_FSGSBASE 2

uint64_t linux_hardware_capabilities(void)
{
	return machine_cpuid_features();
}

uint64_t linux_hardware_capabilities_2(void)
{
	return machine_has_fsgsbase() ? HARDWARE_2_FSGSBASE : 0;
}
