/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The C side of usercopy.S. */
#include <arch/usercopy.h>

#include <sync/cpu.h>

int machine_copy_user(uintptr_t to, uintptr_t from, size_t length);
int machine_load_user_u32(uintptr_t from, uint32_t *value);
int machine_exchange_user_u32(uintptr_t at, uint32_t expected, uint32_t wanted, uint32_t *found);

int arch_copy_from_user(void *to, uintptr_t from, size_t length)
{
	return machine_copy_user((uintptr_t)to, from, length);
}

int arch_copy_to_user(uintptr_t to, const void *from, size_t length)
{
	return machine_copy_user(to, (uintptr_t)from, length);
}

int arch_probe_user(uintptr_t at, bool write)
{
	uint32_t found;

	/* Comparing and swapping writes back what it found. */
	return write ? machine_exchange_user_u32(at, 0, 0, &found)
		     : machine_load_user_u32(at, &found);
}

/* With preemption off the fault handler does not serve the fault. */
int arch_load_user_u32_nofault(uintptr_t from, uint32_t *value)
{
	int error;

	preempt_disable();
	error = machine_load_user_u32(from, value);
	preempt_enable();
	return error;
}

/* A copy of eight bytes is one load, which is atomic where they are aligned. */
int arch_load_user_u64_nofault(uintptr_t from, uint64_t *value)
{
	int error;

	preempt_disable();
	error = machine_copy_user((uintptr_t)value, from, sizeof(*value));
	preempt_enable();
	return error;
}

int arch_exchange_user_u32_nofault(uintptr_t at, uint32_t expected, uint32_t wanted,
				   uint32_t *found)
{
	int error;

	preempt_disable();
	error = machine_exchange_user_u32(at, expected, wanted, found);
	preempt_enable();
	return error;
}
