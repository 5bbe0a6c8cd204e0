/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Working directories, roots and umasks. */
#include "file_context.h"
#include "process_private.h"

#include <base/errno.h>
#include <base/string.h>
#include <core/panic.h>
#include <mm/phys/slab.h>
#include <scheme/path.h>
#include <scheme/scheme.h>

#include <stdatomic.h>

#define UMASK_DEFAULT 022

struct file_context *file_context_create(struct dentry *root)
{
	struct file_context *context = kzalloc(sizeof(*context));

	if (!context)
		return NULL;
	refcount_init(&context->references, 1);
	spinlock_init(&context->lock, RANK_PROCESS, "file context");
	dentry_get(root);
	dentry_get(root);
	context->root = root;
	context->working_directory = root;
	context->umask = UMASK_DEFAULT;
	return context;
}

/* A name may change while memory for the copy is got, but is never longer than that. */
static int copy_working_name(struct file_context *from, char **copy)
{
	size_t size;

	*copy = NULL;
	if (!from->working_name)
		return 0;
	*copy = kmalloc(PATH_MAX_LENGTH);
	if (!*copy)
		return -ENOMEM;
	spin_lock(&from->lock);
	size = from->working_name ? strlen(from->working_name) + 1 : 0;
	if (size)
		memcpy(*copy, from->working_name, size);
	spin_unlock(&from->lock);
	if (!size) {
		kfree(*copy);
		*copy = NULL;
	}
	return 0;
}

struct file_context *file_context_copy(struct file_context *from)
{
	struct file_context *context = kzalloc(sizeof(*context));

	if (!context)
		return NULL;
	refcount_init(&context->references, 1);
	spinlock_init(&context->lock, RANK_PROCESS, "file context");
	if (copy_working_name(from, &context->working_name)) {
		kfree(context);
		return NULL;
	}
	file_context_directories(from, &context->root, &context->working_directory);
	context->umask = from->umask;
	return context;
}

void file_context_put(struct file_context *context)
{
	if (!refcount_put(&context->references))
		return;
	dentry_put(context->root);
	dentry_put(context->working_directory);
	kfree(context->working_name);
	kfree(context);
}

void file_context_directories(struct file_context *context, struct dentry **root,
			      struct dentry **working_directory)
{
	spin_lock(&context->lock);
	*root = context->root;
	*working_directory = context->working_directory;
	dentry_get(*root);
	dentry_get(*working_directory);
	spin_unlock(&context->lock);
}

static void replace(struct file_context *context, struct dentry **place, struct dentry *dentry)
{
	struct dentry *old;

	spin_lock(&context->lock);
	old = *place;
	*place = dentry;
	spin_unlock(&context->lock);
	dentry_put(old);
}

void file_context_set_working_name(char *name, struct dentry *directory)
{
	struct file_context *context = process_current()->files;
	struct dentry *old = NULL;
	char *old_name;

	debug_assert(!name || strlen(name) < PATH_MAX_LENGTH);
	spin_lock(&context->lock);
	old_name = context->working_name;
	context->working_name = name;
	if (directory) {
		old = context->working_directory;
		context->working_directory = directory;
	}
	spin_unlock(&context->lock);
	if (old)
		dentry_put(old);
	kfree(old_name);
}

int file_context_working_name(char **name)
{
	return copy_working_name(process_current()->files, name);
}

void file_context_set_working_directory(struct dentry *directory)
{
	file_context_set_working_name(NULL, directory);
}

void file_context_set_root(struct dentry *directory)
{
	struct file_context *context = process_current()->files;

	replace(context, &context->root, directory);
}

uint32_t file_context_set_umask(uint32_t umask)
{
	struct process *self = process_current();
	struct file_context *context = self->files;
	uint32_t old;

	if (self->own_umask >= 0)
		return (uint32_t)atomic_exchange(&self->own_umask, (int32_t)(umask & 0777));
	spin_lock(&context->lock);
	old = context->umask;
	context->umask = umask & 0777;
	spin_unlock(&context->lock);
	return old;
}

uint32_t file_context_umask(void)
{
	const struct process *self = process_current();
	int32_t own = self->own_umask;

	return own >= 0 ? (uint32_t)own : self->files->umask;
}

void walker_get(struct walker *walker)
{
	struct user_thread *self = user_thread_current();
	struct process *process = self->process;
	struct file_context *files = process->files;

	/* The thread keeps its credentials while its call lasts, and nobody else changes the
	 * directories of a process with one thread: no references, which all processes would
	 * count in the same places. */
	walker->credentials = self->credentials;
	walker->space = namespace_confining(process->namespace);
	walker->redox = false;
	walker->counted = !process_is_single(process) || refcount_read(&files->references) > 1;
	if (walker->counted) {
		file_context_directories(files, &walker->root, &walker->working_directory);
	} else {
		walker->root = files->root;
		walker->working_directory = files->working_directory;
	}
}

void walker_put(struct walker *walker)
{
	if (!walker->counted)
		return;
	dentry_put(walker->root);
	dentry_put(walker->working_directory);
}
