/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The random seed (seed.h). */
#include "seed.h"

#include "firmware.h"

#include <base/string.h>

#define CPUID_FEATURES     1
#define CPUID_ECX_RDRAND   (1u << 30)
#define RDRAND_TRIES       10 /* as Intel's manual advises: volume 1, 7.3.17.1 */
#define JITTER_ROUNDS      64
#define JITTER_ROUND_STALL 5 /* microseconds */

static bool fill_from_firmware(uint8_t *seed, size_t size)
{
	EFI_RNG_PROTOCOL *generator = firmware_find_protocol((EFI_GUID)EFI_RNG_PROTOCOL_GUID);

	return generator && !EFI_ERROR(generator->GetRNG(generator, NULL, size, seed));
}

static bool cpu_has_rdrand(void)
{
	uint32_t eax = CPUID_FEATURES, ebx, ecx = 0, edx;

	__asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
	return ecx & CPUID_ECX_RDRAND;
}

static bool read_rdrand(uint64_t *word)
{
	for (int i = 0; i < RDRAND_TRIES; i++) {
		uint8_t valid;

		__asm__ volatile("rdrand %0; setc %1" : "=r"(*word), "=qm"(valid) : : "cc");
		if (valid)
			return true;
	}
	return false;
}

/* A generator that is broken, as some are after a resume, returns the same word for ever. */
static bool fill_from_cpu(uint8_t *seed, size_t size)
{
	uint64_t last;

	if (!cpu_has_rdrand() || !read_rdrand(&last))
		return false;
	for (size_t at = 0; at < size; at += sizeof(last)) {
		uint64_t word;

		if (!read_rdrand(&word) || word == last)
			return false;
		memcpy(seed + at, &word, sizeof(word));
		last = word;
	}
	return true;
}

static uint64_t read_time_stamp(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

/* A bijection in which every bit of the input changes about half of the output's. */
static uint64_t mix(uint64_t value)
{
	value = (value ^ value >> 32) * 0xd6e8feb86659fd93;
	value = (value ^ value >> 32) * 0xd6e8feb86659fd93;
	return value ^ value >> 32;
}

static void fill_from_timers(uint8_t *seed, size_t size)
{
	uint64_t state = read_time_stamp();
	uint64_t monotonic = 0;
	EFI_TIME time;

	memset(&time, 0, sizeof(time));
	firmware.system->RuntimeServices->GetTime(&time, NULL);
	firmware.boot->GetNextMonotonicCount(&monotonic);
	for (size_t i = 0; i < sizeof(time); i++)
		state = mix(state + ((const uint8_t *)&time)[i]);
	state = mix(state + monotonic);

	for (size_t at = 0; at < size; at += sizeof(state)) {
		for (int i = 0; i < JITTER_ROUNDS; i++) {
			firmware.boot->Stall(JITTER_ROUND_STALL);
			state = mix(state + read_time_stamp());
		}
		memcpy(seed + at, &state, sizeof(state));
	}
}

const char *seed_fill(uint8_t *seed, size_t size)
{
	if (fill_from_firmware(seed, size))
		return "firmware";
	if (fill_from_cpu(seed, size))
		return "CPU";
	fill_from_timers(seed, size);
	return "timers";
}
