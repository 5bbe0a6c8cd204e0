/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is written in which order, so that whenever the power goes a checker finds lost clusters at
 * worst:
 *
 *   1. clusters that are new in directories, then the FAT that chains them
 *   2. new chains in the FAT, then links from what is there already to these
 *   3. contents of files and the FAT, then entries that show them
 *   4. entries that no longer show clusters, then the new ends of their chains, then the FAT in
 *      which these are free
 *
 * Entries get the size and the first cluster of what was written since the last time only after its
 * contents are on disk; until then they say what they said. Clusters are freed in memory, too, only
 * after that, so nobody else gets them before. Between steps the device is flushed.
 */
#include <base/errno.h>
#include <base/string.h>
#include <core/log.h>
#include <mm/phys/slab.h>
#include <sched/thread.h>

#include "fat_priv.h"

#define AGE_NS (5 * NS_PER_SECOND) /* how long changes stay in memory */

/* --- Metadata; fs->lock is held. --- */

void fat_defer(struct fat *fs, struct fat_deferred *deferred, uint32_t end, uint32_t first)
{
	list_node_init(&deferred->node);
	deferred->end = end;
	deferred->first = first;
	list_push_back(&fs->deferred, &deferred->node);
	fat_note_work(fs);
}

static struct fat_deferred *deferred_of(struct list_node *node)
{
	return container_of(node, struct fat_deferred, node);
}

/* Ends the chains that were cut, on disk. */
static int end_chains(struct fat *fs)
{
	struct list_node *node;
	bool any = false;
	int error = 0;

	list_for_each (node, &fs->deferred) {
		struct fat_deferred *deferred = deferred_of(node);

		if (deferred->end && !error) {
			error = fat_table_write(fs, deferred->end, FAT_CLUSTER_END);
			any = true;
		}
	}
	if (!error && any)
		error = fat_buffers_write(fs, FAT_TABLE);
	return !error && any ? block_flush(fs->device) : error;
}

/* Frees what entries do not show any more. What cannot be is noted, and lost. */
static int free_deferred(struct fat *fs)
{
	struct list_node *node;
	int error = end_chains(fs);

	if (error)
		return error;
	while ((node = list_pop_front(&fs->deferred))) {
		uint32_t first = deferred_of(node)->first;

		if (fat_table_free_chain(fs, first) && fat_may_log(fs))
			log_warning("fat", "%s: clusters from %#x on are lost", fs->device->name,
				    first);
		kfree(deferred_of(node));
	}
	return fat_buffers_write(fs, FAT_TABLE);
}

/* Brings FSInfo up to date. */
static int store_information(struct fat *fs)
{
	struct fat_information *information;
	struct fat_buffer *buffer;
	uint8_t *bytes;
	uint32_t count;
	int error;

	if (!fs->information_stale || !fs->geometry.information)
		return 0;
	error = fat_table_count_free(fs, &count);
	if (!error)
		error = fat_buffer_get(fs, fs->geometry.information, &buffer, &bytes);
	if (error)
		return error;
	information = (struct fat_information *)bytes;
	fs->information_stale = false;
	/* What is none must not be written to. */
	if (information->lead_signature != FAT_INFORMATION_LEAD ||
	    information->structure_signature != FAT_INFORMATION_STRUCTURE)
		return 0;
	information->free_clusters = count;
	information->next_free =
		fat_cluster_valid(&fs->geometry, fs->next_free) ? fs->next_free : FAT_CLUSTER_FIRST;
	fat_buffer_dirty(fs, buffer, fs->geometry.information, FAT_ENTRIES);
	return 0;
}

/* Steps 1 and 2. */
static int write_table(struct fat *fs)
{
	uint64_t first_link = 0;
	int error = 0;

	if (fat_buffers_dirty(fs, FAT_FRESH)) {
		error = fat_buffers_write(fs, FAT_FRESH);
		if (!error)
			error = block_flush(fs->device);
	}
	if (!error)
		error = fat_buffers_write(fs, FAT_TABLE);
	fs->writes_of_table++;
	if (error || !radix_next(&fs->links, &first_link))
		return error;
	error = block_flush(fs->device);
	if (!error)
		error = fat_table_make_links(fs);
	return error ? error : fat_buffers_write(fs, FAT_TABLE);
}

static int write_entries(struct fat *fs)
{
	int error;

	if (!fat_buffers_dirty(fs, FAT_ENTRIES))
		return 0;
	error = block_flush(fs->device);
	return error ? error : fat_buffers_write(fs, FAT_ENTRIES);
}

int fat_commit(struct fat *fs)
{
	int error;

	fat_nodes_reap(fs);
	if (!fs->writing && list_empty(&fs->buffer_dirty) && list_empty(&fs->deferred))
		return 0;
	error = write_table(fs);
	if (!error)
		error = write_entries(fs);
	if (!error)
		error = block_flush(fs->device);
	if (error || list_empty(&fs->deferred))
		return error;
	error = free_deferred(fs);
	fs->generation++;
	return error;
}

void fat_try_commit(struct fat *fs)
{
	if (fat_commit(fs) && fat_may_log(fs))
		log_error("fat", "%s: changes could not be written in order", fs->device->name);
}

/* --- Contents, then metadata. --- */

/* Writes contents, then has the entry show them. */
static int store_node(struct fat_node *node)
{
	uint64_t size = __atomic_load_n(&node->node.size, __ATOMIC_RELAXED);
	int error = 0, stored;

	if (node->removed)
		return 0;
	if (node->node.object)
		error = page_cache_sync(&node->cache, 0, UINT64_MAX);
	mutex_lock(&node->fs->lock);
	stored = fat_node_store(node, size);
	mutex_unlock(&node->fs->lock);
	return error ? error : stored;
}

static struct fat_node *next_dirty(struct fat *fs)
{
	struct fat_node *found = NULL;
	struct list_node *link;

	spin_lock(&fs->table_lock);
	while (!found && (link = list_pop_front(&fs->dirty_nodes))) {
		struct fat_node *node = container_of(link, struct fat_node, dirty_node);

		if (refcount_try_get(&node->node.references))
			found = node;
	}
	spin_unlock(&fs->table_lock);
	return found;
}

/* One thread at a time does it all, so that who comes next finds it done. */
static void begin_sync(struct fat *fs)
{
	struct waiter waiter;
	bool mine = false;

	wait_begin(&fs->waiters, &waiter);
	for (;;) {
		spin_lock(&fs->table_lock);
		mine = !fs->syncing;
		fs->syncing = true;
		spin_unlock(&fs->table_lock);
		if (mine)
			break;
		wait_sleep_until_woken(&waiter);
	}
	wait_end(&waiter);
}

static void end_sync(struct fat *fs)
{
	spin_lock(&fs->table_lock);
	fs->syncing = false;
	spin_unlock(&fs->table_lock);
	wait_wake_all(&fs->waiters);
}

static int commit_all(struct fat *fs)
{
	int error;

	mutex_lock(&fs->lock);
	error = fat_commit(fs);
	if (!error && fs->information_stale && !fs->read_only) {
		error = store_information(fs);
		if (!error)
			error = fat_commit(fs);
	}
	mutex_unlock(&fs->lock);
	return error;
}

int fat_sync(struct fat *fs)
{
	unsigned count = 0;
	int error = 0, failed;
	struct fat_node *node;

	begin_sync(fs);
	/* Those that become dirty meanwhile are for the next time. */
	spin_lock(&fs->table_lock);
	for (struct list_node *link = list_first(&fs->dirty_nodes); link;
	     link = list_next(&fs->dirty_nodes, link))
		count++;
	spin_unlock(&fs->table_lock);
	while (count-- > 0 && (node = next_dirty(fs))) {
		failed = store_node(node);
		error = error ? error : failed;
		node_put(&node->node);
	}
	failed = commit_all(fs);
	end_sync(fs);
	return error ? error : failed;
}

int fat_sync_node(struct fat_node *node)
{
	struct fat *fs = node->fs;
	int error, failed;

	spin_lock(&fs->table_lock);
	list_remove(&node->dirty_node);
	spin_unlock(&fs->table_lock);
	error = store_node(node);
	mutex_lock(&fs->lock);
	failed = fat_commit(fs);
	mutex_unlock(&fs->lock);
	return error ? error : failed;
}

/* --- The thread. --- */

void fat_note_work(struct fat *fs)
{
	fs->waking++;
	spin_lock(&fs->table_lock);
	fs->work = true;
	spin_unlock(&fs->table_lock);
	wait_wake_all(&fs->waiters);
	fs->waking--;
}

void fat_note_dirty(struct fat_node *node)
{
	struct fat *fs = node->fs;
	bool first = false;

	spin_lock(&fs->table_lock);
	if (!node->removed && node->place && !list_node_attached(&node->dirty_node)) {
		list_push_back(&fs->dirty_nodes, &node->dirty_node);
		first = !fs->work;
	}
	spin_unlock(&fs->table_lock);
	if (first)
		fat_note_work(fs);
}

/* Sleeps until there is something to do, then for a while, so that more comes together. False: the
 * end. */
static bool wait_for_work(struct fat *fs)
{
	uint64_t deadline = DEADLINE_NEVER;
	struct waiter waiter;
	bool stopping;

	wait_begin(&fs->waiters, &waiter);
	for (;;) {
		spin_lock(&fs->table_lock);
		stopping = fs->stopping;
		if (fs->work && deadline == DEADLINE_NEVER)
			deadline = clock_deadline_after(AGE_NS);
		spin_unlock(&fs->table_lock);
		if (stopping || wait_sleep(&waiter, WAIT_UNINTERRUPTIBLE, deadline))
			break;
	}
	wait_end(&waiter);
	return !stopping;
}

static void run(void *argument)
{
	struct fat *fs = argument;

	while (wait_for_work(fs)) {
		int error;

		spin_lock(&fs->table_lock);
		fs->work = false;
		spin_unlock(&fs->table_lock);
		error = fat_sync(fs);
		if (error && !fs->device->gone)
			log_error("fat", "%s: changes could not be written: error %d",
				  fs->device->name, -error);
		fat_nodes_trim(fs, false);
	}
	fs->waking++;
	spin_lock(&fs->table_lock);
	fs->stopped = true;
	spin_unlock(&fs->table_lock);
	wait_wake_all(&fs->waiters);
	fs->waking--;
}

int fat_thread_start(struct fat *fs)
{
	int error = thread_spawn("fat", run, fs);

	fs->stopped = error != 0;
	return error;
}

void fat_thread_stop(struct fat *fs)
{
	struct waiter waiter;

	fs->waking++;
	spin_lock(&fs->table_lock);
	fs->stopping = true;
	spin_unlock(&fs->table_lock);
	wait_wake_all(&fs->waiters);
	fs->waking--;
	wait_begin(&fs->waiters, &waiter);
	while (!__atomic_load_n(&fs->stopped, __ATOMIC_ACQUIRE))
		wait_sleep_until_woken(&waiter);
	wait_end(&waiter);
}
