/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * FAT12, FAT16 and FAT32 as they are on disk: the boot sector, the information sector of FAT32, and
 * directory entries. After Microsoft's "FAT: General Overview of On-Disk Format" 1.03 (the "FAT32
 * File System Specification"); section names are its. All numbers are little-endian, as are all
 * machines that we run on.
 */
#pragma once

#include <base/types.h>

#define FAT_BOOT_SIGNATURE 0xaa55u

/* "Boot Sector and BPB": what both kinds have. */
struct __attribute__((packed)) fat_boot_common {
	uint8_t jump[3];            /* 0x00 */
	uint8_t oem_name[8];        /* 0x03 */
	uint16_t sector_size;       /* 0x0b: 512, 1024, 2048, 4096 */
	uint8_t cluster_sectors;    /* 0x0d: a power of two up to 128 */
	uint16_t reserved_sectors;  /* 0x0e: before the first FAT, this one included */
	uint8_t fat_count;          /* 0x10 */
	uint16_t root_entries;      /* 0x11: 0 on FAT32 */
	uint16_t total_sectors_16;  /* 0x13: 0: see total_sectors_32 */
	uint8_t media;              /* 0x15 */
	uint16_t fat_sectors_16;    /* 0x16: 0 on FAT32 */
	uint16_t sectors_per_track; /* 0x18 */
	uint16_t heads;             /* 0x1a */
	uint32_t hidden_sectors;    /* 0x1c */
	uint32_t total_sectors_32;  /* 0x20 */
};

/* What ends the parameters of either kind. */
struct __attribute__((packed)) fat_boot_identity {
	uint8_t drive;     /* 0x00 */
	uint8_t state;     /* 0x01: FAT_STATE_DIRTY */
	uint8_t signature; /* 0x02: 0x29: the rest is there */
	uint32_t id;       /* 0x03 */
	uint8_t label[11]; /* 0x07 */
	uint8_t type[8];   /* 0x12: "FAT16   ", means nothing */
};

#define FAT_STATE_DIRTY        1u
#define FAT_IDENTITY_SIGNATURE 0x29u

struct __attribute__((packed)) fat_boot_sector {
	struct fat_boot_common common;
	union {
		struct __attribute__((packed)) {
			struct fat_boot_identity identity; /* 0x24 */
		} small;                                   /* FAT12, FAT16 */
		struct __attribute__((packed)) {
			uint32_t fat_sectors;              /* 0x24 */
			uint16_t flags;                    /* 0x28: FAT32_ONE_FAT */
			uint16_t version;                  /* 0x2a: 0 */
			uint32_t root_cluster;             /* 0x2c */
			uint16_t information;              /* 0x30: sector; 0 or 0xffff: none */
			uint16_t backup;                   /* 0x32: sector; 0 or 0xffff: none */
			uint8_t reserved[12];              /* 0x34 */
			struct fat_boot_identity identity; /* 0x40 */
		} large;                                   /* FAT32 */
		uint8_t rest[474];
	};
	uint16_t signature; /* 0x1fe */
};

_Static_assert(sizeof(struct fat_boot_common) == 0x24, "fixed by the format");
_Static_assert(sizeof(struct fat_boot_identity) == 0x1a, "fixed by the format");
_Static_assert(sizeof(struct fat_boot_sector) == 512, "fixed by the format");
_Static_assert(offsetof(struct fat_boot_common, reserved_sectors) == 0x0e, "fixed by the format");
_Static_assert(offsetof(struct fat_boot_common, total_sectors_16) == 0x13, "fixed by the format");
_Static_assert(offsetof(struct fat_boot_sector, small.identity.label) == 0x2b, "by the format");
_Static_assert(offsetof(struct fat_boot_sector, large.root_cluster) == 0x2c, "by the format");
_Static_assert(offsetof(struct fat_boot_sector, large.identity.state) == 0x41, "by the format");
_Static_assert(offsetof(struct fat_boot_sector, large.identity.label) == 0x47, "by the format");
_Static_assert(offsetof(struct fat_boot_sector, signature) == 0x1fe, "fixed by the format");

/* In `flags` of FAT32: only the FAT of the number in the low bits is kept. */
#define FAT32_ONE_FAT     0x80u
#define FAT32_ACTIVE_MASK 0x0fu
/* Where mkfs puts the copy of the boot sector; there is no other way to find it. */
#define FAT32_BACKUP_SECTOR 6u

/* "FAT32 FSInfo Sector Structure and Backup Boot Sector". */
struct __attribute__((packed)) fat_information {
	uint32_t lead_signature;      /* 0x000 */
	uint8_t reserved[480];        /* 0x004 */
	uint32_t structure_signature; /* 0x1e4 */
	uint32_t free_clusters;       /* 0x1e8: 0xffffffff: not known */
	uint32_t next_free;           /* 0x1ec: a hint */
	uint8_t reserved_end[12];     /* 0x1f0 */
	uint32_t trail_signature;     /* 0x1fc */
};

_Static_assert(sizeof(struct fat_information) == 512, "fixed by the format");
_Static_assert(offsetof(struct fat_information, free_clusters) == 0x1e8, "fixed by the format");

#define FAT_INFORMATION_LEAD      0x41615252u
#define FAT_INFORMATION_STRUCTURE 0x61417272u
#define FAT_INFORMATION_TRAIL     0xaa550000u
#define FAT_FREE_UNKNOWN          0xffffffffu

/* "FAT Directory Structure". A slot is 32 bytes: a short entry, or a part of a long name. */
struct __attribute__((packed)) fat_entry {
	uint8_t name[11];      /* 0x00 */
	uint8_t attributes;    /* 0x0b */
	uint8_t lower_case;    /* 0x0c: FAT_LOWER_... */
	uint8_t create_fine;   /* 0x0d: units of 10 ms, 0-199 */
	uint16_t create_time;  /* 0x0e */
	uint16_t create_date;  /* 0x10 */
	uint16_t access_date;  /* 0x12 */
	uint16_t cluster_high; /* 0x14: FAT32 only */
	uint16_t modify_time;  /* 0x16 */
	uint16_t modify_date;  /* 0x18 */
	uint16_t cluster_low;  /* 0x1a */
	uint32_t size;         /* 0x1c: 0 for directories */
};

/* "Long Directory Entries": the last part comes first. */
struct __attribute__((packed)) fat_long_entry {
	uint8_t order;        /* 0x00: counts from 1; FAT_LONG_LAST */
	uint16_t name_1[5];   /* 0x01 */
	uint8_t attributes;   /* 0x0b: FAT_LONG */
	uint8_t type;         /* 0x0c: 0 */
	uint8_t checksum;     /* 0x0d: of the short name */
	uint16_t name_2[6];   /* 0x0e */
	uint16_t cluster_low; /* 0x1a: 0 */
	uint16_t name_3[2];   /* 0x1c */
};

#define FAT_SLOT_SIZE 32u
_Static_assert(sizeof(struct fat_entry) == FAT_SLOT_SIZE, "fixed by the format");
_Static_assert(offsetof(struct fat_entry, cluster_high) == 0x14, "fixed by the format");
_Static_assert(offsetof(struct fat_entry, size) == 0x1c, "fixed by the format");
_Static_assert(sizeof(struct fat_long_entry) == FAT_SLOT_SIZE, "fixed by the format");
_Static_assert(offsetof(struct fat_long_entry, name_2) == 0x0e, "fixed by the format");
_Static_assert(offsetof(struct fat_long_entry, name_3) == 0x1c, "fixed by the format");

/* The first byte of a slot. */
#define FAT_SLOT_END   0x00u /* nothing was ever here, nor behind */
#define FAT_SLOT_FREE  0xe5u
#define FAT_SLOT_IS_E5 0x05u /* the name begins with 0xe5 */
#define FAT_LONG_LAST  0x40u
#define FAT_LONG_UNITS 13u /* UTF-16 units in a part */
#define FAT_LONG_PARTS 20u
#define FAT_NAME_UNITS 255u

enum fat_attribute {
	FAT_READ_ONLY = 0x01,
	FAT_HIDDEN = 0x02,
	FAT_SYSTEM = 0x04,
	FAT_VOLUME = 0x08,
	FAT_DIRECTORY = 0x10,
	FAT_ARCHIVE = 0x20,
	FAT_LONG = 0x0f,
	FAT_ATTRIBUTES = 0x3f,
};

/* NT's: a name of the 8.3 kind is to be shown in lower case. */
#define FAT_LOWER_BASE      0x08u
#define FAT_LOWER_EXTENSION 0x10u

/* Entries of the FAT, as the 28 bits of FAT32; table.c widens those of the others. */
#define FAT_CLUSTER_FREE     0u
#define FAT_CLUSTER_FIRST    2u
#define FAT_CLUSTER_RESERVED 0x0ffffff0u
#define FAT_CLUSTER_BAD      0x0ffffff7u
#define FAT_CLUSTER_LAST     0x0ffffff8u /* and above */
#define FAT_CLUSTER_END      0x0fffffffu /* what we write */
#define FAT32_MASK           0x0fffffffu

/* In the second entry of the FAT: set while all is well. */
#define FAT16_CLEAN 0x8000u
#define FAT32_CLEAN 0x08000000u

#define FAT12_CLUSTERS 4085u  /* fewer: FAT12 */
#define FAT16_CLUSTERS 65525u /* fewer: FAT16 */
#define FAT32_CLUSTERS 0x0ffffff5u

#define FAT_FILE_MAX        0xffffffffull /* bytes */
#define FAT_DIRECTORY_SLOTS 65536u        /* 2 MiB */
