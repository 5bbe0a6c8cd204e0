/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two datasets' entries side by side, in the order of keys, and which objects of them count: those
 * that have a name, and their forks. What is computed on demand does not. */
#include "stream_priv.h"

#include <base/errno.h>
#include <base/string.h>

static int at_entry(int result, bool *at)
{
	*at = result == 0;
	return result == -ENOENT ? 0 : result;
}

/* Whether an object that is no fork has a name. */
static bool is_named(uint64_t number, const struct hmfs_object_record *record)
{
	return number == HMFS_ROOT_OBJECT ||
	       (record->links > 0 && !(record->flags & HMFS_OBJECT_FORK));
}

static int look_at_record(struct hmfs_dataset *dataset, uint64_t number,
			  struct hmfs_object_record *record, bool *counts)
{
	struct hmfs_object object;
	int error = hmfs_object_load(dataset, number, &object);

	if (error)
		return error;
	*record = object.record;
	*counts = is_named(number, record);
	if (!(record->flags & HMFS_OBJECT_FORK) || record->flags & HMFS_OBJECT_COMPUTED)
		return 0;
	error = hmfs_object_load(dataset, record->parent, &object);
	*counts = !error && is_named(record->parent, &object.record);
	return error == -ENOENT ? 0 : error;
}

/* An object begins. */
static int look_at_object(struct hmfs_diff *diff)
{
	int error = 0;

	diff->object = diff->key.object;
	diff->object_in_from = !diff->from && diff->object == HMFS_ROOT_OBJECT;
	diff->object_in_to = false;
	if (diff->in_from)
		error = look_at_record(diff->from, diff->object, &diff->from_record,
				       &diff->object_in_from);
	if (!error && diff->in_to)
		error = look_at_record(diff->to, diff->object, &diff->to_record,
				       &diff->object_in_to);
	return error;
}

/* Which of the cursors is at the entry that comes first. */
static int settle(struct hmfs_diff *diff)
{
	int order;

	if (!diff->from_at && !diff->to_at)
		return 0;
	if (diff->from_at && diff->to_at)
		order = hmfs_key_compare(&diff->from_cursor.key, &diff->to_cursor.key);
	else
		order = diff->from_at ? -1 : 1;
	diff->in_from = order <= 0;
	diff->in_to = order >= 0;
	diff->key = diff->in_from ? diff->from_cursor.key : diff->to_cursor.key;
	if (diff->key.place >> 56 == HMFS_KIND_OBJECT) {
		const int error = look_at_object(diff);

		return error ? error : 1;
	}
	if (diff->key.object != diff->object) {
		diff->object = diff->key.object;
		diff->object_in_from = diff->object_in_to = false;
	}
	return 1;
}

int hmfs_diff_begin(struct hmfs_diff *diff, struct hmfs_dataset *from, struct hmfs_dataset *to)
{
	const struct hmfs_key first = { .object = HMFS_ROOT_OBJECT };
	int error = 0;

	memset(diff, 0, sizeof(*diff));
	diff->from = from;
	diff->to = to;
	if (from)
		error = at_entry(hmfs_cursor_seek(&diff->from_cursor, &from->map, &first),
				 &diff->from_at);
	if (!error)
		error = at_entry(hmfs_cursor_seek(&diff->to_cursor, &to->map, &first),
				 &diff->to_at);
	return error ? error : settle(diff);
}

int hmfs_diff_next(struct hmfs_diff *diff)
{
	int error = 0;

	if (diff->in_from)
		error = at_entry(hmfs_cursor_next(&diff->from_cursor), &diff->from_at);
	if (!error && diff->in_to)
		error = at_entry(hmfs_cursor_next(&diff->to_cursor), &diff->to_at);
	return error ? error : settle(diff);
}

void hmfs_diff_end(struct hmfs_diff *diff)
{
	if (diff->from)
		hmfs_cursor_close(&diff->from_cursor);
	hmfs_cursor_close(&diff->to_cursor);
}
