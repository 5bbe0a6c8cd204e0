/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What programs ask a mounted HMFS volume beside what files offer: ioctl() on any file or folder of
 * it, in CryptOS and through hmfs-fuse alike. docs/hmfs-tools.md has the program that does.
 *
 * All return 0 or an error. Those that change something need the privilege of mounting (EPERM).
 * Numbers are built as Linux builds them, so that FUSE passes the structures on. FITRIM, FICLONE
 * and FICLONERANGE work as on Linux.
 */
#pragma once

#include <stdint.h>

/* A structure's size in bits 16-29, who copies what in 30-31: 1 in, 2 out, 3 both. */
#define HMFS_IOCTL_NUMBER(direction, number, type) \
	((uint32_t)(direction) << 30 | (uint32_t)sizeof(type) << 16 | 0xf5u << 8 | (number))

#define HMFS_IOCTL_INFO            HMFS_IOCTL_NUMBER(2, 0, struct hmfs_ioctl_info)
#define HMFS_IOCTL_DATASET_NEXT    HMFS_IOCTL_NUMBER(3, 1, struct hmfs_ioctl_dataset)
#define HMFS_IOCTL_SNAPSHOT        HMFS_IOCTL_NUMBER(3, 2, struct hmfs_ioctl_snapshot)
#define HMFS_IOCTL_SNAPSHOT_DELETE HMFS_IOCTL_NUMBER(1, 3, struct hmfs_ioctl_name)
#define HMFS_IOCTL_SET_LABEL       HMFS_IOCTL_NUMBER(1, 4, struct hmfs_ioctl_name)
#define HMFS_IOCTL_GROW            HMFS_IOCTL_NUMBER(2, 5, struct hmfs_ioctl_info)
#define HMFS_IOCTL_SCRUB           HMFS_IOCTL_NUMBER(3, 6, struct hmfs_ioctl_scrub)
#define HMFS_IOCTL_FIND            HMFS_IOCTL_NUMBER(3, 7, struct hmfs_ioctl_find)
#define HMFS_IOCTL_SEND            HMFS_IOCTL_NUMBER(1, 8, struct hmfs_ioctl_stream)
#define HMFS_IOCTL_RECEIVE         HMFS_IOCTL_NUMBER(1, 9, struct hmfs_ioctl_stream)

/* What a volume is; fields that are added come before `reserved`. */
struct hmfs_ioctl_info {
	/* 0x00 */ uint8_t uuid[16];
	/* 0x10 */ char label[64]; /* ends with a zero, if it is shorter */
	/* 0x50 */ uint64_t blocks, free_blocks, available_blocks; /* of 4096 bytes */
	/* 0x68 */ uint64_t objects;
	/* 0x70 */ uint64_t created; /* ns since 1970 */
	/* 0x78 */ uint64_t commits, log_batches, merges, node_reads, node_writes, healed, damaged;
	/* 0xb0 */ uint32_t hash;    /* 1: XXH3-128, 2: SHA3-256, 3: SHA3-512 */
	/* 0xb4 */ uint32_t flags;   /* enum hmfs_ioctl_info_flags */
	/* 0xb8 */ uint32_t dataset; /* that the file is in */
	/* 0xbc */ uint32_t version; /* of the format */
	/* 0xc0 */ uint64_t reserved[8];
};
_Static_assert(sizeof(struct hmfs_ioctl_info) == 0x100, "known to programs");

enum hmfs_ioctl_info_flags {
	HMFS_INFO_READ_ONLY = 1,  /* as it is mounted */
	HMFS_INFO_DATA_TWICE = 2, /* copies=2 */
};

/* The first dataset with a number of at least `number`, which becomes that one's. ENOENT. */
struct hmfs_ioctl_dataset {
	/* 0x00 */ uint32_t number, flags; /* 1: cannot be written */
	/* 0x08 */ uint32_t parent, reserved;
	/* 0x10 */ uint64_t created, objects, commit;
	/* 0x28 */ char name[256]; /* the live file system's is "" */
};
_Static_assert(sizeof(struct hmfs_ioctl_dataset) == 0x128, "known to programs");

/* Makes a snapshot, or with `writable` a clone, of dataset `of` (0: that of the file). */
struct hmfs_ioctl_snapshot {
	/* 0x00 */ uint32_t of, writable;
	/* 0x08 */ uint32_t number, reserved; /* number: the new one's */
	/* 0x10 */ char name[256];
};
_Static_assert(sizeof(struct hmfs_ioctl_snapshot) == 0x110, "known to programs");

struct hmfs_ioctl_name {
	char name[256]; /* with a zero at the end */
};

/* A step of some ms of going through the volume, from `position` (zeros: the start) on. */
struct hmfs_ioctl_scrub {
	/* 0x00 */ uint64_t position[7];
	/* 0x38 */ uint64_t done, total;       /* blocks */
	/* 0x48 */ uint64_t problems, healed;  /* of this step */
	/* 0x58 */ uint32_t more, text_length; /* more: not at the end */
	/* 0x60 */ char text[3072];            /* lines on the problems, as many as fit */
};
_Static_assert(sizeof(struct hmfs_ioctl_scrub) == 0xc60, "known to programs");

/* Files of the dataset that the file is in, by the index over forks: those whose fork `name` has
 * the contents `value`. The first `skip` are left out. Their paths follow one another in
 * `paths`, each with a zero at its end, `count` of them; with `more` there may be others. */
struct hmfs_ioctl_find {
	/* 0x000 */ uint64_t skip;
	/* 0x008 */ uint32_t any;          /* whatever the value is */
	/* 0x00c */ uint32_t value_length; /* up to sizeof(value) */
	/* 0x010 */ uint32_t count, more;
	/* 0x018 */ char name[256];
	/* 0x118 */ uint8_t value[1024];
	/* 0x518 */ char paths[8192];
};
_Static_assert(sizeof(struct hmfs_ioctl_find) == 0x2518, "known to programs");

/* Sends snapshot `dataset`, or what changed in it since `base`, to the caller's descriptor
 * `file`; or makes dataset `name` ("": as the stream says) of what is read from there. */
struct hmfs_ioctl_stream {
	/* 0x00 */ uint32_t base, dataset;
	/* 0x08 */ int32_t file;
	/* 0x0c */ uint32_t reserved;
	/* 0x10 */ char name[256];
};
_Static_assert(sizeof(struct hmfs_ioctl_stream) == 0x110, "known to programs");
