/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs of bits in bytes, the lowest bit of the first byte first. */
#pragma once

#include <base/types.h>

static inline uint64_t aml_low_bits(unsigned count)
{
	return count >= 64 ? UINT64_MAX : ((uint64_t)1 << count) - 1;
}

/* At most 64 bits from bit `at` on; beyond `length` bytes all are 0. */
static inline uint64_t aml_bits_get(const uint8_t *bytes, uint64_t length, uint64_t at,
				    unsigned count)
{
	unsigned skip = at % 8;
	uint64_t value = 0;

	for (unsigned got = 0; got < count + skip; got += 8) {
		uint64_t byte = at / 8 + got / 8;
		uint64_t part = byte < length ? bytes[byte] : 0;

		/* A ninth byte has the highest bits of what does not begin at a byte. */
		value |= got < skip ? part >> skip : part << (got - skip);
	}
	return value & aml_low_bits(count);
}

/* The bytes are there. */
static inline void aml_bits_put(uint8_t *bytes, uint64_t at, unsigned count, uint64_t value)
{
	while (count > 0) {
		unsigned skip = at % 8;
		unsigned some = 8 - skip < count ? 8 - skip : count;
		uint8_t mask = (uint8_t)(aml_low_bits(some) << skip);

		bytes[at / 8] = (uint8_t)((bytes[at / 8] & ~mask) | ((value << skip) & mask));
		value >>= some;
		at += some;
		count -= some;
	}
}
