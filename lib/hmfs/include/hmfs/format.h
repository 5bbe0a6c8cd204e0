/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * HMFS on disk. docs/formats/hmfs.md says it in words, with the reasons.
 *
 * All numbers are little-endian. The unit of addresses is the block of 4096 bytes. A volume is
 *
 *     block 0       the superblock: who the volume is; never changed but by label and growth
 *     blocks 1-4    the ring of root records, a block each
 *     ...           everything else
 *     last 4        the ring again: every root record is written to both
 *     last but 4    the superblock again
 *
 * Commit N writes the root record N into slot N % 4 of both rings. The newest one that is intact is
 * the volume. It points to the volume's own map, which has records on space and on the datasets
 * (the live file system, snapshots, clones); a dataset points to its map, which has all its
 * objects.
 *
 * A map is a linked list of hash maps ("segments"), newest first. A segment is immutable: a tree of
 * nodes of up to 4 blocks, of which the leaves hold entries in order of keys. Everything that a
 * user looks up by name is found by a hash in its key. Metadata is stored twice, each pointer has
 * the checksum of what it points to, so that a root record vouches for everything.
 */
#pragma once

#include <base/types.h>

#define HMFS_BLOCK_SHIFT 12
#define HMFS_BLOCK_SIZE  4096u
#define HMFS_RING_SLOTS  4u
#define HMFS_RING_START  1u /* first block; the other ring ends the volume */
#define HMFS_MIN_BLOCKS  256u

#define HMFS_SUPER_MAGIC 0x53464d48u /* "HMFS" */
#define HMFS_ROOT_MAGIC  0x52464d48u /* "HMFR" */
#define HMFS_NODE_MAGIC  0x4e464d48u /* "HMFN" */
#define HMFS_LOG_MAGIC   0x4c464d48u /* "HMFL" */
#define HMFS_VERSION     1u

enum hmfs_hash_kind {
	HMFS_HASH_XXH3 = 1,     /* XXH3-128, 16 bytes, canonical (big-endian) form, seed 0 */
	HMFS_HASH_SHA3_256 = 2, /* 32 bytes */
	HMFS_HASH_SHA3_512 = 3, /* 64 bytes */
};
#define HMFS_SUM_MAX 64u

/* Features: who does not know a bit in `incompatible` must not mount, in `read_only` must not
 * write, in `compatible` may ignore it. */
enum hmfs_features {
	HMFS_INCOMPATIBLE_KNOWN = 0,
	HMFS_READ_ONLY_KNOWN = 0,
	HMFS_COMPATIBLE_KNOWN = 0,
};

/* A checksum is of the whole block with zeros in its own place, of the volume's kind. */
struct hmfs_super {
	uint32_t magic, version;
	uint8_t uuid[16];
	uint64_t incompatible, read_only, compatible; /* features */
	uint64_t blocks;                              /* of the volume */
	uint64_t created;                             /* ns since 1970 */
	uint32_t hash;                                /* enum hmfs_hash_kind */
	uint32_t block_size;                          /* 4096 */
	uint64_t name_seed;                           /* of the hashes of names */
	uint8_t label[64];                            /* UTF-8, zeros behind it */
	uint8_t reserved[3888];
	uint8_t sum[HMFS_SUM_MAX];
};
_Static_assert(sizeof(struct hmfs_super) == HMFS_BLOCK_SIZE, "the superblock is a block");

/* Where a node is: twice. */
struct hmfs_pointer {
	uint64_t address[2]; /* blocks */
	uint32_t blocks;     /* 1-4 */
	uint32_t reserved;
	uint8_t sum[HMFS_SUM_MAX]; /* of all its blocks */
};
_Static_assert(sizeof(struct hmfs_pointer) == 88, "part of the format");

/* A segment of a map's list. */
struct hmfs_segment_pointer {
	struct hmfs_pointer head; /* the root of its tree */
	uint64_t entries;         /* those that remove included */
	uint64_t blocks;          /* of one copy of all its nodes */
	uint64_t birth;           /* the commit that wrote it */
	uint64_t removed;         /* of the entries, those that remove */
};
_Static_assert(sizeof(struct hmfs_segment_pointer) == 120, "part of the format");

#define HMFS_LIST_MAX 16u
struct hmfs_map_root {
	uint32_t count, reserved;
	struct hmfs_segment_pointer segments[HMFS_LIST_MAX]; /* newest first */
};
_Static_assert(sizeof(struct hmfs_map_root) == 1928, "part of the format");

#define HMFS_LOG_EXTENTS  8u
#define HMFS_LATE_EXTENTS 64u
struct hmfs_extent {
	uint64_t address, blocks;
};

struct hmfs_root {
	uint32_t magic, reserved;
	uint8_t uuid[16];
	uint64_t commit;                          /* counts from 1 */
	uint64_t time;                            /* ns since 1970 */
	uint64_t blocks;                          /* of the volume: says how far a growth got */
	uint64_t free_blocks;                     /* when it was written */
	uint64_t next_dataset;                    /* numbers that were never used */
	uint64_t flags;                           /* enum hmfs_root_flags */
	uint64_t log_nonce;                       /* of the log that follows this commit */
	struct hmfs_extent log[HMFS_LOG_EXTENTS]; /* where it is; unused: zeros */
	struct hmfs_map_root map;                 /* the volume's own */
	/* What this commit allocated when its records on space were written already, for the
	 * newest segment of `map`: blocks that are in use, which the next commit records. */
	struct hmfs_extent late[HMFS_LATE_EXTENTS];
	uint8_t reserved_end[872];
	uint8_t sum[HMFS_SUM_MAX];
};
_Static_assert(sizeof(struct hmfs_root) == HMFS_BLOCK_SIZE, "a root record is a block");

enum hmfs_root_flags {
	HMFS_ROOT_DATA_TWICE = 1, /* copies=2: data is written twice */
};

/* --- Keys --- */

/* Entries are in the order of these numbers. */
struct hmfs_key {
	uint64_t object; /* of a dataset's map: the object's number */
	uint64_t place;  /* kind << 56 | what tells entries of that kind apart */
	uint64_t minor;  /* more of that */
};
_Static_assert(sizeof(struct hmfs_key) == 24, "part of the format");

#define HMFS_PLACE_MASK         (((uint64_t)1 << 56) - 1)
#define HMFS_PLACE(kind, place) ((uint64_t)(kind) << 56 | ((place)&HMFS_PLACE_MASK))

enum hmfs_kind {
	/* Of datasets. */
	HMFS_KIND_OBJECT = 1, /* struct hmfs_object_record, the name it was last given behind it */
	HMFS_KIND_NAME = 2,   /* hash of the name; struct hmfs_name_record */
	HMFS_KIND_CHUNK = 3,  /* number of the chunk; struct hmfs_chunk_record */
	HMFS_KIND_FORK = 4,   /* hash of the name; struct hmfs_name_record */
	HMFS_KIND_INDEX = 5,  /* object: hash of a fork's name, place: hash of its value, minor: the
				 object that has the fork; no value */
	HMFS_KIND_ORPHAN = 6, /* object: HMFS_ORPHANS, place: an object without a name */
	/* Of the volume's own map. */
	HMFS_KIND_GROUP = 16,        /* object 0, place: group of blocks; its free space */
	HMFS_KIND_SUMMARY = 17,      /* object 0, place: groups / HMFS_SUMMARY_GROUPS */
	HMFS_KIND_DATASET = 18,      /* object: dataset; struct hmfs_dataset_record */
	HMFS_KIND_DEAD = 19,         /* object: list, place: address; struct hmfs_dead_record */
	HMFS_KIND_DEAD_SEGMENT = 20, /* object: list, place: address of the head;
					struct hmfs_segment_pointer */
	HMFS_KIND_SHARED =
		21, /* object 0, place: address / 16; uint32_t[16]: how many more references
				  than one each block has */
};

#define HMFS_VALUE_MAX 8000u /* bytes of a value, so that a leaf has room for two entries */

/* --- Nodes --- */

#define HMFS_NODE_BLOCKS 4u
#define HMFS_NODE_SIZE   (HMFS_NODE_BLOCKS * HMFS_BLOCK_SIZE)

enum hmfs_node_kind {
	HMFS_NODE_LEAF = 1,   /* entries */
	HMFS_NODE_INDEX = 2,  /* pointers to nodes of the level below, which lie in a row */
	HMFS_NODE_FILTER = 3, /* a part of the segment's filter */
};

/* What all nodes begin with; segment.c has what follows, docs/formats/hmfs.md explains it. */
struct hmfs_node_header {
	uint32_t magic;
	uint8_t kind, level; /* enum hmfs_node_kind; leaves: 0 */
	uint16_t count;      /* of entries or children */
	uint32_t used;       /* bytes, this header included */
	uint32_t blocks;
	uint64_t birth; /* the commit that it is of */
	uint64_t reserved;
};
_Static_assert(sizeof(struct hmfs_node_header) == 32, "part of the format");

/* --- The volume's records --- */

#define HMFS_GROUP_BLOCKS   32768u /* 128 MiB, a bit each in 4096 bytes */
#define HMFS_SUMMARY_GROUPS 512u

/* Which blocks of a group are in use. Absent: none. */
struct hmfs_group_record {
	uint16_t runs; /* that follow, in order, apart; or HMFS_GROUP_BITS */
	uint16_t reserved;
	uint32_t used; /* how many there are */
};
_Static_assert(sizeof(struct hmfs_group_record) == 8, "part of the format");
/* As many runs as that: a bit map follows instead, 4096 bytes, bit 0 of byte 0 first, with
 * zeros behind the end of the volume. It is what is shorter. */
#define HMFS_GROUP_BITS 1024u
struct hmfs_group_run {
	uint16_t first, last;
};
_Static_assert(sizeof(struct hmfs_group_run) == 4, "part of the format");

/* What the records of the groups say, so that space is found without reading them. Absent, and
 * behind the end of the volume: zeros. */
struct hmfs_summary_record {
	uint16_t used[HMFS_SUMMARY_GROUPS]; /* blocks in use */
	/* log2 of the longest run that is free, rounded down. Of no meaning where all are free,
	 * or none. */
	uint8_t longest[HMFS_SUMMARY_GROUPS];
};
_Static_assert(sizeof(struct hmfs_summary_record) == 1536, "part of the format");

enum hmfs_dataset_flags {
	HMFS_DATASET_READ_ONLY = 1, /* a snapshot that cannot be written */
	HMFS_DATASET_HIDDEN = 2,    /* was deleted; goes when nothing, or one, comes from it */
	HMFS_DATASET_DYING = 4,     /* is on its way; not part of the tree any more */
};

/* Who a dataset is wherever it was sent to: the volume and number that it was made as. */
struct hmfs_identity {
	uint8_t uuid[16];
	uint64_t dataset;
	uint64_t created; /* ns */
};
_Static_assert(sizeof(struct hmfs_identity) == 32, "part of the format");

/* Datasets form a tree: what was born at or before the commit `parent_commit` may be referred to by
 * the parent, too, and goes to the list of the dead when this dataset lets go of it. */
struct hmfs_dataset_record {
	uint64_t parent;        /* dataset, 0: none */
	uint64_t parent_commit; /* of the parent's last change before this came off it; 0: none */
	/* Its list of the dead: a number like datasets'. A snapshot takes over the list of what it
	 * was made of, which begins another one. */
	uint64_t dead;
	uint64_t next_object; /* numbers that were never used */
	uint64_t objects;     /* how many there are */
	uint64_t created;     /* ns */
	uint64_t changed;     /* the last commit that changed it */
	uint32_t flags;       /* enum hmfs_dataset_flags */
	uint16_t name_length, reserved;
	/* Dying: the list that takes over what is in `dead`, 0: nothing came from this one; and how
	 * far its contents were freed. */
	uint64_t heir;
	struct hmfs_key reaped;
	struct hmfs_map_root map;
	uint8_t name[256];           /* terminated; the live one's is "" */
	struct hmfs_identity origin; /* of one that was received; else zeros */
};
_Static_assert(sizeof(struct hmfs_dataset_record) == 2312, "part of the format");

#define HMFS_DATASET_LIVE 1u

struct hmfs_dead_record {
	uint32_t blocks, flags; /* enum hmfs_run_flags */
	uint64_t birth;
};

/* --- Records of datasets --- */

#define HMFS_ORPHANS      1u /* an object number that has the orphans' entries */
#define HMFS_ROOT_OBJECT  2u
#define HMFS_FIRST_OBJECT 16u
#define HMFS_NAME_MAX     255u

struct hmfs_object_record {
	uint32_t mode; /* as in stat(2); of forks: a regular file's, with HMFS_OBJECT_FORK */
	uint32_t links, uid, gid;
	uint32_t flags; /* enum hmfs_object_flags */
	uint32_t generation;
	uint64_t size;                          /* bytes; of directories: entries */
	uint64_t blocks;                        /* of data, both copies counted once */
	uint64_t access, modify, change, birth; /* ns since 1970 */
	uint64_t raw_device;
	uint64_t parent;  /* the directory of the name below, or what a fork is of; a hint */
	uint64_t version; /* counts changes of the contents */
	uint32_t forks;
	uint16_t name_length;
	uint16_t reserved;
	/* name_length bytes: the name it was last given; a hint, for messages */
};
_Static_assert(sizeof(struct hmfs_object_record) == 104, "part of the format");

enum hmfs_object_flags {
	HMFS_OBJECT_FORK = 1,
	HMFS_OBJECT_UNWRITTEN = 2, /* may have runs that are HMFS_RUN_UNWRITTEN */
	HMFS_OBJECT_COMPUTED = 4,  /* a fork that is made of the contents: nobody writes it */
	HMFS_OBJECT_INDEXED = 8,   /* a fork in the index; raw_device: the hash it has there */
};

/* Of directories and of the forks of an object. */
struct hmfs_name_record {
	uint64_t object;
	uint8_t type;   /* mode >> 12 of the object; of forks: enum hmfs_fork_type */
	uint8_t length; /* of the name that follows */
};
#define HMFS_NAME_RECORD_SIZE 10u /* before the name */

enum hmfs_fork_type {
	HMFS_FORK_USER = 1, /* ..namedfork/NAME, and the extended attribute user.NAME */
	HMFS_FORK_ATTRIBUTE =
		2, /* another extended attribute, its prefix in the name: "trusted.x" */
	HMFS_FORK_COMPUTED = 3, /* mime, checksum: made on demand, for the version it tells */
};

#define HMFS_CHUNK_BLOCKS 16u
#define HMFS_CHUNK_SIZE   (HMFS_CHUNK_BLOCKS * HMFS_BLOCK_SIZE)
#define HMFS_INLINE_MAX   2048u /* bytes of a file that may lie in the chunk's record itself */

/* 64 KiB of a file: either its bytes (chunk 0 of a small file), or `runs` runs and behind them the
 * checksum of each block that has data, in the order of the file. */
struct hmfs_chunk_record {
	uint8_t runs;    /* 0 with HMFS_CHUNK_INLINE */
	uint8_t flags;   /* enum hmfs_chunk_flags */
	uint16_t length; /* inline: bytes that follow */
};
enum hmfs_chunk_flags {
	HMFS_CHUNK_INLINE = 1,
};

struct hmfs_run {
	uint64_t address;
	uint64_t mirror; /* the second copy of the data; 0: none */
	uint64_t birth;  /* the commit that this reference came with */
	uint8_t first;   /* block within the chunk; runs are in order and do not overlap */
	uint8_t blocks;
	uint8_t flags; /* enum hmfs_run_flags */
	uint8_t reserved[5];
};
_Static_assert(sizeof(struct hmfs_run) == 32, "part of the format");

enum hmfs_run_flags {
	HMFS_RUN_UNWRITTEN = 1, /* allocated, reads as zeros, has no checksums */
	HMFS_RUN_SHARED = 2,    /* other references may exist: HMFS_KIND_SHARED tells */
};

/* --- The log --- */

/* What was synced since the commit: batches, each beginning at a block, in the order of the log's
 * extents. A batch does not cross extents: one that does not fit begins at the next. It counts if
 * all of it is as its checksum says, and it is the next in order. The bytes behind the header are
 * items, one behind the other, each padded with zeros to a multiple of 8 bytes. */
struct hmfs_log_header {
	uint32_t magic;
	uint32_t bytes;    /* of the batch, this header included */
	uint64_t commit;   /* that it follows */
	uint64_t nonce;    /* of that root record */
	uint64_t sequence; /* from 0 */
	uint64_t reserved[4];
	uint8_t sum[HMFS_SUM_MAX]; /* of the bytes, with zeros in its own place */
};
_Static_assert(sizeof(struct hmfs_log_header) == 128, "part of the format");

enum hmfs_log_item_kind {
	HMFS_LOG_ENTRY = 1,   /* a map's: struct hmfs_key and the value */
	HMFS_LOG_REMOVE = 2,  /* struct hmfs_key: the entry is gone */
	HMFS_LOG_USED = 3,    /* struct hmfs_extent: allocated */
	HMFS_LOG_FREED = 4,   /* struct hmfs_extent */
	HMFS_LOG_DATASET = 5, /* struct hmfs_dataset_record up to `map` */
};
struct hmfs_log_item {
	uint16_t kind;    /* enum hmfs_log_item_kind */
	uint16_t length;  /* of what follows */
	uint32_t dataset; /* 0: the volume's own map */
};
_Static_assert(sizeof(struct hmfs_log_item) == 8, "part of the format");
