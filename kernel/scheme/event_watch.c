/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Event queues: which files they watch. */
#include "event_queue_priv.h"

#include <base/errno.h>
#include <mm/phys/slab.h>

/* RANK_EVENT_NESTING: no other queue begins to watch a queue meanwhile. RANK_EVENT_WATCH: the
 * watchers of all files. */
static struct mutex nesting_lock = {
	.waiters = { .lock = SPINLOCK_INIT(RANK_WAIT_QUEUE, "event nesting"),
		     .waiters = LIST_INIT(nesting_lock.waiters.waiters) },
	.rank = RANK_EVENT_NESTING,
	.name = "event nesting",
};
static struct mutex watch_lock = {
	.waiters = { .lock = SPINLOCK_INIT(RANK_WAIT_QUEUE, "file watchers"),
		     .waiters = LIST_INIT(watch_lock.waiters.waiters) },
	.rank = RANK_EVENT_WATCH,
	.name = "file watchers",
};

/* --- Callbacks. --- */

static bool hook_woken(struct waiter *waiter)
{
	struct event_hook *hook = container_of(waiter, struct event_hook, waiter);
	const struct event_cause cause = { hook->events, hook->each };
	struct event_item *item = hook->item;

	if (event_item_queue(item, cause))
		wait_wake_nested(&item->queue->waiters);
	return true;
}

struct hooking {
	struct poller poller;
	struct event_item *item;
	bool failed; /* out of memory */
};

static void add_hook(struct poller *poller, struct wait_queue *queue)
{
	struct hooking *hooking = container_of(poller, struct hooking, poller);
	struct event_item *item = hooking->item;
	struct event_hook *hook;

	if (item->inline_used < EVENT_INLINE_HOOKS) {
		hook = &item->inline_hooks[item->inline_used++];
	} else {
		hook = kzalloc(sizeof(*hook));
		if (!hook) {
			hooking->failed = true;
			return;
		}
		hook->next = item->hooks;
		item->hooks = hook;
	}
	hook->item = item;
	hook->events = poller->events;
	hook->each = poller->each;
	wait_add_callback(queue, &hook->waiter, hook_woken);
}

static void remove_hooks(struct event_item *item)
{
	struct event_hook *hook, *next;

	for (unsigned i = 0; i < item->inline_used; i++)
		wait_remove(&item->inline_hooks[i].waiter);
	for (hook = item->hooks; hook; hook = next) {
		next = hook->next;
		wait_remove(&hook->waiter);
		kfree(hook);
	}
	item->inline_used = 0;
	item->hooks = NULL;
}

/* --- Items. --- */

/* What a watch is known by. */
struct event_key {
	const struct file *file;
	int fd;
	uint64_t data;
};

static int compare(const struct event_key *key, const struct event_item *item)
{
	if (key->file != item->file)
		return (uintptr_t)key->file < (uintptr_t)item->file ? -1 : 1;
	if (key->fd != item->fd || !item->queue->keyed)
		return key->fd < item->fd ? -1 : key->fd > item->fd;
	return key->data < item->watch.data ? -1 : key->data > item->watch.data;
}

static int compare_items(const struct rbtree_node *a, const struct rbtree_node *b)
{
	const struct event_item *item = container_of(a, struct event_item, node);
	const struct event_key key = { item->file, item->fd, item->watch.data };

	return compare(&key, container_of(b, struct event_item, node));
}

static struct event_item *find_locked(struct event_queue *queue, const struct event_key *key)
{
	struct rbtree_node *node = queue->items.root;

	while (node) {
		struct event_item *item = container_of(node, struct event_item, node);
		int order = compare(key, item);

		if (order == 0)
			return item;
		node = node->child[order > 0];
	}
	return NULL;
}

/* Any item of the file. */
static struct event_item *find_of_file_locked(struct event_queue *queue, const struct file *file)
{
	struct rbtree_node *node = queue->items.root;

	while (node) {
		struct event_item *item = container_of(node, struct event_item, node);

		if (item->file == file)
			return item;
		node = node->child[(uintptr_t)file > (uintptr_t)item->file];
	}
	return NULL;
}

void event_item_destroy(struct event_item *item)
{
	struct event_queue *queue = item->queue;
	irq_state_t state;

	remove_hooks(item);
	state = spin_lock_irqsave(&queue->ready_lock);
	if (item->queued)
		list_remove(&item->ready_node);
	spin_unlock_irqrestore(&queue->ready_lock, state);
	rbtree_remove(&queue->items, &item->node);
	mutex_lock(&watch_lock);
	list_remove(&item->watcher_node);
	mutex_unlock(&watch_lock);
	kfree(item);
}

static void set_watch(struct event_item *item, const struct event_watch *watch)
{
	irq_state_t state = spin_lock_irqsave(&item->queue->ready_lock);

	item->watch.events = watch->events | EVENT_ALWAYS;
	spin_unlock_irqrestore(&item->queue->ready_lock, state);
	item->watch.data = watch->data;
}

static int add_locked(struct event_queue *queue, struct file *file, int fd,
		      const struct event_watch *watch)
{
	struct hooking hooking = { .poller.add = add_hook };
	const struct event_key key = { file, fd, watch->data };
	struct event_item *item;
	uint32_t ready;

	if (find_locked(queue, &key))
		return -EEXIST;
	item = kzalloc(sizeof(*item));
	if (!item)
		return -ENOMEM;
	item->queue = queue;
	item->file = file;
	item->fd = fd;
	list_node_init(&item->ready_node);
	list_node_init(&item->watcher_node);
	set_watch(item, watch);
	rbtree_insert(&queue->items, &item->node, compare_items);
	mutex_lock(&watch_lock);
	file->watched = true;
	list_push_back(&file->watchers, &item->watcher_node);
	mutex_unlock(&watch_lock);
	hooking.item = item;
	ready = file_poll(file, &hooking.poller) & item->watch.events;
	if (hooking.failed) {
		event_item_destroy(item);
		return -ENOMEM;
	}
	if (ready && event_item_queue(item, (struct event_cause){ .events = ready }))
		wait_wake_all(&queue->waiters);
	return 0;
}

/* --- Queues that watch queues. --- */

/* How many queues there are one above the other from here up, this one included. */
static unsigned height_above(const struct file *file, unsigned limit)
{
	unsigned highest = 0;
	struct list_node *node;

	if (limit == 0)
		return 1;
	list_for_each (node, &file->watchers) {
		const struct event_item *item = container_of(node, struct event_item, watcher_node);

		highest = max_u64(highest, height_above(item->queue->file, limit - 1));
	}
	return highest + 1;
}

/* How many there are from here down; more than any limit where `wanted` is among them. */
static unsigned depth_below(struct event_queue *queue, const struct event_queue *wanted,
			    unsigned limit)
{
	unsigned deepest = 0;
	struct rbtree_node *node;

	if (queue == wanted || limit == 0)
		return 2 * EVENT_DEPTH_MAX;
	mutex_lock_nested(&queue->lock);
	for (node = rbtree_first(&queue->items); node; node = rbtree_next(node)) {
		struct event_item *item = container_of(node, struct event_item, node);

		if (event_queue_is(item->file))
			deepest = max_u64(deepest, depth_below(event_queue_of(item->file), wanted,
							       limit - 1));
	}
	mutex_unlock(&queue->lock);
	return deepest + 1;
}

static int add_queue(struct event_queue *queue, struct file *file, int fd,
		     const struct event_watch *watch)
{
	unsigned above, below;
	int error = -ELOOP;

	mutex_lock(&nesting_lock);
	below = depth_below(event_queue_of(file), queue, EVENT_DEPTH_MAX);
	mutex_lock(&watch_lock);
	above = height_above(queue->file, EVENT_DEPTH_MAX);
	mutex_unlock(&watch_lock);
	if (above + below <= EVENT_DEPTH_MAX) {
		mutex_lock(&queue->lock);
		error = add_locked(queue, file, fd, watch);
		mutex_unlock(&queue->lock);
	}
	mutex_unlock(&nesting_lock);
	return error;
}

/* --- What programs ask for. --- */

uint32_t event_queue_wanted(struct file *file)
{
	struct list_node *node;
	uint32_t wanted = 0;

	mutex_lock(&watch_lock);
	list_for_each (node, &file->watchers)
		wanted |= container_of(node, struct event_item, watcher_node)->watch.events;
	mutex_unlock(&watch_lock);
	return wanted;
}

/* Tells the file's provider what is waited for now, by all queues and `watch` together. */
static int announce(struct file *file, const struct event_watch *watch)
{
	int result;

	if (!file->ops->watch)
		return 0;
	result =
		file_watch(file, (watch->events | event_queue_wanted(file)) & (POLL_IN | POLL_OUT));
	return result < 0 ? result : 0;
}

static int add(struct event_queue *queue, struct file *file, int fd,
	       const struct event_watch *watch)
{
	int error;

	if (event_queue_is(file))
		return add_queue(queue, file, fd, watch);
	mutex_lock(&queue->lock);
	error = add_locked(queue, file, fd, watch);
	mutex_unlock(&queue->lock);
	return error;
}

static int modify(struct event_queue *queue, const struct event_key *key, struct file *file,
		  const struct event_watch *watch)
{
	struct event_item *item;
	uint32_t ready;

	mutex_lock(&queue->lock);
	item = find_locked(queue, key);
	if (item) {
		set_watch(item, watch);
		ready = file_poll(file, NULL) & item->watch.events;
		if (ready && event_item_queue(item, (struct event_cause){ .events = ready }))
			wait_wake_all(&queue->waiters);
	}
	mutex_unlock(&queue->lock);
	return item ? 0 : -ENOENT;
}

int event_queue_add(struct file *at, struct file *file, int fd, const struct event_watch *watch)
{
	struct event_queue *queue = event_queue_of(at);
	int error;

	if (!file->ops->poll)
		return -EPERM;
	if (!event_queue_is(at) || at == file)
		return -EINVAL;
	error = announce(file, watch);
	return error ? error : add(queue, file, fd, watch);
}

int event_queue_modify(struct file *at, struct file *file, int fd, const struct event_watch *watch)
{
	struct event_queue *queue = event_queue_of(at);
	const struct event_key key = { file, fd, watch->data };
	int error;

	if (!event_queue_is(at) || at == file)
		return -EINVAL;
	mutex_lock(&queue->lock);
	error = find_locked(queue, &key) ? 0 : -ENOENT;
	mutex_unlock(&queue->lock);
	if (!error)
		error = announce(file, watch);
	return error ? error : modify(queue, &key, file, watch);
}

int event_queue_set(struct file *at, struct file *file, int fd, const struct event_watch *watch)
{
	struct event_queue *queue = event_queue_of(at);
	const struct event_key key = { file, fd, watch->data };
	int error;

	if (!file->ops->poll)
		return -EPERM;
	if (!event_queue_is(at) || at == file)
		return -EINVAL;
	error = announce(file, watch);
	if (error)
		return error;
	/* Another thread may make or end the same watch meanwhile. */
	do {
		error = modify(queue, &key, file, watch);
		if (error == -ENOENT)
			error = add(queue, file, fd, watch);
	} while (error == -EEXIST);
	return error;
}

int event_queue_remove(struct file *at, struct file *file, int fd, uint64_t data)
{
	struct event_queue *queue = event_queue_of(at);
	const struct event_key key = { file, fd, data };
	struct event_item *item;

	if (!event_queue_is(at) || at == file)
		return -EINVAL;
	mutex_lock(&queue->lock);
	item = find_locked(queue, &key);
	if (item)
		event_item_destroy(item);
	mutex_unlock(&queue->lock);
	return item ? 0 : -ENOENT;
}

/* A queue that watches the file, with a reference; NULL: none. */
static struct event_queue *first_watcher(struct file *file)
{
	struct event_queue *queue = NULL;
	struct list_node *node;

	mutex_lock(&watch_lock);
	node = list_first(&file->watchers);
	if (node) {
		/* The queue ends its watches before it lets go of itself. */
		queue = container_of(node, struct event_item, watcher_node)->queue;
		refcount_get(&queue->references);
	}
	mutex_unlock(&watch_lock);
	return queue;
}

void event_queue_forget(struct file *file)
{
	struct event_queue *queue;

	while ((queue = first_watcher(file))) {
		struct event_item *item;

		mutex_lock(&queue->lock);
		while ((item = find_of_file_locked(queue, file)))
			event_item_destroy(item);
		mutex_unlock(&queue->lock);
		event_queue_put(queue);
	}
}
