/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opening executables and reading what they say of themselves. Nothing of it is trusted. */
#include "exec_private.h"

#include <arch/mmu.h>
#include <arch/thread.h>
#include <base/errno.h>
#include <base/string.h>
#include <mm/phys/slab.h>
#include <proc/process.h>
#include <scheme/credentials.h>
#include <scheme/scheme.h>

/* An open description of a node that may be executed. */
static int open_executable(struct node *node, struct dentry *dentry,
			   const struct credentials *credentials, struct file **file)
{
	int error;

	if (!node_is(node, MODE_FILE))
		return -EACCES;
	if (node->scheme && node->scheme->flags & SCHEME_NO_EXECUTE)
		return -EACCES;
	error = node_permission(node, credentials, 1);
	if (error)
		return error;
	/* The description counts references to them, which changes nothing that is const. */
	return file_create(node, dentry, FILE_READ_ONLY, (struct credentials *)credentials, file);
}

int exec_open(const struct walker *walker, struct dentry *start, const char *path,
	      unsigned walk_flags, struct file **file)
{
	struct dentry *dentry;
	int error = path_walk(walker, start, path, walk_flags, &dentry);

	if (error)
		return error;
	if (node_is(dentry->node, MODE_SYMLINK))
		error = -ELOOP;
	else
		error = open_executable(dentry->node, dentry, walker->credentials, file);
	dentry_put(dentry);
	return error;
}

int exec_reopen(struct file *file, struct file **reopened)
{
	return open_executable(file->node, file->dentry, credentials_current(), reopened);
}

int exec_read_head(struct exec *exec)
{
	ssize_t length;

	memset(exec->head, 0, sizeof(exec->head));
	length = file_read_kernel(exec->program.file, exec->head, EXEC_HEAD_SIZE, 0);
	return length < 0 ? (int)length : 0;
}

static int read_exactly(struct file *file, void *to, size_t length, uint64_t offset)
{
	ssize_t done = file_read_kernel(file, to, length, offset);

	if (done < 0)
		return (int)done;
	return (size_t)done == length ? 0 : -ENOEXEC;
}

static int read_program(struct exec_program *program)
{
	uint64_t file_size;
	size_t size;
	int error = file_read_attributes(program->file, &program->attributes);

	if (error)
		return error;
	if (program->file->node->scheme && (program->file->node->scheme->flags & SCHEME_NO_SET_ID))
		program->attributes.mode &= ~(uint32_t)(MODE_SETUID | MODE_SETGID);
	file_size = program->attributes.size;
	error = read_exactly(program->file, &program->header, sizeof(program->header), 0);
	if (error)
		return error;
	error = elf_check_header(&program->header, file_size, ARCH_ELF_MACHINE);
	if (error)
		return error;
	size = program->header.phnum * sizeof(*program->headers);
	program->headers = kmalloc(size);
	if (!program->headers)
		return -ENOMEM;
	error = read_exactly(program->file, program->headers, size, program->header.phoff);
	if (error)
		return error;
	return elf_plan_load(&program->header, program->headers, program->header.phnum, file_size,
			     PAGE_SIZE, USER_MAX, &program->plan);
}

static int open_in_tree(const char *path, bool in_full, struct file **file)
{
	struct walker walker;
	int error;

	(void)in_full;
	walker_get(&walker);
	error = exec_open(&walker, NULL, path, WALK_FOLLOW, file);
	walker_put(&walker);
	return error;
}

/* Opens what PT_INTERP names. */
static int open_interpreter(struct exec *exec)
{
	const struct elf_file_range *range = &exec->program.plan.interpreter;
	int (*open)(const char *path, bool in_full, struct file **file) =
		exec->personality->open_interpreter;
	bool has_set_id = exec->program.attributes.mode & (MODE_SETUID | MODE_SETGID);
	char *path = kmalloc(range->size);
	int error;

	if (!path)
		return -ENOMEM;
	error = read_exactly(exec->program.file, path, range->size, range->offset);
	if (!error && path[range->size - 1] != 0)
		error = -ENOEXEC;
	if (!error)
		error = (open ? open : open_in_tree)(path, has_set_id, &exec->interpreter.file);
	kfree(path);
	return error;
}

int exec_read_programs(struct exec *exec)
{
	int error = read_program(&exec->program);

	if (error || !exec->program.plan.has_interpreter)
		return error;
	error = open_interpreter(exec);
	return error ? error : read_program(&exec->interpreter);
}
