/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ATA (ACS-4): commands, and what devices say of themselves, of errors and of their health. All
 * functions are pure and take any bytes.
 */
#pragma once

#include <ddk/disk.h>

#define ATA_WORDS 256 /* of IDENTIFY data and of the pages of logs */
#define ATA_PAGE  512 /* bytes */

enum ata_command {
	ATA_DATA_SET_MANAGEMENT = 0x06,
	ATA_READ_DMA_EXT = 0x25,
	ATA_READ_LOG_EXT = 0x2f,
	ATA_WRITE_DMA_EXT = 0x35,
	ATA_WRITE_DMA_FUA_EXT = 0x3d,
	ATA_READ_FPDMA_QUEUED = 0x60,
	ATA_WRITE_FPDMA_QUEUED = 0x61,
	ATA_IDENTIFY_PACKET_DEVICE = 0xa1,
	ATA_SMART = 0xb0,
	ATA_READ_DMA = 0xc8,
	ATA_WRITE_DMA = 0xca,
	ATA_STANDBY_IMMEDIATE = 0xe0,
	ATA_FLUSH_CACHE = 0xe7,
	ATA_FLUSH_CACHE_EXT = 0xea,
	ATA_IDENTIFY_DEVICE = 0xec,
};

#define ATA_FEATURE_TRIM          0x01 /* of ATA_DATA_SET_MANAGEMENT */
#define ATA_SMART_READ_DATA       0xd0 /* features of ATA_SMART */
#define ATA_SMART_READ_THRESHOLDS 0xd1
#define ATA_SMART_RETURN_STATUS   0xda
#define ATA_SMART_KEY             0xc24f00u /* in the block address */
#define ATA_SMART_STATUS_FAILING  0x2cf4u   /* in its upper two bytes */
#define ATA_LOG_QUEUED_ERROR      0x10

#define ATA_STATUS_BUSY    0x80u
#define ATA_STATUS_FAULT   0x20u
#define ATA_STATUS_REQUEST 0x08u
#define ATA_STATUS_ERROR   0x01u
#define ATA_ERROR_CRC      0x80u /* on the link */
#define ATA_ERROR_MEDIUM   0x40u /* reads: cannot be corrected; writes: protected */
#define ATA_ERROR_ADDRESS  0x10u /* there is no such block */
#define ATA_ERROR_ABORTED  0x04u

/* Trimmed ranges (ACS-4 7.6.3): an entry is a block's number and, above it, a count. */
#define ATA_TRIM_RANGES      (ATA_PAGE / 8)
#define ATA_TRIM_RANGE_MAX   0xffffu
#define ATA_TRIM_COUNT_SHIFT 48

/* What IDENTIFY DEVICE says. */
struct ata_identity {
	char model[DDK_DISK_MODEL_MAX];
	char serial[DDK_DISK_SERIAL_MAX];
	char firmware[DDK_DISK_FIRMWARE_MAX];
	uint64_t block_count;
	uint32_t block_size, physical_block_size;
	unsigned queue_depth; /* of queued commands; 0: it knows none */
	bool lba48;
	bool flush, flush_ext, write_cache, fua;
	bool trim, smart, rotational, removable, locked;
	bool power; /* knows the commands of power management */
};

/* 0; -EIO (damaged: the checksum), -EOPNOTSUPP (cannot be driven: no DMA, no block addresses,
 * a block size or capacity that cannot be, not a disk). `words` as they came. */
int must_check ata_identify(const uint16_t words[ATA_WORDS], struct ata_identity *identity);
/* The model's name, from IDENTIFY DEVICE or IDENTIFY PACKET DEVICE: printable, trimmed. */
void ata_model(const uint16_t words[ATA_WORDS], char model[DDK_DISK_MODEL_MAX]);
/* True if both are of the same device, as far as can be told; its capacity may have changed. */
bool ata_same_device(const struct ata_identity *a, const struct ata_identity *b);

/* The error of ddk_disk_complete() for what the task file says of a failed command. */
int ata_error(enum ddk_disk_operation operation, uint8_t status, uint8_t error);

/* The log of errors of queued commands (ACS-4 9.13): the tag of the one that failed, with its
 * status and error registers. False: the page is damaged, or not about a queued command. */
bool ata_queued_error(const uint8_t page[ATA_PAGE], unsigned *tag, uint8_t *status, uint8_t *error);

/* Attributes of SMART READ DATA, and SMART READ THRESHOLDS (NULL: not known), into `health`, which
 * is unknown where they do not say. -EIO: damaged. */
int must_check ata_smart_decode(const uint8_t data[ATA_PAGE], const uint8_t *thresholds,
				struct ddk_disk_health *health);
