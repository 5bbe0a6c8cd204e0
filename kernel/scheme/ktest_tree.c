/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the self tests of schemes and file systems share. */
#include <scheme/ktest_tree.h>

#include <base/errno.h>
#include <base/string.h>
#include <core/ktest.h>

bool ktest_tree_begin(struct ktest_tree *tree, struct scheme *scheme)
{
	*tree = (struct ktest_tree){ .scheme = scheme };
	tree->root = credentials_create(NULL);
	tree->visitor = credentials_create(NULL);
	ktest_expect(tree->root && tree->visitor);
	if (!tree->root || !tree->visitor)
		return false;
	tree->visitor->uid = tree->visitor->euid = tree->visitor->suid = 1000;
	tree->visitor->gid = tree->visitor->egid = tree->visitor->sgid = 1000;
	tree->visitor->fsuid = tree->visitor->fsgid = 1000;
	tree->walker = (struct walker){
		.root = scheme->root,
		.working_directory = scheme->root,
		.credentials = tree->root,
	};
	tree->visitor_walker = tree->walker;
	tree->visitor_walker.credentials = tree->visitor;
	return true;
}

bool ktest_tree_begin_tmp(struct ktest_tree *tree)
{
	struct scheme *scheme = namespace_find(namespace_first(), "tmp", 3);

	ktest_expect(scheme);
	return scheme && ktest_tree_begin(tree, scheme);
}

void ktest_tree_end(struct ktest_tree *tree)
{
	credentials_put(tree->root);
	credentials_put(tree->visitor);
	scheme_put(tree->scheme);
}

int ktest_mkdir(struct ktest_tree *tree, const char *path)
{
	const struct node_template like = { .mode = MODE_DIRECTORY | 0755 };

	return path_make(&tree->walker, NULL, path, &like);
}

int ktest_symlink(struct ktest_tree *tree, const char *target, const char *path)
{
	const struct node_template like = { .mode = MODE_SYMLINK | 0777, .target = target };

	return path_make(&tree->walker, NULL, path, &like);
}

int ktest_unlink(struct ktest_tree *tree, const char *path)
{
	return path_unlink(&tree->walker, NULL, path, false);
}

int ktest_rmdir(struct ktest_tree *tree, const char *path)
{
	return path_unlink(&tree->walker, NULL, path, true);
}

int ktest_rename(struct ktest_tree *tree, const char *from, const char *to, unsigned flags)
{
	return path_rename(&tree->walker, NULL, from, NULL, to, flags);
}

int ktest_open(struct ktest_tree *tree, const char *path, unsigned flags, struct file **file)
{
	return path_open(&tree->walker, NULL, path, flags, 0644, file);
}

int ktest_try_open(struct ktest_tree *tree, const char *path, unsigned flags)
{
	struct file *file;
	int error = ktest_open(tree, path, flags, &file);

	if (!error)
		file_put(file);
	return error;
}

int ktest_walk(struct ktest_tree *tree, const char *path)
{
	struct dentry *found;
	int error = path_walk(&tree->walker, NULL, path, WALK_FOLLOW, &found);

	if (!error)
		dentry_put(found);
	return error;
}

ssize_t ktest_file_read(struct file *file, void *to, size_t length)
{
	struct io io;

	io_init_kernel(&io, to, length);
	return file_read(file, &io, NULL);
}

ssize_t ktest_file_write(struct file *file, const void *from, size_t length)
{
	struct io io;

	io_init_kernel(&io, from, length);
	return file_write(file, &io, NULL);
}

ssize_t ktest_file_write_at(struct file *file, const void *from, size_t length, uint64_t offset)
{
	struct io io;

	io_init_kernel(&io, from, length);
	return file_write(file, &io, &offset);
}

int ktest_write(struct ktest_tree *tree, const char *path, const char *text)
{
	struct file *file;
	ssize_t count;
	int error = ktest_open(tree, path, FILE_WRITE_ONLY | FILE_CREATE | FILE_TRUNCATE, &file);

	if (error)
		return error;
	count = ktest_file_write(file, text, strlen(text));
	file_put(file);
	if (count < 0)
		return (int)count;
	return (size_t)count == strlen(text) ? 0 : -EIO;
}

bool ktest_has(struct ktest_tree *tree, const char *path, const char *text)
{
	struct file *file;
	char bytes[128];
	ssize_t count;

	if (ktest_open(tree, path, FILE_READ_ONLY, &file))
		return false;
	count = ktest_file_read(file, bytes, sizeof(bytes));
	file_put(file);
	return count == (ssize_t)strlen(text) && memcmp(bytes, text, (size_t)count) == 0;
}

bool ktest_attributes(struct ktest_tree *tree, const char *path, struct node_attributes *attributes)
{
	struct dentry *found;

	if (path_walk(&tree->walker, NULL, path, 0, &found))
		return false;
	node_read_attributes(found->node, attributes);
	dentry_put(found);
	return true;
}

struct list_sink {
	struct directory_sink sink;
	char *buffer;
	size_t size, used;
};

static bool list_entry(struct directory_sink *sink, const char *name, size_t length,
		       uint64_t number, uint32_t mode_type, uint64_t next_cookie)
{
	struct list_sink *list = container_of(sink, struct list_sink, sink);

	(void)next_cookie;
	if (name[0] == '.' && (length == 1 || (length == 2 && name[1] == '.')))
		return true;
	ktest_expect(number != 0 && mode_type != 0);
	if (list->used + length + 2 > list->size)
		return false;
	memcpy(list->buffer + list->used, name, length);
	list->used += length;
	list->buffer[list->used++] = ' ';
	list->buffer[list->used] = '\0';
	return true;
}

const char *ktest_list(struct ktest_tree *tree, const char *path, char *buffer, size_t size)
{
	struct list_sink sink = { .sink.entry = list_entry, .buffer = buffer, .size = size };
	struct file *file;

	buffer[0] = '\0';
	if (ktest_open(tree, path, FILE_READ_ONLY | FILE_DIRECTORY, &file))
		return "cannot be opened";
	ktest_expect(file_read_directory(file, &sink.sink) == 0);
	file_put(file);
	return buffer;
}
