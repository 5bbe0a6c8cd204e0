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
#define SYS_PERMISSIONS   0444

static const struct sys_text core_files[] = {
	{ "block", sys_generate_block },
	{ "context", sys_generate_context },
	{ "cpu", sys_generate_cpu },
	{ "exe", sys_generate_exe },
	{ "iostat", sys_generate_iostat },
	{ "log", sys_generate_log },
	{ "sched", sys_generate_sched },
	{ "scheme", sys_generate_scheme },
	{ "scheme_num", sys_generate_scheme_number },
	{ "syscall", sys_generate_syscall },
	{ "uname", sys_generate_uname },
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

static const struct text_file_ops text_ops = {
	.generate = generate_node,
};

static ssize_t sys_file_read(struct file *file, struct io *io, uint64_t offset)
{
	return text_file_read(file, io, offset, &text_ops);
}

static void sys_file_release(struct node *node)
{
	kfree(container_of(node, struct sys_node, node));
}

static const struct node_ops file_ops = {
	.release = sys_file_release,
	.close = text_file_close,
	.read = sys_file_read,
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
		node_init(&created->node, &file_ops, directory->scheme, FIRST_FILE_NUMBER + i,
			  MODE_FILE | SYS_PERMISSIONS);
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
