/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What ATA devices say, good and bad. */
#include "../ata.h"
#include "simulated.h"

#include <base/bits.h>
#include <base/errno.h>
#include <unit.h>

#include <string.h>

static struct sim_hba hba;

/* IDENTIFY data of a disk in order. */
static uint16_t *words_of_a_disk(void)
{
	sim_start(&hba);
	return hba.ports[0].identify;
}

UNIT_TEST(ahci_ata, identify)
{
	uint16_t *words = words_of_a_disk();
	struct ata_identity identity;

	EXPECT_EQUAL(ata_identify(words, &identity), 0);
	EXPECT_STRING(identity.model, "Simulated disk");
	EXPECT_STRING(identity.serial, "SERIAL-0");
	EXPECT_STRING(identity.firmware, "1.2.3");
	EXPECT(identity.block_count == SIM_BLOCKS && identity.block_size == 512);
	EXPECT(identity.queue_depth == 32 && identity.lba48 && identity.flush_ext);
	EXPECT(identity.write_cache && identity.fua && identity.trim && identity.smart);
	EXPECT(identity.rotational && !identity.removable && !identity.locked);
	words[106] = 0x4000 | 1 << 13 | 3;
	words[217] = 1;
	sim_seal(words);
	EXPECT_EQUAL(ata_identify(words, &identity), 0);
	EXPECT(identity.block_size == 512 && identity.physical_block_size == 4096);
	EXPECT(!identity.rotational);
	words[106] = 0x4000 | 1 << 12;
	words[117] = 2048;
	words[128] = 7;
	sim_seal(words);
	EXPECT_EQUAL(ata_identify(words, &identity), 0);
	EXPECT(identity.block_size == 4096 && identity.physical_block_size == 4096);
	EXPECT(identity.locked);
	sim_finish(&hba);
}

UNIT_TEST(ahci_ata, identify_old)
{
	uint16_t *words = words_of_a_disk();
	struct ata_identity identity;

	/* No addresses of 48 bits: nothing that needs them. */
	words[83] = 0x5000;
	words[60] = 0x1234;
	words[61] = 0x0001;
	sim_seal(words);
	EXPECT_EQUAL(ata_identify(words, &identity), 0);
	EXPECT(!identity.lba48 && identity.block_count == 0x11234 && identity.queue_depth == 0);
	EXPECT(identity.flush && !identity.flush_ext && !identity.fua && !identity.trim);
	/* Words that say that they say nothing. */
	words[83] = 0xffff;
	sim_seal(words);
	EXPECT_EQUAL(ata_identify(words, &identity), 0);
	EXPECT(!identity.lba48 && !identity.flush && !identity.write_cache);
	sim_finish(&hba);
}

UNIT_TEST(ahci_ata, identify_refused)
{
	uint16_t *words = words_of_a_disk();
	static const struct {
		unsigned word;
		uint16_t value;
	} bad[] = {
		{ 0, 0x8000 },   /* not ATA */
		{ 49, 0x200 },   /* no DMA */
		{ 49, 0x100 },   /* no block addresses */
		{ 100, 0 },      /* no blocks */
		{ 103, 1 },      /* more than 48 bits */
		{ 106, 0x5000 }, /* blocks of no bytes */
	};
	struct ata_identity identity;

	for (size_t i = 0; i < array_length(bad); i++) {
		uint16_t copy[ATA_WORDS];

		memcpy(copy, words, sizeof(copy));
		copy[bad[i].word] = bad[i].value;
		sim_seal(copy);
		EXPECT_EQUAL(ata_identify(copy, &identity), -EOPNOTSUPP);
	}
	words[40] ^= 1;
	EXPECT_EQUAL(ata_identify(words, &identity), -EIO);
	sim_finish(&hba);
}

UNIT_TEST(ahci_ata, identify_anything)
{
	uint64_t random = 5;

	for (int round = 0; round < 20000; round++) {
		uint16_t words[ATA_WORDS];
		struct ata_identity identity;

		for (unsigned i = 0; i < ATA_WORDS; i++)
			words[i] = (uint16_t)unit_random(&random);
		if (round & 1) {
			words[0] &= 0x7fff;
			words[49] |= 0x300;
			words[106] = (words[106] & 0x0fff) | (words[0] & 0xf000);
			words[103] = 0;
			sim_seal(words);
		}
		if (ata_identify(words, &identity))
			continue;
		EXPECT(is_power_of_two(identity.block_size) && identity.block_size >= 512 &&
		       identity.block_size <= 4096);
		EXPECT(identity.physical_block_size >= identity.block_size);
		EXPECT(identity.block_count > 0 && identity.block_count <= 1ull << 48);
		EXPECT(identity.queue_depth <= 32);
		EXPECT(strlen(identity.model) < sizeof(identity.model));
	}
}

UNIT_TEST(ahci_ata, errors)
{
	EXPECT_EQUAL(ata_error(DDK_DISK_READ, 0x51, 0x40), -ENODATA);
	EXPECT_EQUAL(ata_error(DDK_DISK_WRITE, 0x51, 0x40), -EROFS);
	EXPECT_EQUAL(ata_error(DDK_DISK_READ, 0x51, 0x10), -EREMOTEIO);
	EXPECT_EQUAL(ata_error(DDK_DISK_READ, 0x51, 0xc0), -EIO);
	EXPECT_EQUAL(ata_error(DDK_DISK_WRITE, 0x51, 0x04), -EIO);
	EXPECT_EQUAL(ata_error(DDK_DISK_DISCARD, 0x51, 0x04), -EOPNOTSUPP);
	EXPECT_EQUAL(ata_error(DDK_DISK_READ, 0x70, 0x40), -EIO);
}

static void seal(uint8_t *page)
{
	uint8_t sum = 0;

	for (unsigned i = 0; i < ATA_PAGE - 1; i++)
		sum = (uint8_t)(sum + page[i]);
	page[ATA_PAGE - 1] = (uint8_t)-sum;
}

UNIT_TEST(ahci_ata, queued_error)
{
	uint8_t page[ATA_PAGE] = { 5, 0, 0x51, 0x40 }, status, error;
	unsigned tag;

	seal(page);
	EXPECT(ata_queued_error(page, &tag, &status, &error));
	EXPECT(tag == 5 && status == 0x51 && error == 0x40);
	page[0] |= 0x80;
	seal(page);
	EXPECT(!ata_queued_error(page, &tag, &status, &error));
	page[0] = 5;
	EXPECT(!ata_queued_error(page, &tag, &status, &error));
}

UNIT_TEST(ahci_ata, smart)
{
	uint8_t data[ATA_PAGE] = { 0 }, thresholds[ATA_PAGE] = { 0 };
	static const uint8_t hours[] = { 9, 0, 0, 99, 99, 0x10, 0x27 };
	static const uint8_t moved[] = { 5, 1, 0, 30, 30, 7 };
	static const uint8_t heat[] = { 194, 0, 0, 60, 50, 40, 0, 20, 0, 50 };
	struct ddk_disk_health health;
	uint64_t random = 9;

	memcpy(data + 2, hours, sizeof(hours));
	memcpy(data + 14, moved, sizeof(moved));
	memcpy(data + 26, heat, sizeof(heat));
	seal(data);
	thresholds[2] = 5;
	thresholds[3] = 10;
	seal(thresholds);
	memset(&health, 0, sizeof(health));
	EXPECT_EQUAL(ata_smart_decode(data, thresholds, &health), 0);
	EXPECT(health.power_on_hours == 10000 && health.reallocated_sectors == 7);
	EXPECT(health.temperature == 40 && !health.failing);
	thresholds[3] = 36;
	seal(thresholds);
	EXPECT_EQUAL(ata_smart_decode(data, thresholds, &health), 0);
	EXPECT(health.failing);
	data[100]++;
	EXPECT_EQUAL(ata_smart_decode(data, NULL, &health), -EIO);
	for (int round = 0; round < 2000; round++) {
		for (unsigned i = 0; i < ATA_PAGE; i++) {
			data[i] = (uint8_t)unit_random(&random);
			thresholds[i] = (uint8_t)unit_random(&random);
		}
		seal(data);
		seal(thresholds);
		EXPECT_EQUAL(ata_smart_decode(data, thresholds, &health), 0);
	}
}
