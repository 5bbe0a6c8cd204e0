/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Damages a volume at random and looks at what becomes of it:
 *
 *	damage KIND STATES [SEED]
 *
 *   one   one copy of blocks of which there are two: everything reads right, and is mended
 *   any   anything anywhere, both copies too: what is read is right, or an error; after a repair
 *         a second check is content
 *
 * Prints what went wrong with the state's seed, which repeats it: damage KIND 1 SEED.
 */
#include "content.h"

#include <hmfs/check.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCKS 6144u
#define FILES  90u

static uint64_t random_state;

static uint64_t random_number(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state * 0x2545f4914f6cdd1d >> 11;
}

static uint64_t below(uint64_t limit)
{
	return random_number() % limit;
}

/* A volume as it was made, and what is known of its blocks. */
struct original {
	struct memory_volume volume;
	struct content_options options;
	uint64_t *used; /* blocks that are not all zeros */
	uint64_t used_count;
	uint64_t (*pairs)[2]; /* blocks that are the same */
	uint64_t pair_count;
};

/* --- What the blocks are --- */

struct block {
	uint64_t number, hash;
};

static int compare_blocks(const void *a, const void *b)
{
	const struct block *first = a, *second = b;

	if (first->hash != second->hash)
		return first->hash < second->hash ? -1 : 1;
	return first->number < second->number ? -1 : 1;
}

static uint64_t hash_of(const uint8_t *bytes)
{
	uint64_t hash = 14695981039346656037u;

	for (unsigned i = 0; i < HMFS_BLOCK_SIZE; i++)
		hash = (hash ^ bytes[i]) * 1099511628211u;
	return hash;
}

static bool all_zeros(const uint8_t *bytes)
{
	for (unsigned i = 0; i < HMFS_BLOCK_SIZE; i++) {
		if (bytes[i])
			return false;
	}
	return true;
}

static void look(struct original *original)
{
	struct block *blocks = calloc(BLOCKS, sizeof(*blocks));
	uint8_t bytes[HMFS_BLOCK_SIZE];
	uint64_t count = 0;

	original->used = calloc(BLOCKS, sizeof(*original->used));
	original->pairs = calloc(BLOCKS, sizeof(*original->pairs));
	for (uint64_t i = 0; i < BLOCKS; i++) {
		memory_device_peek(&original->volume.device, i, 1, bytes);
		if (all_zeros(bytes))
			continue;
		blocks[count++] = (struct block){ i, hash_of(bytes) };
		original->used[original->used_count++] = i;
	}
	qsort(blocks, count, sizeof(*blocks), compare_blocks);
	for (uint64_t i = 0; i + 1 < count; i++) {
		if (blocks[i].hash != blocks[i + 1].hash ||
		    (i + 2 < count && blocks[i + 2].hash == blocks[i].hash) ||
		    (i > 0 && blocks[i - 1].hash == blocks[i].hash))
			continue;
		original->pairs[original->pair_count][0] = blocks[i].number;
		original->pairs[original->pair_count++][1] = blocks[i + 1].number;
	}
	free(blocks);
}

/* --- Damage --- */

static void damage_block(struct original *original, struct memory_device *device, uint64_t block)
{
	uint8_t bytes[HMFS_BLOCK_SIZE];
	const size_t sector = below(8) * 512;

	memory_device_peek(device, block, 1, bytes);
	switch (below(6)) {
	case 0: /* a bit */
		bytes[below(sizeof(bytes))] ^= (uint8_t)(1u << below(8));
		break;
	case 1: /* a byte */
		bytes[below(sizeof(bytes))] += (uint8_t)(1 + below(255));
		break;
	case 2: /* a sector that was never written */
		memset(bytes + sector, 0, 512);
		break;
	case 3: /* garbage */
		for (size_t i = sector; i < sector + 512; i++)
			bytes[i] = (uint8_t)random_number();
		break;
	case 4: /* another block's contents */
		memory_device_peek(device, original->used[below(original->used_count)], 1, bytes);
		break;
	default:
		memset(bytes, 0, sizeof(bytes));
		break;
	}
	memory_device_poke(device, block, 1, bytes);
}

/* One of each pair, never both: a node is several blocks, and all of a copy lie together. */
static void damage_copies(struct original *original, struct memory_device *device)
{
	const uint64_t start = below(original->pair_count);
	const uint64_t count = 1 + below(12), copy = below(2);

	for (uint64_t i = 0; i < count; i++)
		damage_block(original, device,
			     original->pairs[(start + i * 7) % original->pair_count][copy]);
}

static void damage_anything(struct original *original, struct memory_device *device)
{
	const unsigned count = 1 + (unsigned)below(6);

	for (unsigned i = 0; i < count; i++) {
		const uint64_t *pair = original->pairs[below(original->pair_count)];

		switch (below(3)) {
		case 0:
			damage_block(original, device, original->used[below(original->used_count)]);
			break;
		default: /* both copies */
			damage_block(original, device, pair[0]);
			damage_block(original, device, pair[1]);
			break;
		}
	}
}

/* --- What becomes of it --- */

static bool failed;
static char last_problem[256];

static void fail(const char *what, const char *more, long value)
{
	failed = true;
	printf("  %s: %s %ld\n", what, more, value);
}

static void note_problem(void *context, const char *line, bool repaired)
{
	(void)context;
	snprintf(last_problem, sizeof(last_problem), "%s%s", repaired ? "" : "(for good) ", line);
	if (getenv("DAMAGE_TALKS"))
		printf("    %s\n", last_problem);
}

static void check(struct memory_volume *volume, bool repair, struct hmfs_check_result *result)
{
	const struct hmfs_report report = { .problem = note_problem };
	const struct hmfs_check_options options = { .repair = repair, .data = true };
	const int error =
		hmfs_check(&volume->device.device, &volume->host, &options, &report, result);

	if (error && error != -EINVAL && error != -EUCLEAN)
		fail("check", "error", error);
}

/* Mounts and reads it all. `whole`: nothing may be lost. */
static bool read_all(struct memory_volume *volume, const struct content_options *options,
		     bool whole)
{
	struct content_result result;
	const int error = memory_volume_mount(volume, below(2));

	if (error) {
		if (whole || (error != -EIO && error != -EUCLEAN && error != -EINVAL))
			fail("mount", "error", error);
		return false;
	}
	content_verify(volume->volume, options->files, &result);
	if (result.wrong > 0)
		fail("read", result.first, (long)result.wrong);
	if (whole && result.lost > 0)
		fail("read", "lost", (long)result.lost);
	return true;
}

static void scrub(struct memory_volume *volume)
{
	struct hmfs_scrub_position position = { 0 };
	unsigned steps = 0;
	int more;

	do
		more = hmfs_scrub_step(volume->volume, &position, NULL);
	while (more == 1 && ++steps < 100000);
	if (more)
		fail("scrub", "error", more);
}

static void unmount(struct memory_volume *volume)
{
	const int error = hmfs_unmount(volume->volume);

	volume->volume = NULL;
	if (error && error != -EIO && error != -ENOSPC)
		fail("unmount", "error", error);
}

/* All reads right, all is mended: by reading and scrubbing, or by a check. */
static void try_one(struct original *original, struct memory_volume *volume)
{
	struct hmfs_check_result result;

	damage_copies(original, &volume->device);
	if (below(2)) {
		if (!read_all(volume, &original->options, true))
			return;
		/* Mounted for reading it mends nothing. */
		if (!hmfs_is_read_only(volume->volume)) {
			scrub(volume);
			unmount(volume);
			check(volume, false, &result);
			if (result.problems > 1)
				fail("after scrub", last_problem, (long)result.problems);
		} else {
			unmount(volume);
		}
	}
	check(volume, true, &result);
	if (result.problems != result.repaired)
		fail("repair", last_problem, (long)result.problems);
	check(volume, false, &result);
	if (result.problems)
		fail("second check", last_problem, (long)result.problems);
	if (read_all(volume, &original->options, true))
		unmount(volume);
}

static void try_any(struct original *original, struct memory_volume *volume)
{
	struct hmfs_check_result first, second;

	damage_anything(original, &volume->device);
	if (below(2) && read_all(volume, &original->options, false)) {
		if (below(2))
			scrub(volume);
		unmount(volume);
	}
	check(volume, true, &first);
	check(volume, true, &second);
	if (first.problems == first.repaired && second.problems)
		fail("second check", last_problem, (long)second.problems);
	if (memory_volume_mount(volume, false) == 0) {
		content_walk(volume->volume);
		content_use(volume->volume, (uint32_t)random_number());
		unmount(volume);
	}
}

static void try_state(struct original *originals, unsigned count, const char *kind, uint64_t seed)
{
	struct original *original;
	struct memory_volume volume = { 0 };

	random_state = seed * 0x9e3779b97f4a7c15 + 1;
	original = &originals[below(count)];
	volume.host = original->volume.host;
	memory_device_create(&volume.device, BLOCKS);
	memory_device_copy(&volume.device, &original->volume.device);
	failed = false;
	if (strcmp(kind, "one") == 0)
		try_one(original, &volume);
	else
		try_any(original, &volume);
	if (failed)
		printf("  state %llu of %s\n", (unsigned long long)seed, kind);
	memory_device_destroy(&volume.device);
}

int main(int argc, char **argv)
{
	static struct original originals[4];
	const struct content_options options[] = {
		{ .hash = HMFS_HASH_XXH3 },
		{ .hash = HMFS_HASH_XXH3, .leave_log = true },
		{ .hash = HMFS_HASH_SHA3_256, .data_twice = true },
		{ .hash = HMFS_HASH_SHA3_512, .leave_log = true },
	};
	const unsigned long states = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
	const uint64_t seed = argc > 3 ? strtoull(argv[3], NULL, 10) : 1;
	unsigned long bad = 0;

	if (states == 0) {
		fprintf(stderr, "usage: damage one|any STATES [SEED]\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (unsigned i = 0; i < 4; i++) {
		struct hmfs_check_result result;

		originals[i].options = options[i];
		originals[i].options.blocks = BLOCKS;
		originals[i].options.files = FILES;
		content_make(&originals[i].volume, &originals[i].options);
		look(&originals[i]);
		check(&originals[i].volume, false, &result);
		if (result.problems)
			fail("as it was made", last_problem, (long)result.problems);
		bad += failed;
	}
	for (unsigned long i = 0; i < states; i++) {
		try_state(originals, 4, argv[1], seed + i);
		bad += failed;
	}
	printf("%lu states, %lu failed\n", states, bad);
	return bad > 0;
}
