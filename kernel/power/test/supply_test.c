/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Batteries and adapters taken together, and what is done when they run low. */
#include <base/string.h>

#include "../supply_policy.h"
#include "unit.h"

static struct supply_total total;

static void begin(void)
{
	memset(&total, 0, sizeof(total));
}

static void add_mains(bool online)
{
	supply_total_add(&total, SUPPLY_MAINS, &(struct supply_reading){ .online = online });
}

static struct supply_reading battery(enum supply_status status, uint32_t amount, uint32_t full,
				     uint32_t rate)
{
	return (struct supply_reading){
		.present = true,
		.status = status,
		.amount = amount,
		.rate = rate,
		.percent = full ? amount * 100 / full : SUPPLY_UNKNOWN,
		.information = { .full = full, .warning = SUPPLY_UNKNOWN },
	};
}

static void add(struct supply_reading reading)
{
	supply_total_add(&total, SUPPLY_BATTERY, &reading);
}

static const struct supply_summary *finish(void)
{
	supply_total_finish(&total);
	return &total.summary;
}

UNIT_TEST(supply, nothing_is_there)
{
	const struct supply_summary *summary;

	begin();
	summary = finish();
	EXPECT_EQUAL(summary->batteries, 0);
	EXPECT_EQUAL(summary->percent, SUPPLY_UNKNOWN);
	EXPECT(!summary->low && !summary->critical);
	EXPECT_EQUAL(supply_policy_interval(&(struct supply_policy){ 0 }, summary), 0);
}

UNIT_TEST(supply, several_batteries)
{
	const struct supply_summary *summary;

	begin();
	add_mains(false);
	add(battery(SUPPLY_DISCHARGING, 10000, 40000, 10000));
	add(battery(SUPPLY_FULL, 10000, 10000, 0));
	add((struct supply_reading){ 0 }); /* a bay without one */
	summary = finish();
	EXPECT_EQUAL(summary->batteries, 2);
	EXPECT_EQUAL(summary->adapters, 1);
	EXPECT(!summary->online && summary->discharging && !summary->charging);
	EXPECT_EQUAL(summary->percent, 40);
	EXPECT_EQUAL(summary->minutes, 120);
}

UNIT_TEST(supply, charging)
{
	const struct supply_summary *summary;

	begin();
	add_mains(true);
	add(battery(SUPPLY_CHARGING, 30000, 40000, 20000));
	summary = finish();
	EXPECT(summary->online && summary->charging);
	EXPECT_EQUAL(summary->minutes, 30);
}

UNIT_TEST(supply, units_are_not_mixed)
{
	struct supply_reading other = battery(SUPPLY_DISCHARGING, 4000, 4000, 100);
	const struct supply_summary *summary;

	other.information.charge = true;
	begin();
	add(battery(SUPPLY_DISCHARGING, 10000, 40000, 10000));
	add(other);
	summary = finish();
	EXPECT_EQUAL(summary->percent, 62);
	EXPECT_EQUAL(summary->minutes, SUPPLY_UNKNOWN);
}

UNIT_TEST(supply, low)
{
	struct supply_reading reading = battery(SUPPLY_DISCHARGING, 8000, 40000, 1);

	begin();
	add(reading);
	EXPECT(!finish()->low);
	/* Its maker's word counts, within reason. */
	reading.information.warning = 8000;
	begin();
	add(reading);
	EXPECT(finish()->low);
	reading.percent = 80;
	reading.amount = 32000;
	reading.information.warning = 40000;
	begin();
	add(reading);
	EXPECT(!finish()->low);
	begin();
	add(battery(SUPPLY_DISCHARGING, 4000, 40000, 1));
	EXPECT(finish()->low);
	begin();
	add_mains(true);
	add(battery(SUPPLY_DISCHARGING, 4000, 40000, 1));
	EXPECT(!finish()->low);
}

static struct supply_summary at_percent(uint32_t percent)
{
	return (struct supply_summary){
		.batteries = 1,
		.discharging = true,
		.percent = percent,
		.low = percent <= 10,
	};
}

static uint64_t now_ns;

/* Five seconds after the last. */
static enum supply_action step(struct supply_policy *policy, struct supply_summary summary)
{
	now_ns += 5000000000ull;
	return supply_policy_step(policy, &summary, now_ns);
}

UNIT_TEST(supply, warns_once_and_ends)
{
	struct supply_policy policy = { 0 };

	EXPECT_EQUAL(step(&policy, at_percent(50)), SUPPLY_ACTION_NONE);
	EXPECT_EQUAL(step(&policy, at_percent(10)), SUPPLY_ACTION_WARN);
	EXPECT_EQUAL(step(&policy, at_percent(9)), SUPPLY_ACTION_NONE);
	EXPECT_EQUAL(step(&policy, at_percent(2)), SUPPLY_ACTION_NONE);
	EXPECT_EQUAL(step(&policy, at_percent(2)), SUPPLY_ACTION_SWITCH_OFF);
	EXPECT_EQUAL(step(&policy, at_percent(1)), SUPPLY_ACTION_NONE);
}

UNIT_TEST(supply, one_odd_reading_does_nothing)
{
	struct supply_policy policy = { 0 };

	for (unsigned i = 0; i < 10; i++) {
		EXPECT(step(&policy, at_percent(0)) != SUPPLY_ACTION_SWITCH_OFF);
		EXPECT(step(&policy, at_percent(60)) != SUPPLY_ACTION_SWITCH_OFF);
	}
}

/* One that failed, so that what was known before is looked at again, and ones within a moment. */
UNIT_TEST(supply, one_reading_counts_once)
{
	struct supply_policy policy = { 0 };
	struct supply_summary summary = at_percent(0);

	step(&policy, summary);
	for (unsigned i = 0; i < 10; i++)
		EXPECT_EQUAL(supply_policy_step(&policy, &summary, 0), SUPPLY_ACTION_NONE);
	for (unsigned i = 0; i < 10; i++)
		EXPECT_EQUAL(supply_policy_step(&policy, &summary, now_ns + i * 1000000),
			     SUPPLY_ACTION_NONE);
	EXPECT_EQUAL(step(&policy, summary), SUPPLY_ACTION_SWITCH_OFF);
}

UNIT_TEST(supply, current_ends_worries)
{
	struct supply_policy policy = { 0 };
	struct supply_summary summary = at_percent(1);

	EXPECT_EQUAL(step(&policy, at_percent(1)), SUPPLY_ACTION_WARN);
	summary.online = true;
	EXPECT_EQUAL(step(&policy, summary), SUPPLY_ACTION_NONE);
	EXPECT_EQUAL(step(&policy, at_percent(1)), SUPPLY_ACTION_WARN);
	EXPECT_EQUAL(step(&policy, at_percent(1)), SUPPLY_ACTION_SWITCH_OFF);
}

/* Firmware calls a battery critical that is nearly full, or one of which nothing is known. */
UNIT_TEST(supply, firmware_calls_it_critical)
{
	struct supply_policy policy = { 0 };
	struct supply_summary summary = at_percent(80);

	summary.critical = true;
	for (unsigned i = 0; i < 5; i++)
		EXPECT_EQUAL(step(&policy, summary), SUPPLY_ACTION_NONE);
	summary.percent = SUPPLY_UNKNOWN;
	EXPECT_EQUAL(step(&policy, summary), SUPPLY_ACTION_NONE);
	EXPECT_EQUAL(step(&policy, summary), SUPPLY_ACTION_SWITCH_OFF);
}

UNIT_TEST(supply, looks_more_often_the_less_there_is)
{
	struct supply_policy policy = { 0 };
	struct supply_summary summary = at_percent(50);
	unsigned often = supply_policy_interval(&policy, &summary);

	summary.percent = 4;
	EXPECT(supply_policy_interval(&policy, &summary) < often);
	summary.discharging = false;
	EXPECT(supply_policy_interval(&policy, &summary) > often);
}
