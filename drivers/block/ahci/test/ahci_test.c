/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The driver with an adapter and disks in order, and with such that are not. */
#include "simulated.h"

#include <base/errno.h>
#include <unit.h>

#include <string.h>

#define BLOCK 512

static struct sim_hba sim;

static struct ddk_disk *probe_disk(void)
{
	EXPECT_EQUAL(sim_probe(&sim), 0);
	EXPECT_EQUAL(mock_disk_count(), 1);
	return mock_disk(0);
}

static void finish(void)
{
	sim_remove(&sim);
	EXPECT_EQUAL(mock_disk_count(), 0);
	sim_finish(&sim);
}

static void fill(uint8_t *bytes, size_t length, uint64_t seed)
{
	for (size_t i = 0; i < length; i++)
		bytes[i] = (uint8_t)unit_random(&seed);
}

/* Writes and reads all over the disk, and compares with what is on it. */
static void check_transfers(struct ddk_disk *disk, const struct sim_port *port)
{
	static uint8_t wanted[64 * BLOCK], got[64 * BLOCK];

	for (unsigned i = 0; i < 40; i++) {
		uint32_t count = 1 + i * 37 % 64;
		uint64_t block = i * 401 % (SIM_BLOCKS - 64);

		if (disk->description.max_blocks < count)
			count = disk->description.max_blocks;
		fill(wanted, count * BLOCK, i + 1);
		EXPECT_EQUAL(mock_disk_transfer(disk, DDK_DISK_WRITE, block, count, wanted), 0);
		EXPECT_BYTES(port->bytes + block * BLOCK, wanted, count * BLOCK);
		EXPECT_EQUAL(mock_disk_transfer(disk, DDK_DISK_READ, block, count, got), 0);
		EXPECT_BYTES(got, wanted, count * BLOCK);
	}
}

UNIT_TEST(ahci, reads_and_writes)
{
	struct ddk_disk *disk;

	sim_start(&sim);
	disk = probe_disk();
	EXPECT_STRING(disk->description.model, "Simulated disk");
	EXPECT(disk->description.queue_depth == 32 && disk->description.block_count == SIM_BLOCKS);
	EXPECT(disk->description.volatile_cache && disk->description.fua);
	check_transfers(disk, &sim.ports[0]);
	EXPECT_EQUAL(mock_disk_transfer(disk, DDK_DISK_FLUSH, 0, 0, NULL), 0);
	EXPECT_EQUAL(sim.ports[0].flushes, 1);
	EXPECT_EQUAL(mock_disk_transfer(disk, DDK_DISK_DISCARD, 100, 200, NULL), 0);
	EXPECT_EQUAL(sim.ports[0].trimmed, 200);
	EXPECT_EQUAL(mock_disk_transfer(disk, DDK_DISK_WRITE_ZEROES, 0, 1, NULL), -EOPNOTSUPP);
	finish();
}

/* What depends on what adapter and disk can do. */
UNIT_TEST(ahci, capabilities)
{
	static const struct {
		uint32_t without;
		unsigned slots;
		uint16_t word83;
		unsigned depth;
	} kinds[] = {
		{ 0, 32, 0x7400, 32 },
		{ HBA_CAPABILITIES_64BIT, 32, 0x7400, 32 },
		{ HBA_CAPABILITIES_NCQ, 32, 0x7400, 2 },
		{ HBA_CAPABILITIES_64BIT | HBA_CAPABILITIES_CLO, 1, 0x7400, 1 },
		{ HBA_CAPABILITIES_NCQ, 1, 0x7400, 1 },
		{ 0, 5, 0x7400, 5 },
		{ 0, 32, 0x5000, 2 },
	};

	for (size_t i = 0; i < array_length(kinds); i++) {
		struct ddk_disk *disk;

		sim_start(&sim);
		sim.capabilities &= ~(kinds[i].without | 0x1fu << HBA_CAPABILITIES_SLOTS_SHIFT |
				      HBA_CAPABILITIES_PORTS);
		sim.capabilities |= (kinds[i].slots - 1) << HBA_CAPABILITIES_SLOTS_SHIFT;
		sim.implemented = 1;
		sim.ports[0].identify[83] = kinds[i].word83;
		sim_seal(sim.ports[0].identify);
		disk = probe_disk();
		EXPECT_EQUAL(disk->description.queue_depth, kinds[i].depth);
		check_transfers(disk, &sim.ports[0]);
		EXPECT_EQUAL(mock_disk_transfer(disk, DDK_DISK_FLUSH, 0, 0, NULL), 0);
		finish();
	}
}

/* --- Many at a time -------------------------------------------------------------------------- */

#define MANY 40

static struct mock_request *many[MANY];

static void make_many(struct ddk_disk *disk)
{
	for (unsigned i = 0; i < MANY; i++) {
		enum ddk_disk_operation operation = i % 3 ? DDK_DISK_READ : DDK_DISK_WRITE;

		many[i] = mock_request_create(disk, operation, i * 8, 8);
	}
}

static unsigned submit_many(unsigned first, unsigned count)
{
	unsigned done = 0;

	for (unsigned i = first; i < first + count; i++) {
		EXPECT_EQUAL(mock_request_submit(many[i], i + 1 == first + count), 0);
		done++;
	}
	return done;
}

static void free_many(void)
{
	for (unsigned i = 0; i < MANY; i++)
		mock_request_free(many[i]);
}

UNIT_TEST(ahci, thirty_two_at_a_time)
{
	struct ddk_disk *disk;
	uint64_t reads, writes;

	sim_start(&sim);
	disk = probe_disk();
	make_many(disk);
	reads = sim.device.register_reads;
	writes = sim.device.register_writes;
	submit_many(0, 32);
	/* SActive and Command Issue, once for all. */
	EXPECT_EQUAL(sim.device.register_reads, reads);
	EXPECT_EQUAL(sim.device.register_writes, writes + 2);
	EXPECT_EQUAL(mock_request_submit(many[32], true), -EBUSY);
	for (unsigned i = 0; i < 32; i++)
		EXPECT_EQUAL(mock_request_wait(many[i]), 0);
	EXPECT_EQUAL(sim.ports[0].queued_most, 32);
	/* An interrupt reads and writes two registers, and reads what is active. */
	EXPECT(sim.device.register_reads - reads <= 3 * sim.device.irqs_delivered);
	/* One alone. */
	reads = sim.device.register_reads;
	writes = sim.device.register_writes;
	EXPECT_EQUAL(mock_request_submit(many[0], true), 0);
	EXPECT_EQUAL(mock_request_wait(many[0]), 0);
	EXPECT_EQUAL(sim.device.register_reads - reads, 3);
	EXPECT_EQUAL(sim.device.register_writes - writes, 4);
	free_many();
	finish();
}

/* Flushes and trims between queued commands: the simulation sees that they are never mixed. */
UNIT_TEST(ahci, queued_and_others)
{
	struct ddk_disk *disk;
	struct mock_request *flush, *discard;

	sim_start(&sim);
	disk = probe_disk();
	make_many(disk);
	flush = mock_request_create(disk, DDK_DISK_FLUSH, 0, 0);
	discard = mock_request_create(disk, DDK_DISK_DISCARD, 1000, 64);
	for (unsigned round = 0; round < 20; round++) {
		submit_many(0, 5);
		EXPECT_EQUAL(mock_request_submit(flush, round & 1), 0);
		submit_many(5, 10);
		EXPECT_EQUAL(mock_request_submit(discard, true), 0);
		submit_many(15, 15);
		EXPECT_EQUAL(mock_request_wait(flush), 0);
		EXPECT_EQUAL(mock_request_wait(discard), 0);
		for (unsigned i = 0; i < 30; i++)
			EXPECT_EQUAL(mock_request_wait(many[i]), 0);
	}
	EXPECT(sim.ports[0].flushes == 20 && sim.ports[0].trims == 20);
	mock_request_free(flush);
	mock_request_free(discard);
	free_many();
	finish();
}

/* --- Errors of commands ---------------------------------------------------------------------- */

/* What the class does: those that were not to blame are tried again. */
static void retry_many(unsigned count)
{
	for (unsigned round = 0; round < 100; round++) {
		bool again = false;

		for (unsigned i = 0; i < count; i++)
			(void)mock_request_wait(many[i]);
		for (unsigned i = 0; i < count; i++) {
			if (many[i]->error != -EAGAIN)
				continue;
			EXPECT_EQUAL(mock_request_submit(many[i], true), 0);
			again = true;
		}
		if (!again)
			return;
	}
	EXPECT(!"it never ends");
}

/* The bad block is found among 32, whichever tag it has and whether the log tells it or not. */
static void find_bad_block(const struct sim_faults *faults, bool queued)
{
	for (unsigned bad = 0; bad < 32; bad++) {
		struct ddk_disk *disk;
		unsigned count = queued ? 32 : 2;

		sim_start(&sim);
		if (!queued)
			sim.capabilities &= ~HBA_CAPABILITIES_NCQ;
		disk = probe_disk();
		sim.ports[0].faults = *faults;
		make_many(disk);
		sim.ports[0].bad_block = (bad % count) * 8 + 3;
		submit_many(0, count);
		retry_many(count);
		for (unsigned i = 0; i < count; i++) {
			int wanted = i % 3 ? -ENODATA : -EROFS;

			EXPECT_EQUAL(many[i]->error, i == bad % count ? wanted : 0);
		}
		/* However often it is tried. */
		for (unsigned i = 0; i < 10; i++) {
			EXPECT_EQUAL(mock_request_submit(many[bad % count], true), 0);
			EXPECT(mock_request_wait(many[bad % count]) != -ENODEV);
		}
		/* And it goes on as before. */
		sim.ports[0].bad_block = UINT64_MAX;
		check_transfers(disk, &sim.ports[0]);
		free_many();
		finish();
	}
}

UNIT_TEST(ahci, bad_block)
{
	find_bad_block(&(struct sim_faults){ 0 }, true);
	EXPECT(sim.ports[0].logs_read > 0);
}

UNIT_TEST(ahci, bad_block_not_queued)
{
	find_bad_block(&(struct sim_faults){ 0 }, false);
}

UNIT_TEST(ahci, bad_block_without_log)
{
	find_bad_block(&(struct sim_faults){ .no_log = true }, true);
}

UNIT_TEST(ahci, bad_block_with_damaged_log)
{
	find_bad_block(&(struct sim_faults){ .log_damaged = true }, true);
}

UNIT_TEST(ahci, refused_commands)
{
	struct ddk_disk *disk;
	uint8_t bytes[BLOCK];

	sim_start(&sim);
	disk = probe_disk();
	EXPECT_EQUAL(mock_disk_transfer(disk, DDK_DISK_READ, SIM_BLOCKS, 1, bytes), -EREMOTEIO);
	EXPECT_EQUAL(mock_disk_transfer(disk, DDK_DISK_DISCARD, SIM_BLOCKS, 1, NULL), -EREMOTEIO);
	sim.ports[0].bad_block = 9;
	sim.ports[0].bad_error = ATA_ERROR_CRC | ATA_ERROR_ABORTED;
	EXPECT_EQUAL(mock_disk_transfer(disk, DDK_DISK_READ, 9, 1, bytes), -EIO);
	finish();
}

UNIT_TEST(ahci, interface_errors)
{
	struct ddk_disk *disk;

	sim_start(&sim);
	disk = probe_disk();
	make_many(disk);
	sim.ports[0].faults = (struct sim_faults){ .breaks = 1000, .only_transfers = true };
	/* All are taken away, then one by one. */
	submit_many(0, 1);
	EXPECT_EQUAL(mock_request_wait(many[0]), -EIO);
	submit_many(0, 8);
	for (unsigned i = 0; i < 8; i++)
		EXPECT_EQUAL(mock_request_wait(many[i]), -EAGAIN);
	submit_many(0, 1);
	EXPECT_EQUAL(mock_request_wait(many[0]), -EIO);
	/* It was slowed down. */
	EXPECT(sim.ports[0].control & PORT_CONTROL_SLOWEST);
	sim.ports[0].faults.breaks = 0;
	check_transfers(disk, &sim.ports[0]);
	free_many();
	finish();
}

/* --- Time-outs ------------------------------------------------------------------------------- */

UNIT_TEST(ahci, time_out)
{
	struct ddk_disk *disk;

	sim_start(&sim);
	disk = probe_disk();
	make_many(disk);
	sim.ports[0].faults.swallows = true;
	submit_many(0, 4);
	mock_run_for(30 * DDK_SECOND);
	mock_request_time_out(many[2]);
	EXPECT_EQUAL(many[2]->error, -ETIMEDOUT);
	for (unsigned i = 0; i < 4; i++)
		EXPECT(i == 2 || many[i]->error == -EAGAIN);
	sim.ports[0].faults.swallows = false;
	check_transfers(disk, &sim.ports[0]);
	free_many();
	finish();
}

/* The command is done, only the interrupt was lost. */
UNIT_TEST(ahci, lost_interrupt)
{
	struct ddk_disk *disk;
	unsigned resets;

	sim_start(&sim);
	disk = probe_disk();
	make_many(disk);
	resets = sim.ports[0].resets;
	sim.ports[0].faults.loses_irq = 1000;
	submit_many(0, 2);
	mock_run_for(30 * DDK_SECOND);
	EXPECT(many[1]->busy);
	mock_request_time_out(many[1]);
	EXPECT(many[0]->completed && many[0]->error == 0 && many[1]->error == 0);
	EXPECT_EQUAL(sim.ports[0].resets, resets);
	free_many();
	finish();
}

/* The engine does not stop: the adapter is reset, and every port goes on. */
UNIT_TEST(ahci, stuck_engine)
{
	struct ddk_disk *disk;
	unsigned resets;

	sim_start(&sim);
	sim_attach(&sim.ports[3]);
	EXPECT_EQUAL(sim_probe(&sim), 0);
	EXPECT_EQUAL(mock_disk_count(), 2);
	disk = mock_disk(0);
	make_many(disk);
	resets = sim.resets;
	sim.ports[0].faults.engine_stuck = sim.ports[0].faults.swallows = true;
	submit_many(0, 3);
	mock_run_for(30 * DDK_SECOND);
	mock_request_time_out(many[0]);
	EXPECT_EQUAL(many[0]->error, -ETIMEDOUT);
	EXPECT_EQUAL(sim.resets, resets + 1);
	sim.ports[0].faults.engine_stuck = sim.ports[0].faults.swallows = false;
	check_transfers(disk, &sim.ports[0]);
	check_transfers(mock_disk(1), &sim.ports[3]);
	/* One whose reset does not end, either, is given up. */
	sim.ports[0].faults.engine_stuck = sim.ports[0].faults.swallows = true;
	sim.reset_stuck = true;
	submit_many(0, 3);
	mock_request_time_out(many[1]);
	for (unsigned i = 0; i < 3; i++)
		EXPECT(!many[i]->busy && many[i]->error);
	mock_run_for(DDK_SECOND);
	EXPECT_EQUAL(mock_disk_count(), 0);
	EXPECT(!sim.device.bus_master);
	free_many();
	finish();
}

/* --- Devices that come, go, and are not what they should ------------------------------------- */

UNIT_TEST(ahci, hotplug)
{
	struct ddk_disk *disk;

	sim_start(&sim);
	disk = probe_disk();
	make_many(disk);
	sim.ports[0].faults.swallows = true;
	submit_many(0, 10);
	sim_detach(&sim.ports[0]);
	/* Others come while it is not clear yet that it has gone. */
	mock_run_for(DDK_MILLISECOND);
	EXPECT_EQUAL(mock_request_submit(many[20], true), 0);
	mock_run_for(5 * DDK_SECOND);
	EXPECT_EQUAL(mock_disk_count(), 0);
	for (unsigned i = 0; i < 10; i++)
		EXPECT(many[i]->error == -EAGAIN || many[i]->error == -ENODEV);
	EXPECT_EQUAL(many[20]->error, -ENODEV);
	free_many();
	/* Another one, at another port too. */
	sim.ports[0].faults.swallows = false;
	sim_attach(&sim.ports[0]);
	sim_attach(&sim.ports[5]);
	mock_run_for(5 * DDK_SECOND);
	EXPECT_EQUAL(mock_disk_count(), 2);
	check_transfers(mock_disk(0), &sim.ports[0]);
	check_transfers(mock_disk(1), &sim.ports[5]);
	finish();
}

/* The same disk comes back: it stays what it is. Another one is another one. */
UNIT_TEST(ahci, replug)
{
	struct ddk_disk *disk;

	sim_start(&sim);
	disk = probe_disk();
	sim.ports[0].faults.drops_link = 1000;
	EXPECT_EQUAL(mock_disk_transfer(disk, DDK_DISK_READ, 0, 1, (uint8_t[BLOCK]){ 0 }), -EAGAIN);
	sim.ports[0].faults.drops_link = 0;
	mock_run_for(DDK_SECOND);
	EXPECT(mock_disk(0) == disk);
	check_transfers(disk, &sim.ports[0]);
	/* It has another size now. */
	sim.ports[0].identify[100] = (uint16_t)(sim.ports[0].block_count = SIM_BLOCKS / 2);
	sim_seal(sim.ports[0].identify);
	sim.ports[0].faults.drops_link = 1000;
	EXPECT_EQUAL(mock_disk_transfer(disk, DDK_DISK_READ, 0, 1, (uint8_t[BLOCK]){ 0 }), -EAGAIN);
	sim.ports[0].faults.drops_link = 0;
	mock_run_for(DDK_SECOND);
	EXPECT(mock_disk(0) == disk && disk->resized == 1);
	EXPECT_EQUAL(disk->description.block_count, SIM_BLOCKS / 2);
	/* Another one was plugged in. */
	sim.ports[0].identify[12] ^= 1;
	sim_seal(sim.ports[0].identify);
	sim.ports[0].faults.drops_link = 1000;
	EXPECT_EQUAL(mock_disk_transfer(disk, DDK_DISK_READ, 0, 1, (uint8_t[BLOCK]){ 0 }), -EAGAIN);
	sim.ports[0].faults.drops_link = 0;
	mock_run_for(DDK_SECOND);
	EXPECT_EQUAL(mock_disk_count(), 1);
	EXPECT_EQUAL(mock_disk(0)->resized, 0);
	finish();
}

static void expect_no_disk(void)
{
	EXPECT_EQUAL(sim_probe(&sim), 0);
	mock_run_for(600 * DDK_SECOND);
	EXPECT_EQUAL(mock_disk_count(), 0);
	finish();
}

UNIT_TEST(ahci, no_disk)
{
	static const uint32_t signatures[] = { SIGNATURE_ATAPI, SIGNATURE_ENCLOSURE,
					       SIGNATURE_MULTIPLIER };

	for (size_t i = 0; i < array_length(signatures); i++) {
		sim_start(&sim);
		sim.ports[0].signature = signatures[i];
		expect_no_disk();
	}
	sim_start(&sim);
	sim.ports[0].faults.link_dead = true;
	expect_no_disk();
	sim_start(&sim);
	sim.ports[0].faults.never_ready = true;
	expect_no_disk();
	sim_start(&sim);
	sim.ports[0].faults.fails_identify = true;
	expect_no_disk();
	sim_start(&sim);
	sim.ports[0].faults.swallows = true;
	expect_no_disk();
	sim_start(&sim);
	sim.ports[0].identify[128] = 7; /* locked */
	sim_seal(sim.ports[0].identify);
	expect_no_disk();
}

/* A signature that means nothing does not hide a disk. */
UNIT_TEST(ahci, wrong_signature)
{
	sim_start(&sim);
	sim.ports[0].signature = 0xffffffff;
	check_transfers(probe_disk(), &sim.ports[0]);
	finish();
}

UNIT_TEST(ahci, garbage_identify)
{
	for (unsigned round = 1; round <= 300; round++) {
		sim_start(&sim);
		sim.random = round;
		sim.ports[0].faults.garbage_identify = true;
		EXPECT_EQUAL(sim_probe(&sim), 0);
		mock_run_for(DDK_SECOND);
		EXPECT(mock_disk_count() <= 1);
		finish();
	}
}

/* --- The adapter ----------------------------------------------------------------------------- */

UNIT_TEST(ahci, firmware)
{
	sim_start(&sim);
	sim.capabilities2 = HBA_CAPABILITIES2_HANDOFF;
	sim.handoff = HBA_HANDOFF_FIRMWARE;
	(void)probe_disk();
	EXPECT(sim.handoff == HBA_HANDOFF_SYSTEM);
	finish();
	/* It does not let go: taken all the same. */
	sim_start(&sim);
	sim.capabilities2 = HBA_CAPABILITIES2_HANDOFF;
	sim.handoff = HBA_HANDOFF_FIRMWARE;
	sim.handoff_stuck = true;
	(void)probe_disk();
	finish();
}

UNIT_TEST(ahci, no_adapter)
{
	sim_start(&sim);
	sim.device.gone = true;
	EXPECT_EQUAL(sim_probe(&sim), -ENODEV);
	sim_finish(&sim);
	sim_start(&sim);
	sim.reset_stuck = true;
	EXPECT_EQUAL(sim_probe(&sim), -ETIMEDOUT);
	sim_finish(&sim);
	sim_start(&sim);
	sim.device.bar_sizes[AHCI_BAR] = 0;
	EXPECT_EQUAL(sim_probe(&sim), -ENOENT);
	sim_finish(&sim);
	/* No port's registers lie in the region. */
	sim_start(&sim);
	sim.device.bar_sizes[AHCI_BAR] = 0x100;
	EXPECT_EQUAL(sim_probe(&sim), -ENODEV);
	sim_finish(&sim);
}

UNIT_TEST(ahci, pulled_out)
{
	for (unsigned round = 0; round < 4; round++) {
		struct ddk_disk *disk;

		sim_start(&sim);
		disk = probe_disk();
		make_many(disk);
		submit_many(0, 32);
		mock_run_for(round * 20 * DDK_MICROSECOND);
		sim_pull_out(&sim);
		if (round & 1) {
			/* It is noticed by an interrupt (of a shared line, say) ... */
			mock_raise(0);
			mock_run();
		} else if (round & 2) {
			/* ... or by a time-out, or when the bus says so. */
			mock_request_time_out(many[31]);
		}
		sim_remove(&sim);
		for (unsigned i = 0; i < 32; i++)
			EXPECT(!many[i]->busy &&
			       (many[i]->error == -ENODEV || many[i]->error == -EAGAIN ||
				many[i]->error == -ETIMEDOUT || many[i]->error == 0));
		free_many();
		sim_finish(&sim);
	}
}

UNIT_TEST(ahci, no_memory)
{
	for (int fail = 0; fail < 200; fail++) {
		int error;

		sim_start(&sim);
		sim.device.fail_after = fail;
		error = sim_probe(&sim);
		if (!error) {
			/* Perhaps without the disk. */
			EXPECT(mock_disk_count() == 1 || sim.device.fail_after < 0);
			finish();
		} else {
			EXPECT_EQUAL(error, -ENOMEM);
			sim_finish(&sim);
		}
		if (sim.device.fail_after >= 0)
			return;
	}
	EXPECT(!"it never succeeds");
}

/* --- Health ---------------------------------------------------------------------------------- */

static void seal_page(uint8_t *page)
{
	uint8_t sum = 0;

	for (unsigned i = 0; i < ATA_PAGE - 1; i++)
		sum = (uint8_t)(sum + page[i]);
	page[ATA_PAGE - 1] = (uint8_t)-sum;
}

UNIT_TEST(ahci, health)
{
	static const uint8_t hours[] = { 9, 0, 0, 99, 99, 42 };
	struct ddk_disk_health health;
	struct ddk_disk *disk;

	sim_start(&sim);
	memcpy(sim.ports[0].smart + 2, hours, sizeof(hours));
	seal_page(sim.ports[0].smart);
	disk = probe_disk();
	make_many(disk);
	/* While others are under way. */
	submit_many(0, 20);
	EXPECT_EQUAL(disk->ops->read_health(disk, &health), 0);
	EXPECT(health.power_on_hours == 42 && !health.failing);
	EXPECT(health.media_errors == UINT64_MAX && health.temperature == INT32_MIN);
	for (unsigned i = 0; i < 20; i++)
		EXPECT_EQUAL(mock_request_wait(many[i]), 0);
	sim.ports[0].smart_failing = true;
	EXPECT_EQUAL(disk->ops->read_health(disk, &health), 0);
	EXPECT(health.failing);
	sim.ports[0].smart[3]++;
	EXPECT_EQUAL(disk->ops->read_health(disk, &health), -EIO);
	/* It does not answer. */
	sim.ports[0].faults.swallows = true;
	EXPECT_EQUAL(disk->ops->read_health(disk, &health), -ETIMEDOUT);
	sim.ports[0].faults.swallows = false;
	check_transfers(disk, &sim.ports[0]);
	free_many();
	finish();
}

/* --- Sleep ----------------------------------------------------------------------------------- */

/* As without power: adapter and ports are as after a reset, and firmware may have taken it. */
static void lose_state(void)
{
	EXPECT(!sim.device.bus_master);
	sim.control = sim.irq = 0;
	for (unsigned i = 0; i < SIM_PORTS; i++) {
		struct sim_port *port = &sim.ports[i];

		EXPECT(!port->started && !(port->command & PORT_COMMAND_RUNNING));
		port->irq = port->irq_enable = port->command = port->control = 0;
		port->list = port->fis = 0;
	}
}

static void sleep_and_wake(void)
{
	EXPECT_EQUAL(ahci_suspend(&sim.device), 0);
	mock_run_for(DDK_SECOND);
	lose_state();
	EXPECT_EQUAL(ahci_resume(&sim.device), 0);
}

UNIT_TEST(ahci, sleeps_and_wakes)
{
	struct ddk_disk *disk;

	sim_start(&sim);
	disk = probe_disk();
	make_many(disk);
	/* More often than a port that finds no disk would be tried. */
	for (unsigned round = 1; round <= 12; round++) {
		if (round & 1)
			submit_many(0, 8);
		sleep_and_wake();
		for (unsigned i = 0; i < 8 && round & 1; i++)
			EXPECT_EQUAL(mock_request_wait(many[i]), 0);
		EXPECT_EQUAL(sim.ports[0].flushes, round);
		EXPECT_EQUAL(sim.ports[0].standbys, round);
		EXPECT(!disk->suspended);
	}
	free_many();
	check_transfers(disk, &sim.ports[0]);
	EXPECT(mock_disk(0) == disk);
	finish();
}

/* Without the caches and commands of newer ones. */
UNIT_TEST(ahci, an_old_disk_sleeps_and_wakes)
{
	struct ddk_disk *disk;

	sim_start(&sim);
	sim.ports[0].identify[82] = sim.ports[0].identify[85] = 0;
	sim.ports[0].identify[83] = sim.ports[0].identify[86] = 0x4000;
	sim_seal(sim.ports[0].identify);
	disk = probe_disk();
	sleep_and_wake();
	EXPECT_EQUAL(sim.ports[0].flushes + sim.ports[0].standbys, 0);
	check_transfers(disk, &sim.ports[0]);
	finish();
}

UNIT_TEST(ahci, disks_change_during_sleep)
{
	struct ddk_disk *disk;
	uint8_t bytes[BLOCK];

	sim_start(&sim);
	disk = probe_disk();
	EXPECT_EQUAL(ahci_suspend(&sim.device), 0);
	lose_state();
	/* Another serial number, and one more disk. */
	sim.ports[0].identify[10] ^= 0x0101;
	sim_seal(sim.ports[0].identify);
	sim_attach(&sim.ports[1]);
	EXPECT_EQUAL(ahci_resume(&sim.device), 0);
	mock_run_for(10 * DDK_SECOND);
	EXPECT_EQUAL(mock_disk_count(), 2);
	EXPECT(mock_disk(0) != disk || mock_disk(1) != disk);
	for (unsigned i = 0; i < 2; i++)
		EXPECT_EQUAL(mock_disk_transfer(mock_disk(i), DDK_DISK_READ, 0, 1, bytes), 0);
	/* Both go. */
	EXPECT_EQUAL(ahci_suspend(&sim.device), 0);
	lose_state();
	sim_detach(&sim.ports[0]);
	sim_detach(&sim.ports[1]);
	EXPECT_EQUAL(ahci_resume(&sim.device), 0);
	mock_run_for(10 * DDK_SECOND);
	finish();
}

UNIT_TEST(ahci, an_adapter_that_does_not_wake)
{
	sim_start(&sim);
	(void)probe_disk();
	EXPECT_EQUAL(ahci_suspend(&sim.device), 0);
	sim.reset_stuck = true;
	EXPECT_EQUAL(ahci_resume(&sim.device), -ETIMEDOUT);
	finish();
}

UNIT_TEST(ahci, an_adapter_that_was_pulled_out_asleep)
{
	sim_start(&sim);
	(void)probe_disk();
	EXPECT_EQUAL(ahci_suspend(&sim.device), 0);
	sim_pull_out(&sim);
	EXPECT_EQUAL(ahci_resume(&sim.device), -ENODEV);
	finish();
}
