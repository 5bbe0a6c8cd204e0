/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Open files of schemes that processes provide. The provider keeps position, contents and
 * attributes, and decides who may do what; here is its number for the file, and what is known of
 * readiness.
 */
#include "user_scheme_priv.h"

#include <base/errno.h>
#include <base/string.h>
#include <mm/phys/slab.h>

static struct slab_cache *user_file_cache;

void user_file_init_cache(void)
{
	user_file_cache = slab_cache_create("user scheme file", sizeof(struct user_file), 0);
}

static struct provider *provider_of(const struct file *file)
{
	return user_file_of(file)->provider;
}

/* --- Transfers. --- */

static ssize_t transfer(struct file *file, struct io *io, bool write)
{
	struct user_file *user = user_file_of(file);
	const struct request_data data = {
		.in = write ? io : NULL,
		.out = write ? NULL : io,
		.counted = true,
	};
	struct request *request =
		request_create(write ? CALL_WRITE : CALL_READ, user->number, 0, io_remaining(io));
	uint64_t count;
	int error;

	if (!request)
		return -ENOMEM;
	request->has_buffer = true;
	error = request_call(user->provider, request, &data, &count);
	if (user->wanted && !caller_is_redox())
		user_file_ask_again(user);
	return error ? error : (ssize_t)count;
}

ssize_t user_file_read_here(struct file *file, struct io *io)
{
	return transfer(file, io, false);
}

/* The kernel's own reads (of programs that are started, say) tell where. */
static ssize_t user_file_read(struct file *file, struct io *io, uint64_t offset)
{
	struct user_file *user = user_file_of(file);
	ssize_t count;

	if (io->user)
		return transfer(file, io, false);
	if (offset != user->kernel_position) {
		int64_t position = user_file_seek(file, (int64_t)offset, 0);

		if (position < 0)
			return (ssize_t)position;
	}
	count = transfer(file, io, false);
	user->kernel_position = offset + (count > 0 ? (uint64_t)count : 0);
	return count;
}

static ssize_t user_file_write(struct file *file, struct io *io, uint64_t *offset)
{
	*offset = 0;
	return transfer(file, io, true);
}

int64_t user_file_seek(struct file *file, int64_t offset, int whence)
{
	struct user_file *user = user_file_of(file);
	uint64_t position;
	int error = request_call(
		user->provider,
		request_create(CALL_LSEEK, user->number, (uint64_t)offset, (uint64_t)whence), NULL,
		&position);

	if (error)
		return error;
	return position <= INT64_MAX ? (int64_t)position : -EIO;
}

static ssize_t user_file_name(struct file *file, char *buffer, size_t size)
{
	struct user_file *user = user_file_of(file);
	struct request *request = request_create(CALL_FPATH, user->number, 0, size);
	struct io io;
	const struct request_data data = { .out = &io, .counted = true };
	uint64_t count;
	int error;

	if (!request)
		return -ENOMEM;
	request->has_buffer = true;
	io_init_kernel(&io, buffer, size);
	error = request_call(user->provider, request, &data, &count);
	return error ? error : (ssize_t)count;
}

/* A call that sends `length` bytes of text along. */
static int text_call(struct user_file *user, uint64_t call, const char *text, size_t length,
		     uint64_t *value)
{
	struct request *request = request_create(call, user->number, 0, length);
	struct io io;
	const struct request_data data = { .in = &io };

	if (!request)
		return -ENOMEM;
	request->has_buffer = true;
	io_init_kernel(&io, text, length);
	return request_call(user->provider, request, &data, value);
}

static int user_file_duplicate(struct file *file, const char *name, size_t length,
			       struct file **result)
{
	struct user_file *user = user_file_of(file);
	struct user_file *made = user_file_prepare(user->scheme);
	uint64_t number;
	int error;

	if (!made)
		return -ENOMEM;
	error = text_call(user, CALL_DUP, name, length, &number);
	if (error) {
		user_file_discard(made);
		return error;
	}
	return user_file_open(made, number, file->flags, file->credentials, result);
}

static int user_file_rename(struct file *file, const char *path, size_t length)
{
	uint64_t value;
	int error = text_call(user_file_of(file), CALL_FRENAME, path, length, &value);

	if (error)
		return error;
	return value <= INT32_MAX ? (int)value : -EIO;
}

static int user_file_may_control(struct file *file, uint64_t command, uint64_t argument)
{
	return request_call(
		provider_of(file),
		request_create(CALL_FCNTL, user_file_of(file)->number, command, argument), NULL,
		NULL);
}

static int user_file_sync(struct file *file, bool data_only)
{
	(void)data_only;
	return request_simple(provider_of(file), CALL_FSYNC, user_file_of(file)->number, 0, 0);
}

/* --- Life. --- */

/* Tells the provider that its number is not used any more. */
static void close_number(struct user_file *user, struct request *closing)
{
	closing->has_buffer = closing->path = false;
	request_begin(closing, CALL_CLOSE, user->number, 0, 0);
	if (user->looked_at)
		request_post(user->provider, closing);
	else
		request_finish(user->provider, closing);
}

/* Also when a Linux program opens it again, through /proc/PID/fd. */
static int user_file_begin(struct node *node, struct file *file)
{
	struct user_file *user = container_of(node, struct user_file, node);
	int error = 0;

	(void)file;
	spin_lock(&user->provider->lock);
	if (user->closing)
		user->opens++;
	else
		error = -ENXIO;
	spin_unlock(&user->provider->lock);
	return error;
}

static void user_file_close(struct file *file)
{
	struct user_file *user = user_file_of(file);
	struct request *closing = NULL;

	spin_lock(&user->provider->lock);
	if (--user->opens == 0) {
		list_remove(&user->list_node);
		closing = user->closing;
		user->closing = NULL;
	}
	spin_unlock(&user->provider->lock);
	if (closing)
		close_number(user, closing);
}

static void user_file_release(struct node *node)
{
	user_file_discard(container_of(node, struct user_file, node));
}

static const struct node_ops user_file_ops = {
	.release = user_file_release,
	.refresh = user_file_refresh,
	.change = user_file_change,
	.open = user_file_begin,
	.close = user_file_close,
	.read = user_file_read,
	.write = user_file_write,
	.read_directory = user_file_read_directory,
	.seek = user_file_seek,
	.poll = user_file_poll,
	.map = user_file_map,
	.sync = user_file_sync,
	.duplicate = user_file_duplicate,
	.name = user_file_name,
	.may_control = user_file_may_control,
	.rename_open = user_file_rename,
	.file_statistics = user_file_statistics,
	.read_attributes = user_file_read_attributes,
	.change_attributes = user_file_change_attributes,
	.watch = user_file_watch,
};

struct user_file *user_file_prepare(struct scheme *scheme)
{
	struct user_file *user = slab_allocate(user_file_cache);

	if (!user)
		return NULL;
	/* The node is cleared by itself. */
	memset((char *)user + sizeof(user->node), 0, sizeof(*user) - sizeof(user->node));
	user->closing = request_create(CALL_CLOSE, 0, 0, 0);
	if (!user->closing) {
		slab_free(user_file_cache, user);
		return NULL;
	}
	node_init(&user->node, &user_file_ops, scheme, scheme_next_number(scheme), MODE_FILE);
	user->node.flags = NODE_STREAM;
	user->scheme = scheme;
	user->provider = scheme->private;
	scheme_get(scheme);
	provider_get(user->provider);
	wait_queue_init(&user->waiters, "user file");
	list_node_init(&user->list_node);
	return user;
}

void user_file_discard(struct user_file *user)
{
	struct provider *provider = user->provider;

	if (user->closing)
		request_free(provider, user->closing);
	scheme_put(user->scheme);
	listing_put(user->listing);
	slab_free(user_file_cache, user);
	provider_put(provider);
}

int user_file_open(struct user_file *made, uint64_t number, unsigned flags,
		   const struct credentials *credentials, struct file **result)
{
	struct provider *provider = made->provider;
	int error;

	made->number = number;
	/* Linux's programs say what they mean to list. */
	if (!caller_is_redox() && (flags & FILE_DIRECTORY)) {
		made->node.mode = MODE_DIRECTORY | 0555;
		made->node.flags |= NODE_NO_CACHE;
	}
	error = file_create(&made->node, NULL, flags & ~(unsigned)FILE_PATH,
			    (struct credentials *)credentials, result);

	if (error) {
		close_number(made, made->closing);
		made->closing = NULL;
	} else {
		/* The provider knows what its file was opened for. */
		if (caller_is_redox())
			(*result)->readable = (*result)->writable = true;
		spin_lock(&provider->lock);
		list_push_back(provider_bucket(provider->files, number), &made->list_node);
		spin_unlock(&provider->lock);
	}
	node_put(&made->node);
	return error;
}
