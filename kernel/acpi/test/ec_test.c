/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The protocol of embedded controllers, with simulated ones in order and out of it. */
#include <base/errno.h>
#include <base/string.h>

#include "ec_model.h"
#include "unit.h"

#define SECOND_NS 1000000000ull

static struct ec_model model;
static struct ec ec;

static void start(void)
{
	ec_model_init(&model);
	ec_init(&ec, &model.hardware);
}

static int read_one(unsigned address, uint8_t *value)
{
	return ec_transfer(&ec, false, address, value, 1);
}

UNIT_TEST(ec, reads_and_writes)
{
	uint8_t value = 0;

	start();
	for (unsigned i = 0; i < 256; i++) {
		EXPECT_EQUAL(read_one(i, &value), 0);
		EXPECT_EQUAL(value, (uint8_t)(i * 7 + 1));
	}
	for (unsigned i = 0; i < 256; i++) {
		value = (uint8_t)~i;
		EXPECT_EQUAL(ec_transfer(&ec, true, i, &value, 1), 0);
		EXPECT_EQUAL(model.memory[i], (uint8_t)~i);
	}
	EXPECT_EQUAL(model.violations, 0);
	EXPECT_EQUAL(model.bursts, 0);
	EXPECT_EQUAL(ec.transactions, 512);
	EXPECT_EQUAL(ec.failed, 0);
}

UNIT_TEST(ec, transfers_many_in_a_burst)
{
	uint8_t bytes[EC_TRANSFER_MAX] = { 0 };

	start();
	EXPECT_EQUAL(ec_transfer(&ec, false, 0x10, bytes, 8), 0);
	EXPECT_BYTES(bytes, model.memory + 0x10, 8);
	EXPECT_EQUAL(model.bursts, 1);
	EXPECT_EQUAL(model.reads_in_burst, 8);
	EXPECT_EQUAL(model.status & EC_BURST, 0);
	memset(bytes, 0x55, sizeof(bytes));
	EXPECT_EQUAL(ec_transfer(&ec, true, 0xf8, bytes, 8), 0);
	EXPECT_BYTES(bytes, model.memory + 0xf8, 8);
	EXPECT_EQUAL(model.violations, 0);
}

UNIT_TEST(ec, does_without_bursts)
{
	uint8_t bytes[4] = { 0 };

	start();
	model.no_burst = true;
	EXPECT_EQUAL(ec_transfer(&ec, false, 4, bytes, 4), 0);
	EXPECT_BYTES(bytes, model.memory + 4, 4);
	EXPECT(model.now_ns < 2 * EC_TRANSACTION_NS);
	/* It is not asked again. */
	model.now_ns = 0;
	EXPECT_EQUAL(ec_transfer(&ec, false, 8, bytes, 4), 0);
	EXPECT_BYTES(bytes, model.memory + 8, 4);
	EXPECT(model.now_ns < EC_TRANSACTION_NS / 10);
	EXPECT_EQUAL(model.violations, 0);
}

/* A thread that is not run for a while finds the answer, and no time-out. */
UNIT_TEST(ec, host_stands_still)
{
	uint8_t query = 0;

	start();
	model.stall_ns = 2 * EC_TRANSACTION_NS;
	ec_model_event(&model, 0x17);
	EXPECT_EQUAL(ec_query(&ec, &query), 0);
	EXPECT_EQUAL(query, 0x17);
	EXPECT_EQUAL(model.stall_ns, 0);
}

UNIT_TEST(ec, refuses_what_lies_outside)
{
	uint8_t bytes[16] = { 0 };

	start();
	EXPECT_EQUAL(ec_transfer(&ec, false, 256, bytes, 1), -EINVAL);
	EXPECT_EQUAL(ec_transfer(&ec, false, 255, bytes, 2), -EINVAL);
	EXPECT_EQUAL(ec_transfer(&ec, false, UINT32_MAX, bytes, 8), -EINVAL);
	EXPECT_EQUAL(ec_transfer(&ec, false, 0, bytes, 0), -EINVAL);
	EXPECT_EQUAL(ec_transfer(&ec, false, 0, bytes, EC_TRANSFER_MAX + 1), -EINVAL);
	EXPECT_EQUAL(ec.transactions, 0);
}

UNIT_TEST(ec, is_patient_with_slow_ones)
{
	uint8_t value = 0;

	start();
	model.take_ns = 100 * 1000 * 1000;
	model.answer_ns = 150 * 1000 * 1000;
	EXPECT_EQUAL(read_one(9, &value), 0);
	EXPECT_EQUAL(value, model.memory[9]);
	EXPECT_EQUAL(model.violations, 0);
}

UNIT_TEST(ec, asks_what_happened)
{
	uint8_t query;

	start();
	EXPECT(!ec_event_waits(&ec));
	EXPECT_EQUAL(ec_query(&ec, &query), 0);
	EXPECT_EQUAL(query, 0);
	ec_model_event(&model, 0x21);
	ec_model_event(&model, 0xfe);
	EXPECT(ec_event_waits(&ec));
	EXPECT_EQUAL(ec_query(&ec, &query), 0);
	EXPECT_EQUAL(query, 0x21);
	EXPECT_EQUAL(ec_query(&ec, &query), 0);
	EXPECT_EQUAL(query, 0xfe);
	EXPECT(!ec_event_waits(&ec));
	EXPECT_EQUAL(model.violations, 0);
}

UNIT_TEST(ec, drops_what_nobody_asked_for)
{
	uint8_t value = 0;

	start();
	model.stray = 5;
	EXPECT_EQUAL(read_one(3, &value), 0);
	EXPECT_EQUAL(value, model.memory[3]);
	EXPECT_EQUAL(ec.bytes_stray, 5);
	EXPECT_EQUAL(model.violations, 0);
}

/* An answer that never came is asked for again. */
UNIT_TEST(ec, tries_again)
{
	uint8_t value = 0;

	start();
	model.ignored = 1;
	EXPECT_EQUAL(read_one(3, &value), 0);
	EXPECT_EQUAL(value, model.memory[3]);
	EXPECT_EQUAL(ec.failed, 0);
}

/* The answer to what was given up comes late: it is not taken for that to the next question. */
UNIT_TEST(ec, late_answers_are_not_mixed_up)
{
	uint8_t value = 0;

	start();
	model.answer_ns = 2 * EC_TRANSACTION_NS;
	EXPECT_EQUAL(read_one(3, &value), -ETIMEDOUT);
	model.now_ns += 3 * EC_TRANSACTION_NS;
	model.answer_ns = 0;
	EXPECT_EQUAL(read_one(4, &value), 0);
	EXPECT_EQUAL(value, model.memory[4]);
	EXPECT(ec.bytes_stray >= 1);
}

static void expect_silence(enum ec_fault fault, int wanted)
{
	uint8_t value, query;
	uint64_t begin;

	start();
	model.fault = fault;
	for (unsigned i = 0; i < EC_FAILURES_SILENT; i++)
		EXPECT_EQUAL(read_one(i, &value), wanted);
	EXPECT(model.now_ns < 4 * SECOND_NS);
	/* From now on it costs nothing. */
	begin = model.now_ns;
	for (unsigned i = 0; i < 10000; i++) {
		EXPECT_EQUAL(read_one(0, &value), -EIO);
		EXPECT_EQUAL(ec_query(&ec, &query), -EIO);
	}
	EXPECT_EQUAL(model.now_ns, begin);
	/* It comes back. */
	model.fault = EC_FAULT_NONE;
	model.now_ns += EC_RETRY_NS;
	EXPECT_EQUAL(read_one(7, &value), 0);
	EXPECT_EQUAL(value, model.memory[7]);
	EXPECT(!ec.silent);
}

UNIT_TEST(ec, gives_up_on_absent_ones)
{
	expect_silence(EC_FAULT_ABSENT, -ENODEV);
}

UNIT_TEST(ec, gives_up_on_deaf_ones)
{
	expect_silence(EC_FAULT_DEAF, -ETIMEDOUT);
}

UNIT_TEST(ec, gives_up_on_mute_ones)
{
	expect_silence(EC_FAULT_MUTE, -ETIMEDOUT);
}

UNIT_TEST(ec, gives_up_on_those_that_never_stop_talking)
{
	expect_silence(EC_FAULT_CHATTER, -EIO);
}

UNIT_TEST(ec, nothing_waits_where_nothing_is)
{
	start();
	model.fault = EC_FAULT_ABSENT;
	EXPECT(!ec_event_waits(&ec));
}

/* Whatever it says, each transaction ends in time. */
UNIT_TEST(ec, survives_noise)
{
	start();
	model.fault = EC_FAULT_RANDOM;
	for (unsigned i = 0; i < 20000; i++) {
		uint8_t bytes[EC_TRANSFER_MAX] = { 0 }, query;
		unsigned count = (unsigned)unit_random_below(&model.random, EC_TRANSFER_MAX) + 1;
		uint64_t begin = model.now_ns;

		EXPECT(ec_transfer(&ec, i & 1, i & 0x7f, bytes, count) <= 0);
		EXPECT(ec_query(&ec, &query) <= 0);
		EXPECT(model.now_ns - begin < 20 * EC_TRANSACTION_NS);
		if (ec.silent)
			model.now_ns += EC_RETRY_NS;
	}
}
