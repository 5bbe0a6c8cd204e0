/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SHA-3 (FIPS 202): SHA3-256 and SHA3-512. Slow, but not even an attacker finds two messages with
 * the same hash. */
#pragma once

#include <base/types.h>

#define SHA3_256_SIZE 32u
#define SHA3_512_SIZE 64u

/* Any context, any address. */
void sha3_256(const void *bytes, size_t length, uint8_t hash[SHA3_256_SIZE]);
void sha3_512(const void *bytes, size_t length, uint8_t hash[SHA3_512_SIZE]);
