/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * CRC-32 as GPT, gzip and Ethernet have it (ISO/IEC 3309, the polynomial 0x04c11db7 with the bits
 * of each byte from the lowest on). It finds accidents, not forgery.
 */
#pragma once

#include <base/types.h>

/* The checksum of bytes that follow others: `before` is the checksum of those, 0 if there are
 * none. Any context. */
uint32_t crc32(uint32_t before, const void *bytes, size_t length);
