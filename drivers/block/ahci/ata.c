/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ata.h"

#include <base/bits.h>
#include <base/errno.h>
#include <base/string.h>

/* Words of IDENTIFY data (ACS-4 7.13). */
#define WORD_CONFIGURATION 0
#define WORD_SERIAL        10
#define WORD_FIRMWARE      23
#define WORD_MODEL         27
#define WORD_CAPABILITIES  49
#define WORD_BLOCKS28      60
#define WORD_QUEUE_DEPTH   75
#define WORD_SATA          76
#define WORD_SUPPORTED_82  82
#define WORD_SUPPORTED_83  83
#define WORD_SUPPORTED_84  84
#define WORD_ENABLED_85    85
#define WORD_DEFAULT_87    87
#define WORD_BLOCKS48      100
#define WORD_BLOCK_SIZES   106
#define WORD_BLOCK_WORDS   117
#define WORD_SECURITY      128
#define WORD_TRIM          169
#define WORD_ROTATION      217
#define WORD_INTEGRITY     255

#define SIGNATURE_INTEGRITY 0xa5
#define BLOCKS_MAX          (1ull << 48)

static bool bit(const uint16_t *words, unsigned word, unsigned number)
{
	return words[word] >> number & 1;
}

/* Words that say what is known have 01 in their upper bits if they say it. */
static bool is_valid(const uint16_t *words, unsigned word)
{
	return words[word] >> 14 == 1;
}

/* Two characters a word, the first in the upper half. */
static void copy_text(const uint16_t *words, unsigned word, char *text, size_t size)
{
	size_t length = 0, first = 0;

	for (size_t i = 0; i + 1 < size; i++) {
		uint8_t byte = (uint8_t)(words[word + i / 2] >> (i & 1 ? 0 : 8));

		text[i] = (char)(byte >= ' ' && byte < 0x7f ? byte : byte == 0 ? ' ' : '?');
		if (text[i] != ' ')
			length = i + 1;
	}
	while (first < length && text[first] == ' ')
		first++;
	memmove(text, text + first, length - first);
	memset(text + length - first, 0, size - (length - first));
}

void ata_model(const uint16_t words[ATA_WORDS], char model[DDK_DISK_MODEL_MAX])
{
	copy_text(words, WORD_MODEL, model, DDK_DISK_MODEL_MAX);
}

static uint8_t sum_of(const uint8_t *bytes)
{
	uint8_t sum = 0;

	for (unsigned i = 0; i < ATA_PAGE; i++)
		sum = (uint8_t)(sum + bytes[i]);
	return sum;
}

/* Bytes of a block, logical and physical; false if they cannot be. */
static bool decode_sizes(const uint16_t *words, struct ata_identity *identity)
{
	uint64_t size = 512;

	identity->physical_block_size = 0;
	if (is_valid(words, WORD_BLOCK_SIZES) && bit(words, WORD_BLOCK_SIZES, 12))
		size = ((uint64_t)words[WORD_BLOCK_WORDS + 1] << 16 | words[WORD_BLOCK_WORDS]) * 2;
	if (!is_power_of_two(size) || size < 512 || size > 4096)
		return false;
	identity->block_size = identity->physical_block_size = (uint32_t)size;
	if (is_valid(words, WORD_BLOCK_SIZES) && bit(words, WORD_BLOCK_SIZES, 13))
		identity->physical_block_size <<= words[WORD_BLOCK_SIZES] & 0xf;
	return true;
}

static bool decode_capacity(const uint16_t *words, struct ata_identity *identity)
{
	uint64_t count = (uint64_t)words[WORD_BLOCKS28 + 1] << 16 | words[WORD_BLOCKS28];

	if (identity->lba48) {
		count = 0;
		for (unsigned i = 0; i < 4; i++)
			count |= (uint64_t)words[WORD_BLOCKS48 + i] << 16 * i;
	}
	identity->block_count = count;
	return count > 0 && count <= (identity->lba48 ? BLOCKS_MAX : 1u << 28);
}

static void decode_features(const uint16_t *words, struct ata_identity *identity)
{
	bool supported = is_valid(words, WORD_SUPPORTED_83);
	bool enabled = is_valid(words, WORD_DEFAULT_87);
	uint16_t sata = words[WORD_SATA];

	identity->lba48 = supported && bit(words, WORD_SUPPORTED_83, 10);
	identity->flush = supported && bit(words, WORD_SUPPORTED_83, 12);
	identity->flush_ext = identity->lba48 && bit(words, WORD_SUPPORTED_83, 13);
	identity->write_cache = supported && bit(words, WORD_SUPPORTED_82, 5) &&
				(!enabled || bit(words, WORD_ENABLED_85, 5));
	/* Queued commands all know the bit; those that do nothing for it do not say this. */
	identity->power = supported && bit(words, WORD_SUPPORTED_82, 3);
	identity->fua = identity->lba48 && is_valid(words, WORD_SUPPORTED_84) &&
			bit(words, WORD_SUPPORTED_84, 6);
	identity->smart = supported && bit(words, WORD_SUPPORTED_82, 0) && enabled &&
			  bit(words, WORD_ENABLED_85, 0);
	if (identity->lba48 && sata != 0 && sata != UINT16_MAX && bit(words, WORD_SATA, 8))
		identity->queue_depth = (words[WORD_QUEUE_DEPTH] & 0x1fu) + 1;
	identity->trim = identity->lba48 && bit(words, WORD_TRIM, 0);
	identity->rotational = words[WORD_ROTATION] != 1;
	identity->removable = bit(words, WORD_CONFIGURATION, 7);
	identity->locked = bit(words, WORD_SECURITY, 1) && bit(words, WORD_SECURITY, 2);
}

int ata_identify(const uint16_t words[ATA_WORDS], struct ata_identity *identity)
{
	memset(identity, 0, sizeof(*identity));
	if ((words[WORD_INTEGRITY] & 0xff) == SIGNATURE_INTEGRITY &&
	    sum_of((const uint8_t *)words) != 0)
		return -EIO;
	/* Not an ATA device; no DMA or no block addresses. */
	if (bit(words, WORD_CONFIGURATION, 15) || !bit(words, WORD_CAPABILITIES, 8) ||
	    !bit(words, WORD_CAPABILITIES, 9))
		return -EOPNOTSUPP;
	copy_text(words, WORD_SERIAL, identity->serial, sizeof(identity->serial));
	copy_text(words, WORD_FIRMWARE, identity->firmware, sizeof(identity->firmware));
	ata_model(words, identity->model);
	decode_features(words, identity);
	if (!decode_sizes(words, identity) || !decode_capacity(words, identity))
		return -EOPNOTSUPP;
	return 0;
}

bool ata_same_device(const struct ata_identity *a, const struct ata_identity *b)
{
	return strcmp(a->serial, b->serial) == 0 && strcmp(a->model, b->model) == 0 &&
	       a->block_size == b->block_size && a->queue_depth == b->queue_depth &&
	       a->lba48 == b->lba48;
}

int ata_error(enum ddk_disk_operation operation, uint8_t status, uint8_t error)
{
	bool writes = operation != DDK_DISK_READ;

	/* A fault has no error register; a link that fails is tried again. */
	if (!(status & ATA_STATUS_ERROR) || (error & ATA_ERROR_CRC))
		return -EIO;
	if (error & ATA_ERROR_MEDIUM)
		return writes ? -EROFS : -ENODATA;
	if (error & ATA_ERROR_ADDRESS)
		return -EREMOTEIO;
	if ((error & ATA_ERROR_ABORTED) && operation == DDK_DISK_DISCARD)
		return -EOPNOTSUPP;
	return -EIO;
}

bool ata_queued_error(const uint8_t page[ATA_PAGE], unsigned *tag, uint8_t *status, uint8_t *error)
{
	bool not_queued = page[0] & 0x80;

	*tag = page[0] & 0x1fu;
	*status = page[2];
	*error = page[3];
	return !not_queued && sum_of(page) == 0 &&
	       (*status & (ATA_STATUS_ERROR | ATA_STATUS_FAULT));
}

/* --- SMART ----------------------------------------------------------------------------------- */

#define ATTRIBUTES           30
#define ATTRIBUTE_FIRST      2
#define ATTRIBUTE_SIZE       12
#define ATTRIBUTE_PREFAILURE 0x01 /* flag: below its threshold the device fails */

/* Numbers that makers agree on, more or less. */
enum attribute {
	ATTRIBUTE_REALLOCATED = 5,
	ATTRIBUTE_POWER_ON_HOURS = 9,
	ATTRIBUTE_POWER_CYCLES = 12,
	ATTRIBUTE_POWER_LOSSES = 192,
	ATTRIBUTE_TEMPERATURE = 194,
	ATTRIBUTE_UNCORRECTABLE = 198,
	ATTRIBUTE_LIFE_LEFT = 231,
	ATTRIBUTE_WEAR_LEFT = 233,
	ATTRIBUTE_BLOCKS_WRITTEN = 241,
	ATTRIBUTE_BLOCKS_READ = 242,
};

static uint64_t raw_value(const uint8_t *attribute)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < 6; i++)
		value |= (uint64_t)attribute[5 + i] << 8 * i;
	return value;
}

static void take_attribute(const uint8_t *attribute, struct ddk_disk_health *health)
{
	uint64_t raw = raw_value(attribute);
	uint8_t normal = attribute[3];

	switch (attribute[0]) {
	case ATTRIBUTE_REALLOCATED:
		health->reallocated_sectors = raw & UINT32_MAX;
		break;
	case ATTRIBUTE_POWER_ON_HOURS:
		health->power_on_hours = raw & UINT32_MAX;
		break;
	case ATTRIBUTE_POWER_CYCLES:
		health->power_cycles = raw & UINT32_MAX;
		break;
	case ATTRIBUTE_POWER_LOSSES:
		health->unsafe_shutdowns = raw & UINT32_MAX;
		break;
	case ATTRIBUTE_TEMPERATURE:
		health->temperature = (int8_t)(raw & 0xff);
		break;
	case ATTRIBUTE_UNCORRECTABLE:
		health->media_errors = raw & UINT32_MAX;
		break;
	case ATTRIBUTE_LIFE_LEFT:
	case ATTRIBUTE_WEAR_LEFT:
		if (normal <= 100)
			health->percentage_used = 100u - normal;
		break;
	case ATTRIBUTE_BLOCKS_WRITTEN:
		health->blocks_written = raw;
		break;
	case ATTRIBUTE_BLOCKS_READ:
		health->blocks_read = raw;
		break;
	default:
		break;
	}
}

/* The threshold of an attribute; 0: none. */
static uint8_t find_threshold(const uint8_t *thresholds, uint8_t number)
{
	for (unsigned i = 0; i < ATTRIBUTES; i++) {
		const uint8_t *entry = thresholds + ATTRIBUTE_FIRST + i * ATTRIBUTE_SIZE;

		if (entry[0] == number)
			return entry[1];
	}
	return 0;
}

int ata_smart_decode(const uint8_t data[ATA_PAGE], const uint8_t *thresholds,
		     struct ddk_disk_health *health)
{
	if (sum_of(data) != 0)
		return -EIO;
	if (thresholds && sum_of(thresholds) != 0)
		thresholds = NULL;
	for (unsigned i = 0; i < ATTRIBUTES; i++) {
		const uint8_t *attribute = data + ATTRIBUTE_FIRST + i * ATTRIBUTE_SIZE;

		if (attribute[0] == 0)
			continue;
		take_attribute(attribute, health);
		if (thresholds && (attribute[1] & ATTRIBUTE_PREFAILURE) && attribute[3] > 0 &&
		    attribute[3] <= find_threshold(thresholds, attribute[0]))
			health->failing = true;
	}
	return 0;
}
