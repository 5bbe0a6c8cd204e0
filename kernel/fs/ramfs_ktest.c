/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Self tests: the contents of files against a model, directories, space. */
#include <arch/mmu.h>
#include <base/errno.h>
#include <base/format.h>
#include <base/string.h>
#include <core/ktest.h>
#include <mm/phys/frame.h>
#include <mm/phys/slab.h>

#include "ramfs_priv.h"
#include <scheme/ktest_tree.h>

#define MODEL_SIZE  (12 * PAGE_SIZE)
#define MODEL_STEPS 3000

static bool begin(struct ktest_tree *tree, uint64_t pages, uint64_t nodes)
{
	const struct ramfs_options options = {
		.mode = 01777,
		.size_limit = pages * PAGE_SIZE,
		.node_limit = nodes,
	};
	struct scheme *scheme;
	int error = ramfs_create("ktest", "tmpfs", 0, &options, &scheme);

	ktest_expect(error == 0);
	return error == 0 && ktest_tree_begin(tree, scheme);
}

/* --- Contents. --- */

struct model {
	struct file *file;
	uint8_t *bytes; /* MODEL_SIZE; 0 past the end */
	uint8_t *buffer;
	uint64_t size;
	uint32_t state;
};

static uint32_t model_random(struct model *model, uint32_t below)
{
	model->state = model->state * 1664525 + 1013904223;
	return (uint32_t)((uint64_t)(model->state >> 4) * below >> 28);
}

/* A stretch of the file, short or long, aligned now and then. */
static void model_range(struct model *model, uint64_t *offset, uint64_t *length)
{
	*offset = model_random(model, MODEL_SIZE);
	*length = model_random(model, model_random(model, 2) ? 100 : MODEL_SIZE / 2) + 1;
	if (model_random(model, 4) == 0)
		*offset = align_down(*offset, PAGE_SIZE);
	if (model_random(model, 4) == 0)
		*length = align_up(*length, PAGE_SIZE);
	*length = min_u64(*length, MODEL_SIZE - *offset);
}

static void model_write(struct model *model)
{
	uint64_t offset, length;

	model_range(model, &offset, &length);
	for (uint64_t i = 0; i < length; i++)
		model->bytes[offset + i] = (uint8_t)model_random(model, 256);
	ktest_expect(ktest_file_write_at(model->file, model->bytes + offset, length, offset) ==
		     (ssize_t)length);
	model->size = max_u64(model->size, offset + length);
}

static void model_truncate(struct model *model)
{
	uint64_t size = model_random(model, MODEL_SIZE + 1);

	ktest_expect(file_truncate(model->file, size) == 0);
	if (size < model->size)
		memset(model->bytes + size, 0, model->size - size);
	model->size = size;
}

static void model_allocate(struct model *model)
{
	static const unsigned modes[] = { 0x03, 0x10, 0x11, 0x00, 0x01 };
	unsigned mode = modes[model_random(model, array_length(modes))];
	uint64_t offset, length, end;

	model_range(model, &offset, &length);
	ktest_expect(file_allocate(model->file, mode, offset, length) == 0);
	end = offset + length;
	if (!(mode & 0x01))
		model->size = max_u64(model->size, end);
	if (mode & 0x12)
		memset(model->bytes + offset, 0, length);
}

/* Touches a page as a mapping would. */
static void model_fault(struct model *model)
{
	uint64_t index = model_random(model, MODEL_SIZE / PAGE_SIZE);
	struct frame *frame;
	int error = vm_object_page(model->file->node->object, index, &frame);

	ktest_expect(error == (index * PAGE_SIZE < model->size ? 0 : -ENXIO));
	if (error)
		return;
	ktest_expect(memcmp(frame_address(frame), model->bytes + index * PAGE_SIZE, PAGE_SIZE) ==
		     0);
	frame_put(frame);
}

static bool model_read(struct model *model, uint64_t offset, uint64_t length)
{
	uint64_t there = offset < model->size ? min_u64(length, model->size - offset) : 0;
	struct io io;

	io_init_kernel(&io, model->buffer, length);
	return file_read(model->file, &io, &offset) == (ssize_t)there &&
	       memcmp(model->buffer, model->bytes + offset, there) == 0;
}

/* All that is not data is zero, and data and holes alternate. */
static bool model_seek(struct model *model)
{
	uint64_t offset = model_random(model, MODEL_SIZE);
	int64_t data = file_seek(model->file, (int64_t)offset, 3);
	int64_t hole = file_seek(model->file, (int64_t)offset, 4);

	if (offset >= model->size)
		return data == -ENXIO && hole == -ENXIO;
	for (uint64_t i = offset; i < (data < 0 ? model->size : (uint64_t)data); i++) {
		if (model->bytes[i])
			return false;
	}
	return (data < 0 ? data == -ENXIO : (uint64_t)data >= offset) && (uint64_t)hole >= offset &&
	       (uint64_t)hole <= model->size &&
	       ((uint64_t)data == offset) == ((uint64_t)hole != offset);
}

static void model_step(struct model *model)
{
	uint64_t offset, length;

	switch (model_random(model, 10)) {
	case 0:
	case 1:
	case 2:
		model_write(model);
		break;
	case 3:
		model_truncate(model);
		break;
	case 4:
		model_allocate(model);
		break;
	case 5:
		model_fault(model);
		break;
	case 6:
		ktest_expect(model_seek(model));
		break;
	default:
		model_range(model, &offset, &length);
		ktest_expect(model_read(model, offset, length));
		break;
	}
	ktest_expect(model->file->node->size == model->size);
}

static void model_run(struct ktest_tree *tree, struct model *model)
{
	struct node_attributes attributes;
	struct scheme_statistics statistics;

	for (unsigned i = 0; i < MODEL_STEPS; i++)
		model_step(model);
	ktest_expect(model_read(model, 0, MODEL_SIZE));
	ktest_expect(file_truncate(model->file, 0) == 0);
	node_read_attributes(model->file->node, &attributes);
	ktest_expect(attributes.blocks == 0);
	tree->scheme->ops->statistics(tree->scheme, &statistics);
	ktest_expect(statistics.free_blocks == statistics.blocks);
}

/* `archive`: bytes that the file refers to at first. */
static void run_model(const uint8_t *archive, uint64_t size, uint32_t seed)
{
	struct model model = { .state = seed, .size = size };
	struct ktest_tree tree;

	model.bytes = kzalloc(MODEL_SIZE);
	model.buffer = kzalloc(MODEL_SIZE);
	ktest_expect(model.bytes && model.buffer);
	if (!model.bytes || !model.buffer || !begin(&tree, 64, 16))
		return;
	ktest_expect(ktest_open(&tree, "f", FILE_CREATE | FILE_READ_WRITE, &model.file) == 0);
	if (archive) {
		memcpy(model.bytes, archive, size);
		mutex_lock(&model.file->node->lock);
		ramfs_data_set_archive(model.file->node, archive, size);
		mutex_unlock(&model.file->node->lock);
	}
	model_run(&tree, &model);
	file_put(model.file);
	ktest_tree_end(&tree);
	kfree(model.bytes);
	kfree(model.buffer);
}

KTEST(fs, files_match_a_model)
{
	run_model(NULL, 0, 1);
	run_model(NULL, 0, 2);
}

KTEST(fs, archive_files_match_a_model)
{
	static uint8_t archive[7 * 4096 + 1234];

	for (size_t i = 0; i < sizeof(archive); i++)
		archive[i] = (uint8_t)(i * 7 + i / 251);
	run_model(archive, sizeof(archive), 3);
	run_model(archive, 5 * 4096, 4);
	run_model(archive, 1, 5);
}

KTEST(fs, reading_an_archive_takes_no_memory)
{
	static const uint8_t archive[3 * 4096] = { 1, 2, 3 };
	struct node_attributes attributes;
	struct ktest_tree tree;
	struct file *file;
	char bytes[64];

	if (!begin(&tree, 4, 4))
		return;
	ktest_expect(ktest_open(&tree, "f", FILE_CREATE | FILE_READ_WRITE, &file) == 0);
	mutex_lock(&file->node->lock);
	ramfs_data_set_archive(file->node, archive, sizeof(archive));
	mutex_unlock(&file->node->lock);
	ktest_expect(ktest_file_read(file, bytes, 64) == 64 && memcmp(bytes, archive, 64) == 0);
	ktest_expect(file->node->object->page_count == 0);
	node_read_attributes(file->node, &attributes);
	ktest_expect(attributes.blocks == 24);
	ktest_expect(ktest_file_write_at(file, "x", 1, 5000) == 1);
	ktest_expect(file->node->object->page_count == 1);
	node_read_attributes(file->node, &attributes);
	ktest_expect(attributes.blocks == 24);
	file_put(file);
	ktest_tree_end(&tree);
}

/* --- Space. --- */

KTEST(fs, space_runs_out_and_comes_back)
{
	static uint8_t bytes[4 * 4096];
	struct ktest_tree tree;
	struct file *file, *other;

	if (!begin(&tree, 3, 4))
		return;
	ktest_expect(ktest_open(&tree, "f", FILE_CREATE | FILE_READ_WRITE, &file) == 0);
	ktest_expect(ktest_open(&tree, "g", FILE_CREATE | FILE_READ_WRITE, &other) == 0);
	ktest_expect(ktest_file_write(file, bytes, sizeof(bytes)) == 3 * 4096);
	ktest_expect(file->node->size == 3 * 4096);
	ktest_expect(ktest_file_write(file, bytes, 1) == -ENOSPC);
	ktest_expect(ktest_file_write(other, bytes, 1) == -ENOSPC && other->node->size == 0);
	ktest_expect(file_allocate(other, 0, 0, 4096) == -ENOSPC && other->node->size == 0);
	ktest_expect(ktest_file_write_at(file, "x", 1, 100) == 1);
	ktest_expect(file_truncate(file, 4096) == 0);
	ktest_expect(file_allocate(other, 0, 0, 2 * 4096) == 0 && other->node->size == 2 * 4096);
	/* The root directory is a node, too. */
	ktest_expect(ktest_mkdir(&tree, "d") == 0);
	ktest_expect(ktest_mkdir(&tree, "e") == -ENOSPC);
	ktest_expect(ktest_unlink(&tree, "g") == 0);
	ktest_expect(ktest_mkdir(&tree, "e") == -ENOSPC);
	file_put(other);
	ktest_expect(ktest_mkdir(&tree, "e") == 0);
	ktest_expect(ktest_file_write_at(file, bytes, 2 * 4096, 4096) == 2 * 4096);
	file_put(file);
	ktest_tree_end(&tree);
}

KTEST(fs, files_without_names)
{
	const unsigned flags = FILE_TEMPORARY | FILE_DIRECTORY | FILE_READ_WRITE;
	struct ktest_tree tree;
	struct file *file;
	char names[16];

	if (!begin(&tree, 4, 4))
		return;
	ktest_expect(ktest_open(&tree, "/", flags, &file) == 0);
	ktest_expect(ktest_file_write(file, "hidden", 6) == 6);
	ktest_expect(ktest_list(&tree, "/", names, sizeof(names))[0] == '\0');
	ktest_expect(path_link(&tree.walker, file->dentry, NULL, "shown") == 0);
	file_put(file);
	ktest_expect(ktest_has(&tree, "shown", "hidden"));
	ktest_expect(ktest_open(&tree, "/", flags | FILE_EXCLUSIVE, &file) == 0);
	ktest_expect(path_link(&tree.walker, file->dentry, NULL, "never") == -ENOENT);
	file_put(file);
	ktest_tree_end(&tree);
}

/* --- Positions and directories. --- */

KTEST(fs, positions_and_appending)
{
	struct ktest_tree tree;
	struct file *file;
	char text[16];

	if (!begin(&tree, 16, 4))
		return;
	ktest_expect(ktest_open(&tree, "f", FILE_CREATE | FILE_READ_WRITE, &file) == 0);
	ktest_expect(ktest_file_write(file, "0123456789", 10) == 10);
	ktest_expect(file_seek(file, 0, 1) == 10);
	ktest_expect(file_seek(file, -3, 2) == 7);
	ktest_expect(ktest_file_read(file, text, 16) == 3 && memcmp(text, "789", 3) == 0);
	ktest_expect(file_seek(file, -1, 0) == -EINVAL);
	ktest_expect(file_seek(file, INT64_MAX, 1) == -EOVERFLOW);
	ktest_expect(file_seek(file, 0, 5) == -EINVAL);
	ktest_expect(file_seek(file, 20, 0) == 20 && ktest_file_read(file, text, 1) == 0);
	ktest_expect(ktest_file_write(file, "x", 1) == 1 && file->node->size == 21);
	file->flags |= FILE_APPEND;
	ktest_expect(file_seek(file, 0, 0) == 0 && ktest_file_write(file, "yz", 2) == 2);
	ktest_expect(file->node->size == 23 && file_seek(file, 0, 1) == 23);
	ktest_expect(ktest_file_write_at(file, "!", 1, (uint64_t)INT64_MAX) == 1);
	file->flags &= ~(unsigned)FILE_APPEND;
	ktest_expect(ktest_file_write_at(file, "!", 1, (uint64_t)INT64_MAX) == -EFBIG);
	ktest_expect(ktest_file_write_at(file, "!", 1, (uint64_t)INT64_MAX - 1) == 1);
	ktest_expect(file->node->size == (uint64_t)INT64_MAX);
	ktest_expect(file_seek(file, 4096, 3) == INT64_MAX / 4096 * 4096);
	file_put(file);
	ktest_tree_end(&tree);
}

struct slow_sink {
	struct directory_sink sink;
	unsigned room;
	unsigned seen[10]; /* how often the file of that number was */
	unsigned others;
};

static bool slow_entry(struct directory_sink *sink, const char *name, size_t length,
		       uint64_t number, uint32_t mode_type, uint64_t next_cookie)
{
	struct slow_sink *slow = container_of(sink, struct slow_sink, sink);

	(void)number;
	(void)mode_type;
	(void)next_cookie;
	if (slow->room == 0)
		return false;
	slow->room--;
	if (length == 1 && name[0] >= '0' && name[0] <= '9')
		slow->seen[name[0] - '0']++;
	else
		slow->others++;
	return true;
}

KTEST(fs, listings_go_on_where_they_stopped)
{
	struct slow_sink slow = { .sink.entry = slow_entry };
	struct ktest_tree tree;
	struct file *file;
	char name[2] = "0", other[8];

	if (!begin(&tree, 16, 100))
		return;
	for (name[0] = '0'; name[0] <= '9'; name[0]++)
		ktest_expect(ktest_write(&tree, name, "") == 0);
	ktest_expect(ktest_open(&tree, "/", FILE_DIRECTORY, &file) == 0);
	slow.room = 2;
	ktest_expect(file_read_directory(file, &slow.sink) == 0 && slow.others == 2);
	/* One entry at a time, while the ones listed are removed and renamed. */
	for (unsigned i = 0; i < 30; i++) {
		slow.room = 1;
		ktest_expect(file_read_directory(file, &slow.sink) == 0);
		if (slow.room)
			break;
		snprintf(other, sizeof(other), "new%u", i);
		ktest_expect(ktest_write(&tree, other, "") == 0);
		name[0] = (char)('0' + i);
		if (i % 2)
			ktest_expect(ktest_unlink(&tree, name) == 0);
		else
			ktest_expect(ktest_rename(&tree, name, "renamed", 0) == 0);
	}
	ktest_expect(slow.room == 1 && slow.others == 2);
	for (unsigned i = 0; i < 10; i++)
		ktest_expect(slow.seen[i] == 1);
	ktest_expect(file_seek(file, 0, 0) == 0);
	slow.room = 100;
	slow.others = 0;
	ktest_expect(file_read_directory(file, &slow.sink) == 0);
	ktest_expect(slow.others == 2 + 10 + 1);
	file_put(file);
	ktest_tree_end(&tree);
}

KTEST(fs, trees_are_freed_whole)
{
	struct ktest_tree tree;
	char path[64] = "";

	if (!begin(&tree, 16, 1000))
		return;
	for (unsigned depth = 0; depth < 20; depth++) {
		size_t length = strlen(path);

		snprintf(path + length, sizeof(path) - length, "%sd", length ? "/" : "");
		ktest_expect(ktest_mkdir(&tree, path) == 0);
	}
	ktest_expect(ktest_write(&tree, "d/d/d/f", "text") == 0);
	ktest_expect(ktest_symlink(&tree, "f", "d/d/d/l") == 0);
	/* Ends with all of it still there: leaks and double frees show in debug builds. */
	ktest_tree_end(&tree);
}
