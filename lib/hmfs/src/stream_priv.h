/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Streams, as docs/formats/hmfs-stream.md has them.
 *
 *   stream_diff.c   what two datasets have, entry by entry
 *   send.c          records made of that, in four passes; send_item.c: what an entry becomes
 *   receive.c       records read and checked; receive_apply.c: done to a new dataset, which
 *                   receive_start.c makes, and finishes
 *   stream.c        what both need
 */
#pragma once

#include <hash/xxh3.h>
#include <hmfs/stream.h>

#include "contents.h"

#define HMFS_STREAM_MAGIC    0x53464d48u /* "HMFS" */
#define HMFS_STREAM_VERSION  1u
#define HMFS_STREAM_SUM      16u
#define HMFS_STREAM_DATA_MAX HMFS_CHUNK_SIZE
/* A payload has no more bytes than this. */
#define HMFS_STREAM_PAYLOAD_MAX (HMFS_STREAM_DATA_MAX + 4096u)

enum hmfs_stream_kind {
	HMFS_STREAM_BEGIN = 1,       /* struct hmfs_stream_begin */
	HMFS_STREAM_UNNAME = 2,      /* struct hmfs_stream_name and the name: a name goes */
	HMFS_STREAM_CREATE = 3,      /* struct hmfs_stream_object, and a link's target */
	HMFS_STREAM_FORK_REMOVE = 4, /* struct hmfs_stream_name: a fork of `of` goes */
	HMFS_STREAM_FORK_CREATE = 5, /* struct hmfs_stream_name: it has one, `object` */
	HMFS_STREAM_NAME = 6,        /* struct hmfs_stream_name: a name comes */
	HMFS_STREAM_SIZE = 7,        /* struct hmfs_stream_range: `offset` is the size */
	HMFS_STREAM_DATA = 8,        /* struct hmfs_stream_range, and the bytes */
	HMFS_STREAM_HOLE = 9,        /* struct hmfs_stream_range */
	HMFS_STREAM_ATTRIBUTES = 10, /* struct hmfs_stream_attributes */
	HMFS_STREAM_END = 11,        /* struct hmfs_stream_end */
};

struct hmfs_stream_header {
	uint32_t magic, kind;
	uint32_t length; /* of the payload, which follows */
	uint32_t reserved;
	uint64_t sequence;            /* from 0 */
	uint8_t sum[HMFS_STREAM_SUM]; /* XXH3-128 of header and payload, with zeros here */
};
_Static_assert(sizeof(struct hmfs_stream_header) == 40, "part of the format");

struct hmfs_stream_begin {
	uint32_t version, flags;      /* flags: 0 */
	struct hmfs_identity dataset; /* what is sent */
	struct hmfs_identity base;    /* what it is a change of; zeros: of nothing */
	uint64_t next_object;         /* all numbers of objects are below it */
	uint64_t reserved;
	uint8_t name[256]; /* terminated */
};
_Static_assert(sizeof(struct hmfs_stream_begin) == 344, "part of the format");

struct hmfs_stream_name {
	uint64_t of; /* the directory, or what the fork is of */
	uint64_t object;
	uint8_t type;   /* enum hmfs_fork_type; of names: 0 */
	uint8_t length; /* of the name */
	uint8_t reserved[6];
};
_Static_assert(sizeof(struct hmfs_stream_name) == 24, "part of the format");

struct hmfs_stream_object {
	uint64_t object;
	uint32_t mode, uid, gid, reserved;
	uint64_t raw_device;
};
_Static_assert(sizeof(struct hmfs_stream_object) == 32, "part of the format");

struct hmfs_stream_range {
	uint64_t object, offset, length;
};
_Static_assert(sizeof(struct hmfs_stream_range) == 24, "part of the format");

struct hmfs_stream_attributes {
	uint64_t object;
	uint32_t mode, uid, gid, reserved;
	uint64_t access, modify, change, birth;
};
_Static_assert(sizeof(struct hmfs_stream_attributes) == 56, "part of the format");

struct hmfs_stream_end {
	uint8_t sum[HMFS_STREAM_SUM]; /* XXH3-128 of all bytes before this record */
	uint64_t records;             /* before this one */
};
_Static_assert(sizeof(struct hmfs_stream_end) == 24, "part of the format");

/* --- stream.c --- */

/* Puts the checksum into a header, or tells whether it is right. */
void hmfs_stream_seal(struct hmfs_stream_header *header, const void *payload);
bool hmfs_stream_intact(const struct hmfs_stream_header *header, const void *payload);
/* Who a dataset is. */
void hmfs_identity_of(const struct hmfs_volume *volume, uint32_t number,
		      const struct hmfs_dataset_record *record, struct hmfs_identity *identity);
bool hmfs_identity_is_none(const struct hmfs_identity *identity);

/* --- stream_diff.c --- */

/* Two datasets' entries in order, side by side. */
struct hmfs_diff {
	struct hmfs_dataset *from, *to; /* from: NULL: nothing but a root directory */
	struct hmfs_cursor from_cursor, to_cursor;
	bool from_at, to_at; /* the cursors are at entries */
	/* The entry that it is at, and where it is. */
	struct hmfs_key key;
	bool in_from, in_to;
	/* The object that the last record of an object was of; whether it counts: it has a name, or
	 * is a fork of what has. */
	uint64_t object;
	bool object_in_from, object_in_to;
	struct hmfs_object_record from_record, to_record;
};
/* The lock is held. To the first entry, and to the next: 1; 0: there is none. */
int must_check hmfs_diff_begin(struct hmfs_diff *diff, struct hmfs_dataset *from,
			       struct hmfs_dataset *to);
int must_check hmfs_diff_next(struct hmfs_diff *diff);
void hmfs_diff_end(struct hmfs_diff *diff);
/* The entry's values. */
static inline const struct hmfs_value *hmfs_diff_from(const struct hmfs_diff *diff)
{
	return diff->in_from ? &diff->from_cursor.value : NULL;
}
static inline const struct hmfs_value *hmfs_diff_to(const struct hmfs_diff *diff)
{
	return diff->in_to ? &diff->to_cursor.value : NULL;
}

/* --- send_item.c --- */

/* What becomes of an entry: records, which are made under the lock and written without it. */
enum hmfs_send_pass {
	HMFS_SEND_UNNAME = 0, /* names that go */
	HMFS_SEND_CREATE = 1, /* objects and forks that come, forks that go */
	HMFS_SEND_FILL = 2,   /* names that come, contents */
	HMFS_SEND_END = 3,    /* attributes */
	HMFS_SEND_PASSES = 4,
};

#define HMFS_SEND_NAMES 2u
struct hmfs_send_items {
	/* At most one of each, or two names. */
	unsigned names;
	struct {
		enum hmfs_stream_kind kind;
		struct hmfs_stream_name record;
		uint8_t text[HMFS_NAME_MAX];
	} name[HMFS_SEND_NAMES];
	bool create, attributes;
	struct hmfs_stream_object object;
	struct hmfs_stream_attributes attribute;
	unsigned ranges;
	struct {
		enum hmfs_stream_kind kind;
		struct hmfs_stream_range record;
	} range[HMFS_CHUNK_BLOCKS + 1];
	/* Room for chunks that are compared. */
	struct hmfs_chunk from_chunk, to_chunk;
};
int must_check hmfs_send_make_items(struct hmfs_volume *volume, struct hmfs_diff *diff,
				    enum hmfs_send_pass pass, struct hmfs_send_items *items);

/* --- receive_start.c, receive_apply.c: the lock is NOT held --- */

#define HMFS_SET_TIMES (HMFS_SET_ACCESS | HMFS_SET_MODIFY | HMFS_SET_CHANGE | HMFS_SET_BIRTH)
#define HMFS_SET_ALL   (HMFS_SET_MODE | HMFS_SET_UID | HMFS_SET_GID | HMFS_SET_TIMES)

struct hmfs_receiving {
	struct hmfs_volume *volume;
	uint32_t number; /* of the new dataset */
	struct hmfs_stream_begin begin;
	/* A directory for what has no name yet, or none any more. */
	struct hmfs_id staging;
	char staging_name[48];
	struct hmfs_attributes root; /* as it shall be in the end */
	uint64_t file;               /* the last one that was seen to be one; 0: none */
};
/* Makes a dataset that is empty, or what the base is. */
int must_check hmfs_receive_start(struct hmfs_receiving *receiving);
/* Does a record; the payload has a 0 behind it. -EBADMSG: it makes no sense. */
int must_check hmfs_receive_apply(struct hmfs_receiving *receiving, uint32_t kind,
				  const uint8_t *payload, size_t length);
/* All is there: it gets its name, and cannot be changed any more. */
int must_check hmfs_receive_finish(struct hmfs_receiving *receiving, const char *name);
