/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What this CPU can run, by CPUID and by what the system saves of its registers. */
#include "ops.h"

#define LEAF1_OSXSAVE  (1u << 27) /* in c */
#define LEAF7_AVX2     (1u << 5)  /* in b, as the following */
#define LEAF7_AVX512F  (1u << 16)
#define LEAF7_AVX512BW (1u << 30)
#define STATE_AVX      0x06 /* of the registers: 128 and 256 bits */
#define STATE_AVX512   0xe6 /* and masks, 512 bits, the upper 16 */

struct cpuid {
	uint32_t a, b, c, d;
};

static struct cpuid cpuid_read(uint32_t leaf)
{
	struct cpuid result;

	asm volatile("cpuid"
		     : "=a"(result.a), "=b"(result.b), "=c"(result.c), "=d"(result.d)
		     : "a"(leaf), "c"(0));
	return result;
}

/* What of the registers' state the system saves. */
static uint32_t state_read(void)
{
	uint32_t low, high;

	asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	return low;
}

/* True if the CPU has all of `features` (leaf 7, b), and all of `state` is saved. */
static bool cpu_has(uint32_t features, uint32_t state)
{
	if (cpuid_read(0).a < 7 || !(cpuid_read(1).c & LEAF1_OSXSAVE))
		return false;
	return (cpuid_read(7).b & features) == features && (state_read() & state) == state;
}

unsigned blend_find_tables(const struct blend_ops *tables[BLEND_TABLES_MAX])
{
	unsigned count = 0;

	tables[count++] = &blend_scalar;
	tables[count++] = &blend_sse2;
	if (cpu_has(LEAF7_AVX2, STATE_AVX))
		tables[count++] = &blend_avx2;
	if (cpu_has(LEAF7_AVX2 | LEAF7_AVX512F | LEAF7_AVX512BW, STATE_AVX512))
		tables[count++] = &blend_avx512;
	return count;
}
