/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The random number generator: ChaCha20 with fast key erasure. Each call takes a new key from
 * the generator, whose own key is replaced first; small ones take bytes that their CPU has at
 * hand and erases. What was given out cannot be found from what is in memory later.
 *
 * Callable from any context but NMI, and before random_init() (with what the CPU offers).
 */
#pragma once

#include <base/types.h>

struct io;

/* Seeds with the loader's seed, the CPU's random source and its cycle counter. */
void random_init(const void *seed, size_t length);
/* Fills `buffer` with random bytes. */
void random_bytes(void *buffer, size_t length);
/* Adds bytes that may be unpredictable (times of interrupts); never makes it worse. */
void random_mix(const void *bytes, size_t length);
/* Fills a transfer (getrandom, /dev/urandom). Bytes moved, -EFAULT, or -ERESTART where a signal
 * awaits and nothing was moved. */
ssize_t must_check random_read(struct io *io);

/* One block of ChaCha20 (RFC 8439, section 2.3): for the generator and its test. */
void chacha20_block(const uint32_t key[8], uint32_t counter, const uint32_t nonce[3],
		    uint8_t output[64]);
