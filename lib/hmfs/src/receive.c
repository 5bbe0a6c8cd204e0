/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Receiving: records are read one by one, and each is checked before it is done. */
#include "stream_priv.h"

#include <base/errno.h>
#include <base/string.h>

struct receiver {
	struct hmfs_receiving receiving;
	ssize_t (*read)(void *context, void *bytes, size_t length);
	void *context;
	uint64_t sequence;
	struct xxh3_stream whole;
	struct hmfs_stream_header header;
	uint8_t payload[HMFS_STREAM_PAYLOAD_MAX + 1]; /* a 0 behind it */
};

static int read_bytes(struct receiver *receiver, void *bytes, size_t length)
{
	for (size_t done = 0; done < length;) {
		const ssize_t got =
			receiver->read(receiver->context, (uint8_t *)bytes + done, length - done);

		if (got < 0)
			return (int)got;
		if (got == 0 || (size_t)got > length - done)
			return -EBADMSG;
		done += (size_t)got;
	}
	return 0;
}

static int read_record(struct receiver *receiver)
{
	struct hmfs_stream_header *header = &receiver->header;
	int error = read_bytes(receiver, header, sizeof(*header));

	if (error)
		return error;
	if (header->magic != HMFS_STREAM_MAGIC || header->reserved != 0 ||
	    header->length > HMFS_STREAM_PAYLOAD_MAX || header->sequence != receiver->sequence++)
		return -EBADMSG;
	error = read_bytes(receiver, receiver->payload, header->length);
	if (error)
		return error;
	receiver->payload[header->length] = '\0';
	return hmfs_stream_intact(header, receiver->payload) ? 0 : -EBADMSG;
}

/* The first one: -EOPNOTSUPP for versions to come. */
static int read_begin(struct receiver *receiver)
{
	struct hmfs_stream_begin *begin = &receiver->receiving.begin;
	int error = read_record(receiver);

	if (error)
		return error;
	if (receiver->header.kind != HMFS_STREAM_BEGIN || receiver->header.length < sizeof(*begin))
		return -EBADMSG;
	memcpy(begin, receiver->payload, sizeof(*begin));
	if (begin->version != HMFS_STREAM_VERSION || begin->flags != 0)
		return -EOPNOTSUPP;
	if (receiver->header.length != sizeof(*begin) || begin->name[sizeof(begin->name) - 1] ||
	    hmfs_identity_is_none(&begin->dataset) || begin->next_object < HMFS_FIRST_OBJECT ||
	    begin->next_object >= HMFS_PLACE_MASK)
		return -EBADMSG;
	return 0;
}

static int check_end(struct receiver *receiver)
{
	struct hmfs_stream_end end;
	uint8_t sum[HMFS_STREAM_SUM];

	if (receiver->header.length != sizeof(end))
		return -EBADMSG;
	memcpy(&end, receiver->payload, sizeof(end));
	xxh3_128_end(&receiver->whole, sum);
	return memcmp(sum, end.sum, sizeof(sum)) == 0 && end.records == receiver->sequence - 1
		       ? 0
		       : -EBADMSG;
}

/* All records from the second on. */
static int receive_records(struct receiver *receiver)
{
	for (;;) {
		int error;

		xxh3_128_add(&receiver->whole, &receiver->header, sizeof(receiver->header));
		xxh3_128_add(&receiver->whole, receiver->payload, receiver->header.length);
		error = read_record(receiver);
		if (error)
			return error;
		if (receiver->header.kind == HMFS_STREAM_END)
			return check_end(receiver);
		error = hmfs_receive_apply(&receiver->receiving, receiver->header.kind,
					   receiver->payload, receiver->header.length);
		if (error)
			return error;
	}
}

static int check_name(struct hmfs_volume *volume, const char *name)
{
	const size_t length = strlen(name);
	struct hmfs_dataset_info *info;
	int error;

	if (length == 0 || strchr(name, '/') || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return -EINVAL;
	if (length > HMFS_NAME_MAX)
		return -ENAMETOOLONG;
	info = volume->host->allocate(sizeof(*info));
	if (!info)
		return -ENOMEM;
	error = hmfs_dataset_find(volume, name, info);
	volume->host->release(info);
	return error == -ENOENT ? 0 : error ? error : -EEXIST;
}

static int receive(struct receiver *receiver, const char *name)
{
	struct hmfs_receiving *receiving = &receiver->receiving;
	int error = read_begin(receiver);

	if (error)
		return error;
	if (!name) {
		name = (const char *)receiving->begin.name;
		error = check_name(receiving->volume, name);
		error = error == -EINVAL ? -EBADMSG : error;
	} else {
		error = check_name(receiving->volume, name);
	}
	if (!error)
		error = hmfs_receive_start(receiving);
	if (!error)
		error = receive_records(receiver);
	if (!error)
		error = hmfs_receive_finish(receiving, name);
	/* What was begun goes; if not even that can be, it stays under the name that it has. */
	if (error && receiving->number &&
	    hmfs_snapshot_delete(receiving->volume, receiving->number))
		hmfs_tell(receiving->volume, HMFS_LOG_WARNING,
			  "what was received of a stream could not be deleted");
	return error;
}

int hmfs_receive(struct hmfs_volume *volume, const char *name,
		 ssize_t (*read)(void *context, void *bytes, size_t length), void *context)
{
	struct receiver *receiver = volume->host->allocate(sizeof(*receiver));
	int error;

	if (!receiver)
		return -ENOMEM;
	memset(receiver, 0, offsetof(struct receiver, payload));
	receiver->receiving.volume = volume;
	receiver->read = read;
	receiver->context = context;
	xxh3_128_begin(&receiver->whole, 0);
	error = receive(receiver, name);
	volume->host->release(receiver);
	return error;
}
