/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Checking the bit maps of space against what is in use. If they are wrong they are made anew,
 * all of them.
 */
#include <base/errno.h>
#include <base/string.h>

#include "check_priv.h"

/* How the two differ. */
struct difference {
	uint64_t lost, lost_first;   /* in use as the maps say, but nobody's */
	uint64_t taken, taken_first; /* in use, but free as the maps say */
	bool nonsense;               /* a record could not be read */
};

/* The blocks of [from, to) that are, or are not, in use: how many, and the first one. */
static void count(const struct hmfs_check *check, uint64_t from, uint64_t to, bool used,
		  uint64_t *number, uint64_t *first)
{
	while (from < to) {
		const uint64_t start = hmfs_set_next(&check->used, from, used);
		const uint64_t end = min_u64(hmfs_set_next(&check->used, start, !used), to);

		if (start >= to)
			return;
		if (*number == 0)
			*first = start;
		*number += end - start;
		from = end;
	}
}

static int compare(struct hmfs_check *check, struct difference *difference)
{
	const uint64_t blocks = check->used.blocks;
	uint64_t behind = 0, address = 0, length = 0;

	for (;;) {
		const int error = hmfs_space_next_free(check->volume->space, &address, 1, &length);

		if (error == -EIO) {
			difference->nonsense = true;
			return 0;
		}
		if (error && error != -ENOENT)
			return error;
		if (error)
			address = blocks;
		count(check, behind, address, false, &difference->lost, &difference->lost_first);
		if (error)
			return 0;
		count(check, address, address + length, true, &difference->taken,
		      &difference->taken_first);
		address += length;
		behind = address;
	}
}

static bool complain(struct hmfs_check *check, const struct difference *difference)
{
	bool wrong = false;

	if (difference->nonsense) {
		hmfs_check_problem(check, true, "a record of which blocks are free is nonsense");
		wrong = true;
	}
	if (difference->taken > 0) {
		hmfs_check_problem(check, true,
				   "%llu blocks that are in use count as free, the first is %llu",
				   (unsigned long long)difference->taken,
				   (unsigned long long)difference->taken_first);
		wrong = true;
	}
	/* With metadata missing they may well be somebody's. */
	if (difference->lost > 0 && !check->incomplete) {
		hmfs_check_problem(check, true,
				   "%llu blocks that nobody uses count as used, the first is %llu",
				   (unsigned long long)difference->lost,
				   (unsigned long long)difference->lost_first);
		wrong = true;
	}
	return wrong;
}

/* --- Repair --- */

static int remove_record(struct hmfs_check *check, const struct hmfs_key *key,
			 const struct hmfs_value *value, void *argument)
{
	const unsigned kind = hmfs_check_kind(key);

	(void)value;
	(void)argument;
	if (key->object != 0 || (kind != HMFS_KIND_GROUP && kind != HMFS_KIND_SUMMARY))
		return HMFS_CHECK_END;
	return hmfs_check_remove(check, &check->volume->map, key);
}

/* Maps in which nothing is used. */
static int start_anew(struct hmfs_check *check)
{
	const struct hmfs_key first = { .place = HMFS_PLACE(HMFS_KIND_GROUP, 0) };
	struct hmfs_volume *volume = check->volume;
	struct hmfs_space *fresh;
	int error = hmfs_check_walk(check, &volume->map, &first, remove_record, NULL);

	if (!error)
		error = hmfs_space_create(&volume->context, &volume->map, volume->root.blocks,
					  volume->root.blocks, &fresh);
	if (error)
		return error;
	hmfs_space_destroy(volume->space);
	volume->space = fresh;
	volume->context.space = fresh;
	return 0;
}

static int claim_all(struct hmfs_check *check)
{
	const uint64_t blocks = check->used.blocks;
	int error = 0;

	for (uint64_t at = 0; !error;) {
		const uint64_t first = hmfs_set_next(&check->used, at, true);

		if (first == blocks)
			break;
		at = hmfs_set_next(&check->used, first, false);
		error = hmfs_space_claim(check->volume->space, first, at - first);
		/* They were in use already, which is right. */
		if (error == -EUCLEAN)
			error = 0;
	}
	return error;
}

/* What the log freed is free with the commit that would follow it: as if there had been one. */
static int finish_frees(struct hmfs_space *space)
{
	int error = hmfs_space_seal(space);

	if (error)
		return error;
	error = hmfs_space_flush(space);
	hmfs_space_done(space, error != 0);
	return error;
}

int hmfs_check_space(struct hmfs_check *check)
{
	struct difference difference = { 0 };
	const uint64_t free = check->used.blocks - hmfs_set_count(&check->used);
	uint64_t said;
	int error = finish_frees(check->volume->space);
	bool wrong;

	/* A record that is nonsense is told below. */
	if (!error || error == -EIO)
		error = compare(check, &difference);

	if (error)
		return error;
	wrong = complain(check, &difference);
	said = hmfs_space_free_after(check->volume->space);
	if (!wrong && !check->incomplete && said != free) {
		hmfs_check_problem(check, true, "%llu blocks are free, but %llu are said to be",
				   (unsigned long long)free, (unsigned long long)said);
		wrong = true;
	}
	if (!wrong || !check->options->repair || check->incomplete)
		return 0;
	check->changed = true;
	error = start_anew(check);
	return error ? error : claim_all(check);
}
