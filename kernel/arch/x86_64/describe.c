/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What /proc/cpuinfo says of a CPU: the one that runs this, for all are alike. */
#include "cpuid.h"
#include "timer.h"

#include <arch/cpu.h>
#include <arch/mmu.h>
#include <base/string.h>
#include <machine/features.h>

struct flag {
	uint64_t feature;
	const char *name;
};

/* Linux's names of the features that programs look for. */
static const struct flag flags[] = {
	{ CPUID_FEATURE(1, 3, 0), "fpu" },
	{ CPUID_FEATURE(1, 3, 4), "tsc" },
	{ CPUID_FEATURE(1, 3, 5), "msr" },
	{ CPUID_FEATURE(1, 3, 6), "pae" },
	{ CPUID_FEATURE(1, 3, 8), "cx8" },
	{ CPUID_FEATURE(1, 3, 9), "apic" },
	{ CPUID_FEATURE(1, 3, 11), "sep" },
	{ CPUID_FEATURE(1, 3, 13), "pge" },
	{ CPUID_FEATURE(1, 3, 15), "cmov" },
	{ CPUID_FEATURE(1, 3, 16), "pat" },
	{ CPUID_FEATURE(1, 3, 19), "clflush" },
	{ CPUID_FEATURE(1, 3, 23), "mmx" },
	{ CPUID_FEATURE(1, 3, 24), "fxsr" },
	{ CPUID_FEATURE(1, 3, 25), "sse" },
	{ CPUID_FEATURE(1, 3, 26), "sse2" },
	{ CPUID_FEATURE(1, 3, 28), "ht" },
	{ CPUID_FEATURE(0x80000001, 3, 11), "syscall" },
	{ CPUID_NO_EXECUTE, "nx" },
	{ CPUID_HUGE_PAGES, "pdpe1gb" },
	{ CPUID_FEATURE(0x80000001, 3, 27), "rdtscp" },
	{ CPUID_FEATURE(0x80000001, 3, 29), "lm" },
	{ CPUID_FEATURE(1, 2, 0), "pni" },
	{ CPUID_FEATURE(1, 2, 1), "pclmulqdq" },
	{ CPUID_FEATURE(1, 2, 9), "ssse3" },
	{ CPUID_FEATURE(1, 2, 12), "fma" },
	{ CPUID_FEATURE(1, 2, 13), "cx16" },
	{ CPUID_FEATURE(1, 2, 19), "sse4_1" },
	{ CPUID_FEATURE(1, 2, 20), "sse4_2" },
	{ CPUID_X2APIC, "x2apic" },
	{ CPUID_FEATURE(1, 2, 22), "movbe" },
	{ CPUID_FEATURE(1, 2, 23), "popcnt" },
	{ CPUID_TSC_DEADLINE, "tsc_deadline_timer" },
	{ CPUID_FEATURE(1, 2, 25), "aes" },
	{ CPUID_XSAVE, "xsave" },
	{ CPUID_FEATURE(1, 2, 28), "avx" },
	{ CPUID_FEATURE(1, 2, 29), "f16c" },
	{ CPUID_RDRAND, "rdrand" },
	{ CPUID_FEATURE(1, 2, 31), "hypervisor" },
	{ CPUID_FEATURE(0x80000001, 2, 0), "lahf_lm" },
	{ CPUID_FEATURE(0x80000001, 2, 5), "abm" },
	{ CPUID_FSGSBASE, "fsgsbase" },
	{ CPUID_FEATURE(7, 1, 3), "bmi1" },
	{ CPUID_FEATURE(7, 1, 5), "avx2" },
	{ CPUID_SMEP, "smep" },
	{ CPUID_FEATURE(7, 1, 8), "bmi2" },
	{ CPUID_FEATURE(7, 1, 9), "erms" },
	{ CPUID_FEATURE(7, 1, 16), "avx512f" },
	{ CPUID_FEATURE(7, 1, 18), "rdseed" },
	{ CPUID_FEATURE(7, 1, 19), "adx" },
	{ CPUID_SMAP, "smap" },
	{ CPUID_FEATURE(7, 1, 29), "sha_ni" },
	{ CPUID_UMIP, "umip" },
};

static void copy_registers(char *to, const uint32_t *words, unsigned count)
{
	memcpy(to, words, count * sizeof(*words));
	to[count * sizeof(*words)] = '\0';
}

static void describe_names(struct arch_cpu_description *description)
{
	struct cpuid_result leaf = cpuid(0, 0);

	copy_registers(description->vendor, (const uint32_t[]){ leaf.b, leaf.d, leaf.c }, 3);
	for (unsigned i = 0; i < 3; i++) {
		leaf = cpuid(0x80000002 + i, 0);
		copy_registers(description->model_name + 16 * i,
			       (const uint32_t[]){ leaf.a, leaf.b, leaf.c, leaf.d }, 4);
	}
}

static void describe_flags(struct arch_cpu_description *description)
{
	size_t used = 0;

	description->flags[0] = '\0';
	for (size_t i = 0; i < array_length(flags); i++) {
		if (!cpuid_has(flags[i].feature))
			continue;
		if (used > 0 && used + 1 < sizeof(description->flags))
			description->flags[used++] = ' ';
		used += string_copy(description->flags + used, flags[i].name,
				    sizeof(description->flags) - used);
	}
}

void arch_describe_cpu(unsigned id, struct arch_cpu_description *description)
{
	uint32_t signature = cpuid(1, 0).a;
	uint32_t widths = cpuid(0x80000008, 0).a;

	(void)id;
	describe_names(description);
	describe_flags(description);
	description->family = (signature >> 8 & 15) + (signature >> 20 & 255);
	description->model = (signature >> 4 & 15) | (signature >> 12 & 0xf0);
	description->stepping = signature & 15;
	description->frequency_hz = machine_tsc_frequency();
	description->physical_address_bits = widths & 255;
	description->virtual_address_bits = widths >> 8 & 255;
}

unsigned arch_physical_bits(void)
{
	return cpuid(0x80000008, 0).a & 255;
}

uint32_t machine_cpuid_features(void)
{
	return cpuid(1, 0).d;
}

bool machine_has_fsgsbase(void)
{
	return cpuid_has(CPUID_FSGSBASE);
}
