/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "contents_model.h"

#include <base/errno.h>
#include <base/string.h>
#include <hmfs/check.h>

#include <stdio.h>
#include <stdlib.h>

#include "unit.h"

#define BLOCK HMFS_BLOCK_SIZE

void model_create(struct memory_volume *volume, struct model_file *file)
{
	const struct hmfs_template like = { .mode = 0100644 };

	file->bytes = calloc(1, MODEL_SIZE_MAX);
	file->size = 0;
	EXPECT(file->bytes);
	EXPECT_EQUAL(hmfs_create_nameless(volume->volume, HMFS_DATASET_LIVE, &like, &file->id), 0);
}

void model_destroy(struct memory_volume *volume, struct model_file *file)
{
	hmfs_object_let_go(volume->volume, file->id);
	free(file->bytes);
	file->bytes = NULL;
}

int model_write(struct memory_volume *volume, struct model_file *file, uint64_t offset,
		const void *bytes, size_t size)
{
	const ssize_t written = hmfs_write(volume->volume, file->id, offset, bytes, size);

	if (written < 0)
		return (int)written;
	EXPECT_EQUAL(written, size);
	memcpy(file->bytes + offset, bytes, size);
	if (size)
		file->size = max_u64(file->size, offset + size);
	return 0;
}

int model_resize(struct memory_volume *volume, struct model_file *file, uint64_t size)
{
	const int error = hmfs_resize(volume->volume, file->id, size);

	if (error)
		return error;
	if (size < file->size)
		memset(file->bytes + size, 0, file->size - size);
	file->size = size;
	return 0;
}

int model_punch(struct memory_volume *volume, struct model_file *file, uint64_t offset,
		uint64_t length)
{
	const int error = hmfs_punch(volume->volume, file->id, offset, length);

	if (!error)
		memset(file->bytes + offset, 0, length);
	return error;
}

int model_allocate(struct memory_volume *volume, struct model_file *file, uint64_t offset,
		   uint64_t length, bool keep_size)
{
	const int error = hmfs_allocate(volume->volume, file->id, offset, length, keep_size);

	if (!error && !keep_size)
		file->size = max_u64(file->size, offset + length);
	return error;
}

int model_clone(struct memory_volume *volume, struct model_file *from, uint64_t from_offset,
		struct model_file *to, uint64_t to_offset, uint64_t length)
{
	const int error =
		hmfs_clone_range(volume->volume, from->id, from_offset, to->id, to_offset, length);

	if (error)
		return error;
	memmove(to->bytes + to_offset, from->bytes + from_offset, length);
	if (length)
		to->size = max_u64(to->size, to_offset + length);
	return 0;
}

/* --- Comparing. --- */

/* Between data and hole all must be told in turns, and what is a hole be zeros. */
static void compare_holes(struct memory_volume *volume, const struct model_file *file)
{
	uint64_t at = 0;

	while (at < file->size) {
		int64_t data = hmfs_seek(volume->volume, file->id, at, false);
		int64_t hole;

		if (data == -ENXIO)
			data = (int64_t)file->size;
		EXPECT(data >= (int64_t)at && data <= (int64_t)file->size);
		for (uint64_t i = at; i < (uint64_t)data; i++)
			EXPECT_EQUAL(file->bytes[i], 0);
		if ((uint64_t)data == file->size)
			break;
		hole = hmfs_seek(volume->volume, file->id, (uint64_t)data, true);
		EXPECT(hole > data && hole <= (int64_t)file->size);
		at = (uint64_t)hole;
	}
	EXPECT_EQUAL(hmfs_seek(volume->volume, file->id, file->size, true), -ENXIO);
}

void model_compare(struct memory_volume *volume, const struct model_file *file)
{
	struct hmfs_attributes attributes;
	uint8_t *bytes = malloc(MODEL_SIZE_MAX);

	EXPECT(bytes);
	EXPECT_EQUAL(hmfs_read_attributes(volume->volume, file->id, &attributes), 0);
	EXPECT_EQUAL(attributes.size, file->size);
	EXPECT_EQUAL(hmfs_read(volume->volume, file->id, 0, bytes, MODEL_SIZE_MAX), file->size);
	EXPECT_BYTES(bytes, file->bytes, file->size);
	free(bytes);
	compare_holes(volume, file);
}

static void read_back(struct memory_volume *volume, struct model_file *file)
{
	struct hmfs_attributes attributes;

	EXPECT_EQUAL(hmfs_read_attributes(volume->volume, file->id, &attributes), 0);
	EXPECT(attributes.size <= MODEL_SIZE_MAX);
	file->size = attributes.size;
	memset(file->bytes, 0, MODEL_SIZE_MAX);
	EXPECT_EQUAL(hmfs_read(volume->volume, file->id, 0, file->bytes, MODEL_SIZE_MAX),
		     file->size);
}

/* --- Anything. --- */

/* Mostly small, often at an edge of something. */
static uint64_t some_offset(uint64_t *state)
{
	static const uint64_t units[] = { 1, 512, BLOCK, HMFS_CHUNK_SIZE };
	const uint64_t unit = units[unit_random_below(state, array_length(units))];
	uint64_t limit = MODEL_SIZE_MAX / 2;

	if (unit_random_below(state, 3) == 0)
		limit = 4096;
	else if (unit_random_below(state, 2))
		limit = 300000;
	return unit_random_below(state, limit) / unit * unit;
}

static int write_something(struct memory_volume *volume, struct model_file *file, uint64_t *state)
{
	static uint8_t bytes[MODEL_SIZE_MAX / 2];
	const uint64_t offset = some_offset(state);
	const size_t size =
		(size_t)min_u64(some_offset(state) + unit_random_below(state, 2), sizeof(bytes));
	const int error = (memset(bytes, (int)unit_random_below(state, 256), size),
			   model_write(volume, file, offset, bytes, size));

	if (error)
		read_back(volume, file);
	return error;
}

static int clone_something(struct memory_volume *volume, struct model_file *from,
			   struct model_file *to, uint64_t *state)
{
	const uint64_t from_offset = some_offset(state) / BLOCK * BLOCK;
	const uint64_t to_offset = some_offset(state) / BLOCK * BLOCK;
	uint64_t length = some_offset(state) / BLOCK * BLOCK;
	bool overlap;
	int error;

	if (from_offset >= from->size)
		return 0;
	if (length > from->size - from_offset)
		length = from->size - from_offset;
	overlap =
		from == to && from_offset < to_offset + length && to_offset < from_offset + length;
	error = model_clone(volume, from, from_offset, to, to_offset, length);
	if (error == -EINVAL) {
		EXPECT(overlap || (length % BLOCK && to_offset + length < to->size));
		return 0;
	}
	if (error)
		read_back(volume, to);
	return error;
}

static int operate(struct memory_volume *volume, struct model_file *files, unsigned count,
		   uint64_t *state)
{
	struct model_file *file = &files[unit_random_below(state, count)];
	const uint64_t offset = some_offset(state), length = some_offset(state) + 1;

	switch (unit_random_below(state, 12)) {
	case 0:
		return model_resize(volume, file, offset);
	case 1:
		return model_punch(volume, file, offset, length);
	case 2:
		return model_allocate(volume, file, offset, length, unit_random_below(state, 2));
	case 3:
	case 4:
		return clone_something(volume, &files[unit_random_below(state, count)], file,
				       state);
	case 5:
		return unit_random_below(state, 3) ? 0 : hmfs_commit(volume->volume);
	default:
		return write_something(volume, file, state);
	}
}

void model_do_something(struct memory_volume *volume, struct model_file *files, unsigned count,
			uint64_t *state, int allowed)
{
	const int error = operate(volume, files, count, state);

	if (error && error == allowed) {
		for (unsigned i = 0; i < count; i++)
			read_back(volume, &files[i]);
		return;
	}
	EXPECT_EQUAL(error, 0);
	for (unsigned i = 0; i < count; i++)
		model_compare(volume, &files[i]);
}

/* --- Checking. --- */

static void say_problem(void *context, const char *line, bool repaired)
{
	(void)context, (void)repaired;
	fprintf(stderr, "%s\n", line);
}

void model_check(struct memory_volume *volume)
{
	const struct hmfs_check_options options = { .data = true };
	const struct hmfs_report report = { .problem = say_problem };
	struct hmfs_check_result result = { 0 };

	EXPECT_EQUAL(hmfs_unmount(volume->volume), 0);
	volume->volume = NULL;
	EXPECT_EQUAL(hmfs_check(&volume->device.device, &volume->host, &options, &report, &result),
		     0);
	EXPECT_EQUAL(result.problems, 0);
	EXPECT_EQUAL(memory_volume_mount(volume, false), 0);
}
