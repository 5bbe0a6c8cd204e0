/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Priority futexes: the kernel's side of locks that live in user memory.
 *
 * While somebody waits, a `struct priority_futex` stands for the lock, with a kernel mutex whose
 * owner is the thread that the user's word names: waiters queue there and the owner inherits as for
 * any mutex. It is made by the first waiter and freed when the last one has left.
 *
 * The word and the queue change together under the bucket's lock, where user memory is touched
 * without serving page faults; where that fails, everything is undone, the page faulted in, and
 * the whole begun again. Only where the owner died does the word lag behind: it may be visible to
 * the next owner alone, which puts it right when it comes back (`died`).
 *
 * The word may be anything at any time. It is compared with what the kernel knows, and never
 * believed to say more than who should inherit.
 */
#include "process_private.h"

#include <base/errno.h>
#include <base/hash.h>
#include <core/panic.h>
#include <mm/phys/slab.h>
#include <proc/priority_futex.h>
#include <sched/futex.h>
#include <sched/mutex.h>

#include <stdatomic.h>

#define BUCKET_COUNT 64

struct bucket {
	struct spinlock lock; /* RANK_FUTEX */
	struct list futexes;
} __attribute__((aligned(64)));

struct priority_futex {
	struct futex_key key; /* immutable */
	/* Under the lock of the bucket. */
	struct list_node node;
	struct mutex mutex;
	unsigned waiters; /* threads in queue_for() and wait(), a new owner included */
	bool died;        /* the new owner has to write the word, after the death of the old one */
	/* The same, and owners_lock. */
	struct user_thread *owner; /* no reference: it lets go before it ends */
	struct list_node owned_node;
};

static struct bucket buckets[BUCKET_COUNT];
/* user_thread.owned_futexes, and who is in these lists. */
static struct spinlock owners_lock = SPINLOCK_INIT(RANK_FUTEX_OWNER, "futex owners");

/* One attempt to take a lock. */
struct attempt {
	uintptr_t address;
	struct futex_key key;
	uint32_t seen;                /* the word, when `owner` was looked up */
	bool try;                     /* do not wait */
	struct user_thread *owner;    /* a reference, or NULL */
	struct priority_futex *fresh; /* for the first waiter; taken when used */
	struct priority_futex *futex; /* in whose queue the thread is now, or NULL: it has it */
	struct mutex_waiter waiter;
};

void priority_futex_init(void)
{
	for (unsigned i = 0; i < BUCKET_COUNT; i++) {
		spinlock_init(&buckets[i].lock, RANK_FUTEX, "priority futex");
		list_init(&buckets[i].futexes);
	}
}

void priority_futex_init_thread(struct user_thread *thread)
{
	list_init(&thread->owned_futexes);
}

static struct bucket *bucket_of(const struct futex_key *key)
{
	uint64_t words[2] = { key->object, key->offset };

	return &buckets[hash_bytes(0, words, sizeof(words)) % BUCKET_COUNT];
}

/* Under the lock of the bucket, as all down to lock_once(). */
static struct priority_futex *find(struct bucket *bucket, const struct futex_key *key)
{
	struct list_node *node;

	list_for_each (node, &bucket->futexes) {
		struct priority_futex *futex = container_of(node, struct priority_futex, node);

		if (futex->key.object == key->object && futex->key.offset == key->offset)
			return futex;
	}
	return NULL;
}

/* Changes the word; -EAGAIN if it is no longer `expected`. */
static int exchange(uintptr_t address, uint32_t expected, uint32_t wanted)
{
	uint32_t found;
	int error = exchange_user_u32_nofault(address, expected, wanted, &found);

	if (error)
		return error;
	return found == expected ? 0 : -EAGAIN;
}

/* False if the thread has left its futexes for good: it says so before it looks at its list, and here
 * the futex is in the list before the look at that, so one of the two sees the other. */
static bool set_owner(struct priority_futex *futex, struct user_thread *owner)
{
	bool left;

	spin_lock(&owners_lock);
	list_remove(&futex->owned_node);
	list_push_back(&owner->owned_futexes, &futex->owned_node);
	atomic_thread_fence(memory_order_seq_cst);
	left = owner->futexes_left;
	if (left)
		list_remove(&futex->owned_node);
	else
		futex->owner = owner;
	spin_unlock(&owners_lock);
	return !left;
}

static struct user_thread *user_thread_of(const struct mutex_waiter *waiter)
{
	return container_of(waiter->thread, struct user_thread, thread);
}

/* Makes a waiter the owner. It is in the kernel, so it has not left its futexes. */
static void hand_to(struct priority_futex *futex, struct mutex_waiter *waiter)
{
	bool set = set_owner(futex, user_thread_of(waiter));

	debug_assert(set);
	(void)set;
	mutex_hand_over(&futex->mutex, waiter);
}

/* After the death of the owner, or where a new one cannot write the word: the next one shall. */
static void hand_on_dead(struct priority_futex *futex)
{
	bool others;
	struct mutex_waiter *next = mutex_next_owner(&futex->mutex, &others);

	futex->died = true;
	debug_assert(next || futex->owner == user_thread_current());
	if (next)
		hand_to(futex, next);
}

static void drop_waiter(struct priority_futex *futex)
{
	if (--futex->waiters > 0)
		return;
	list_remove(&futex->node);
	spin_lock(&owners_lock);
	list_remove(&futex->owned_node);
	spin_unlock(&owners_lock);
	kfree(futex);
}

/* Makes the futex for the first waiter, with the owner that the word `value` names. */
static int start_queue(struct bucket *bucket, struct attempt *attempt, uint32_t value)
{
	struct priority_futex *futex = attempt->fresh;
	uint32_t now;
	int error;

	futex->key = attempt->key;
	if (!set_owner(futex, attempt->owner)) {
		/* What it did to the word when it left, it did before. */
		error = load_user_u32_nofault(attempt->address, &now);
		return error ? error : now == value ? -ESRCH : -EAGAIN;
	}
	mutex_init_owned(&futex->mutex, RANK_FUTEX, "priority futex", &attempt->owner->thread);
	list_push_back(&bucket->futexes, &futex->node);
	attempt->fresh = NULL;
	return 0;
}

static int queue_for(struct bucket *bucket, struct priority_futex *futex, struct attempt *attempt)
{
	uint32_t value = attempt->seen | PRIORITY_FUTEX_WAITERS;
	int error = exchange(attempt->address, attempt->seen, value);

	if (!error && !futex) {
		futex = attempt->fresh;
		error = start_queue(bucket, attempt, value);
	}
	if (error)
		return error;
	futex->waiters++;
	error = mutex_wait_begin(&futex->mutex, &attempt->waiter);
	if (!error) {
		attempt->futex = futex;
		return 0;
	}
	error = mutex_wait_end(&futex->mutex, &attempt->waiter, error);
	drop_waiter(futex);
	return error;
}

/* Takes the lock or joins the queue. -EAGAIN: the word changed meanwhile; -EBUSY: it is taken. */
static int take_or_queue(struct bucket *bucket, struct attempt *attempt)
{
	struct user_thread *self = user_thread_current();
	struct priority_futex *futex = find(bucket, &attempt->key);
	uint32_t value, id;
	int error = load_user_u32_nofault(attempt->address, &value);

	if (error)
		return error;
	if (value != attempt->seen)
		return -EAGAIN;
	id = value & PRIORITY_FUTEX_OWNER;
	if (futex && !futex->died && id != futex->owner->id)
		return -EINVAL;
	if (!futex && id == 0)
		return exchange(attempt->address, value,
				self->id | (value & PRIORITY_FUTEX_OWNER_DIED));
	if (!futex && !attempt->owner)
		return -ESRCH;
	return attempt->try ? -EBUSY : queue_for(bucket, futex, attempt);
}

static int lock_once(struct attempt *attempt)
{
	struct bucket *bucket = bucket_of(&attempt->key);
	int error;

	spin_lock(&bucket->lock);
	error = take_or_queue(bucket, attempt);
	spin_unlock(&bucket->lock);
	return error;
}

/* Faults the page in for writing; the word stays as it is. */
static int fault_in(uintptr_t address)
{
	uint32_t found;

	return exchange_user_u32(address, 0, 0, &found);
}

/* After an attempt that failed for want of a page, or as the word changed meanwhile: 0 if it is to
 * be made again. */
static int before_retry(uintptr_t address, int error)
{
	if (thread_interrupted(thread_current()))
		return -ERESTARTNOINTR;
	return error == -EFAULT ? fault_in(address) : 0;
}

/* Under the bucket's lock, by the new owner of a lock whose old one died. */
static int write_word_after_death(struct priority_futex *futex, uintptr_t address)
{
	uint32_t wanted = user_thread_current()->id | PRIORITY_FUTEX_OWNER_DIED;
	uint32_t value;
	bool others;
	int error = load_user_u32_nofault(address, &value);

	if (mutex_next_owner(&futex->mutex, &others))
		wanted |= PRIORITY_FUTEX_WAITERS;
	if (!error)
		error = exchange(address, value, wanted);
	if (!error)
		futex->died = false;
	return error;
}

static int take_over_from_dead(struct bucket *bucket, struct priority_futex *futex,
			       uintptr_t address)
{
	int error;

	while ((error = write_word_after_death(futex, address))) {
		spin_unlock(&bucket->lock);
		if (error == -EFAULT)
			error = fault_in(address);
		spin_lock(&bucket->lock);
		if (error && error != -EAGAIN) {
			hand_on_dead(futex);
			break;
		}
	}
	return error;
}

/* Sleeps in the queue that the attempt joined. */
static int wait(struct attempt *attempt, uint64_t deadline)
{
	struct priority_futex *futex = attempt->futex;
	struct bucket *bucket = bucket_of(&attempt->key);
	int error = mutex_wait_sleep(&attempt->waiter, deadline);

	spin_lock(&bucket->lock);
	error = mutex_wait_end(&futex->mutex, &attempt->waiter, error);
	if (!error && futex->died)
		error = take_over_from_dead(bucket, futex, attempt->address);
	drop_waiter(futex);
	spin_unlock(&bucket->lock);
	return error == -ERESTART ? -ERESTARTNOINTR : error;
}

/* Finds out what must not be looked for under a lock: key, owner, memory. */
static int prepare(struct attempt *attempt, bool private)
{
	struct user_thread *self = user_thread_current();
	uint32_t id;
	int error =
		aspace_futex_key(self->process->aspace, attempt->address, private, &attempt->key);

	if (!error)
		error = read_user_u32(attempt->address, &attempt->seen);
	if (error)
		return error;
	id = attempt->seen & PRIORITY_FUTEX_OWNER;
	if (id == self->id)
		return -EDEADLK;
	attempt->owner = id ? user_thread_find(id) : NULL;
	if (!id || attempt->fresh)
		return 0;
	attempt->fresh = kzalloc(sizeof(*attempt->fresh));
	if (!attempt->fresh)
		return -ENOMEM;
	list_node_init(&attempt->fresh->node);
	list_node_init(&attempt->fresh->owned_node);
	return 0;
}

int priority_futex_lock(uintptr_t address, bool private, bool try, uint64_t deadline)
{
	struct attempt attempt = { .address = address, .try = try };
	bool again = true;
	int error = 0;

	while (again && !error) {
		error = prepare(&attempt, private);
		again = false;
		if (!error) {
			error = lock_once(&attempt);
			again = error == -EFAULT || error == -EAGAIN;
		}
		if (again)
			error = before_retry(address, error);
		if (attempt.owner)
			user_thread_put(attempt.owner);
		attempt.owner = NULL;
	}
	kfree(attempt.fresh);
	if (!error && attempt.futex)
		error = wait(&attempt, deadline);
	return error == -EBUSY ? -EAGAIN : error;
}

/* Under the bucket's lock. */
static int release(struct bucket *bucket, const struct futex_key *key, uintptr_t address)
{
	struct user_thread *self = user_thread_current();
	struct priority_futex *futex = find(bucket, key);
	struct mutex_waiter *next = NULL;
	uint32_t value, wanted = 0;
	bool others;
	int error = load_user_u32_nofault(address, &value);

	if (error)
		return error;
	if ((value & PRIORITY_FUTEX_OWNER) != self->id)
		return -EPERM;
	if (futex && (futex->owner != self || futex->died))
		return -EINVAL;
	if (futex)
		next = mutex_next_owner(&futex->mutex, &others);
	if (next)
		wanted = user_thread_of(next)->id | (others ? PRIORITY_FUTEX_WAITERS : 0);
	error = exchange(address, value, wanted);
	if (!error && next)
		hand_to(futex, next);
	return error;
}

int priority_futex_unlock(uintptr_t address, bool private)
{
	struct bucket *bucket;
	struct futex_key key;
	uint32_t value;
	int error;

	error = read_user_u32(address, &value);
	if (!error && (value & PRIORITY_FUTEX_OWNER) != user_thread_current()->id)
		error = -EPERM;
	while (!error) {
		error = aspace_futex_key(process_current()->aspace, address, private, &key);
		if (error)
			break;
		bucket = bucket_of(&key);
		spin_lock(&bucket->lock);
		error = release(bucket, &key, address);
		spin_unlock(&bucket->lock);
		if (error != -EFAULT && error != -EAGAIN)
			break;
		error = before_retry(address, error);
	}
	return error;
}

/* Hands on the futex with that key, if the current thread still owns it. */
static void leave_one(struct user_thread *self, const struct futex_key *key)
{
	struct bucket *bucket = bucket_of(key);
	struct priority_futex *futex;

	spin_lock(&bucket->lock);
	futex = find(bucket, key);
	if (futex && futex->owner == self)
		hand_on_dead(futex);
	spin_unlock(&bucket->lock);
}

static bool owns_none(struct user_thread *self)
{
	const struct list *list = &self->owned_futexes;

	return __atomic_load_n(&list->head.next, __ATOMIC_RELAXED) == &list->head;
}

void priority_futex_leave(struct user_thread *self, bool begins_anew)
{
	struct list_node *node;

	atomic_store(&self->futexes_left, true);
	/* Mostly there is none: no lock that all processors share. */
	if (!owns_none(self)) {
		spin_lock(&owners_lock);
		while ((node = list_first(&self->owned_futexes))) {
			struct futex_key key =
				container_of(node, struct priority_futex, owned_node)->key;

			spin_unlock(&owners_lock);
			leave_one(self, &key);
			spin_lock(&owners_lock);
		}
		spin_unlock(&owners_lock);
	}
	if (begins_anew)
		atomic_store(&self->futexes_left, false);
}
