/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an entry that two datasets have, or one of them, becomes in a stream. */
#include "stream_priv.h"

#include <base/errno.h>
#include <base/string.h>

static bool is_file(const struct hmfs_object_record *record)
{
	return (record->mode & HMFS_MODE_TYPE) == HMFS_MODE_REGULAR;
}

static bool same_values(const struct hmfs_value *a, const struct hmfs_value *b)
{
	return a && b && a->length == b->length && memcmp(a->bytes, b->bytes, a->length) == 0;
}

/* The values of the entry that count, as their object does. */
static const struct hmfs_value *counted_from(const struct hmfs_diff *diff)
{
	return diff->object_in_from ? hmfs_diff_from(diff) : NULL;
}

static const struct hmfs_value *counted_to(const struct hmfs_diff *diff)
{
	return diff->object_in_to ? hmfs_diff_to(diff) : NULL;
}

static int nonsense(struct hmfs_volume *volume, const struct hmfs_diff *diff)
{
	const struct hmfs_id id = { diff->to->number, diff->object };

	return hmfs_complain(volume, &id, "nonsense in its records; it cannot be sent");
}

/* --- Names and forks. --- */

static int add_name(struct hmfs_volume *volume, const struct hmfs_diff *diff,
		    const struct hmfs_value *value, enum hmfs_stream_kind kind,
		    struct hmfs_send_items *items)
{
	const bool fork = kind == HMFS_STREAM_FORK_CREATE || kind == HMFS_STREAM_FORK_REMOVE;
	struct hmfs_stream_name *record = &items->name[items->names].record;
	struct hmfs_name name;
	const char *text;
	size_t length;

	if (!hmfs_name_decode(value->bytes, value->length, &name, &text, &length))
		return nonsense(volume, diff);
	if (fork && name.type == HMFS_FORK_COMPUTED)
		return 0;
	*record = (struct hmfs_stream_name){
		.of = diff->object,
		.object = name.object,
		.type = fork ? name.type : 0,
		.length = (uint8_t)length,
	};
	memcpy(items->name[items->names].text, text, length);
	items->name[items->names].kind = kind;
	items->names++;
	return 0;
}

static int make_name(struct hmfs_volume *volume, const struct hmfs_diff *diff,
		     enum hmfs_send_pass pass, struct hmfs_send_items *items)
{
	const struct hmfs_value *from = counted_from(diff), *to = counted_to(diff);

	if (same_values(from, to))
		return 0;
	if (pass == HMFS_SEND_UNNAME && from)
		return add_name(volume, diff, from, HMFS_STREAM_UNNAME, items);
	if (pass == HMFS_SEND_FILL && to)
		return add_name(volume, diff, to, HMFS_STREAM_NAME, items);
	return 0;
}

static int make_fork(struct hmfs_volume *volume, const struct hmfs_diff *diff,
		     enum hmfs_send_pass pass, struct hmfs_send_items *items)
{
	const struct hmfs_value *from = counted_from(diff), *to = counted_to(diff);
	int error = 0;

	/* The forks of what goes as a whole go with it. */
	if (pass != HMFS_SEND_CREATE || !diff->object_in_to || same_values(from, to))
		return 0;
	if (from)
		error = add_name(volume, diff, from, HMFS_STREAM_FORK_REMOVE, items);
	if (!error && to)
		error = add_name(volume, diff, to, HMFS_STREAM_FORK_CREATE, items);
	return error;
}

/* --- Objects. --- */

static void add_range(struct hmfs_send_items *items, enum hmfs_stream_kind kind, uint64_t object,
		      uint64_t offset, uint64_t length)
{
	items->range[items->ranges].kind = kind;
	items->range[items->ranges].record = (struct hmfs_stream_range){ object, offset, length };
	items->ranges++;
}

static void make_object(const struct hmfs_diff *diff, enum hmfs_send_pass pass,
			struct hmfs_send_items *items)
{
	const struct hmfs_object_record *record = &diff->to_record;

	if (!diff->object_in_to)
		return;
	if (pass == HMFS_SEND_CREATE && !diff->object_in_from &&
	    !(record->flags & HMFS_OBJECT_FORK)) {
		items->create = true;
		items->object = (struct hmfs_stream_object){
			diff->object, record->mode, record->uid, record->gid, 0, record->raw_device
		};
	}
	if (pass == HMFS_SEND_FILL && is_file(record) &&
	    record->size != (diff->object_in_from ? diff->from_record.size : 0))
		add_range(items, HMFS_STREAM_SIZE, diff->object, record->size, 0);
	if (pass == HMFS_SEND_END &&
	    !(diff->object_in_from && same_values(hmfs_diff_from(diff), hmfs_diff_to(diff)))) {
		items->attributes = true;
		items->attribute = (struct hmfs_stream_attributes){
			diff->object,   record->mode,   record->uid,    record->gid,  0,
			record->access, record->modify, record->change, record->birth
		};
	}
}

/* --- Contents. --- */

static int decode(struct hmfs_volume *volume, const struct hmfs_diff *diff,
		  const struct hmfs_value *value, struct hmfs_chunk *chunk)
{
	memset(chunk, 0, offsetof(struct hmfs_chunk, sums));
	if (!value)
		return 0;
	if (hmfs_chunk_decode(volume->super.hash, value->bytes, value->length, chunk))
		return nonsense(volume, diff);
	return 0;
}

/* What a block of the chunk is that `to` has, beside what `from` has: 0 (the same), or the kind of
 * record that it needs. */
static unsigned block_kind(const struct hmfs_volume *volume, const struct hmfs_send_items *items,
			   unsigned block)
{
	const struct hmfs_chunk *from = &items->from_chunk, *to = &items->to_chunk;
	struct hmfs_block was, is;

	hmfs_chunk_block(from, block, &was);
	hmfs_chunk_block(to, block, &is);
	if (to->is_inline && block == 0)
		return HMFS_STREAM_DATA;
	if (is.address[0] == HMFS_NO_BLOCK)
		return was.address[0] != HMFS_NO_BLOCK || (from->is_inline && block == 0)
			       ? HMFS_STREAM_HOLE
			       : 0;
	return hmfs_block_is_same(volume, &was, &is) ? 0 : HMFS_STREAM_DATA;
}

static int make_chunk(struct hmfs_volume *volume, const struct hmfs_diff *diff,
		      struct hmfs_send_items *items)
{
	const uint64_t start = (diff->key.place & HMFS_PLACE_MASK) * HMFS_CHUNK_SIZE;
	const struct hmfs_value *from = counted_from(diff), *to = counted_to(diff);
	const uint64_t size = diff->to_record.size;
	int error;

	if (!diff->object_in_to || !is_file(&diff->to_record) || same_values(from, to))
		return 0;
	error = decode(volume, diff, from, &items->from_chunk);
	if (!error)
		error = decode(volume, diff, to, &items->to_chunk);
	if (error)
		return error;
	for (unsigned block = 0, end; block < HMFS_CHUNK_BLOCKS; block = end) {
		const unsigned kind = block_kind(volume, items, block);
		const uint64_t offset = start + block * HMFS_BLOCK_SIZE;

		for (end = block + 1; end < HMFS_CHUNK_BLOCKS; end++)
			if (block_kind(volume, items, end) != kind)
				break;
		if (kind && offset < size)
			add_range(items, kind, diff->object, offset,
				  min_u64((end - block) * HMFS_BLOCK_SIZE, size - offset));
	}
	return 0;
}

int hmfs_send_make_items(struct hmfs_volume *volume, struct hmfs_diff *diff,
			 enum hmfs_send_pass pass, struct hmfs_send_items *items)
{
	items->names = items->ranges = 0;
	items->create = items->attributes = false;
	switch (diff->key.place >> 56) {
	case HMFS_KIND_OBJECT:
		make_object(diff, pass, items);
		return 0;
	case HMFS_KIND_NAME:
		return make_name(volume, diff, pass, items);
	case HMFS_KIND_CHUNK:
		return pass == HMFS_SEND_FILL ? make_chunk(volume, diff, items) : 0;
	case HMFS_KIND_FORK:
		return make_fork(volume, diff, pass, items);
	default:
		return 0;
	}
}
