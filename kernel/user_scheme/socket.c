/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The root scheme, the one without a name: its only directory lists the schemes of the caller's
 * namespace, and making a file in it makes a scheme. That file is the provider's socket.
 */
#include "user_scheme_priv.h"

#include <base/errno.h>
#include <base/string.h>
#include <mm/phys/slab.h>
#include <proc/process.h>
#include <scheme/poll.h>
#include <scheme/text.h>

static struct scheme *root; /* set once at boot */

struct scheme *root_scheme(void)
{
	return root;
}

/* A file of the root scheme: the listing, a scheme's name, or a socket. */
struct root_file {
	struct node node;
	struct provider *provider; /* of a socket; a reference */
	bool opened;               /* a socket: once */
	char *text;                /* the listing, or NULL; owned */
	size_t length;
	char name[]; /* of the scheme, "" for the listing; terminated */
};

static struct root_file *root_file_of(const struct file *file)
{
	return container_of(file->node, struct root_file, node);
}

static void root_file_release(struct node *node)
{
	struct root_file *made = container_of(node, struct root_file, node);

	kfree(made->text);
	kfree(made);
}

/* ":NAME", of every file here. */
static ssize_t root_file_name(struct file *file, char *buffer, size_t size)
{
	const char *name = root_file_of(file)->name;
	size_t length = strlen(name) + 1;

	if (size) {
		buffer[0] = ':';
		memcpy(buffer + 1, name, min_size(size, length) - 1);
	}
	return (ssize_t)min_size(size, length);
}

/* --- The listing. --- */

static ssize_t listing_read(struct file *file, struct io *io, uint64_t offset)
{
	struct root_file *made = root_file_of(file);

	if (offset >= made->length)
		return 0;
	return io_put(io, made->text + offset, made->length - offset);
}

static const struct node_ops listing_ops = {
	.release = root_file_release,
	.read = listing_read,
	.name = root_file_name,
};

struct listing {
	char *text; /* NULL: only its length is wanted */
	size_t length, size;
};

static bool list_name(struct scheme *scheme, void *argument)
{
	struct listing *listing = argument;
	size_t length = strlen(scheme->name);

	if (listing->text) {
		if (listing->size - listing->length < length + 1)
			return false;
		memcpy(listing->text + listing->length, scheme->name, length);
		listing->text[listing->length + length] = '\n';
	}
	listing->length += length + 1;
	return true;
}

/* Makes the text; what is added meanwhile may be missing. */
static int make_listing(struct root_file *made)
{
	struct listing listing = { 0 };

	namespace_visit(namespace_current(), list_name, &listing);
	listing.size = listing.length;
	listing.length = 0;
	listing.text = kmalloc(listing.size);
	if (!listing.text)
		return -ENOMEM;
	namespace_visit(namespace_current(), list_name, &listing);
	made->text = listing.text;
	made->length = made->node.size = listing.length;
	return 0;
}

/* --- Names of schemes. --- */

static const struct node_ops name_ops = {
	.release = root_file_release,
	.name = root_file_name,
};

/* --- Sockets. --- */

static ssize_t socket_read(struct file *file, struct io *io, uint64_t offset)
{
	(void)offset;
	return provider_read(root_file_of(file)->provider, io, !(file->flags & FILE_NONBLOCK));
}

static ssize_t socket_write(struct file *file, struct io *io, uint64_t *offset)
{
	*offset = 0;
	return provider_write(root_file_of(file)->provider, io);
}

static unsigned socket_poll(struct file *file, struct poller *poller)
{
	struct provider *provider = root_file_of(file)->provider;
	bool ready;

	poller_add(poller, &provider->pollers);
	spin_lock(&provider->lock);
	ready = !list_empty(&provider->queue) || provider->state != PROVIDER_SERVES;
	spin_unlock(&provider->lock);
	return ready ? POLL_IN | POLL_READ_NORMAL : 0;
}

/* There is one description of it, which nobody can open again. */
static int socket_begin(struct node *node, struct file *file)
{
	struct root_file *made = container_of(node, struct root_file, node);

	(void)file;
	return __atomic_exchange_n(&made->opened, true, __ATOMIC_ACQ_REL) ? -ENXIO : 0;
}

static void socket_close(struct file *file)
{
	provider_close(root_file_of(file)->provider);
}

static const struct node_ops socket_ops = {
	.release = root_file_release,
	.open = socket_begin,
	.close = socket_close,
	.read = socket_read,
	.write = socket_write,
	.poll = socket_poll,
	.name = root_file_name,
};

/* --- Opening. --- */

static struct root_file *root_file_create(const struct node_ops *ops, uint32_t mode,
					  const char *name, size_t length)
{
	struct root_file *made = kzalloc(sizeof(*made) + length + 1);

	if (!made)
		return NULL;
	node_init(&made->node, ops, root, scheme_next_number(root), mode);
	memcpy(made->name, name, length);
	return made;
}

static int open_listing(struct root_file **result)
{
	struct root_file *made = root_file_create(&listing_ops, MODE_DIRECTORY | 0555, "", 0);
	int error;

	if (!made)
		return -ENOMEM;
	error = make_listing(made);
	if (error)
		node_put(&made->node);
	*result = made;
	return error;
}

static int open_socket(const struct scheme_request *request, const char *name, size_t length,
		       struct root_file **result)
{
	struct root_file *made;
	int error;

	if (request->credentials->euid != 0)
		return -EACCES;
	if (length >= sizeof(root->name))
		return -ENAMETOOLONG;
	if (memchr(name, '/', length) || memchr(name, ':', length))
		return -EINVAL;
	made = root_file_create(&socket_ops, MODE_FILE | 0600, name, length);
	if (!made)
		return -ENOMEM;
	made->node.flags = NODE_STREAM | NODE_CHECKS_MEMORY;
	error = provider_create(made->name, &made->provider);
	if (error)
		node_put(&made->node);
	*result = made;
	return error;
}

static int open_name(const char *name, size_t length, struct root_file **result)
{
	struct scheme *scheme = namespace_find(namespace_current(), name, length);

	if (!scheme)
		return -ENOENT;
	scheme_put(scheme);
	*result = root_file_create(&name_ops, MODE_FILE, name, length);
	return *result ? 0 : -ENOMEM;
}

/* What `request` names, without slashes around it. */
static const char *scheme_named(const struct scheme_request *request, size_t *length)
{
	const char *name = request->path;

	*length = request->length;
	while (*length && *name == '/') {
		name++;
		--*length;
	}
	while (*length && name[*length - 1] == '/')
		--*length;
	return name;
}

static int root_open(struct scheme *scheme, const struct scheme_request *request,
		     struct file **file)
{
	struct root_file *made = NULL;
	size_t length;
	const char *name = scheme_named(request, &length);
	int error;

	(void)scheme;
	if (!length)
		error = request->flags & FILE_CREATE ? -EEXIST : open_listing(&made);
	else if (request->flags & FILE_CREATE)
		error = open_socket(request, name, length, &made);
	else
		error = open_name(name, length, &made);
	if (error)
		return error;
	error = file_create(&made->node, NULL, request->flags,
			    (struct credentials *)request->credentials, file);
	if (error && made->provider)
		provider_close(made->provider);
	if (!error && made->provider)
		(*file)->readable = (*file)->writable = true;
	node_put(&made->node);
	return error;
}

static int root_remove(struct scheme *scheme, const struct scheme_request *request, bool directory)
{
	size_t length;
	const char *name = scheme_named(request, &length);
	struct scheme *found;
	int error = 0;

	(void)scheme;
	(void)directory;
	if (request->credentials->euid != 0)
		return -EACCES;
	found = namespace_find(namespace_current(), name, length);
	if (!found)
		return -ENOENT;
	if (found->ops == &user_scheme_ops)
		provider_unmount(found->private);
	else
		error = -EACCES;
	scheme_put(found);
	return error;
}

static const struct scheme_ops root_ops = {
	.open = root_open,
	.remove = root_remove,
};

static int root_start(void)
{
	int error;

	request_init_cache();
	user_file_init_cache();
	root = scheme_create("", "schemes", &root_ops, SCHEME_IN_MADE, NULL);
	if (!root)
		return -ENOMEM;
	error = scheme_set_opaque_root(root);
	return error ? error : namespace_add(namespace_first(), root);
}

SCHEME(root) = { .name = "", .level = 0, .start = root_start };
