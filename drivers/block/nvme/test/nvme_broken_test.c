/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The driver with controllers that break the rules, each in one way. */
#include "nvme_model.h"

#include <base/errno.h>
#include <ddk/timer.h>
#include <unit.h>

#include <string.h>

static struct nvme_model model;

/* --- Controllers that cannot be used --------------------------------------------------------- */

static void never_ready(void)
{
	model.never_ready = true;
}

static void stays_ready(void)
{
	model.never_stops = true;
	model.configuration = NVME_CONFIGURATION_ENABLE;
	model.status = NVME_STATUS_READY;
}

static void fatal(void)
{
	model.fatal_on_enable = true;
}

static void absent(void)
{
	model.device.gone = true;
}

static void no_commands(void)
{
	model.capabilities &= ~NVME_CAPABILITIES_NVM_COMMANDS;
}

static void large_pages(void)
{
	model.capabilities |= 1ull << 48;
}

static void no_entries(void)
{
	model.capabilities &= ~0xffffull;
}

static void no_registers(void)
{
	model.device.bar_sizes[0] = 0;
}

static void few_registers(void)
{
	model.device.bar_sizes[0] = 0x1000;
}

static void no_doorbells(void)
{
	model.device.bar_sizes[0] = 0x100c;
}

static void wide_doorbells(void)
{
	model.capabilities |= 15ull << 32;
}

static void large_entries(void)
{
	model.identity.sq_entry_size = 0x77;
}

static void odd_completions(void)
{
	model.identity.cq_entry_size = 0x33;
}

static void no_identity(void)
{
	memset(&model.identity, 0, sizeof(model.identity));
}

UNIT_TEST(nvme_broken, cannot_be_used)
{
	static void (*const ways[])(void) = {
		never_ready,    stays_ready,   fatal,           absent,        no_commands,
		large_pages,    no_entries,    no_registers,    few_registers, no_doorbells,
		wide_doorbells, large_entries, odd_completions, no_identity,
	};

	for (size_t i = 0; i < array_length(ways); i++) {
		nvme_model_init(&model);
		ways[i]();
		EXPECT((int)nvme_model_probe(&model) < 0);
		nvme_model_fini(&model);
	}
}

/* What a controller does without, if it must, decides whether it is used. */
UNIT_TEST(nvme_broken, fails_one_admin_command)
{
	static const struct {
		enum nvme_admin_opcode opcode;
		bool needed;
	} cases[] = {
		{ NVME_ADMIN_IDENTIFY, true },
		{ NVME_ADMIN_CREATE_CQ, true },
		{ NVME_ADMIN_CREATE_SQ, true },
		{ NVME_ADMIN_SET_FEATURES, true },
		{ NVME_ADMIN_SET_DOORBELL_BUFFERS, false },
		{ NVME_ADMIN_ASYNC_EVENT, false },
	};

	for (size_t i = 0; i < array_length(cases); i++) {
		for (unsigned hang = 0; hang < 2; hang++) {
			bool fails = cases[i].needed ||
				     (hang && cases[i].opcode != NVME_ADMIN_ASYNC_EVENT);

			nvme_model_init(&model);
			model.identity.admin_commands = NVME_ADMIN_KNOWS_DOORBELLS;
			if (hang)
				model.hung_opcode = cases[i].opcode + 1u;
			else
				model.bad_opcode = cases[i].opcode + 1u;
			EXPECT_EQUAL(nvme_model_probe(&model) != 0, fails);
			if (!fails)
				nvme_model_remove(&model);
			nvme_model_fini(&model);
		}
	}
}

UNIT_TEST(nvme_broken, runs_out_of_memory)
{
	int error = -ENOMEM;

	for (int left = 0; error || mock_disk_count() < 1; left++) {
		if (left)
			nvme_model_fini(&model);
		nvme_model_init(&model);
		model.identity.admin_commands = NVME_ADMIN_KNOWS_DOORBELLS;
		model.device.fail_after = left;
		error = nvme_model_probe(&model);
		model.device.fail_after = -1;
		EXPECT(left < 1000);
		if (!error && mock_disk_count() < 1)
			nvme_model_remove(&model);
	}
	nvme_model_remove(&model);
	nvme_model_fini(&model);
}

/* All that is made while the machine runs: the disk of a new namespace. */
UNIT_TEST(nvme_broken, runs_out_of_memory_later)
{
	for (int left = 0; left < 40; left++) {
		nvme_model_init(&model);
		EXPECT_EQUAL(nvme_model_probe(&model), 0);
		nvme_model_add(&model, 2, 12, 64);
		EXPECT(nvme_model_tell(&model, 0x040002));
		model.device.fail_after = left;
		mock_run_for(DDK_SECOND);
		model.device.fail_after = -1;
		nvme_model_remove(&model);
		nvme_model_fini(&model);
	}
}

UNIT_TEST(nvme_broken, never_shuts_down)
{
	nvme_model_init(&model);
	EXPECT_EQUAL(nvme_model_probe(&model), 0);
	model.never_shuts_down = true;
	model.never_stops = true;
	nvme_model_remove(&model);
	nvme_model_fini(&model);
}

UNIT_TEST(nvme_broken, babbles)
{
	for (unsigned seed = 1; seed < 20; seed++) {
		nvme_model_init(&model);
		model.random = seed;
		model.babbles = true;
		EXPECT_EQUAL(nvme_model_probe(&model), 0);
		mock_run_for(10 * DDK_SECOND);
		/* It was not listened to for ever. */
		EXPECT(model.commands < 1000);
		nvme_model_remove(&model);
		nvme_model_fini(&model);
	}
}

/* --- Commands that are not answered ---------------------------------------------------------- */

static uint64_t dropped_block; /* no answer to reads of it */

static int drop(struct nvme_model *given, const struct nvme_command *command)
{
	(void)given;
	return command->opcode == NVME_READ && command->word10 == dropped_block ? -1 : 0;
}

static struct mock_request *submit_read(uint64_t block)
{
	struct mock_request *request = mock_request_create(mock_disk(0), DDK_DISK_READ, block, 1);

	EXPECT_EQUAL(mock_request_submit(request, true), 0);
	return request;
}

static void start_dropping(void)
{
	nvme_model_init(&model);
	model.judge = drop;
	dropped_block = 5;
}

UNIT_TEST(nvme_broken, aborts_what_is_not_answered)
{
	struct mock_request *request;

	start_dropping();
	EXPECT_EQUAL(nvme_model_probe(&model), 0);
	request = submit_read(5);
	mock_run_for(30 * DDK_SECOND);
	EXPECT(request->busy);
	mock_request_time_out(request);
	EXPECT_EQUAL(request->error, -ETIMEDOUT);
	EXPECT_EQUAL(model.aborts, 1);
	EXPECT_EQUAL(model.enables, 1);
	mock_request_free(request);
	nvme_model_remove(&model);
	nvme_model_fini(&model);
}

static int resubmit_error;

/* Tries at once, in the middle of the reset. */
static void resubmit(struct mock_request *request)
{
	if (request->error == -EAGAIN)
		resubmit_error = mock_request_submit(request, true);
}

/* The reset takes away all there is: one request is to blame, the other is not. */
static void reset_with(bool no_aborts, bool hangs, bool never_stops)
{
	struct mock_request *blamed, *other;

	start_dropping();
	model.time_max = 40 * DDK_SECOND;
	model.no_aborts = no_aborts;
	model.refuses_aborts = !no_aborts;
	if (hangs)
		model.hung_opcode = NVME_ADMIN_ABORT + 1u;
	/* The admin commands of the probe must not take so long. */
	model.time_max = 1000;
	EXPECT_EQUAL(nvme_model_probe(&model), 0);
	blamed = submit_read(5);
	mock_run_for(DDK_SECOND);
	dropped_block = 6;
	other = submit_read(6);
	other->complete = resubmit;
	resubmit_error = 0;
	mock_run_for(30 * DDK_SECOND);
	model.never_stops = never_stops;
	mock_request_time_out(blamed);
	EXPECT_EQUAL(blamed->error, -ETIMEDOUT);
	EXPECT_EQUAL(other->error, -EAGAIN);
	EXPECT_EQUAL(resubmit_error, -EAGAIN);
	EXPECT_EQUAL(model.enables, 2);
	EXPECT_EQUAL(model.device.resets, never_stops);
	EXPECT(mock_disk(0)->ready[0] > 0);
	/* All is well again. */
	model.never_stops = false;
	model.judge = NULL;
	other->complete = NULL;
	EXPECT_EQUAL(mock_request_submit(other, true), 0);
	EXPECT_EQUAL(mock_request_wait(other), 0);
	EXPECT_BYTES(mock_request_data(other), model.namespaces[0].bytes + 6 * 512, 512);
	mock_request_free(blamed);
	mock_request_free(other);
	mock_run_for(DDK_SECOND);
	nvme_model_remove(&model);
	nvme_model_fini(&model);
}

UNIT_TEST(nvme_broken, is_reset)
{
	reset_with(true, false, false);
	reset_with(false, false, false);
	reset_with(false, true, false);
	reset_with(false, true, true);
}

UNIT_TEST(nvme_broken, does_not_come_back)
{
	struct mock_request *blamed, *other;

	start_dropping();
	model.refuses_aborts = true;
	EXPECT_EQUAL(nvme_model_probe(&model), 0);
	blamed = submit_read(5);
	mock_run_for(DDK_SECOND);
	dropped_block = 6;
	other = submit_read(6);
	mock_run_for(DDK_SECOND);
	model.never_stops = true;
	model.device.reset = NULL;
	mock_request_time_out(blamed);
	EXPECT_EQUAL(blamed->error, -ENODEV);
	EXPECT_EQUAL(other->error, -ENODEV);
	EXPECT(!model.device.bus_master);
	EXPECT_EQUAL(mock_request_submit(other, true), -ENODEV);
	mock_request_free(blamed);
	mock_request_free(other);
	nvme_model_remove(&model);
	nvme_model_fini(&model);
}

UNIT_TEST(nvme_broken, fails_to_start_again)
{
	struct mock_request *request;

	start_dropping();
	model.refuses_aborts = true;
	EXPECT_EQUAL(nvme_model_probe(&model), 0);
	request = submit_read(5);
	mock_run_for(DDK_SECOND);
	model.queues_granted = 0; /* one queue pair instead of four */
	mock_request_time_out(request);
	EXPECT_EQUAL(request->error, -ETIMEDOUT);
	EXPECT_EQUAL(mock_request_submit(request, true), -ENODEV);
	mock_request_free(request);
	nvme_model_remove(&model);
	nvme_model_fini(&model);
}

/* One that has to be reset all the time is given up, so that those who wait learn of it. */
UNIT_TEST(nvme_broken, is_not_reset_for_ever)
{
	struct mock_request *request;
	int error = 0;

	start_dropping();
	model.refuses_aborts = true;
	EXPECT_EQUAL(nvme_model_probe(&model), 0);
	request = mock_request_create(mock_disk(0), DDK_DISK_READ, 5, 1);
	for (unsigned i = 0; i < 30 && error != -ENODEV; i++) {
		error = mock_request_submit(request, true);
		mock_run_for(DDK_SECOND);
		mock_request_time_out(request);
	}
	EXPECT_EQUAL(error, -ENODEV);
	mock_request_free(request);
	nvme_model_remove(&model);
	nvme_model_fini(&model);
}

UNIT_TEST(nvme_broken, reports_a_fatal_error)
{
	struct mock_request *request;

	start_dropping();
	EXPECT_EQUAL(nvme_model_probe(&model), 0);
	request = submit_read(5);
	mock_run_for(DDK_SECOND);
	model.status |= NVME_STATUS_FATAL;
	/* It says so: it is reset without a time-out. */
	EXPECT(nvme_model_tell(&model, 0x010300));
	mock_run_for(DDK_SECOND);
	EXPECT_EQUAL(model.enables, 2);
	EXPECT(!request->busy);
	EXPECT_EQUAL(request->error, -EAGAIN);
	/* It does not: the time-out finds it. */
	dropped_block = 6;
	mock_request_free(request);
	request = submit_read(6);
	mock_run_for(DDK_SECOND);
	model.status |= NVME_STATUS_FATAL;
	mock_request_time_out(request);
	EXPECT_EQUAL(model.enables, 3);
	EXPECT_EQUAL(model.aborts, 0);
	EXPECT_EQUAL(request->error, -ETIMEDOUT);
	mock_request_free(request);
	nvme_model_remove(&model);
	nvme_model_fini(&model);
}

UNIT_TEST(nvme_broken, loses_interrupts)
{
	struct mock_request *request;

	nvme_model_init(&model);
	EXPECT_EQUAL(nvme_model_probe(&model), 0);
	model.faults.lost_interrupt = 1000;
	request = submit_read(5);
	mock_run_for(30 * DDK_SECOND);
	EXPECT(request->busy);
	mock_request_time_out(request);
	EXPECT_EQUAL(request->error, 0);
	EXPECT_EQUAL(model.aborts, 0);
	mock_request_free(request);
	nvme_model_remove(&model);
	nvme_model_fini(&model);
}

UNIT_TEST(nvme_broken, overlooks_doorbells)
{
	struct mock_request *request;

	nvme_model_init(&model);
	model.identity.admin_commands = NVME_ADMIN_KNOWS_DOORBELLS;
	EXPECT_EQUAL(nvme_model_probe(&model), 0);
	EXPECT_EQUAL(mock_disk_transfer(mock_disk(0), DDK_DISK_FLUSH, 0, 0, NULL), 0);
	model.forgets_shadow = true;
	EXPECT_EQUAL(mock_disk_transfer(mock_disk(0), DDK_DISK_FLUSH, 0, 0, NULL), 0);
	request = submit_read(5);
	mock_run_for(30 * DDK_SECOND);
	EXPECT(request->busy);
	mock_request_time_out(request);
	EXPECT_EQUAL(request->error, 0);
	EXPECT_EQUAL(model.aborts, 0);
	mock_request_free(request);
	/* From now on it is always told. */
	for (unsigned i = 0; i < 10; i++) {
		request = submit_read(i);
		EXPECT_EQUAL(mock_request_wait(request), 0);
		mock_request_free(request);
	}
	nvme_model_remove(&model);
	nvme_model_fini(&model);
}

static unsigned bad_reads; /* how many more fail */
static unsigned bad_status;

static int fail_some(struct nvme_model *given, const struct nvme_command *command)
{
	(void)given;
	if (command->opcode != NVME_READ || bad_reads == 0)
		return 0;
	bad_reads--;
	return (int)bad_status;
}

/* Once more may help, unless the controller says that it will not; but not for ever. */
UNIT_TEST(nvme_broken, has_a_bad_medium)
{
	uint8_t bytes[512];

	nvme_model_init(&model);
	model.judge = fail_some;
	EXPECT_EQUAL(nvme_model_probe(&model), 0);
	bad_status = NVME_UNRECOVERED_READ;
	bad_reads = 2;
	EXPECT_EQUAL(mock_disk_transfer(mock_disk(0), DDK_DISK_READ, 9, 1, bytes), 0);
	EXPECT_BYTES(bytes, model.namespaces[0].bytes + 9 * 512, 512);
	bad_reads = 10;
	EXPECT_EQUAL(mock_disk_transfer(mock_disk(0), DDK_DISK_READ, 9, 1, bytes), -ENODATA);
	EXPECT_EQUAL(bad_reads, 7);
	bad_status |= NVME_STATUS_NO_RETRY;
	EXPECT_EQUAL(mock_disk_transfer(mock_disk(0), DDK_DISK_READ, 9, 1, bytes), -ENODATA);
	EXPECT_EQUAL(bad_reads, 6);
	nvme_model_remove(&model);
	nvme_model_fini(&model);
}

/* An interrupt that ends when the controller says so would never end. */
UNIT_TEST(nvme_broken, completes_without_end)
{
	struct nvme_completion *entries;
	struct mock_request *request;

	start_dropping();
	EXPECT_EQUAL(nvme_model_probe(&model), 0);
	entries = nvme_model_memory(&model, model.cqs[1].base, 256 * sizeof(*entries));
	for (unsigned i = 0; i < 256; i++)
		entries[i].status |= 1;
	request = submit_read(5);
	mock_raise(1);
	mock_run_for(DDK_SECOND);
	EXPECT(request->busy);
	mock_request_time_out(request);
	mock_request_free(request);
	nvme_model_remove(&model);
	nvme_model_fini(&model);
}

UNIT_TEST(nvme_broken, answers_what_was_not_asked)
{
	struct ddk_disk_health health;

	nvme_model_init(&model);
	EXPECT_EQUAL(nvme_model_probe(&model), 0);
	for (unsigned id = 0; id < 100; id++) {
		nvme_model_complete(&model, 0, (uint16_t)(id * 2 + 60000), 0, 0);
		mock_run();
	}
	EXPECT_EQUAL(mock_disk(0)->ops->read_health(mock_disk(0), &health), 0);
	nvme_model_remove(&model);
	nvme_model_fini(&model);
}

UNIT_TEST(nvme_broken, is_gone_when_it_times_out)
{
	struct mock_request *request;

	start_dropping();
	EXPECT_EQUAL(nvme_model_probe(&model), 0);
	request = submit_read(5);
	nvme_model_pull(&model);
	mock_request_time_out(request);
	EXPECT_EQUAL(request->error, -ENODEV);
	EXPECT_EQUAL(mock_request_submit(request, true), -ENODEV);
	mock_request_free(request);
	nvme_model_remove(&model);
	nvme_model_fini(&model);
}

/* What the class should not ask for, and what a list cannot say. */
UNIT_TEST(nvme_broken, refuses_requests)
{
	struct ddk_disk_segment odd[2] = { { 4, 508 }, { 8192, 4 } };
	struct mock_request *request, *other;

	nvme_model_init(&model);
	EXPECT_EQUAL(nvme_model_probe(&model), 0);
	other = mock_request_create(mock_disk(0), DDK_DISK_FLUSH, 0, 0);
	EXPECT_EQUAL(mock_request_submit(other, false), 0);
	request = mock_request_create(mock_disk(0), DDK_DISK_FLUSH, 0, 0);
	request->request.operation = (enum ddk_disk_operation)77;
	EXPECT_EQUAL(mock_request_submit(request, true), -EOPNOTSUPP);
	/* What came before it was announced nevertheless. */
	EXPECT_EQUAL(mock_request_wait(other), 0);
	request->request.operation = DDK_DISK_READ;
	request->request.count = 1;
	request->request.segments = odd;
	request->request.segment_count = 2;
	EXPECT_EQUAL(mock_disk(0)->ops->submit(&request->request, true), -EREMOTEIO);
	request->request.tag = 10000;
	EXPECT_EQUAL(mock_disk(0)->ops->submit(&request->request, true), -EIO);
	mock_request_free(request);
	mock_request_free(other);
	nvme_model_remove(&model);
	nvme_model_fini(&model);
}

static int say_invalid_namespace(struct nvme_model *given, const struct nvme_command *command)
{
	(void)command;
	return given->namespaces[0].active ? 0 : NVME_INVALID_NAMESPACE;
}

UNIT_TEST(nvme_broken, does_not_tell_that_a_namespace_went)
{
	struct mock_request *request;

	nvme_model_init(&model);
	model.judge = say_invalid_namespace;
	EXPECT_EQUAL(nvme_model_probe(&model), 0);
	model.namespaces[0].active = false;
	request = submit_read(0);
	while (request->busy)
		mock_run_for(1000);
	EXPECT_EQUAL(request->error, -ENODEV);
	mock_request_free(request);
	mock_run_for(DDK_SECOND);
	EXPECT_EQUAL(mock_disk_count(), 0);
	nvme_model_remove(&model);
	nvme_model_fini(&model);
}

static unsigned next_status;

static int say_next_status(struct nvme_model *given, const struct nvme_command *command)
{
	(void)given;
	(void)command;
	return (int)next_status;
}

UNIT_TEST(nvme_broken, says_why_it_fails)
{
	static const struct {
		unsigned status;
		int error;
	} cases[] = {
		{ NVME_INVALID_OPCODE, -EOPNOTSUPP },
		{ NVME_INVALID_FIELD, -EREMOTEIO },
		{ NVME_TRANSFER_ERROR, -EIO },
		{ NVME_INTERNAL_ERROR, -EIO },
		{ NVME_INTERNAL_ERROR | NVME_STATUS_NO_RETRY, -EREMOTEIO },
		{ NVME_ABORTED, -EIO },
		{ NVME_LBA_OUT_OF_RANGE, -EREMOTEIO },
		{ NVME_NAMESPACE_NOT_READY, -EIO },
		{ NVME_WRITE_PROTECTED, -EROFS },
		{ NVME_WRITE_TO_READ_ONLY, -EROFS },
		{ NVME_UNRECOVERED_READ | NVME_STATUS_NO_RETRY, -ENODATA },
		{ NVME_WRITE_FAULT, -ENODATA },
		{ NVME_STATUS_CODE(3, 1), -EIO },
		{ NVME_STATUS_CODE(7, 0xff) | NVME_STATUS_NO_RETRY, -EREMOTEIO },
	};

	nvme_model_init(&model);
	model.judge = say_next_status;
	EXPECT_EQUAL(nvme_model_probe(&model), 0);
	for (size_t i = 0; i < array_length(cases); i++) {
		next_status = cases[i].status;
		EXPECT_EQUAL(mock_disk_transfer(mock_disk(0), DDK_DISK_FLUSH, 0, 0, NULL),
			     cases[i].error);
	}
	nvme_model_remove(&model);
	nvme_model_fini(&model);
}
