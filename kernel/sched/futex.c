/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Futexes: waiters in hashed buckets.
 *
 * A waiter looks at the user's word and joins its bucket under the bucket's lock, which a waker
 * takes after the program has changed the word: one sees the other. Requeueing moves waiters
 * from bucket to bucket, so a waiter finds out which one is its own when it has locked it.
 */
#include "sched_priv.h"

#include <base/errno.h>
#include <core/panic.h>
#include <sched/futex.h>

#include <limits.h>

#define BUCKET_COUNT 256 /* by eight bits of a hash */

struct futex_bucket {
	struct spinlock lock; /* RANK_FUTEX; two in order of address */
	struct list waiters;
} __attribute__((aligned(64)));

struct futex_waiter {
	struct list_node node; /* all under the lock of `bucket` */
	_Atomic(struct futex_bucket *) bucket;
	struct futex_key key;
	uint32_t bits;
	struct thread *thread;
	_Atomic bool woken; /* and taken out */
};

static struct futex_bucket buckets[BUCKET_COUNT];

void futex_init(void)
{
	for (unsigned i = 0; i < BUCKET_COUNT; i++) {
		spinlock_init(&buckets[i].lock, RANK_FUTEX, "futex");
		list_init(&buckets[i].waiters);
	}
}

static struct futex_bucket *bucket_of(const struct futex_key *key)
{
	/* Objects are addresses and offsets multiples of four: the highest bits of the product
	 * depend on all of both. */
	uint64_t mixed = (key->object ^ key->offset << 20 ^ key->offset) * 0x9e3779b97f4a7c15;

	return &buckets[mixed >> 56];
}

static bool same_key(const struct futex_key *a, const struct futex_key *b)
{
	return a->object == b->object && a->offset == b->offset;
}

static struct futex_bucket *lock_bucket_of(struct futex_waiter *waiter)
{
	for (;;) {
		struct futex_bucket *bucket = atomic_load(&waiter->bucket);

		spin_lock(&bucket->lock);
		if (atomic_load(&waiter->bucket) == bucket)
			return bucket;
		spin_unlock(&bucket->lock);
	}
}

static int join(struct futex_waiter *waiter, futex_check *check, void *argument)
{
	struct futex_bucket *bucket = bucket_of(&waiter->key);
	int error;

	waiter->bucket = bucket;
	spin_lock(&bucket->lock);
	error = check(argument);
	if (!error)
		list_push_back(&bucket->waiters, &waiter->node);
	spin_unlock(&bucket->lock);
	return error;
}

/* Sleeps until woken, interrupted or too late. */
static int sleep_until_woken(struct futex_waiter *waiter, uint64_t deadline)
{
	for (;;) {
		thread_set_state(THREAD_SLEEPING_INTERRUPTIBLE);
		if (waiter->woken || thread_interrupted(waiter->thread)) {
			thread_set_state(THREAD_RUNNABLE);
			return waiter->woken ? 0 : -ERESTART;
		}
		if (!thread_block(deadline))
			return -ETIMEDOUT;
	}
}

/* Takes the waiter out of its bucket. Returns 0 if it was woken after all, else `error`. Takes
 * the lock in any case: the waker may still be at work on the waiter. */
static int leave(struct futex_waiter *waiter, int error)
{
	struct futex_bucket *bucket = lock_bucket_of(waiter);

	if (waiter->woken)
		error = 0;
	else
		list_remove(&waiter->node);
	spin_unlock(&bucket->lock);
	return error;
}

int futex_wait(const struct futex_key *key, uint32_t bits, uint64_t deadline, futex_check *check,
	       void *argument)
{
	struct futex_waiter waiter = { .key = *key, .bits = bits, .thread = thread_current() };
	int error;

	if (bits == 0)
		return -EINVAL;
	error = join(&waiter, check, argument);
	if (error)
		return error;
	return leave(&waiter, sleep_until_woken(&waiter, deadline));
}

/* Under the bucket's lock. */
static void wake_waiter(struct futex_waiter *waiter)
{
	list_remove(&waiter->node);
	waiter->woken = true;
	thread_wake(waiter->thread);
}

unsigned futex_wake(const struct futex_key *key, uint32_t bits, unsigned count)
{
	struct futex_bucket *bucket = bucket_of(key);
	struct list_node *node, *following;
	unsigned woken = 0;

	spin_lock(&bucket->lock);
	list_for_each_safe (node, following, &bucket->waiters) {
		struct futex_waiter *waiter = container_of(node, struct futex_waiter, node);

		if (woken == count)
			break;
		if (same_key(&waiter->key, key) && (waiter->bits & bits)) {
			wake_waiter(waiter);
			woken++;
		}
	}
	spin_unlock(&bucket->lock);
	return woken;
}

static void lock_two(struct futex_bucket *a, struct futex_bucket *b)
{
	spin_lock(a < b ? &a->lock : &b->lock);
	if (a != b)
		spin_lock_nested(a < b ? &b->lock : &a->lock);
}

static void unlock_two(struct futex_bucket *a, struct futex_bucket *b)
{
	spin_unlock(&a->lock);
	if (a != b)
		spin_unlock(&b->lock);
}

static void move_waiter(struct futex_waiter *waiter, struct futex_bucket *bucket,
			const struct futex_key *key)
{
	waiter->key = *key;
	if (waiter->bucket == bucket)
		return;
	list_remove(&waiter->node);
	list_push_back(&bucket->waiters, &waiter->node);
	waiter->bucket = bucket;
}

int futex_requeue(const struct futex_key *from, const struct futex_key *to, unsigned wake,
		  unsigned move, futex_check *check, void *argument)
{
	struct futex_bucket *source = bucket_of(from), *target = bucket_of(to);
	struct list_node *node, *following;
	unsigned woken = 0, moved = 0;
	int error = 0;

	lock_two(source, target);
	if (check)
		error = check(argument);
	list_for_each_safe (node, following, &source->waiters) {
		struct futex_waiter *waiter = container_of(node, struct futex_waiter, node);

		if (error || (woken == wake && moved == move))
			break;
		if (!same_key(&waiter->key, from))
			continue;
		if (woken < wake) {
			wake_waiter(waiter);
			woken++;
		} else {
			move_waiter(waiter, target, to);
			moved++;
		}
	}
	unlock_two(source, target);
	return error ? error : (int)(woken + moved);
}

/* The key of the first waiter in the bucket that waits for a word in the range. */
static bool find_in_range(struct futex_bucket *bucket, const struct futex_key *from,
			  uint64_t length, struct futex_key *key)
{
	struct list_node *node;
	bool found = false;

	spin_lock(&bucket->lock);
	list_for_each (node, &bucket->waiters) {
		const struct futex_waiter *waiter = container_of(node, struct futex_waiter, node);

		if (waiter->key.object == from->object &&
		    waiter->key.offset - from->offset < length) {
			*key = waiter->key;
			found = true;
			break;
		}
	}
	spin_unlock(&bucket->lock);
	return found;
}

void futex_move(const struct futex_key *from, uint64_t length, const struct futex_key *to)
{
	for (unsigned i = 0; i < BUCKET_COUNT; i++) {
		struct futex_key key;

		while (find_in_range(&buckets[i], from, length, &key)) {
			const struct futex_key moved = {
				to->object,
				to->offset + (key.offset - from->offset),
			};
			/* Without a check this cannot fail. */
			int count = futex_requeue(&key, &moved, 0, UINT_MAX, NULL, NULL);

			(void)count;
		}
	}
}
