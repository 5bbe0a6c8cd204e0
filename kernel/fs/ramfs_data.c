/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The contents of ramfs files. */
#include "ramfs_priv.h"

#include <base/bits.h>
#include <base/errno.h>
#include <base/string.h>
#include <mm/phys/frame.h>
#include <mm/phys/slab.h>

static struct ramfs_data *data_of(struct vm_object *object)
{
	return container_of(object, struct ramfs_data, object);
}

static uint64_t pages_of(uint64_t length)
{
	return length / PAGE_SIZE + (length % PAGE_SIZE != 0);
}

/* How many bytes of page `index` are the archive's. The object's lock is held. */
static size_t archive_bytes(const struct ramfs_data *data, uint64_t index)
{
	if (index >= pages_of(data->archive_length) ||
	    (data->punched && bitmap_test(data->punched, index)))
		return 0;
	return (size_t)min_u64(data->archive_length - index * PAGE_SIZE, PAGE_SIZE);
}

/* --- The object. --- */

static bool charge(struct ramfs *fs)
{
	if (++fs->pages <= fs->page_limit)
		return true;
	fs->pages--;
	return false;
}

static int data_fill(struct vm_object *object, uint64_t index, struct frame **result)
{
	struct ramfs_data *data = data_of(object);
	size_t from_archive = archive_bytes(data, index);
	struct frame *frame;
	char *bytes;

	/* To a page fault that is SIGBUS; ramfs_data_page() says -ENOSPC. */
	if (!charge(data->fs))
		return -ENXIO;
	frame = frame_allocate(0, from_archive ? 0 : FRAME_ZERO);
	if (!frame) {
		data->fs->pages--;
		return -ENOMEM;
	}
	data->charged++;
	if (from_archive) {
		bytes = frame_address(frame);
		memcpy(bytes, data->archive + index * PAGE_SIZE, from_archive);
		memset(bytes + from_archive, 0, PAGE_SIZE - from_archive);
		data->archive_left--;
	}
	*result = frame;
	return 0;
}

static void data_release(struct vm_object *object)
{
	struct ramfs_data *data = data_of(object);

	data->fs->pages -= data->charged;
	ramfs_put(data->fs);
	kfree(data->punched);
	kfree(data);
}

static const struct vm_object_ops data_ops = {
	.fill = data_fill,
	.release = data_release,
};

struct ramfs_data *ramfs_data_create(struct ramfs *fs)
{
	struct ramfs_data *data = kzalloc(sizeof(*data));

	if (!data)
		return NULL;
	vm_object_init(&data->object, &data_ops, 0, NULL);
	data->fs = fs;
	ramfs_get(fs);
	return data;
}

/* Brings the counts up to date after pages have left the tree. */
static void recount(struct ramfs_data *data)
{
	mutex_lock(&data->object.lock);
	data->fs->pages -= data->charged - data->object.page_count;
	data->charged = data->object.page_count;
	data->archive_left = 0;
	for (uint64_t i = 0; i < pages_of(data->archive_length); i++)
		data->archive_left += archive_bytes(data, i) && !radix_get(&data->object.pages, i);
	mutex_unlock(&data->object.lock);
}

void ramfs_data_set_archive(struct node *node, const void *archive, uint64_t length)
{
	struct ramfs_data *data = ramfs_data_of(node);

	ramfs_data_resize(data, 0);
	mutex_lock(&data->object.lock);
	kfree(data->punched);
	data->punched = NULL;
	data->archive = archive;
	data->archive_length = length;
	data->archive_left = pages_of(length);
	mutex_unlock(&data->object.lock);
	vm_object_resize(&data->object, length);
	node->size = length;
}

int ramfs_data_page(struct ramfs_data *data, uint64_t index, struct frame **frame)
{
	int error = vm_object_page(&data->object, index, frame);

	return error == -ENXIO ? -ENOSPC : error;
}

/* --- Sizes. --- */

static void shrink(struct ramfs_data *data, uint64_t size)
{
	mutex_lock(&data->object.lock);
	data->archive_length = min_u64(data->archive_length, size);
	mutex_unlock(&data->object.lock);
	vm_object_resize(&data->object, size);
	recount(data);
}

/* A mapping may have written past the old end, in the last page. */
static void grow(struct ramfs_data *data, uint64_t size)
{
	uint64_t old_size = data->object.size;
	size_t used = old_size % PAGE_SIZE;
	struct frame *last = used ? vm_object_find(&data->object, old_size / PAGE_SIZE) : NULL;

	if (last) {
		memset((char *)frame_address(last) + used, 0, PAGE_SIZE - used);
		frame_put(last);
	}
	vm_object_resize(&data->object, size);
}

void ramfs_data_resize(struct ramfs_data *data, uint64_t size)
{
	if (size < data->object.size)
		shrink(data, size);
	else if (size > data->object.size)
		grow(data, size);
}

/* --- Holes. --- */

/* Zeros part of a page, if there is anything in it. */
static int zero_part(struct ramfs_data *data, uint64_t start, uint64_t end)
{
	uint64_t index = start / PAGE_SIZE;
	struct frame *frame;
	int error;

	if (start >= end || ramfs_data_seek(data, index, false) != index)
		return 0;
	error = ramfs_data_page(data, index, &frame);
	if (error)
		return error;
	memset((char *)frame_address(frame) + start % PAGE_SIZE, 0, (size_t)(end - start));
	frame_put(frame);
	return 0;
}

/* Marks the archive's pages in [first, end) as none of it. */
static int punch_archive(struct ramfs_data *data, uint64_t first, uint64_t end)
{
	uint64_t *bitmap = NULL;
	uint64_t pages;

	mutex_lock(&data->object.lock);
	pages = pages_of(data->archive_length);
	mutex_unlock(&data->object.lock);
	if (first >= pages)
		return 0;
	/* The archive's length only shrinks, so the bitmap stays large enough. */
	bitmap = kcalloc(BITMAP_WORDS(pages), sizeof(*bitmap));
	if (!bitmap)
		return -ENOMEM;
	mutex_lock(&data->object.lock);
	if (!data->punched) {
		data->punched = bitmap;
		bitmap = NULL;
	}
	for (uint64_t i = first; i < min_u64(end, pages); i++)
		bitmap_set(data->punched, i);
	mutex_unlock(&data->object.lock);
	kfree(bitmap);
	return 0;
}

int ramfs_data_zero(struct ramfs_data *data, uint64_t start, uint64_t end)
{
	uint64_t first = pages_of(start), last;
	int error;

	/* The whole last page goes, even if the file ends within it. */
	if (end >= data->object.size)
		end = align_up(data->object.size, PAGE_SIZE);
	if (start >= end)
		return 0;
	last = end / PAGE_SIZE;
	if (first > last)
		return zero_part(data, start, end);
	error = zero_part(data, start, first * PAGE_SIZE);
	if (!error)
		error = zero_part(data, last * PAGE_SIZE, end);
	if (!error && first < last)
		error = punch_archive(data, first, last);
	if (error || first == last)
		return error;
	vm_object_drop(&data->object, first, last);
	recount(data);
	return 0;
}

/* --- Looking. --- */

/* The object's lock is held. */
static bool has_data(const struct ramfs_data *data, uint64_t index)
{
	return archive_bytes(data, index) || radix_get(&data->object.pages, index);
}

/* The first page at or after `index` that is the archive's, or UINT64_MAX. */
static uint64_t next_archive_page(const struct ramfs_data *data, uint64_t index)
{
	uint64_t pages = pages_of(data->archive_length);

	if (data->punched && index < pages)
		index = bitmap_find_clear(data->punched, (size_t)pages, (size_t)index);
	return index < pages ? index : UINT64_MAX;
}

/* The first page at or after `index` that is in the tree, or UINT64_MAX. */
static uint64_t next_tree_page(const struct ramfs_data *data, uint64_t index)
{
	return radix_next(&data->object.pages, &index) ? index : UINT64_MAX;
}

uint64_t ramfs_data_seek(struct ramfs_data *data, uint64_t index, bool hole)
{
	uint64_t limit;

	mutex_lock(&data->object.lock);
	limit = pages_of(data->object.size);
	if (hole) {
		while (index < limit && has_data(data, index))
			index++;
	} else {
		index = min_u64(next_archive_page(data, index), next_tree_page(data, index));
	}
	mutex_unlock(&data->object.lock);
	return min_u64(index, limit);
}

uint64_t ramfs_data_pages(struct ramfs_data *data)
{
	uint64_t pages;

	mutex_lock(&data->object.lock);
	pages = data->object.page_count + data->archive_left;
	mutex_unlock(&data->object.lock);
	return pages;
}

/* The end of the archive's bytes that begin in page `index`, which is the archive's. */
static uint64_t archive_end(const struct ramfs_data *data, uint64_t index)
{
	uint64_t pages = pages_of(data->archive_length);
	uint64_t end = min_u64(pages, next_tree_page(data, index));

	if (data->punched)
		end = min_u64(end, bitmap_find_set(data->punched, (size_t)pages, (size_t)index));
	return min_u64(end * PAGE_SIZE, data->archive_length);
}

void ramfs_data_find(struct ramfs_data *data, uint64_t offset, struct ramfs_piece *piece)
{
	uint64_t index = offset / PAGE_SIZE, end;

	*piece = (struct ramfs_piece){ 0 };
	mutex_lock(&data->object.lock);
	piece->frame = radix_get(&data->object.pages, index);
	if (piece->frame) {
		frame_get(piece->frame);
		end = (index + 1) * PAGE_SIZE;
	} else if (archive_bytes(data, index) > offset % PAGE_SIZE) {
		piece->archive = data->archive + offset;
		end = archive_end(data, index);
	} else {
		uint64_t next = min_u64(next_tree_page(data, index + 1),
					next_archive_page(data, index + 1));

		end = next > UINT64_MAX / PAGE_SIZE ? UINT64_MAX : next * PAGE_SIZE;
	}
	mutex_unlock(&data->object.lock);
	piece->length = end - offset;
}
