/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Mounting file systems from devices.
 *
 * A mounted file system ends in two steps. Unmounting takes it from the tree and from the
 * namespaces, so that nobody comes to it any more. When the last name of it has gone, which for a
 * lazy unmount may be much later and anywhere, a thread of our own lets the provider write what is
 * left, and gives the device back.
 */
#include <base/errno.h>
#include <base/string.h>
#include <block/block.h>
#include <core/log.h>
#include <fs/file_system.h>
#include <fs/mount.h>
#include <mm/phys/slab.h>
#include <sched/thread.h>
#include <sched/wait.h>

#define WAIT_FOR_VISITORS_NS (1000 * 1000 * 1000ull)

struct mounted {
	struct scheme_ops ops; /* the provider's, but for two */
	const struct scheme_ops *provider;
	const struct file_system *type;
	struct scheme *scheme;
	struct block_device *device; /* a reference, and a claim */
	char *source, *options;      /* owned */
	bool writes;                 /* counted as a writer of the device; mount_lock */
	_Atomic bool unmounted;      /* the scheme's first reference has been put */
	struct list_node node;       /* unused_lock: of those to be ended */
	struct list_node all_node;   /* unused_lock: of all, by `number` */
	uint64_t number;             /* in order of mounting */
	struct mutex end_lock;       /* the scheme does not end meanwhile */
	_Atomic bool ended;
	/* Who holds: the scheme, whoever waits for the end. */
	struct refcount references;
};

static struct mutex mount_lock = {
	.waiters = { .lock = SPINLOCK_INIT(RANK_WAIT_QUEUE, "mount"),
		     .waiters = LIST_INIT(mount_lock.waiters.waiters) },
	.rank = RANK_MOUNT,
	.name = "mount",
};
static bool ready; /* mount_lock: the thread runs */

static struct spinlock unused_lock = SPINLOCK_INIT(RANK_DRIVER, "unused mounts");
static struct list unused = LIST_INIT(unused); /* unused_lock */
static struct list all = LIST_INIT(all);       /* unused_lock */
static uint64_t last_number;                   /* unused_lock */
static struct wait_queue unused_added, one_ended;

/* --- The end. --- */

static void mounted_put(struct mounted *mounted)
{
	if (!refcount_put(&mounted->references))
		return;
	kfree(mounted->source);
	kfree(mounted->options);
	kfree(mounted);
}

static void op_unused(struct scheme *scheme)
{
	struct mounted *mounted = container_of(scheme->ops, struct mounted, ops);

	spin_lock(&unused_lock);
	list_push_back(&unused, &mounted->node);
	spin_unlock(&unused_lock);
	wait_wake(&unused_added);
}

static void op_release(struct scheme *scheme)
{
	struct mounted *mounted = container_of(scheme->ops, struct mounted, ops);

	if (mounted->provider->release)
		mounted->provider->release(scheme);
	if (mounted->writes)
		mounted->device->writers--;
	block_device_release(mounted->device);
	block_device_put(mounted->device);
}

static struct mounted *take_unused(void)
{
	struct list_node *node;

	spin_lock(&unused_lock);
	node = list_pop_front(&unused);
	spin_unlock(&unused_lock);
	return node ? container_of(node, struct mounted, node) : NULL;
}

static void end(struct mounted *mounted)
{
	mutex_lock(&mounted->end_lock);
	scheme_free(mounted->scheme);
	mounted->ended = true;
	mutex_unlock(&mounted->end_lock);
	spin_lock(&unused_lock);
	list_remove(&mounted->all_node);
	spin_unlock(&unused_lock);
	wait_wake_all(&one_ended);
	mounted_put(mounted);
}

static void end_unused(void *unused_argument)
{
	struct waiter waiter;

	(void)unused_argument;
	wait_begin(&unused_added, &waiter);
	for (;;) {
		struct mounted *mounted;

		while ((mounted = take_unused()))
			end(mounted);
		wait_sleep_until_woken(&waiter);
	}
}

static int get_ready(void)
{
	int error = 0;

	mutex_lock(&mount_lock);
	if (!ready) {
		wait_queue_init(&unused_added, "unused mounts");
		wait_queue_init(&one_ended, "end of mounts");
		error = thread_spawn("unmount", end_unused, NULL);
		ready = !error;
	}
	mutex_unlock(&mount_lock);
	return error;
}

/* --- What is mounted. --- */

static struct mounted *mounted_of(const struct scheme *scheme)
{
	if (!scheme || !(scheme->flags & SCHEME_ON_DEVICE))
		return NULL;
	return container_of(scheme->ops, struct mounted, ops);
}

const char *file_system_source(const struct scheme *scheme)
{
	const struct mounted *mounted = mounted_of(scheme);

	return mounted ? mounted->source : NULL;
}

const char *file_system_options(const struct scheme *scheme)
{
	const struct mounted *mounted = mounted_of(scheme);

	return mounted ? mounted->options : NULL;
}

/* --- Mounting. --- */

/* Which file system it is to be. */
static int find_type(const struct file_system_request *request, const struct file_system **type)
{
	struct file_system_identity identity;
	int error;

	if (request->system) {
		*type = request->system;
		return 0;
	}
	if (request->type) {
		*type = file_system_find(request->type);
		return *type ? 0 : -ENODEV;
	}
	error = file_system_probe(request->device, type, &identity);
	return error == -ENODEV ? -ENXIO : error;
}

static struct mounted *mounted_create(const struct file_system_request *request,
				      const struct file_system *type)
{
	struct mounted *mounted = kzalloc(sizeof(*mounted));

	if (!mounted)
		return NULL;
	refcount_init(&mounted->references, 1);
	list_node_init(&mounted->node);
	list_node_init(&mounted->all_node);
	mutex_init(&mounted->end_lock, RANK_MOUNT, "end of a mount");
	mounted->type = type;
	mounted->device = request->device;
	mounted->source = kstrdup(request->source);
	mounted->options = kstrdup(request->options);
	if (mounted->source && mounted->options)
		return mounted;
	mounted_put(mounted);
	return NULL;
}

/* Makes the provider's scheme one that is mounted: from here on `mounted` goes with it. */
static void adopt(struct mounted *mounted, struct scheme *scheme,
		  const struct file_system_request *request)
{
	struct block_device *device = mounted->device;

	mounted->scheme = scheme;
	mounted->provider = scheme->ops;
	mounted->ops = *scheme->ops;
	mounted->ops.release = op_release;
	mounted->ops.unused = op_unused;
	scheme->ops = &mounted->ops;
	string_copy(scheme->name, request->name ? request->name : device->name,
		    sizeof(scheme->name));
	scheme->name_length = (uint8_t)strlen(scheme->name);
	scheme->kind = mounted->type->name;
	scheme->id = node_device(device->major, device->minor);
	scheme->flags |= SCHEME_ON_DEVICE | (request->flags & SCHEME_MOUNT_FLAGS);
	scheme->root->node->flags |= NODE_ENDS_SCHEME;
	block_device_get(device);
	mounted->writes = !(request->flags & SCHEME_READ_ONLY);
	if (mounted->writes)
		device->writers++;
	spin_lock(&unused_lock);
	mounted->number = ++last_number;
	list_push_back(&all, &mounted->all_node);
	spin_unlock(&unused_lock);
}

/* Nobody comes to it by its name any more, and the first reference goes. */
static void retire(struct mounted *mounted)
{
	scheme_retire(mounted->scheme);
	if (!mounted->unmounted) {
		mounted->unmounted = true;
		scheme_put(mounted->scheme);
	}
}

static void wait_for_end(struct mounted *mounted, uint64_t deadline)
{
	struct waiter waiter;

	wait_begin(&one_ended, &waiter);
	while (!mounted->ended) {
		if (wait_sleep(&waiter, WAIT_UNINTERRUPTIBLE, deadline))
			break;
	}
	wait_end(&waiter);
}

/* Puts the scheme, which is mounted nowhere. */
static void abandon(struct mounted *mounted)
{
	refcount_get(&mounted->references);
	retire(mounted);
	wait_for_end(mounted, clock_deadline_after(WAIT_FOR_VISITORS_NS));
	mounted_put(mounted);
}

static int mount_claimed(const struct file_system_request *request, const struct file_system *type,
			 struct mounted *mounted, struct dentry *at)
{
	const struct file_system_options options = {
		.read_only = request->flags & SCHEME_READ_ONLY,
		.text = request->options,
	};
	struct scheme *scheme;
	int error = type->mount(request->device, &options, &scheme);

	if (error) {
		block_device_release(request->device);
		mounted_put(mounted);
		return error == -EROFS ? -EACCES : error;
	}
	adopt(mounted, scheme, request);
	error = at ? namespace_add(namespace_first(), scheme) : tree_set_root(scheme);
	if (!error && at)
		error = path_mount(at, scheme->root);
	if (error)
		abandon(mounted);
	return error == -EEXIST ? -EBUSY : error;
}

/* `at` NULL: as the root of the tree. */
static int mount_at(const struct file_system_request *request, struct dentry *at)
{
	const struct file_system *type;
	struct mounted *mounted;
	int error = get_ready();

	if (error)
		return error;
	if (request->device->gone)
		return -ENXIO;
	if (request->device->read_only && !(request->flags & SCHEME_READ_ONLY))
		return -EACCES;
	error = block_device_claim(request->device);
	if (error)
		return error == -ENODEV ? -ENXIO : error;
	error = find_type(request, &type);
	mounted = error ? NULL : mounted_create(request, type);
	if (!mounted) {
		block_device_release(request->device);
		return error ? error : -ENOMEM;
	}
	error = mount_claimed(request, type, mounted, at);
	if (!error)
		log_info("mount", "%s: %s%s", request->device->name, type->name,
			 request->flags & SCHEME_READ_ONLY ? ", read-only" : "");
	return error;
}

int file_system_mount(const struct file_system_request *request, struct dentry *at)
{
	return node_is(at->node, MODE_DIRECTORY) ? mount_at(request, at) : -ENOTDIR;
}

int file_system_mount_root(const struct file_system_request *request)
{
	struct file_system_request root = *request;

	root.name = "file";
	return mount_at(&root, NULL);
}

/* --- Unmounting. --- */

static int sync_provider(struct mounted *mounted)
{
	int error = mounted->provider->sync ? mounted->provider->sync(mounted->scheme) : 0;

	/* Whoever takes a device out does not want to hear of it again. */
	return mounted->device->gone ? 0 : error;
}

/* True if somebody has the scheme by its name, or something in it. Its references are the first
 * one and the mount's, at this time. */
static bool is_held(struct mounted *mounted)
{
	return refcount_read(&mounted->scheme->references) > 2;
}

/* Out of the namespaces, so that nobody comes to it that way, and out of the tree. */
static int take_down_locked(struct mounted *mounted, struct dentry *root)
{
	int error, back;

	scheme_retire(mounted->scheme);
	error = is_held(mounted) ? -EBUSY : path_unmount(root);
	if (!error)
		return 0;
	mounted->scheme->retired = mounted->unmounted;
	back = mounted->unmounted ? 0 : namespace_add(namespace_first(), mounted->scheme);
	if (back)
		log_warning("mount", "%s: its scheme has lost its name", mounted->scheme->name);
	return error;
}

/* Gives up `root`, the last that is known to hold it, and waits for the end; of what is in use, not
 * for long. */
static void let_go(struct mounted *mounted, struct dentry *root, uint64_t patience_ns)
{
	const bool in_use = refcount_read(&root->references) > 1;

	dentry_put(root);
	wait_for_end(mounted, in_use ? clock_deadline_after(patience_ns) : DEADLINE_NEVER);
	mounted_put(mounted);
}

static int unmount_now(struct mounted *mounted, struct dentry *root)
{
	int error, late_error;

	error = sync_provider(mounted);
	mutex_lock(&mount_lock);
	late_error = take_down_locked(mounted, root);
	mutex_unlock(&mount_lock);
	if (late_error) {
		dentry_put(root);
		return late_error;
	}
	/* What was written since. */
	late_error = sync_provider(mounted);
	refcount_get(&mounted->references);
	retire(mounted);
	let_go(mounted, root, WAIT_FOR_VISITORS_NS);
	return error ? error : late_error;
}

static void after_detaching(struct dentry *root)
{
	struct mounted *mounted = mounted_of(root->node->scheme);

	if (mounted)
		retire(mounted);
}

static int detach(struct dentry *root)
{
	struct mounted *mounted = mounted_of(root->node->scheme);
	int error = mounted ? sync_provider(mounted) : 0, result;

	if (mounted)
		refcount_get(&mounted->references);
	mutex_lock(&mount_lock);
	result = root->covers ? path_detach(root, after_detaching) : -EINVAL;
	if (!result)
		after_detaching(root);
	mutex_unlock(&mount_lock);
	if (mounted && !result) {
		let_go(mounted, root, 0);
		return error;
	}
	dentry_put(root);
	if (mounted)
		mounted_put(mounted);
	return result;
}

int file_system_unmount(struct dentry *root, bool lazily)
{
	struct mounted *mounted = mounted_of(root->node->scheme);
	int error;

	if (root->node->scheme && root->node->scheme->root != root)
		mounted = NULL;
	if (lazily)
		return detach(root);
	if (mounted)
		return unmount_now(mounted, root);
	error = path_unmount(root);
	dentry_put(root);
	return error;
}

/* --- What is still in use after a lazy unmount. --- */

/* With a reference. */
static struct mounted *next_detached(uint64_t after)
{
	struct mounted *found = NULL;
	struct list_node *node;

	spin_lock(&unused_lock);
	list_for_each (node, &all) {
		struct mounted *mounted = container_of(node, struct mounted, all_node);

		if (mounted->number > after && mounted->unmounted) {
			refcount_get(&mounted->references);
			found = mounted;
			break;
		}
	}
	spin_unlock(&unused_lock);
	return found;
}

void file_system_sync_detached(void)
{
	struct mounted *mounted;
	uint64_t number = 0;

	while ((mounted = next_detached(number))) {
		number = mounted->number;
		mutex_lock(&mounted->end_lock);
		if (!mounted->ended)
			sync_provider(mounted);
		mutex_unlock(&mounted->end_lock);
		mounted_put(mounted);
	}
}

/* --- The end of all. --- */

/* The one that was mounted last before number `before`, with a reference. */
static struct mounted *last_mounted(uint64_t before)
{
	struct mounted *found = NULL;
	struct list_node *node;

	spin_lock(&unused_lock);
	list_for_each (node, &all) {
		struct mounted *mounted = container_of(node, struct mounted, all_node);

		if (mounted->number < before)
			found = mounted;
	}
	if (found)
		refcount_get(&found->references);
	spin_unlock(&unused_lock);
	return found;
}

static int end_writing(struct mounted *mounted)
{
	const struct file_system_options options = { .read_only = true, .text = mounted->options };
	struct scheme *scheme = mounted->scheme;
	int error;

	if (mounted->ended || (scheme->flags & SCHEME_READ_ONLY))
		return 0;
	scheme->flags |= SCHEME_READ_ONLY;
	error = sync_provider(mounted);
	if (!error && mounted->type->remount && !mounted->device->gone)
		error = mounted->type->remount(scheme, &options);
	return error;
}

void file_systems_end(void)
{
	uint64_t before = UINT64_MAX;
	struct mounted *mounted;

	while ((mounted = last_mounted(before))) {
		int error;

		before = mounted->number;
		mutex_lock(&mounted->end_lock);
		error = end_writing(mounted);
		mutex_unlock(&mounted->end_lock);
		if (error)
			log_error("mount", "%s: not all could be written: error %d",
				  mounted->scheme->name, -error);
		mounted_put(mounted);
	}
}

/* --- Remounting. --- */

static int make_read_only(struct mounted *mounted, const struct file_system_options *options)
{
	struct scheme *scheme = mounted->scheme;
	int error = 0;

	/* Files that are opened from now on see the flag, or are counted. */
	scheme->flags |= SCHEME_READ_ONLY;
	if (scheme->writers)
		error = -EBUSY;
	if (!error)
		error = sync_provider(mounted);
	if (!error)
		error = mounted->type->remount(scheme, options);
	if (error) {
		scheme->flags &= ~(unsigned)SCHEME_READ_ONLY;
		return error;
	}
	mounted->device->writers--;
	mounted->writes = false;
	return 0;
}

static int make_writable(struct mounted *mounted, const struct file_system_options *options)
{
	int error;

	if (mounted->device->read_only)
		return -EACCES;
	error = mounted->type->remount(mounted->scheme, options);
	if (error)
		return error == -EROFS ? -EACCES : error;
	mounted->device->writers++;
	mounted->writes = true;
	mounted->scheme->flags &= ~(unsigned)SCHEME_READ_ONLY;
	return 0;
}

static int remount_locked(struct mounted *mounted, unsigned flags, const char *text)
{
	const struct file_system_options options = {
		.read_only = flags & SCHEME_READ_ONLY,
		.text = text,
	};
	struct scheme *scheme = mounted->scheme;
	const unsigned others = SCHEME_MOUNT_FLAGS & ~(unsigned)SCHEME_READ_ONLY;
	int error = 0;

	if (options.read_only == !mounted->writes) {
		/* Only flags of ours change. */
	} else if (!mounted->type->remount) {
		error = -EOPNOTSUPP;
	} else if (options.read_only) {
		error = make_read_only(mounted, &options);
	} else {
		error = make_writable(mounted, &options);
	}
	if (!error)
		scheme->flags = (scheme->flags & ~others) | (flags & others);
	return error;
}

static bool is_root_of_tree(const struct dentry *dentry)
{
	struct dentry *root = linux_tree_root();
	bool is_it = root == dentry;

	dentry_put(root);
	return is_it;
}

int file_system_remount(struct dentry *root, unsigned flags, const char *options)
{
	struct scheme *scheme = root->node->scheme;
	struct mounted *mounted = mounted_of(scheme);
	const unsigned others = SCHEME_MOUNT_FLAGS & ~(unsigned)SCHEME_READ_ONLY;
	int error = 0;

	if (!scheme || scheme->root != root || !(root->covers || is_root_of_tree(root)))
		return -EINVAL;
	mutex_lock(&mount_lock);
	if (mounted)
		error = remount_locked(mounted, flags, *options ? options : mounted->options);
	else
		scheme->flags = (scheme->flags & ~others) | (flags & others);
	mutex_unlock(&mount_lock);
	return error;
}
