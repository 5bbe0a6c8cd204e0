/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Waiting for a word of memory, locks of one word, and the threads' signs of life. */
#include "kit.h"

#define SPINS 100 /* a lock is held for less, if its holder runs */

int wait_word(_Atomic uint32_t *word, uint32_t expected, uint64_t deadline)
{
	long error = kernel_call3(HOST_FUTEX_WAIT, address_of(word), expected, deadline);

	if (error == -ETIMEDOUT)
		return -ETIMEDOUT;
	if (error && error != -EAGAIN && error != -EINTR)
		kit_fail("it cannot wait: error %ld", error);
	return 0;
}

void wake_word(_Atomic uint32_t *word, uint32_t count)
{
	(void)kernel_call2(HOST_FUTEX_WAKE, address_of(word), count);
}

static bool try_acquire(_Atomic uint32_t *word)
{
	uint32_t free = 0;

	return atomic_compare_exchange_strong_explicit(word, &free, 1, memory_order_acquire,
						       memory_order_relaxed);
}

void word_acquire(_Atomic uint32_t *word)
{
	for (unsigned i = 0; i < SPINS; i++) {
		if (try_acquire(word))
			return;
		__builtin_ia32_pause();
	}
	while (atomic_exchange_explicit(word, 2, memory_order_acquire) != 0)
		(void)wait_word(word, 2, NEVER);
}

void word_release(_Atomic uint32_t *word)
{
	if (atomic_exchange_explicit(word, 0, memory_order_release) == 2)
		wake_word(word, 1);
}

/* --- Signs of life --------------------------------------------------------------------------- */

static struct {
	_Atomic uint32_t lock;
	/* Under the lock. Bits of threads, by role: */
	uint32_t busy;  /* they run, and do not wait in the kit */
	uint32_t owing; /* they were busy when they were asked, and have not waited since */
	uint64_t pings[HOST_SLOTS / 64]; /* by slot: not answered yet */
} life;

/* Under the lock. */
static void answer_pings(void)
{
	if (life.owing)
		return;
	for (unsigned i = 0; i < array_length(life.pings); i++) {
		for (; life.pings[i]; life.pings[i] &= life.pings[i] - 1)
			channel_reply(i * 64 + (unsigned)__builtin_ctzll(life.pings[i]), 0, 0);
	}
}

void wait_begin(void)
{
	uint32_t bit = 1u << thread_role();

	word_acquire(&life.lock);
	life.busy &= ~bit;
	if (life.owing & bit) {
		life.owing &= ~bit;
		answer_pings();
	}
	word_release(&life.lock);
}

void wait_end(void)
{
	word_acquire(&life.lock);
	life.busy |= 1u << thread_role();
	word_release(&life.lock);
}

void wait_answer_ping(unsigned slot)
{
	word_acquire(&life.lock);
	life.pings[slot / 64] |= 1ull << slot % 64;
	if (!life.owing)
		life.owing = life.busy & ~(1u << THREAD_EVENTS);
	answer_pings();
	word_release(&life.lock);
}

long waiting_call(enum host_call call, uint64_t first, uint64_t second, uint64_t third,
		  uint64_t fourth)
{
	long result;

	wait_begin();
	result = kernel_call4(call, first, second, third, fourth);
	wait_end();
	return result;
}
