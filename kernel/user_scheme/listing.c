/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Directories of schemes that processes provide, for Linux programs: reading one yields its names,
 * one a line. They are read anew each time the listing begins. A cookie is where in that text
 * the next name begins.
 */
#include "user_scheme_priv.h"

#include <base/errno.h>
#include <base/string.h>
#include <mm/phys/slab.h>

#define LISTING_FIRST 4096
#define LISTING_MAX   (1024 * 1024)

/* Who holds: the file, threads that pass entries on. */
struct listing {
	struct refcount references;
	size_t length;
	char text[];
};

void listing_put(struct listing *listing)
{
	if (listing && refcount_put(&listing->references))
		kfree(listing);
}

/* Reads all there is into memory of `size` bytes, which may be replaced by larger. */
static int read_all(struct file *file, struct listing **listing, size_t size)
{
	for (;;) {
		struct io io;
		ssize_t count;

		if ((*listing)->length == size) {
			struct listing *larger = NULL;

			size *= 2;
			if (size <= LISTING_MAX)
				larger = krealloc(*listing, sizeof(*larger) + size);
			if (!larger)
				return -ENOMEM;
			*listing = larger;
		}
		io_init_kernel(&io, (*listing)->text + (*listing)->length,
			       size - (*listing)->length);
		count = user_file_read_here(file, &io);
		if (count <= 0)
			return (int)count;
		(*listing)->length += (size_t)count;
	}
}

/* Reads the names anew; a reference for the caller in *result. */
static int read_names(struct file *file, struct listing **result)
{
	struct user_file *user = user_file_of(file);
	struct listing *listing = kmalloc(sizeof(*listing) + LISTING_FIRST);
	struct listing *old;
	int64_t error;

	if (!listing)
		return -ENOMEM;
	refcount_init(&listing->references, 2);
	listing->length = 0;
	error = user_file_seek(file, 0, 0);
	if (error >= 0)
		error = read_all(file, &listing, LISTING_FIRST);
	if (error < 0) {
		kfree(listing);
		return (int)error;
	}
	spin_lock(&user->provider->lock);
	old = user->listing;
	user->listing = listing;
	spin_unlock(&user->provider->lock);
	listing_put(old);
	*result = listing;
	return 0;
}

static int get_names(struct file *file, uint64_t cookie, struct listing **result)
{
	struct user_file *user = user_file_of(file);

	*result = NULL;
	spin_lock(&user->provider->lock);
	if (cookie && user->listing) {
		*result = user->listing;
		refcount_get(&user->listing->references);
	}
	spin_unlock(&user->provider->lock);
	return *result ? 0 : read_names(file, result);
}

/* The number is made up of the name, and stays the same for it. */
static uint64_t number_of(const char *name, size_t length)
{
	uint64_t hash = 0xcbf29ce484222325;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (uint8_t)name[i]) * 0x100000001b3;
	return hash >> 1 | 1;
}

static bool is_entry(const char *name, size_t length)
{
	if (length == 0 || length > NAME_MAX_LENGTH || memchr(name, '/', length) ||
	    memchr(name, '\0', length))
		return false;
	return !(name[0] == '.' && (length == 1 || (length == 2 && name[1] == '.')));
}

int user_file_read_directory(struct file *file, uint64_t *cookie, struct directory_sink *sink)
{
	struct listing *listing;
	int error = get_names(file, *cookie, &listing);

	if (error)
		return error;
	while (*cookie < listing->length) {
		const char *name = listing->text + *cookie;
		size_t left = listing->length - *cookie;
		const char *end = memchr(name, '\n', left);
		size_t length = end ? (size_t)(end - name) : left;
		uint64_t next = *cookie + length + 1;

		/* What kind of file it is nobody has said. */
		if (is_entry(name, length) &&
		    !sink->entry(sink, name, length, number_of(name, length), 0, next))
			break;
		*cookie = next;
	}
	listing_put(listing);
	return 0;
}
