/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is to be stored, and when: sizes and times of files whose contents changed, by a thread that
 * also has the volume do its work, frees inodes, and keeps their number down.
 *
 * The size that the volume knows never runs ahead of the contents that it has: it grows as pages are
 * put (write.c), or when all were. So a file is after a crash as long as what was written of it.
 */
#include <base/errno.h>
#include <core/log.h>
#include <sched/thread.h>
#include <time/clock.h>

#include "hmfs_vfs.h"

#define PAUSE_NS      (NS_PER_SECOND / 2) /* so long work waits for more */
#define REAPING_LOOKS 1000u
#define STEPS         64u /* of the volume's work, between looks at other things */

void hmfs_vfs_wake(struct hmfs_vfs *fs)
{
	if (!atomic_exchange(&fs->wanted, true))
		wait_wake_all(&fs->wake);
}

/* Whether it is the first. */
static bool add_dirty(struct hmfs_inode *inode)
{
	struct hmfs_vfs *fs = inode->fs;
	bool first = false;

	spin_lock(&fs->table_lock);
	if (!list_node_attached(&inode->dirty_node)) {
		first = list_empty(&fs->dirty);
		list_push_back(&fs->dirty, &inode->dirty_node);
	}
	spin_unlock(&fs->table_lock);
	return first;
}

void hmfs_inode_dirty(struct hmfs_inode *inode)
{
	if (!list_node_attached(&inode->dirty_node) && add_dirty(inode))
		hmfs_vfs_wake(inode->fs);
}

static void undirty(struct hmfs_inode *inode)
{
	spin_lock(&inode->fs->table_lock);
	list_remove(&inode->dirty_node);
	spin_unlock(&inode->fs->table_lock);
}

static bool has_contents(const struct hmfs_inode *inode)
{
	return inode->node.object != NULL;
}

/* Stores what differs; size_lock is held. */
static int store_locked(struct hmfs_inode *inode, uint64_t size, const struct node_times *times)
{
	struct hmfs_volume *volume = inode->fs->volume;
	bool changed = size != inode->disk_size || times->modify != inode->disk_times.modify ||
		       times->change != inode->disk_times.change;
	int error = 0;

	if (changed) {
		error = hmfs_set_size(volume, inode->id, size, times->modify, times->change);
		if (error)
			return error;
		inode->disk_size = size;
		inode->disk_times.modify = times->modify;
		inode->disk_times.change = times->change;
	}
	if (times->access != inode->disk_times.access) {
		const struct hmfs_attributes attributes = { .access = times->access };

		error = hmfs_set_attributes(volume, inode->id, HMFS_SET_ACCESS, &attributes);
		if (!error)
			inode->disk_times.access = times->access;
	}
	return error;
}

int hmfs_inode_store(struct hmfs_inode *inode, uint64_t size)
{
	struct node_times times;
	uint64_t now;
	int error;

	if (!has_contents(inode) || hmfs_inode_check_writable(inode))
		return 0;
	mutex_lock(&inode->size_lock);
	/* Without the node's lock, which writers hold while they wait for us: they make it dirty again;
	 * who sets times has size_lock. */
	times = inode->node.times;
	/* It may have been cut since: then it is as long as that. */
	now = __atomic_load_n(&inode->cache.object.size, __ATOMIC_ACQUIRE);
	size = max_u64(inode->disk_size, min_u64(size, now));
	error = store_locked(inode, size, &times);
	mutex_unlock(&inode->size_lock);
	return error;
}

int hmfs_inode_write(struct hmfs_inode *inode)
{
	uint64_t size;
	int error, failed;

	if (!has_contents(inode))
		return 0;
	undirty(inode);
	size = __atomic_load_n(&inode->node.size, __ATOMIC_ACQUIRE);
	error = page_cache_sync(&inode->cache, 0, UINT64_MAX);
	failed = hmfs_inode_store(inode, error ? 0 : size);
	if (failed)
		hmfs_inode_dirty(inode);
	return error ? error : failed;
}

int hmfs_inode_sync(struct hmfs_inode *inode)
{
	int error = hmfs_inode_write(inode);
	int failed = hmfs_inode_check_writable(inode) ? 0 : hmfs_sync(inode->fs->volume);

	return error ? error : failed;
}

/* The first of the dirty ones, with a reference, which is not dirty any more; NULL: none. */
static struct hmfs_inode *next_dirty(struct hmfs_vfs *fs)
{
	struct hmfs_inode *found = NULL;
	struct list_node *link;

	spin_lock(&fs->table_lock);
	while (!found && (link = list_pop_front(&fs->dirty))) {
		struct hmfs_inode *inode = container_of(link, struct hmfs_inode, dirty_node);

		if (refcount_try_get(&inode->node.references))
			found = inode;
	}
	spin_unlock(&fs->table_lock);
	return found;
}

int hmfs_inodes_flush(struct hmfs_vfs *fs, bool with_contents)
{
	struct hmfs_inode *inode;
	unsigned count = 0;
	int error = 0;

	/* Those that become dirty meanwhile are for the next time. */
	spin_lock(&fs->table_lock);
	for (struct list_node *link = list_first(&fs->dirty); link;
	     link = list_next(&fs->dirty, link))
		count++;
	spin_unlock(&fs->table_lock);
	while (count-- > 0 && (inode = next_dirty(fs))) {
		int failed = with_contents ? hmfs_inode_write(inode) : hmfs_inode_store(inode, 0);

		/* Its size is to be stored when its pages are written. */
		if (failed || (!with_contents && inode->disk_size != inode->node.size))
			(void)add_dirty(inode);
		error = error ? error : failed;
		node_put(&inode->node);
	}
	return error;
}

int hmfs_vfs_sync(struct hmfs_vfs *fs)
{
	int error = cache_backing_sync(fs->backing), failed;

	if (fs->scheme->flags & SCHEME_READ_ONLY)
		return error;
	failed = hmfs_inodes_flush(fs, true);
	error = error ? error : failed;
	failed = hmfs_sync(fs->volume);
	return error ? error : failed;
}

/* --- The threads. --- */

/* Sleeps until there is something to do, or it is time for the volume to look. False: the end. */
static bool wait_for_work(struct hmfs_vfs *fs)
{
	uint64_t pause = clock_deadline_after(PAUSE_NS);
	uint64_t deadline = clock_deadline_after(fs->options.commit_seconds * NS_PER_SECOND);
	struct waiter waiter;

	wait_begin(&fs->wake, &waiter);
	while (!__atomic_load_n(&fs->stopping, __ATOMIC_ACQUIRE)) {
		if (wait_sleep(&waiter, WAIT_UNINTERRUPTIBLE,
			       fs->wanted ? min_u64(pause, deadline) : deadline))
			break;
	}
	wait_end(&waiter);
	return !__atomic_load_n(&fs->stopping, __ATOMIC_ACQUIRE);
}

static int work_on_volume(struct hmfs_vfs *fs)
{
	int result = 1;

	for (unsigned i = 0; i < STEPS && result > 0; i++)
		result = hmfs_work(fs->volume, fs->options.commit_seconds);
	return result;
}

bool hmfs_vfs_make_room(struct hmfs_vfs *fs)
{
	int result;

	if (!atomic_exchange(&fs->freed, false))
		return false;
	hmfs_inodes_reap(fs);
	/* Another thread may have taken what is to be freed, and not have done it yet. */
	for (unsigned i = 0; fs->reaping && i < REAPING_LOOKS; i++)
		thread_sleep_until(clock_deadline_after(NS_PER_MILLISECOND));
	result = work_on_volume(fs);
	if (result > 0)
		fs->freed = true;
	return result >= 0 && hmfs_commit(fs->volume) == 0;
}

static void work(void *argument)
{
	struct hmfs_vfs *fs = argument;
	bool told = false;

	while (wait_for_work(fs)) {
		int result = 0;

		fs->wanted = false;
		hmfs_inodes_reap(fs);
		if (!(fs->scheme->flags & SCHEME_READ_ONLY)) {
			result = hmfs_inodes_flush(fs, false);
			if (result >= 0)
				result = work_on_volume(fs);
		}
		hmfs_inodes_trim(fs, false, 0);
		hmfs_inodes_reap(fs);
		if (result > 0)
			fs->wanted = true;
		if (result < 0 && !told && !fs->disk.block->gone)
			log_error("hmfs", "%s: changes could not be written: error %d",
				  fs->disk.block->name, -result);
		told = result < 0;
	}
	fs->live--;
	wait_wake_all(&fs->done_wake);
	fs->waking--;
}

void hmfs_vfs_end_later(struct hmfs_vfs *fs, struct hmfs_transfer *transfer)
{
	fs->waking++;
	transfer->next = fs->done;
	while (!atomic_compare_exchange_weak(&fs->done, &transfer->next, transfer))
		;
	wait_wake_all(&fs->done_wake);
	fs->waking--;
}

/* Ends those there are, in the order in which they came. */
static void end_transfers(struct hmfs_vfs *fs)
{
	struct hmfs_transfer *taken = atomic_exchange(&fs->done, NULL), *first = NULL, *next;

	for (; taken; taken = next) {
		next = taken->next;
		taken->next = first;
		first = taken;
	}
	for (; first; first = next) {
		next = first->next;
		first->end(first);
	}
}

static void end(void *argument)
{
	struct hmfs_vfs *fs = argument;
	struct waiter waiter;

	wait_begin(&fs->done_wake, &waiter);
	/* The other one ends first, as it waits for transfers. */
	while (fs->live > 1 || !__atomic_load_n(&fs->stopping, __ATOMIC_ACQUIRE) || fs->done) {
		end_transfers(fs);
		if (!fs->done)
			wait_sleep_until_woken(&waiter);
	}
	wait_end(&waiter);
	fs->live--;
	wait_wake_all(&fs->wake);
	fs->waking--;
}

static int start(struct hmfs_vfs *fs, const char *name, void (*entry)(void *))
{
	int error;

	fs->live++;
	fs->waking++; /* until it touches `fs` for the last time */
	error = thread_spawn(name, entry, fs);
	if (error) {
		fs->live--;
		fs->waking--;
	}
	return error;
}

int hmfs_threads_start(struct hmfs_vfs *fs)
{
	int error = start(fs, "hmfs transfers", end);

	return error ? error : start(fs, "hmfs", work);
}

void hmfs_threads_stop(struct hmfs_vfs *fs)
{
	struct waiter waiter;

	__atomic_store_n(&fs->stopping, true, __ATOMIC_RELEASE);
	wait_begin(&fs->wake, &waiter);
	wait_wake_all(&fs->done_wake);
	while (fs->live) {
		wait_wake_all(&fs->wake);
		wait_wake_all(&fs->done_wake);
		if (wait_sleep(&waiter, WAIT_UNINTERRUPTIBLE,
			       clock_deadline_after(10 * NS_PER_MILLISECOND)))
			continue;
	}
	wait_end(&waiter);
	while (fs->waking)
		thread_yield();
}
