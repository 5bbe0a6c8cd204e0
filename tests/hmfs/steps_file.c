/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random operations on the contents of files. */
#include "steps_priv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_BYTES (1u << 20)

static uint8_t buffer[MOST_BYTES];

/* A length: mostly short, often whole blocks. */
static size_t choose_length(struct steps *steps)
{
	const size_t most = steps->most_write;

	switch (steps_random(steps, 4)) {
	case 0:
		return 1 + steps_random(steps, 300 < most ? 300 : most);
	case 1:
		return 1 + steps_random(steps, 8000 < most ? 8000 : most);
	case 2:
		return (1 + steps_random(steps, most / HMFS_BLOCK_SIZE)) * HMFS_BLOCK_SIZE;
	default:
		return 1 + steps_random(steps, most);
	}
}

static size_t choose_offset(struct steps *steps, const struct tree_node *file)
{
	size_t offset = 0;

	switch (steps_random(steps, 5)) {
	case 0:
		break;
	case 1:
		offset = file->size;
		break;
	case 2:
		offset = steps_random(steps, file->size + 1);
		break;
	case 3:
		offset = steps_random(steps, file->size / HMFS_BLOCK_SIZE + 1) * HMFS_BLOCK_SIZE;
		break;
	default:
		offset = steps_random(steps, 2 * steps->most_write);
	}
	return offset;
}

static uint8_t now[2 * MOST_BYTES];

/* What the file is now: -1, with what is wrong said, or its size. */
static ssize_t read_now(struct steps *steps, const struct tree_node *file)
{
	struct hmfs_attributes attributes;
	ssize_t got = hmfs_read_attributes(steps->volume, file->id, &attributes);

	if (!got && attributes.size <= sizeof(now))
		got = hmfs_read(steps->volume, file->id, 0, now, attributes.size);
	if (got >= 0 && (uint64_t)got == attributes.size)
		return got;
	steps_say(steps, "reading %llu after a failure gave %lld",
		  (unsigned long long)file->id.object, (long long)got);
	return -1;
}

/* A write that failed may have been done in part: each byte is the old or the new one. */
static enum outcome write_failed(struct steps *steps, struct tree_node *file, size_t offset,
				 size_t size)
{
	ssize_t got;

	if (steps->suspend)
		steps->suspend(true);
	got = read_now(steps, file);
	if (steps->suspend)
		steps->suspend(false);
	if (got < 0)
		return WRONG;
	if ((size_t)got < file->size || ((size_t)got > file->size && (size_t)got > offset + size))
		return steps_judge(steps, got, (int64_t)file->size);
	for (size_t i = 0; i < (size_t)got; i++) {
		uint8_t old = i < file->size ? file->bytes[i] : 0;
		bool written = i >= offset && i < offset + size;

		if (now[i] != old && !(written && now[i] == buffer[i - offset])) {
			steps_say(steps, "a change of %zu at %zu failed, and byte %zu is %02x",
				  size, offset, i, now[i]);
			return WRONG;
		}
	}
	tree_write(&steps->tree, file, 0, now, (size_t)got);
	return REFUSED;
}

static enum outcome do_write(struct steps *steps, struct tree_node *file)
{
	size_t offset = choose_offset(steps, file), size = choose_length(steps);
	uint64_t seed = steps_random(steps, UINT32_MAX) + 1;
	enum outcome outcome;

	for (size_t i = 0; i < size; i++) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		buffer[i] = (uint8_t)(seed >> 56);
	}
	steps_say(steps, "write %zu bytes at %zu of %llu", size, offset,
		  (unsigned long long)file->id.object);
	outcome = steps_judge(steps, hmfs_write(steps->volume, file->id, offset, buffer, size),
			      (int64_t)size);
	if (outcome == REFUSED)
		return write_failed(steps, file, offset, size);
	if (outcome == DONE)
		tree_write(&steps->tree, file, offset, buffer, size);
	return outcome;
}

static enum outcome do_read(struct steps *steps, struct tree_node *file)
{
	size_t offset = choose_offset(steps, file), size = choose_length(steps);
	size_t wanted = offset >= file->size         ? 0
			: size > file->size - offset ? file->size - offset
						     : size;
	enum outcome outcome;

	steps_say(steps, "read %zu bytes at %zu of %llu", size, offset,
		  (unsigned long long)file->id.object);
	outcome = steps_judge(steps, hmfs_read(steps->volume, file->id, offset, buffer, size),
			      (int64_t)wanted);
	if (outcome == DONE && wanted && memcmp(buffer, file->bytes + offset, wanted) != 0)
		return WRONG;
	return outcome;
}

/* A cut or punch that failed: the size is as before, the range may be zeros in part. */
static enum outcome cut_failed(struct steps *steps, struct tree_node *file, size_t offset,
			       size_t end)
{
	if (end > file->size)
		end = file->size;
	if (offset >= end || end - offset > sizeof(buffer))
		return REFUSED;
	memset(buffer, 0, end - offset);
	return write_failed(steps, file, offset, end - offset);
}

static enum outcome do_resize(struct steps *steps, struct tree_node *file)
{
	size_t size = choose_offset(steps, file);
	enum outcome outcome;

	steps_say(steps, "resize %llu from %zu to %zu", (unsigned long long)file->id.object,
		  file->size, size);
	outcome = steps_judge(steps, hmfs_resize(steps->volume, file->id, size), 0);
	if (outcome == REFUSED)
		return cut_failed(steps, file, size, file->size);
	if (outcome == DONE)
		tree_set_size(&steps->tree, file, size);
	return outcome;
}

static enum outcome do_punch(struct steps *steps, struct tree_node *file)
{
	size_t offset = choose_offset(steps, file), size = choose_length(steps);
	enum outcome outcome;

	steps_say(steps, "punch %zu bytes at %zu of %llu", size, offset,
		  (unsigned long long)file->id.object);
	outcome = steps_judge(steps, hmfs_punch(steps->volume, file->id, offset, size), 0);
	if (outcome == REFUSED)
		return cut_failed(steps, file, offset, offset + size);
	if (outcome == DONE && offset < file->size)
		memset(file->bytes + offset, 0,
		       size > file->size - offset ? file->size - offset : size);
	return outcome;
}

static enum outcome do_allocate(struct steps *steps, struct tree_node *file)
{
	size_t offset = choose_offset(steps, file), size = choose_length(steps);
	bool keep_size = steps_random(steps, 2);
	enum outcome outcome;

	steps_say(steps, "allocate %zu bytes at %zu of %llu%s", size, offset,
		  (unsigned long long)file->id.object, keep_size ? ", size kept" : "");
	outcome = steps_judge(steps,
			      hmfs_allocate(steps->volume, file->id, offset, size, keep_size), 0);
	if (outcome == DONE && !keep_size && offset + size > file->size)
		tree_set_size(&steps->tree, file, offset + size);
	return outcome;
}

/* A cloning that fails may have been done in part, as a write. */
static enum outcome do_clone(struct steps *steps, struct tree_node *to)
{
	struct tree_node *from = steps_choose(steps, tree_is_file);
	size_t blocks, offset, to_offset, size;
	enum outcome outcome;

	if (!from || from == to || from->size < HMFS_BLOCK_SIZE || from->size > MOST_BYTES)
		return DONE;
	blocks = from->size / HMFS_BLOCK_SIZE;
	offset = steps_random(steps, blocks) * HMFS_BLOCK_SIZE;
	to_offset = steps_random(steps, to->size / HMFS_BLOCK_SIZE + 1) * HMFS_BLOCK_SIZE;
	size = (1 + steps_random(steps, blocks - offset / HMFS_BLOCK_SIZE)) * HMFS_BLOCK_SIZE;
	if (to_offset + from->size - offset >= to->size && steps_random(steps, 2))
		size = from->size - offset;
	steps_say(steps, "clone %zu bytes at %zu of %llu to %zu of %llu", size, offset,
		  (unsigned long long)from->id.object, to_offset,
		  (unsigned long long)to->id.object);
	memcpy(buffer, from->bytes + offset, size);
	outcome = steps_judge(
		steps, hmfs_clone_range(steps->volume, from->id, offset, to->id, to_offset, size),
		0);
	if (outcome == REFUSED)
		return write_failed(steps, to, to_offset, size);
	if (outcome == DONE)
		tree_write(&steps->tree, to, to_offset, buffer, size);
	return outcome;
}

/* That what seek() calls a hole reads as zeros. */
static enum outcome do_seek(struct steps *steps, struct tree_node *file)
{
	uint64_t offset = 0;

	steps_say(steps, "seek in %llu", (unsigned long long)file->id.object);
	while (offset < file->size) {
		int64_t data = hmfs_seek(steps->volume, file->id, offset, false);
		uint64_t end = data == -ENXIO ? file->size : (uint64_t)data;

		if (data < 0 && data != -ENXIO)
			return steps_judge(steps, data, 0);
		for (; offset < end; offset++) {
			if (offset >= file->size || !file->bytes[offset])
				continue;
			steps_say(steps, "byte %llu of %llu is no hole", (unsigned long long)offset,
				  (unsigned long long)file->id.object);
			return WRONG;
		}
		if (data < 0)
			break;
		data = hmfs_seek(steps->volume, file->id, end, true);
		if (data <= (int64_t)end)
			return steps_judge(steps, data, (int64_t)end + 1);
		offset = (uint64_t)data;
	}
	return DONE;
}

enum outcome steps_do_file(struct steps *steps)
{
	static enum outcome (*const operations[])(struct steps *, struct tree_node *) = {
		do_write,  do_write, do_write, do_write,    do_read, do_read,
		do_resize, do_punch, do_clone, do_allocate, do_seek,
	};
	struct tree_node *file = steps->held[steps_random(steps, STEPS_HELD)];
	uint64_t number = steps_random(steps, sizeof(operations) / sizeof(operations[0]));

	if (!file || steps_random(steps, 4))
		file = steps_choose(steps, tree_is_file);
	if (!file)
		return DONE;
	if (steps->tree.bytes > steps->most_bytes && number < 4) {
		steps_say(steps, "empty %llu", (unsigned long long)file->id.object);
		enum outcome outcome =
			steps_judge(steps, hmfs_resize(steps->volume, file->id, 0), 0);
		if (outcome == DONE)
			tree_set_size(&steps->tree, file, 0);
		return outcome;
	}
	return operations[number](steps, file);
}
