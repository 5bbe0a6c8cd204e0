/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checking the index of forks: an entry for each fork that says so, and no other. */
#include <base/errno.h>
#include <base/string.h>

#include "check_priv.h"

int hmfs_check_indexed(struct hmfs_check *check, uint64_t owner, const char *name, size_t length,
		       const struct hmfs_check_object *fork)
{
	uint8_t nothing[1] = { 0 };
	struct hmfs_key key;
	ssize_t there;

	if (!fork->is_indexed)
		return 0;
	hmfs_index_key(check->volume, name, length, fork->entries, owner, &key);
	there = hmfs_map_get(&check->dataset->map, &key, nothing, sizeof(nothing));
	if (there >= 0) {
		check->index_found++;
		return 0;
	}
	if (there != -ENOENT)
		return (int)there;
	if (!hmfs_check_object_problem(check, fork->number, true, "it is missing in the index"))
		return 0;
	return hmfs_check_put(check, &check->dataset->map, &key, nothing, 0);
}

/* --- Entries that nothing has --- */

struct search {
	struct hmfs_key key;
	bool found;
};

static int see_fork(struct hmfs_check *check, const struct hmfs_key *key,
		    const struct hmfs_value *value, void *argument)
{
	struct search *search = argument;
	const struct hmfs_check_object *fork;
	struct hmfs_name name;
	struct hmfs_key wanted;
	const char *text;
	size_t length;

	if (key->object != search->key.minor || hmfs_check_kind(key) != HMFS_KIND_FORK)
		return HMFS_CHECK_END;
	if (!hmfs_name_decode(value->bytes, value->length, &name, &text, &length))
		return 0;
	fork = hmfs_check_find(check, name.object);
	if (!fork || !fork->is_indexed)
		return 0;
	hmfs_index_key(check->volume, text, length, fork->entries, key->object, &wanted);
	search->found = hmfs_key_compare(&wanted, &search->key) == 0;
	return search->found ? HMFS_CHECK_END : 0;
}

static int see(struct hmfs_check *check, const struct hmfs_key *key, const struct hmfs_value *value,
	       void *argument)
{
	struct search search = { .key = *key };
	const struct hmfs_key first = { key->minor, HMFS_PLACE(HMFS_KIND_FORK, 0), 0 };
	int error;

	(void)value;
	(void)argument;
	if (hmfs_check_kind(key) != HMFS_KIND_INDEX)
		return 0;
	error = hmfs_check_walk(check, &check->dataset->map, &first, see_fork, &search);
	if (error || search.found)
		return error;
	if (!hmfs_check_problem(check, true,
				"the index tells of a fork of object %llu, which has none like it",
				(unsigned long long)key->minor))
		return 0;
	return hmfs_check_remove(check, &check->dataset->map, key);
}

int hmfs_check_index(struct hmfs_check *check)
{
	const struct hmfs_key first = { 0 };

	if (check->index_entries <= check->index_found)
		return 0;
	return hmfs_check_walk(check, &check->dataset->map, &first, see, NULL);
}
