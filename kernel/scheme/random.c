/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The random number generator, /dev/random, /dev/urandom and scheme `rand:`. */
#include <arch/cpu.h>
#include <base/errno.h>
#include <base/string.h>
#include <mm/vm/user.h>
#include <sched/thread.h>
#include <scheme/device.h>
#include <scheme/random.h>
#include <scheme/scheme.h>
#include <sync/cpu.h>

#include <stdatomic.h>

#define KEY_WORDS   8
#define BLOCK_BYTES 64
#define CHUNK_BYTES (4 * BLOCK_BYTES)
#define SMALL_BYTES 32 /* requests up to here are served from the CPU's pool */

struct generator_key {
	uint32_t words[KEY_WORDS];
};

static struct spinlock random_lock = SPINLOCK_INIT(RANK_LEAF, "random");
static struct generator_key generator; /* random_lock */
static const uint32_t no_nonce[3];

/* How often others than the generator itself added something. */
static _Atomic unsigned mixed;

/* Random bytes at hand, which small requests take one after the other: a key for each of them
 * would cost three blocks. Touched by its CPU only, with interrupts off. */
struct pool {
	uint8_t bytes[CHUNK_BYTES]; /* 0 where they were given out */
	size_t left;                /* at the end */
	unsigned mixed;             /* when they were made */
} __attribute__((aligned(64)));

static struct pool pools[CPU_MAX];

/* --- ChaCha20. --- */

static uint32_t rotate_left(uint32_t value, unsigned count)
{
	return value << count | value >> (32 - count);
}

static void quarter_round(uint32_t *state, unsigned a, unsigned b, unsigned c, unsigned d)
{
	state[a] += state[b];
	state[d] = rotate_left(state[d] ^ state[a], 16);
	state[c] += state[d];
	state[b] = rotate_left(state[b] ^ state[c], 12);
	state[a] += state[b];
	state[d] = rotate_left(state[d] ^ state[a], 8);
	state[c] += state[d];
	state[b] = rotate_left(state[b] ^ state[c], 7);
}

static void store_u32(uint8_t *to, uint32_t value)
{
	for (unsigned i = 0; i < 4; i++)
		to[i] = (uint8_t)(value >> 8 * i);
}

void chacha20_block(const uint32_t key[8], uint32_t counter, const uint32_t nonce[3],
		    uint8_t output[64])
{
	uint32_t start[16] = { 0x61707865, 0x3320646e, 0x79622d32, 0x6b206574 };
	uint32_t state[16];

	memcpy(start + 4, key, 32);
	start[12] = counter;
	memcpy(start + 13, nonce, 12);
	memcpy(state, start, sizeof(state));
	for (unsigned i = 0; i < 10; i++) {
		quarter_round(state, 0, 4, 8, 12);
		quarter_round(state, 1, 5, 9, 13);
		quarter_round(state, 2, 6, 10, 14);
		quarter_round(state, 3, 7, 11, 15);
		quarter_round(state, 0, 5, 10, 15);
		quarter_round(state, 1, 6, 11, 12);
		quarter_round(state, 2, 7, 8, 13);
		quarter_round(state, 3, 4, 9, 14);
	}
	for (unsigned i = 0; i < 16; i++)
		store_u32(output + 4 * i, state[i] + start[i]);
}

/* --- The generator. --- */

/* Clears what must not stay in memory; the compiler does not leave it out. */
static void wipe(void *memory, size_t length)
{
	memset(memory, 0, length);
	__asm__ volatile("" ::"r"(memory) : "memory");
}

/* Replaces the generator's key, and gives half of the block that it made to the caller.
 * random_lock is held. */
static void generator_step(struct generator_key *given)
{
	uint8_t block[BLOCK_BYTES];

	chacha20_block(generator.words, 0, no_nonce, block);
	memcpy(generator.words, block, sizeof(generator));
	memcpy(given->words, block + sizeof(generator), sizeof(*given));
	wipe(block, sizeof(block));
}

/* Adds one key's worth of bytes. random_lock is held. */
static void generator_absorb(const void *bytes, size_t length)
{
	struct generator_key input = { { 0 } };
	struct generator_key unused;

	memcpy(input.words, bytes, length);
	for (unsigned i = 0; i < KEY_WORDS; i++)
		generator.words[i] ^= input.words[i];
	generator_step(&unused);
	wipe(&input, sizeof(input));
	wipe(&unused, sizeof(unused));
}

static void mix(const void *bytes, size_t length)
{
	irq_state_t state = spin_lock_irqsave(&random_lock);

	for (size_t done = 0; done < length; done += sizeof(generator))
		generator_absorb((const uint8_t *)bytes + done,
				 min_size(length - done, sizeof(generator)));
	spin_unlock_irqrestore(&random_lock, state);
}

void random_mix(const void *bytes, size_t length)
{
	mix(bytes, length);
	/* What is in the pools was made without it. */
	atomic_fetch_add_explicit(&mixed, 1, memory_order_relaxed);
}

/* What this machine has at this moment that others cannot know. */
static void mix_machine(void)
{
	uint64_t words[4] = { arch_cycles() };

	for (unsigned i = 1; i < array_length(words); i++) {
		if (!arch_random(&words[i]))
			words[i] = arch_cycles();
	}
	mix(words, sizeof(words));
	wipe(words, sizeof(words));
}

void random_init(const void *seed, size_t length)
{
	random_mix(seed, length);
	mix_machine();
}

/* A key for one call, with which the caller makes as much as it likes. */
static void take_key(struct generator_key *key)
{
	irq_state_t state;

	mix_machine();
	state = spin_lock_irqsave(&random_lock);
	generator_step(key);
	spin_unlock_irqrestore(&random_lock, state);
}

/* Makes up to one chunk; returns the next counter. */
static uint32_t make_chunk(const struct generator_key *key, uint32_t counter, uint8_t *bytes,
			   size_t length)
{
	uint8_t block[BLOCK_BYTES];

	for (size_t done = 0; done < length; done += BLOCK_BYTES) {
		chacha20_block(key->words, counter++, no_nonce, block);
		memcpy(bytes + done, block, min_size(length - done, BLOCK_BYTES));
	}
	wipe(block, sizeof(block));
	return counter;
}

static void pool_fill(struct pool *pool, unsigned now_mixed)
{
	struct generator_key key;

	take_key(&key);
	make_chunk(&key, 0, pool->bytes, sizeof(pool->bytes));
	wipe(&key, sizeof(key));
	pool->left = sizeof(pool->bytes);
	pool->mixed = now_mixed;
}

static void pool_take(void *buffer, size_t length)
{
	unsigned long state = arch_irq_save();
	struct pool *pool = &pools[cpu_id()];
	unsigned now_mixed = atomic_load_explicit(&mixed, memory_order_relaxed);
	uint8_t *bytes;

	if (pool->left < length || pool->mixed != now_mixed)
		pool_fill(pool, now_mixed);
	bytes = pool->bytes + sizeof(pool->bytes) - pool->left;
	memcpy(buffer, bytes, length);
	wipe(bytes, length);
	pool->left -= length;
	arch_irq_restore(state);
}

void random_bytes(void *buffer, size_t length)
{
	struct generator_key key;
	uint8_t *bytes = buffer;
	uint32_t counter = 0;

	if (length <= SMALL_BYTES) {
		pool_take(buffer, length);
		return;
	}
	take_key(&key);
	while (length) {
		size_t chunk = min_size(length, (size_t)1 << 30);

		counter = make_chunk(&key, counter, bytes, chunk);
		bytes += chunk;
		length -= chunk;
		/* The counter must not come round. */
		if (length)
			take_key(&key);
	}
	wipe(&key, sizeof(key));
}

ssize_t random_read(struct io *io)
{
	uint8_t bytes[CHUNK_BYTES];
	struct generator_key key;
	uint32_t counter = 0;
	ssize_t count = 0;
	size_t done = 0;

	take_key(&key);
	while (io_remaining(io)) {
		size_t chunk = min_size(io_remaining(io), sizeof(bytes));

		if (counter > UINT32_MAX / 2) {
			take_key(&key);
			counter = 0;
		}
		counter = make_chunk(&key, counter, bytes, chunk);
		count = io_put(io, bytes, chunk);
		if (count > 0)
			done += (size_t)count;
		if (count < (ssize_t)chunk)
			break;
		if (done % 4096 == 0 && thread_interrupted(thread_current()))
			break;
	}
	wipe(bytes, sizeof(bytes));
	wipe(&key, sizeof(key));
	return done ? (ssize_t)done : count;
}

/* --- Files. --- */

static ssize_t random_file_read(struct file *file, struct io *io, uint64_t offset)
{
	(void)file;
	(void)offset;
	return random_read(io);
}

static ssize_t random_file_write(struct file *file, struct io *io, uint64_t *offset)
{
	uint8_t bytes[CHUNK_BYTES];
	size_t done = 0;

	(void)file;
	(void)offset;
	while (io_remaining(io)) {
		ssize_t count = io_take(io, bytes, sizeof(bytes));

		if (count < 0)
			return done ? (ssize_t)done : count;
		random_mix(bytes, (size_t)count);
		done += (size_t)count;
	}
	wipe(bytes, sizeof(bytes));
	return (ssize_t)done;
}

static const struct node_ops random_ops = {
	.read = random_file_read,
	.write = random_file_write,
};

static const struct device_node random_devices[] = {
	{ "random", MODE_CHARACTER, 1, 8, 0666, &random_ops, NULL, 0 },
	{ "urandom", MODE_CHARACTER, 1, 9, 0666, &random_ops, NULL, 0 },
};

static int random_start(void)
{
	int error = 0;

	for (size_t i = 0; !error && i < array_length(random_devices); i++)
		error = device_node_add(&random_devices[i]);
	return error ? error : device_scheme_create("rand", &random_ops, 0666, 0);
}

SCHEME(rand) = { .name = "rand", .level = 10, .start = random_start };
