/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sending. What the dataset has is compared with what the base has four times, in the order in
 * which a receiver can do things: names go, objects and forks come, they get their names and
 * contents, and at last their attributes. So neither side keeps anything in memory. A dataset
 * without a base is compared with an empty one.
 */
#include "stream_priv.h"

#include <base/errno.h>
#include <base/string.h>

struct sender {
	struct hmfs_volume *volume;
	struct hmfs_dataset *from, *to;
	int (*write)(void *context, const void *bytes, size_t length);
	void *context;
	uint64_t sequence;
	struct xxh3_stream whole;
	struct hmfs_diff diff;
	struct hmfs_send_items items;
	struct hmfs_stream_header header;
	uint8_t payload[HMFS_STREAM_PAYLOAD_MAX]; /* follows at once */
};
_Static_assert(offsetof(struct sender, payload) ==
		       offsetof(struct sender, header) + sizeof(struct hmfs_stream_header),
	       "a record is written at once");

/* --- Records. --- */

/* The payload is there. */
static int write_record(struct sender *sender, enum hmfs_stream_kind kind, size_t length)
{
	sender->header = (struct hmfs_stream_header){
		.magic = HMFS_STREAM_MAGIC,
		.kind = kind,
		.length = (uint32_t)length,
		.sequence = sender->sequence++,
	};
	hmfs_stream_seal(&sender->header, sender->payload);
	xxh3_128_add(&sender->whole, &sender->header, sizeof(sender->header) + length);
	return sender->write(sender->context, &sender->header, sizeof(sender->header) + length);
}

static int write_plain(struct sender *sender, enum hmfs_stream_kind kind, const void *record,
		       size_t size)
{
	memcpy(sender->payload, record, size);
	return write_record(sender, kind, size);
}

static int write_names(struct sender *sender)
{
	for (unsigned i = 0; i < sender->items.names; i++) {
		const struct hmfs_stream_name *name = &sender->items.name[i].record;
		int error;

		memcpy(sender->payload, name, sizeof(*name));
		memcpy(sender->payload + sizeof(*name), sender->items.name[i].text, name->length);
		error = write_record(sender, sender->items.name[i].kind,
				     sizeof(*name) + name->length);
		if (error)
			return error;
	}
	return 0;
}

static int write_object(struct sender *sender)
{
	const struct hmfs_stream_object *object = &sender->items.object;
	const struct hmfs_id id = { sender->to->number, object->object };
	ssize_t length = 0;

	memcpy(sender->payload, object, sizeof(*object));
	if ((object->mode & HMFS_MODE_TYPE) == HMFS_MODE_LINK)
		length = hmfs_read_link(sender->volume, id,
					(char *)sender->payload + sizeof(*object), HMFS_TARGET_MAX);
	if (length < 0)
		return (int)length;
	return write_record(sender, HMFS_STREAM_CREATE, sizeof(*object) + (size_t)length);
}

static int write_data(struct sender *sender, const struct hmfs_stream_range *range)
{
	const struct hmfs_id id = { sender->to->number, range->object };
	const ssize_t length = hmfs_read(sender->volume, id, range->offset,
					 sender->payload + sizeof(*range), (size_t)range->length);

	if (length < 0)
		return (int)length;
	/* It cannot become shorter: nobody changes it. */
	if ((uint64_t)length != range->length)
		return -EIO;
	memcpy(sender->payload, range, sizeof(*range));
	return write_record(sender, HMFS_STREAM_DATA, sizeof(*range) + (size_t)length);
}

static int write_ranges(struct sender *sender)
{
	int error = 0;

	for (unsigned i = 0; !error && i < sender->items.ranges; i++) {
		const struct hmfs_stream_range *range = &sender->items.range[i].record;

		if (sender->items.range[i].kind == HMFS_STREAM_DATA)
			error = write_data(sender, range);
		else
			error = write_plain(sender, sender->items.range[i].kind, range,
					    sizeof(*range));
	}
	return error;
}

static int write_items(struct sender *sender)
{
	int error = write_names(sender);

	if (!error && sender->items.create)
		error = write_object(sender);
	if (!error)
		error = write_ranges(sender);
	if (!error && sender->items.attributes)
		error = write_plain(sender, HMFS_STREAM_ATTRIBUTES, &sender->items.attribute,
				    sizeof(sender->items.attribute));
	return error;
}

/* --- All of them. --- */

static bool has_items(const struct hmfs_send_items *items)
{
	return items->names || items->create || items->ranges || items->attributes;
}

/* Entries until one needs records: 1, or 0 at the end. */
static int find_items(struct sender *sender, enum hmfs_send_pass pass, bool first)
{
	int result = first ? hmfs_diff_begin(&sender->diff, sender->from, sender->to)
			   : hmfs_diff_next(&sender->diff);

	for (unsigned i = 0; result == 1 && i < 1000; i++) {
		const int error =
			hmfs_send_make_items(sender->volume, &sender->diff, pass, &sender->items);

		if (error)
			return error;
		if (has_items(&sender->items))
			return 1;
		result = hmfs_diff_next(&sender->diff);
	}
	/* Others get the lock; the entry it is at has not been looked at. */
	if (result == 1)
		result = hmfs_send_make_items(sender->volume, &sender->diff, pass, &sender->items);
	return result < 0 ? result : sender->diff.from_at || sender->diff.to_at;
}

static int send_pass(struct sender *sender, enum hmfs_send_pass pass)
{
	bool first = true;
	int result;

	do {
		hmfs_lock(sender->volume);
		result = find_items(sender, pass, first);
		hmfs_unlock(sender->volume);
		first = false;
		if (result == 1) {
			const int error = write_items(sender);

			result = error ? error : 1;
		}
	} while (result == 1);
	hmfs_lock(sender->volume);
	hmfs_diff_end(&sender->diff);
	hmfs_unlock(sender->volume);
	return result;
}

static int write_begin(struct sender *sender)
{
	const struct hmfs_dataset_record *record = &sender->to->record;
	struct hmfs_stream_begin begin = { .version = HMFS_STREAM_VERSION };

	hmfs_lock(sender->volume);
	hmfs_identity_of(sender->volume, sender->to->number, record, &begin.dataset);
	if (sender->from)
		hmfs_identity_of(sender->volume, sender->from->number, &sender->from->record,
				 &begin.base);
	begin.next_object = record->next_object;
	memcpy(begin.name, record->name, record->name_length);
	hmfs_unlock(sender->volume);
	return write_plain(sender, HMFS_STREAM_BEGIN, &begin, sizeof(begin));
}

static int write_end(struct sender *sender)
{
	struct hmfs_stream_end end = { .records = sender->sequence };

	xxh3_128_end(&sender->whole, end.sum);
	return write_plain(sender, HMFS_STREAM_END, &end, sizeof(end));
}

static int send_all(struct sender *sender)
{
	int error = write_begin(sender);

	for (unsigned pass = 0; !error && pass < HMFS_SEND_PASSES; pass++)
		error = send_pass(sender, pass);
	return error ? error : write_end(sender);
}

/* Only what cannot change can be sent. */
static int open_fixed(struct hmfs_volume *volume, uint32_t number, struct hmfs_dataset **dataset)
{
	int error;

	hmfs_lock(volume);
	error = hmfs_dataset_get(volume, number, dataset);
	if (!error && !((*dataset)->record.flags & HMFS_DATASET_READ_ONLY))
		error = -EINVAL;
	hmfs_unlock(volume);
	return error;
}

int hmfs_send(struct hmfs_volume *volume, uint32_t base, uint32_t dataset,
	      int (*write)(void *context, const void *bytes, size_t length), void *context)
{
	struct sender *sender = volume->host->allocate(sizeof(*sender));
	int error;

	if (!sender)
		return -ENOMEM;
	memset(sender, 0, offsetof(struct sender, payload));
	sender->volume = volume;
	sender->write = write;
	sender->context = context;
	xxh3_128_begin(&sender->whole, 0);
	error = open_fixed(volume, dataset, &sender->to);
	if (!error && base)
		error = open_fixed(volume, base, &sender->from);
	if (!error)
		error = send_all(sender);
	volume->host->release(sender);
	return error;
}
