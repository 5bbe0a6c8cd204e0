/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The files of `sys:` as Redox programs see them: the text is made when one is opened, and stays.
 * The scheme itself can be read, too: as the names, one a line.
 */
#include "sys_files.h"

#include <base/errno.h>
#include <base/string.h>
#include <mm/phys/slab.h>
#include <scheme/scheme_file.h>

#define SYS_PERMISSIONS 0444

static ssize_t sys_text_read(struct file *file, struct io *io, uint64_t offset)
{
	const struct text *text = file->private;

	return offset < text->length ? io_put(io, text->bytes + offset, text->length - offset) : 0;
}

static ssize_t sys_text_write(struct file *file, struct io *io, uint64_t *offset)
{
	(void)file;
	(void)io;
	(void)offset;
	return -EBADF;
}

static void text_free(struct text *text)
{
	kfree(text->bytes);
	kfree(text);
}

static void sys_text_close(struct file *file)
{
	text_free(file->private);
}

static const struct node_ops text_ops = {
	.close = sys_text_close,
	.read = sys_text_read,
	.write = sys_text_write,
	.name = scheme_file_name,
};

static int list_files(struct text *text)
{
	const struct sys_text *file;

	for (unsigned i = 0; (file = sys_file_get(i)); i++)
		text_print(text, "%s%s", i ? "\n" : "", file->name);
	return 0;
}

static bool exists(const char *name)
{
	const struct sys_text *file;

	for (unsigned i = 0; (file = sys_file_get(i)); i++)
		if (strcmp(file->name, name) == 0)
			return true;
	return false;
}

/* The same for text that was made; `text` is the caller's until this succeeds. */
static int open_text(struct scheme *scheme, const struct scheme_request *request, const char *name,
		     struct text *text, struct file **file)
{
	uint32_t mode = SYS_PERMISSIONS | (*name ? MODE_FILE : MODE_DIRECTORY);
	int error = scheme_file_create_named(scheme, request, name, &text_ops, mode, text, file);

	if (error)
		return error;
	/* Nobody sees the node yet. */
	(*file)->node->flags &= ~(unsigned)NODE_STREAM;
	(*file)->node->size = text->length;
	(*file)->node->uid = (*file)->node->gid = 0;
	return 0;
}

int sys_open(struct scheme *scheme, const struct scheme_request *request, struct file **file)
{
	const char *name = request->path[0] == '/' ? request->path + 1 : request->path;
	struct text *text;
	int error;

	if (*name && !exists(name))
		return -ENOENT;
	if (*name && (request->flags & FILE_DIRECTORY))
		return -ENOTDIR;
	text = kzalloc(sizeof(*text));
	if (!text)
		return -ENOMEM;
	error = *name ? sys_file_generate(name, text) : list_files(text);
	if (!error && text->failed)
		error = -ENOMEM;
	if (!error)
		error = open_text(scheme, request, name, text, file);
	if (error)
		text_free(text);
	return error;
}
