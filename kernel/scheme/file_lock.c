/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Advisory locks. An owner's locks on a file do not overlap: a new one replaces what it covers
 * and merges with neighbours of its own type.
 */
#include <base/errno.h>
#include <mm/phys/slab.h>
#include <scheme/file.h>

enum lock_type {
	LOCK_READ = 0,
	LOCK_WRITE = 1,
	LOCK_NONE = 2,
};

/* All under node->lock, in node->advisory_locks. */
struct advisory_lock {
	struct list_node node;
	const void *owner;   /* not a reference: compared only */
	uint64_t start, end; /* inclusive */
	int type;            /* LOCK_READ or LOCK_WRITE */
	uint32_t pid;
	bool whole; /* of flock, which fcntl does not see */
};

/* A thread that waits for a lock of fcntl, for finding deadlocks. */
struct lock_wait {
	struct list_node node;    /* waits_lock */
	const void *owner;        /* who waits */
	const void *blocker;      /* waits_lock: for whom; NULL: is about to look again */
	const struct node *where; /* on which file */
};

#define DEADLOCK_STEPS 16 /* longer chains are not followed */

static struct spinlock waits_lock = SPINLOCK_INIT(RANK_LEAF, "lock waits"); /* waits */
static struct list waits = LIST_INIT(waits);

static struct advisory_lock *lock_of(struct list_node *node)
{
	return container_of(node, struct advisory_lock, node);
}

static bool overlap(const struct advisory_lock *a, const struct advisory_lock *b)
{
	return a->start <= b->end && b->start <= a->end;
}

static struct advisory_lock *find_conflict(struct node *node, const struct advisory_lock *wanted)
{
	struct list_node *entry;

	list_for_each (entry, &node->advisory_locks) {
		struct advisory_lock *lock = lock_of(entry);

		if (lock->owner != wanted->owner && lock->whole == wanted->whole &&
		    overlap(lock, wanted) &&
		    (lock->type == LOCK_WRITE || wanted->type == LOCK_WRITE))
			return lock;
	}
	return NULL;
}

/* True if the two ranges meet without a gap. */
static bool adjacent(const struct advisory_lock *a, const struct advisory_lock *b)
{
	return (a->end != UINT64_MAX && a->end + 1 == b->start) ||
	       (b->end != UINT64_MAX && b->end + 1 == a->start);
}

/* Makes room in `lock` for `wanted` of the same owner and another type. What is left above, if
 * something is left below too, goes into *spare, which becomes NULL then. True if nothing is
 * left at all. */
static bool cut_out(struct node *node, struct advisory_lock *lock,
		    const struct advisory_lock *wanted, struct advisory_lock **spare)
{
	bool below = lock->start < wanted->start;
	bool above = lock->end > wanted->end;

	if (below && above) {
		struct advisory_lock *rest = *spare;

		*spare = NULL;
		*rest = *lock;
		rest->start = wanted->end + 1;
		lock->end = wanted->start - 1;
		list_push_back(&node->advisory_locks, &rest->node);
	} else if (below) {
		lock->end = wanted->start - 1;
	} else if (above) {
		lock->start = wanted->end + 1;
	}
	return !below && !above;
}

/* Sets what `wanted` says: *fresh becomes the lock, unless it is to be none; *spare may be used
 * too. What became superfluous is added to `dead`. */
static void apply(struct node *node, struct advisory_lock *wanted, struct advisory_lock **fresh,
		  struct advisory_lock **spare, struct list *dead)
{
	struct list_node *entry, *following;

	list_for_each_safe (entry, following, &node->advisory_locks) {
		struct advisory_lock *lock = lock_of(entry);
		bool gone = false;

		if (lock->owner != wanted->owner || lock->whole != wanted->whole)
			continue;
		if (lock->type == wanted->type &&
		    (overlap(lock, wanted) || adjacent(lock, wanted))) {
			wanted->start = min_u64(wanted->start, lock->start);
			wanted->end = max_u64(wanted->end, lock->end);
			gone = true;
		} else if (lock->type != wanted->type && overlap(lock, wanted)) {
			gone = cut_out(node, lock, wanted, spare);
		}
		if (gone) {
			list_remove(entry);
			list_push_back(dead, entry);
		}
	}
	if (wanted->type == LOCK_NONE)
		return;
	**fresh = *wanted;
	list_push_back(&node->advisory_locks, &(*fresh)->node);
	*fresh = NULL;
}

/* --- Deadlocks. --- */

/* For whom `owner` waits, or NULL. waits_lock is held. */
static const void *blocker_of(const void *owner)
{
	struct list_node *entry;

	list_for_each (entry, &waits) {
		const struct lock_wait *wait = container_of(entry, struct lock_wait, node);

		if (wait->owner == owner && wait->blocker)
			return wait->blocker;
	}
	return NULL;
}

/* Notes that `wait` now waits for `blocker`. -EDEADLK if that waits for it in the end. */
static int wait_note(struct lock_wait *wait, const void *blocker)
{
	const void *owner = blocker;
	int error = 0;

	spin_lock(&waits_lock);
	for (unsigned i = 0; owner && i < DEADLOCK_STEPS; i++) {
		if (owner == wait->owner) {
			error = -EDEADLK;
			break;
		}
		owner = blocker_of(owner);
	}
	if (!error) {
		wait->blocker = blocker;
		if (!list_node_attached(&wait->node))
			list_push_back(&waits, &wait->node);
	}
	spin_unlock(&waits_lock);
	return error;
}

static void wait_forget(struct lock_wait *wait)
{
	spin_lock(&waits_lock);
	list_remove(&wait->node);
	spin_unlock(&waits_lock);
}

/* The locks of `owner` on the file changed: who waits for it looks again. */
static void wake_waiters(struct node *node, const void *owner)
{
	struct list_node *entry;

	spin_lock(&waits_lock);
	list_for_each (entry, &waits) {
		struct lock_wait *wait = container_of(entry, struct lock_wait, node);

		if (wait->blocker == owner && wait->where == node)
			wait->blocker = NULL;
	}
	spin_unlock(&waits_lock);
	wait_wake_all(&node->lock_waiters);
}

/* --- Locking. --- */

/* Waits until nobody else's lock is in the way. node->lock is held, but not while sleeping. */
static int wait_for_turn(struct node *node, const struct advisory_lock *wanted)
{
	struct lock_wait wait = { .owner = wanted->owner, .where = node };
	struct advisory_lock *conflict;
	struct waiter waiter;
	int error = 0;

	list_node_init(&wait.node);
	wait_begin(&node->lock_waiters, &waiter);
	while ((conflict = find_conflict(node, wanted))) {
		if (!wanted->whole)
			error = wait_note(&wait, conflict->owner);
		if (error)
			break;
		mutex_unlock(&node->lock);
		error = wait_sleep(&waiter, WAIT_INTERRUPTIBLE, DEADLINE_NEVER);
		mutex_lock(&node->lock);
		if (error)
			break;
	}
	wait_end(&waiter);
	wait_forget(&wait);
	return error;
}

static int check_range(const struct file *file, const struct advisory_lock *wanted)
{
	if (wanted->start > wanted->end || wanted->type < LOCK_READ || wanted->type > LOCK_NONE)
		return -EINVAL;
	if (wanted->whole)
		return 0;
	if ((wanted->type == LOCK_READ && !file->readable) ||
	    (wanted->type == LOCK_WRITE && !file->writable))
		return -EBADF;
	return 0;
}

static void free_locks(struct list *dead)
{
	struct list_node *entry;

	while ((entry = list_pop_front(dead)))
		kfree(lock_of(entry));
}

static struct advisory_lock make_wanted(const struct file *file, const void *owner,
					const struct file_lock_range *range)
{
	return (struct advisory_lock){
		.owner = owner,
		.start = range->start,
		.end = range->end,
		.type = range->type,
		.pid = range->pid,
		.whole = owner == file,
	};
}

static int lock_locked(struct node *node, struct advisory_lock *wanted, bool wait,
		       struct advisory_lock **fresh, struct advisory_lock **spare,
		       struct list *dead)
{
	int error = 0;

	/* flock gives the old lock up before it waits for the new one, lest two readers that both
	 * want to write wait for each other. */
	if (wanted->whole && wanted->type != LOCK_NONE && find_conflict(node, wanted)) {
		struct advisory_lock none = *wanted;

		none.type = LOCK_NONE;
		apply(node, &none, fresh, spare, dead);
		wake_waiters(node, wanted->owner);
	}
	if (wanted->type != LOCK_NONE && find_conflict(node, wanted))
		error = wait ? wait_for_turn(node, wanted) : -EAGAIN;
	if (error)
		return error;
	apply(node, wanted, fresh, spare, dead);
	wake_waiters(node, wanted->owner);
	return 0;
}

int file_lock(struct file *file, const void *owner, const struct file_lock_range *range, bool wait)
{
	struct advisory_lock wanted = make_wanted(file, owner, range);
	struct node *node = file->node;
	struct advisory_lock *fresh, *spare;
	struct list dead;
	int error = check_range(file, &wanted);

	if (error)
		return error;
	list_init(&dead);
	fresh = kmalloc(sizeof(*fresh));
	spare = kmalloc(sizeof(*spare));
	error = -ENOMEM;
	if (fresh && spare) {
		mutex_lock(&node->lock);
		error = lock_locked(node, &wanted, wait, &fresh, &spare, &dead);
		mutex_unlock(&node->lock);
	}
	free_locks(&dead);
	kfree(fresh);
	kfree(spare);
	return error;
}

int file_lock_query(struct file *file, const void *owner, struct file_lock_range *range)
{
	struct advisory_lock wanted = make_wanted(file, owner, range);
	struct advisory_lock *conflict;

	if (wanted.start > wanted.end || (wanted.type != LOCK_READ && wanted.type != LOCK_WRITE))
		return -EINVAL;
	mutex_lock(&file->node->lock);
	conflict = find_conflict(file->node, &wanted);
	if (conflict)
		*range = (struct file_lock_range){
			.start = conflict->start,
			.end = conflict->end,
			.type = conflict->type,
			.pid = conflict->pid,
		};
	else
		range->type = LOCK_NONE;
	mutex_unlock(&file->node->lock);
	return 0;
}

void file_unlock_found(struct file *file, const void *owner)
{
	struct node *node = file->node;
	struct list_node *entry, *following;
	struct list dead;

	list_init(&dead);
	mutex_lock(&node->lock);
	list_for_each_safe (entry, following, &node->advisory_locks) {
		if (lock_of(entry)->owner != owner)
			continue;
		list_remove(entry);
		list_push_back(&dead, entry);
	}
	if (!list_empty(&dead))
		wake_waiters(node, owner);
	mutex_unlock(&node->lock);
	free_locks(&dead);
}
