/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "vector.h"

#include "cpuid.h"

#include <base/errno.h>
#include <base/string.h>
#include <machine/vector.h>
#include <mm/phys/slab.h>
#include <sched/thread.h>

#define LEGACY_SIZE     512 /* FXSAVE */
#define HEADER_SIZE     64  /* XSAVE header behind it */
#define STATE_ALIGNMENT 64
#define CONTROL_OFFSET  0
#define MXCSR_OFFSET    24
#define MXCSR_INITIAL   0x1f80
#define MXCSR_MASK      0xffff /* defined bits; DAZ is on all 64-bit CPUs but the first */
#define X87_INITIAL     0x037f

#define COMPONENT_X87    (1ull << 0)
#define COMPONENT_SSE    (1ull << 1)
#define COMPONENT_AVX    (1ull << 2)
#define COMPONENT_AVX512 (7ull << 5)

static bool has_xsave;
static uint64_t components = COMPONENT_X87 | COMPONENT_SSE;
static size_t state_size = LEGACY_SIZE;

static void xcr0_write(uint64_t value)
{
	asm volatile("xsetbv" : : "c"(0), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)));
}

static uint64_t wanted_components(void)
{
	struct cpuid_result leaf = cpuid(0xd, 0);
	uint64_t supported = (uint64_t)leaf.d << 32 | leaf.a;
	uint64_t wanted = COMPONENT_X87 | COMPONENT_SSE;

	if (supported & COMPONENT_AVX) {
		wanted |= COMPONENT_AVX;
		if ((supported & COMPONENT_AVX512) == COMPONENT_AVX512)
			wanted |= COMPONENT_AVX512;
	}
	return wanted;
}

void machine_vector_enable(void)
{
	uint64_t cr0 = cr0_read() & ~(CR0_EMULATE | CR0_TASK_SWITCHED);

	cr0_write(cr0 | CR0_MONITOR | CR0_NUMERIC_ERROR);
	cr4_write(cr4_read() | CR4_FXSR | CR4_SIMD_TRAPS);
	has_xsave = cpuid_has(CPUID_XSAVE);
	if (has_xsave) {
		cr4_write(cr4_read() | CR4_XSAVE);
		components = wanted_components();
		xcr0_write(components);
		state_size = cpuid(0xd, 0).b;
	}
	asm volatile("fninit");
}

void machine_vector_reset(struct arch_thread *thread)
{
	uint8_t *state = thread->vector_state;
	uint16_t control = X87_INITIAL;
	uint32_t mxcsr = MXCSR_INITIAL;

	memset(state, 0, state_size);
	memcpy(state + CONTROL_OFFSET, &control, sizeof(control));
	memcpy(state + MXCSR_OFFSET, &mxcsr, sizeof(mxcsr));
}

int machine_vector_allocate(struct arch_thread *thread)
{
	uintptr_t memory = (uintptr_t)kmalloc(state_size + STATE_ALIGNMENT);

	if (!memory)
		return -ENOMEM;
	thread->vector_memory = (void *)memory;
	thread->vector_state = (void *)align_up(memory, STATE_ALIGNMENT);
	machine_vector_reset(thread);
	return 0;
}

void machine_vector_free(struct arch_thread *thread)
{
	kfree(thread->vector_memory);
	thread->vector_memory = NULL;
	thread->vector_state = NULL;
}

void machine_vector_save(struct arch_thread *thread)
{
	if (has_xsave)
		asm volatile("xsave64 %0"
			     : "+m"(*(uint8_t(*)[LEGACY_SIZE])thread->vector_state)
			     : "a"(UINT32_MAX), "d"(UINT32_MAX)
			     : "memory");
	else
		asm volatile("fxsave64 %0"
			     : "=m"(*(uint8_t(*)[LEGACY_SIZE])thread->vector_state)
			     :
			     : "memory");
}

void machine_vector_load(struct arch_thread *thread)
{
	if (has_xsave)
		asm volatile("xrstor64 %0"
			     :
			     : "m"(*(uint8_t(*)[LEGACY_SIZE])thread->vector_state), "a"(UINT32_MAX),
			       "d"(UINT32_MAX)
			     : "memory");
	else
		asm volatile("fxrstor64 %0"
			     :
			     : "m"(*(uint8_t(*)[LEGACY_SIZE])thread->vector_state)
			     : "memory");
}

size_t machine_vector_size(void)
{
	return state_size;
}

uint64_t machine_vector_components(void)
{
	return components;
}

bool machine_vector_has_xsave(void)
{
	return has_xsave;
}

const void *machine_vector_current(void)
{
	struct arch_thread *thread = &thread_current()->arch;

	preempt_disable();
	machine_vector_save(thread);
	preempt_enable();
	return thread->vector_state;
}

void machine_vector_clear(void)
{
	struct arch_thread *thread = &thread_current()->arch;

	preempt_disable();
	machine_vector_reset(thread);
	machine_vector_load(thread);
	preempt_enable();
}

void machine_vector_restore(const void *image, bool legacy_only)
{
	struct arch_thread *thread = &thread_current()->arch;
	uint8_t *state = thread->vector_state;
	uint64_t header = COMPONENT_X87 | COMPONENT_SSE;
	uint32_t mxcsr;

	preempt_disable();
	memset(state, 0, state_size);
	memcpy(state, image, legacy_only ? LEGACY_SIZE : state_size);
	memcpy(&mxcsr, state + MXCSR_OFFSET, sizeof(mxcsr));
	mxcsr &= MXCSR_MASK;
	memcpy(state + MXCSR_OFFSET, &mxcsr, sizeof(mxcsr));
	if (has_xsave) {
		/* Header: which components are not in their initial state; the rest must be 0. */
		if (!legacy_only)
			memcpy(&header, state + LEGACY_SIZE, sizeof(header));
		header &= components;
		memset(state + LEGACY_SIZE, 0, HEADER_SIZE);
		memcpy(state + LEGACY_SIZE, &header, sizeof(header));
	}
	machine_vector_load(thread);
	preempt_enable();
}

void machine_vector_read_legacy(struct thread *thread, void *to, size_t size)
{
	preempt_disable();
	if (thread == thread_current())
		machine_vector_save(&thread->arch);
	memcpy(to, thread->arch.vector_state, size);
	preempt_enable();
}

void machine_vector_write_legacy(struct thread *thread, const void *from, size_t size)
{
	uint8_t *state = thread->arch.vector_state;
	uint64_t header;
	uint32_t mxcsr;

	preempt_disable();
	if (thread == thread_current())
		machine_vector_save(&thread->arch);
	memcpy(state, from, size);
	memcpy(&mxcsr, state + MXCSR_OFFSET, sizeof(mxcsr));
	mxcsr &= MXCSR_MASK;
	memcpy(state + MXCSR_OFFSET, &mxcsr, sizeof(mxcsr));
	if (has_xsave) {
		memcpy(&header, state + LEGACY_SIZE, sizeof(header));
		header |= COMPONENT_X87 | COMPONENT_SSE;
		memcpy(state + LEGACY_SIZE, &header, sizeof(header));
	}
	thread->arch.loaded_on = 0;
	if (thread == thread_current())
		machine_vector_load(&thread->arch);
	preempt_enable();
}
