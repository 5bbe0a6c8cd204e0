/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Volumes whose checksums are right, but not what is in them: the input changes nodes, the root
 * record and the log of a small volume, checksums are made to fit, and the volume is checked,
 * mounted, read, worked on and repaired. Nothing may crash or leak, and a repair that says that all
 * is well must be right: a second check finds nothing.
 *
 * The input: a byte of what is to be done, then changes: which piece (a byte), where (two), what (a
 * byte), and a number of up to eight bytes.
 */
#include <hmfs/check.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../hmfs/content.h"
#include "fuzz.h"
#include "hmfs_nodes.h"

#define BLOCKS      1024u
#define FILES       14u
#define CHANGES_MAX 24u

enum plan {
	PLAN_CHECK_FIRST = 1,
	PLAN_READ_ONLY = 2,
	PLAN_ONE_COPY = 4,
	PLAN_WORK = 8,
	PLAN_SCRUB = 16,
	PLAN_OTHER_VOLUME = 32,
};

static struct original {
	struct memory_volume volume;
	struct pieces pieces;
} originals[2];

static void make_originals(void)
{
	static bool made;

	if (made)
		return;
	made = true;
	for (unsigned i = 0; i < 2; i++) {
		const struct content_options options = {
			.blocks = BLOCKS,
			.files = FILES,
			.hash = HMFS_HASH_XXH3,
			.data_twice = i == 1,
			.leave_log = i == 0,
		};

		content_make(&originals[i].volume, &options);
		pieces_gather(&originals[i].pieces, &originals[i].volume.device);
	}
}

/* --- Changes --- */

struct input {
	const uint8_t *next, *end;
};

static uint64_t take(struct input *input, unsigned bytes)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < bytes; i++)
		value |= (uint64_t)(input->next < input->end ? *input->next++ : 0) << (8 * i);
	return value;
}

/* Numbers that may be believed too easily. */
static uint64_t some_number(struct input *input)
{
	const unsigned kind = (unsigned)take(input, 1);

	switch (kind % 8) {
	case 0:
		return kind / 8;
	case 1:
		return UINT64_MAX - kind / 8;
	case 2:
		return (uint64_t)1 << (kind / 8 * 2);
	case 3:
		return BLOCKS - kind / 8;
	case 4:
		return HMFS_FIRST_OBJECT + kind / 8;
	case 5:
		return take(input, 1);
	case 6:
		return take(input, 2);
	default:
		return take(input, 8);
	}
}

static void change(struct input *input, struct pieces *pieces)
{
	struct piece *piece = &pieces->list[take(input, 1) % pieces->count];
	size_t at = take(input, 2) % piece->used;
	const unsigned how = (unsigned)take(input, 1), size = 1u << (how / 4 % 4);
	uint64_t value;

	if (how & 128)
		at -= at % size;
	if (at + size > piece->blocks * (size_t)HMFS_BLOCK_SIZE)
		return;
	memcpy(&value, piece->now + at, sizeof(uint8_t));
	value = 0;
	memcpy(&value, piece->now + at, size);
	switch (how % 4) {
	case 0:
		value = some_number(input);
		break;
	case 1:
		value += some_number(input);
		break;
	case 2:
		value ^= (uint64_t)1 << (take(input, 1) % 64);
		break;
	default: /* what stands elsewhere */
		memcpy(&value, piece->now + take(input, 2) % (piece->used - size + 1), size);
		break;
	}
	memcpy(piece->now + at, &value, size);
	piece->is_changed = true;
}

/* --- What is done with it --- */

static void note(void *context, const char *line, bool repaired)
{
	(void)context;
	if (getenv("FUZZ_TALKS"))
		fprintf(stderr, "%s%s\n", repaired ? "" : "(for good) ", line);
}

static void check(struct memory_volume *volume, bool repair, struct hmfs_check_result *result)
{
	const struct hmfs_check_options options = { .repair = repair, .data = true };
	const struct hmfs_report report = { .problem = note };

	if (hmfs_check(&volume->device.device, &volume->host, &options, &report, result))
		result->problems = result->repaired + 1; /* it was told */
	if (getenv("FUZZ_TALKS"))
		fprintf(stderr, "-- %llu problems, %llu repaired\n",
			(unsigned long long)result->problems, (unsigned long long)result->repaired);
}

static void repair(struct memory_volume *volume)
{
	struct hmfs_check_result first = { 0 }, second = { 0 };

	check(volume, true, &first);
	check(volume, false, &second);
	if (first.problems == first.repaired)
		FUZZ_CHECK(second.problems == 0);
}

static void use(struct memory_volume *volume, unsigned plan, uint32_t seed)
{
	struct hmfs_scrub_position position = { 0 };

	if (memory_volume_mount(volume, plan & PLAN_READ_ONLY))
		return;
	content_walk(volume->volume);
	for (unsigned i = 0; plan & PLAN_SCRUB && i < 200; i++) {
		if (hmfs_scrub_step(volume->volume, &position, NULL) != 1)
			break;
	}
	if (plan & PLAN_WORK) {
		content_use(volume->volume, seed);
		content_walk(volume->volume);
	}
	if (hmfs_unmount(volume->volume))
		note(NULL, "unmount failed", false);
	volume->volume = NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, data + size };
	const unsigned plan = (unsigned)take(&input, 1);
	const uint32_t seed = (uint32_t)take(&input, 1);
	struct memory_volume volume = { 0 };
	struct original *original;
	int64_t allocations;

	make_originals();
	original = &originals[plan & PLAN_OTHER_VOLUME ? 1 : 0];
	pieces_reset(&original->pieces);
	for (unsigned i = 0; i < CHANGES_MAX && input.next < input.end; i++)
		change(&input, &original->pieces);
	volume.host = original->volume.host;
	memory_device_create(&volume.device, BLOCKS);
	memory_device_copy(&volume.device, &original->volume.device);
	pieces_write(&original->pieces, &volume.device, plan & PLAN_ONE_COPY);
	allocations = memory_host.allocations;
	if (plan & PLAN_CHECK_FIRST)
		repair(&volume);
	use(&volume, plan, seed);
	repair(&volume);
	FUZZ_CHECK(memory_host.allocations == allocations);
	memory_device_destroy(&volume.device);
	return 0;
}
