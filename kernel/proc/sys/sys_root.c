/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The root of scheme `sys:`, and its nodes, which are made when they are looked up: how Linux
 * programs see it.
 */
#include "sys_files.h"

#include <base/errno.h>
#include <base/string.h>
#include <mm/phys/slab.h>
#include <scheme/scheme.h>

#define ROOT_NUMBER       1
#define FIRST_FILE_NUMBER 2 /* and on, in the order of the table */
#define READ_PERMISSIONS  0444
#define WRITE_PERMISSIONS 0200

static const struct sys_text core_files[] = {
	{ .name = "block", .generate = sys_generate_block },
	{ .name = "context", .generate = sys_generate_context },
	{ .name = "cpu", .generate = sys_generate_cpu },
	{ .name = "exe", .generate = sys_generate_exe },
	{ .name = "iostat", .generate = sys_generate_iostat },
	{ .name = "log", .generate = sys_generate_log },
	{ .name = "sched", .generate = sys_generate_sched },
	{ .name = "scheme", .generate = sys_generate_scheme },
	{ .name = "scheme_num", .generate = sys_generate_scheme_number },
	{ .name = "syscall", .generate = sys_generate_syscall },
	{ .name = "uname", .generate = sys_generate_uname },
};

struct sys_node {
	struct node node;
	const struct sys_text *file;
};

/* --- Names. --- */

/* Whether a record only adds to a file that is there before it. */
static bool is_addition(const struct sys_text *record)
{
	for (size_t i = 0; i < array_length(core_files); i++)
		if (strcmp(core_files[i].name, record->name) == 0)
			return true;
	for (const struct sys_text *other = sys_texts_start; other < record; other++)
		if (strcmp(other->name, record->name) == 0)
			return true;
	return false;
}

const struct sys_text *sys_file_get(uint64_t number)
{
	if (number < array_length(core_files))
		return &core_files[number];
	number -= array_length(core_files);
	for (const struct sys_text *record = sys_texts_start; record < sys_texts_end; record++)
		if (!is_addition(record) && number-- == 0)
			return record;
	return NULL;
}

const struct sys_text *sys_file_find(const char *name)
{
	const struct sys_text *file;

	for (uint64_t i = 0; (file = sys_file_get(i)); i++)
		if (strcmp(file->name, name) == 0)
			return file;
	return NULL;
}

uint32_t sys_file_permissions(const struct sys_text *file)
{
	return READ_PERMISSIONS | (file->store ? WRITE_PERMISSIONS : 0);
}

static int generate_if(const struct sys_text *file, const char *name, struct text *text, int before)
{
	if ((before && before != -ENOENT) || strcmp(file->name, name) != 0)
		return before;
	return file->generate(text);
}

int sys_file_generate(const char *name, struct text *text)
{
	int error = -ENOENT;

	for (size_t i = 0; i < array_length(core_files); i++)
		error = generate_if(&core_files[i], name, text, error);
	for (const struct sys_text *record = sys_texts_start; record < sys_texts_end; record++)
		error = generate_if(record, name, text, error);
	return error;
}

/* --- Files. --- */

static int generate_node(struct node *node, struct text *text)
{
	return sys_file_generate(container_of(node, struct sys_node, node)->file->name, text);
}

static ssize_t store_node(struct node *node, const char *bytes, size_t length)
{
	const struct sys_text *file = container_of(node, struct sys_node, node)->file;

	return file->store ? file->store(bytes, length) : -EACCES;
}

static const struct text_file_ops text_ops = {
	.generate = generate_node,
	.store = store_node,
};

static ssize_t sys_file_read(struct file *file, struct io *io, uint64_t offset)
{
	return text_file_read(file, io, offset, &text_ops);
}

static ssize_t sys_file_write(struct file *file, struct io *io, uint64_t *offset)
{
	(void)offset;
	return text_file_write(file, io, &text_ops);
}

static void sys_file_release(struct node *node)
{
	kfree(container_of(node, struct sys_node, node));
}

/* Shells truncate what they write to: there is nothing to do for that. */
static int sys_file_set_attributes(struct node *node, const struct node_changes *changes)
{
	struct node_changes kept = *changes;

	if (changes->which & (CHANGE_MODE | CHANGE_UID | CHANGE_GID))
		return -EPERM;
	kept.which &= ~(unsigned)CHANGE_SIZE;
	node_store_changes(node, &kept);
	return 0;
}

static const struct node_ops file_ops = {
	.release = sys_file_release,
	.close = text_file_close,
	.read = sys_file_read,
};

static const struct node_ops store_ops = {
	.release = sys_file_release,
	.close = text_file_close,
	.read = sys_file_read,
	.write = sys_file_write,
	.set_attributes = sys_file_set_attributes,
};

/* --- The directory. --- */

static int root_lookup(struct node *directory, const char *name, size_t length, struct node **found)
{
	const struct sys_text *file;

	for (size_t i = 0; (file = sys_file_get(i)); i++) {
		struct sys_node *created;

		if (strlen(file->name) != length || memcmp(file->name, name, length) != 0)
			continue;
		created = kzalloc(sizeof(*created));
		if (!created)
			return -ENOMEM;
		node_init(&created->node, file->store ? &store_ops : &file_ops, directory->scheme,
			  FIRST_FILE_NUMBER + i, MODE_FILE | sys_file_permissions(file));
		created->file = file;
		*found = &created->node;
		return 0;
	}
	return -ENOENT;
}

static int root_read(struct file *file, uint64_t *cookie, struct directory_sink *sink)
{
	const struct sys_text *entry;

	(void)file;
	for (; (entry = sys_file_get(*cookie)); ++*cookie) {
		const char *name = entry->name;

		if (!sink->entry(sink, name, strlen(name), FIRST_FILE_NUMBER + *cookie, MODE_FILE,
				 *cookie + 1))
			break;
	}
	return 0;
}

static const struct node_ops root_ops = {
	.lookup = root_lookup,
	.read_directory = root_read,
};

static int sys_start(void)
{
	static const struct scheme_ops ops = { .open = sys_open };

	return scheme_start_directory("sys", &ops, &root_ops, ROOT_NUMBER,
				      SCHEME_NO_EXECUTE | SCHEME_NO_DEVICES | SCHEME_IN_MADE);
}

SCHEME(sys) = { .name = "sys", .level = 20, .start = sys_start };
