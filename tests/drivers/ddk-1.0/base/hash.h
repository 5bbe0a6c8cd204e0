/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A quick hash of bytes for tables in memory (FNV-1a, 64 bits; not for untrusted disks). */
#pragma once

#include <base/types.h>

static inline uint64_t hash_bytes(uint64_t seed, const void *data, size_t length)
{
	const uint8_t *bytes = data;
	uint64_t hash = 0xcbf29ce484222325 ^ seed;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ bytes[i]) * 0x100000001b3;
	return hash ^ hash >> 32;
}
