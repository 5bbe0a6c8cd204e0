/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CPUID, model-specific and control registers. */
#pragma once

#include <base/types.h>

struct cpuid_result {
	uint32_t a, b, c, d;
};

static inline struct cpuid_result cpuid(uint32_t leaf, uint32_t subleaf)
{
	struct cpuid_result result;

	asm volatile("cpuid"
		     : "=a"(result.a), "=b"(result.b), "=c"(result.c), "=d"(result.d)
		     : "a"(leaf), "c"(subleaf));
	return result;
}

/* A feature bit: leaf, register (0 a, 1 b, 2 c, 3 d) and bit. */
#define CPUID_FEATURE(leaf, reg, bit) ((uint64_t)(leaf) << 32 | (reg) << 8 | (bit))

#define CPUID_X2APIC       CPUID_FEATURE(1, 2, 21)
#define CPUID_TSC_DEADLINE CPUID_FEATURE(1, 2, 24)
#define CPUID_XSAVE        CPUID_FEATURE(1, 2, 26)
#define CPUID_RDRAND       CPUID_FEATURE(1, 2, 30)
#define CPUID_FSGSBASE     CPUID_FEATURE(7, 1, 0)
#define CPUID_SMEP         CPUID_FEATURE(7, 1, 7)
#define CPUID_SMAP         CPUID_FEATURE(7, 1, 20)
#define CPUID_UMIP         CPUID_FEATURE(7, 2, 2)
#define CPUID_NO_EXECUTE   CPUID_FEATURE(0x80000001, 3, 20)
#define CPUID_HUGE_PAGES   CPUID_FEATURE(0x80000001, 3, 26)

/* Works before relocation too: no tables. */
static inline bool cpuid_has(uint64_t feature)
{
	uint32_t leaf = (uint32_t)(feature >> 32);
	struct cpuid_result result;
	uint32_t word;

	if (cpuid(leaf & 0x80000000, 0).a < leaf)
		return false;
	result = cpuid(leaf, 0);
	switch (feature >> 8 & 0xff) {
	case 0:
		word = result.a;
		break;
	case 1:
		word = result.b;
		break;
	case 2:
		word = result.c;
		break;
	default:
		word = result.d;
		break;
	}
	return word >> (feature & 31) & 1;
}

#define MSR_APIC_BASE      0x1b
#define MSR_TSC_DEADLINE   0x6e0
#define MSR_PAT            0x277
#define MSR_X2APIC         0x800
#define MSR_EFER           0xc0000080
#define MSR_STAR           0xc0000081
#define MSR_LSTAR          0xc0000082
#define MSR_SYSCALL_MASK   0xc0000084
#define MSR_FS_BASE        0xc0000100
#define MSR_GS_BASE        0xc0000101
#define MSR_KERNEL_GS_BASE 0xc0000102

#define EFER_SYSCALL    1ull
#define EFER_NO_EXECUTE (1ull << 11)

static inline uint64_t msr_read(uint32_t msr)
{
	uint32_t low, high;

	asm volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return (uint64_t)high << 32 | low;
}

static inline void msr_write(uint32_t msr, uint64_t value)
{
	asm volatile("wrmsr"
		     :
		     : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
		     : "memory");
}

static inline bool cpuid_enable_no_execute(void)
{
	if (!cpuid_has(CPUID_NO_EXECUTE))
		return false;
	msr_write(MSR_EFER, msr_read(MSR_EFER) | EFER_NO_EXECUTE);
	return true;
}

static inline bool cpuid_random(uint64_t *value)
{
	if (!cpuid_has(CPUID_RDRAND))
		return false;
	for (unsigned i = 0; i < 10; i++) {
		bool ok;

		asm volatile("rdrand %0" : "=r"(*value), "=@ccc"(ok));
		if (ok)
			return true;
	}
	return false;
}

static inline uint64_t cpuid_cycles(void)
{
	uint32_t low, high;

	asm volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

/* What randomness there is at the first instruction: RDRAND and the time stamp counter. */
static inline uint64_t cpuid_entropy(void)
{
	uint64_t random = 0;

	(void)cpuid_random(&random);
	return random ^ cpuid_cycles() * 0x9e3779b97f4a7c15ull;
}

#define CR0_WRITE_PROTECT (1ull << 16)
#define CR0_MONITOR       (1ull << 1)
#define CR0_EMULATE       (1ull << 2)
#define CR0_TASK_SWITCHED (1ull << 3)
#define CR0_NUMERIC_ERROR (1ull << 5)
#define CR4_PAE           (1ull << 5)
#define CR4_MACHINE_CHECK (1ull << 6)
#define CR4_GLOBAL        (1ull << 7)
#define CR4_FXSR          (1ull << 9)
#define CR4_SIMD_TRAPS    (1ull << 10)
#define CR4_UMIP          (1ull << 11)
#define CR4_FIVE_LEVELS   (1ull << 12)
#define CR4_FSGSBASE      (1ull << 16)
#define CR4_XSAVE         (1ull << 18)
#define CR4_SMEP          (1ull << 20)
#define CR4_SMAP          (1ull << 21)
#define CR4_PAGING        (CR4_PAE | CR4_MACHINE_CHECK | CR4_FIVE_LEVELS)

#define DEFINE_CONTROL_REGISTER(n)                                          \
	static inline uint64_t cr##n##_read(void)                           \
	{                                                                   \
		uint64_t value;                                             \
		asm volatile("movq %%cr" #n ", %0" : "=r"(value));          \
		return value;                                               \
	}                                                                   \
	static inline void cr##n##_write(uint64_t value)                    \
	{                                                                   \
		asm volatile("movq %0, %%cr" #n : : "r"(value) : "memory"); \
	}
DEFINE_CONTROL_REGISTER(0)
DEFINE_CONTROL_REGISTER(3)
DEFINE_CONTROL_REGISTER(4)

static inline uint64_t cr2_read(void)
{
	uint64_t value;

	asm volatile("movq %%cr2, %0" : "=r"(value));
	return value;
}
