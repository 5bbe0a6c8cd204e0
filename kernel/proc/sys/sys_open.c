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

#define DIRECTORY_PERMISSIONS 0444

/* Of an open file. */
struct opened {
	const struct sys_text *file; /* NULL: the scheme itself */
	struct text text;
};

static ssize_t sys_text_read(struct file *file, struct io *io, uint64_t offset)
{
	const struct text *text = &((struct opened *)file->private)->text;

	return offset < text->length ? io_put(io, text->bytes + offset, text->length - offset) : 0;
}

static ssize_t sys_text_write(struct file *file, struct io *io, uint64_t *offset)
{
	const struct opened *opened = file->private;
	ssize_t result;
	char *bytes;

	(void)offset;
	if (!opened->file || !opened->file->store)
		return -EBADF;
	bytes = text_take(io, &result);
	if (bytes)
		result = opened->file->store(bytes, (size_t)result);
	kfree(bytes);
	return result;
}

static void opened_free(struct opened *opened)
{
	kfree(opened->text.bytes);
	kfree(opened);
}

static void sys_text_close(struct file *file)
{
	opened_free(file->private);
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

/* `opened` is the caller's until this succeeds. */
static int open_text(struct scheme *scheme, const struct scheme_request *request, const char *name,
		     struct opened *opened, struct file **file)
{
	uint32_t mode = opened->file ? MODE_FILE | sys_file_permissions(opened->file)
				     : MODE_DIRECTORY | DIRECTORY_PERMISSIONS;
	int error = scheme_file_create_named(scheme, request, name, &text_ops, mode, opened, file);

	if (error)
		return error;
	/* Nobody sees the node yet. */
	(*file)->node->flags &= ~(unsigned)NODE_STREAM;
	(*file)->node->size = opened->text.length;
	(*file)->node->uid = (*file)->node->gid = 0;
	return 0;
}

int sys_open(struct scheme *scheme, const struct scheme_request *request, struct file **file)
{
	const char *name = request->path[0] == '/' ? request->path + 1 : request->path;
	const struct sys_text *entry = *name ? sys_file_find(name) : NULL;
	struct opened *opened;
	int error;

	if (*name && !entry)
		return -ENOENT;
	if (*name && (request->flags & FILE_DIRECTORY))
		return -ENOTDIR;
	opened = kzalloc(sizeof(*opened));
	if (!opened)
		return -ENOMEM;
	opened->file = entry;
	error = entry ? sys_file_generate(name, &opened->text) : list_files(&opened->text);
	if (!error && opened->text.failed)
		error = -ENOMEM;
	if (!error)
		error = open_text(scheme, request, name, opened, file);
	if (error)
		opened_free(opened);
	return error;
}
