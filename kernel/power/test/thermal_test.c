/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What follows from temperatures. */
#include <base/string.h>

#include "../thermal_policy.h"
#include "unit.h"

static struct thermal_policy policy;
static struct thermal_reading reading;
static struct thermal_passive passive;
static uint64_t now_ns;

static void start(void)
{
	thermal_policy_init(&policy);
	passive = (struct thermal_passive){ .constant1 = 2, .constant2 = 3, .period_ms = 2000 };
	reading = (struct thermal_reading){
		.trip_count = 5,
		.trips = { { .kind = THERMAL_CRITICAL, .temperature = 100000 },
			   { .kind = THERMAL_HOT, .temperature = 95000 },
			   { .kind = THERMAL_PASSIVE, .temperature = 80000 },
			   { .kind = THERMAL_ACTIVE, .temperature = 70000, .active = 0 },
			   { .kind = THERMAL_ACTIVE, .temperature = 60000, .active = 1 } },
	};
}

static enum thermal_action step(int32_t temperature)
{
	now_ns += 1000000000;
	reading.temperature = temperature;
	return thermal_policy_step(&policy, &reading, &passive, now_ns);
}

static unsigned cooling(unsigned trip)
{
	return thermal_policy_cooling(&policy, &reading.trips[trip]);
}

UNIT_TEST(thermal, degrees)
{
	EXPECT_EQUAL(thermal_from_kelvin(2732, 2732), 0);
	EXPECT_EQUAL(thermal_from_kelvin(3032, 2732), 30000);
	EXPECT_EQUAL(thermal_from_kelvin(2632, 2732), (uint64_t)-10000);
	EXPECT_EQUAL(thermal_from_kelvin(0, 2732), (uint64_t)THERMAL_UNKNOWN);
	EXPECT_EQUAL(thermal_from_kelvin(UINT64_MAX, 2732), (uint64_t)THERMAL_UNKNOWN);
	EXPECT_EQUAL(thermal_from_kelvin(6000, 2732), (uint64_t)THERMAL_UNKNOWN);
	EXPECT_EQUAL(thermal_offset_of(2732 + 1000), 2732);
	EXPECT_EQUAL(thermal_offset_of(2731 + 1000), 2731);
}

UNIT_TEST(thermal, fans_come_and_go)
{
	start();
	EXPECT_EQUAL(step(50000), THERMAL_NOTHING);
	EXPECT_EQUAL(cooling(3) + cooling(4), 0);
	step(60000);
	EXPECT_EQUAL(cooling(4), 100);
	EXPECT_EQUAL(cooling(3), 0);
	step(75000);
	EXPECT_EQUAL(cooling(3), 100);
	/* Not for half a degree. */
	step(69500);
	EXPECT_EQUAL(cooling(3), 100);
	step(68000);
	EXPECT_EQUAL(cooling(3), 0);
	EXPECT_EQUAL(cooling(4), 100);
	/* A sensor that fails changes nothing. */
	step(THERMAL_UNKNOWN);
	EXPECT_EQUAL(cooling(4), 100);
	step(20000);
	EXPECT_EQUAL(cooling(4), 0);
}

UNIT_TEST(thermal, processors_are_slowed_down)
{
	unsigned at_first;

	start();
	step(79000);
	EXPECT_EQUAL(cooling(2), 0);
	step(81000);
	at_first = cooling(2);
	EXPECT(at_first > 0);
	step(83000);
	EXPECT(cooling(2) > at_first);
	for (unsigned i = 0; i < 100; i++)
		step(90000);
	EXPECT_EQUAL(cooling(2), 100);
	for (unsigned i = 0; i < 200 && policy.passive; i++)
		step(75000);
	EXPECT_EQUAL(cooling(2), 0);
}

/* Constants that want nothing, or the world. */
UNIT_TEST(thermal, odd_constants)
{
	start();
	passive = (struct thermal_passive){ 0 };
	step(85000);
	EXPECT(cooling(2) > 0);
	for (unsigned i = 0; i < 101; i++)
		step(60000);
	EXPECT_EQUAL(cooling(2), 0);
	passive = (struct thermal_passive){ UINT32_MAX, UINT32_MAX, UINT32_MAX };
	step(249000);
	EXPECT_EQUAL(cooling(2), 100);
	EXPECT_EQUAL(thermal_policy_interval(&policy, &passive, 0), 1000);
	step(-50000);
	EXPECT_EQUAL(cooling(2), 0);
}

UNIT_TEST(thermal, critical_takes_two)
{
	start();
	EXPECT_EQUAL(step(200000), THERMAL_SAY_HOT);
	EXPECT_EQUAL(step(40000), THERMAL_NOTHING);
	EXPECT_EQUAL(step(100000), THERMAL_SAY_HOT);
	EXPECT_EQUAL(step(100000), THERMAL_SWITCH_OFF);
	EXPECT_EQUAL(step(100000), THERMAL_NOTHING);
}

/* Two notifications behind each other are one reading. */
UNIT_TEST(thermal, critical_readings_lie_apart)
{
	start();
	EXPECT_EQUAL(step(100000), THERMAL_SAY_HOT);
	EXPECT_EQUAL(thermal_policy_step(&policy, &reading, &passive, now_ns + 1000000),
		     THERMAL_NOTHING);
	EXPECT_EQUAL(step(100000), THERMAL_SWITCH_OFF);
}

/* What a trip had cool ends with it, even where the sensor fails. */
UNIT_TEST(thermal, trips_go)
{
	start();
	step(99000);
	EXPECT(policy.passive && policy.hot);
	EXPECT_EQUAL(policy.active, 3);
	reading.trip_count = 4;
	step(99000);
	EXPECT_EQUAL(policy.active, 1);
	EXPECT(policy.passive);
	reading.trip_count = 1;
	step(THERMAL_UNKNOWN);
	EXPECT_EQUAL(policy.active, 0);
	EXPECT(!policy.passive && !policy.hot);
	EXPECT_EQUAL(policy.performance, 100);
	EXPECT_EQUAL(thermal_policy_interval(&policy, &passive, 0), 0);
}

UNIT_TEST(thermal, intervals)
{
	start();
	EXPECT_EQUAL(thermal_policy_interval(&policy, &passive, 0), 0);
	EXPECT_EQUAL(thermal_policy_interval(&policy, &passive, 1), 1000);
	EXPECT_EQUAL(thermal_policy_interval(&policy, &passive, 30000), 30000);
	step(85000);
	EXPECT_EQUAL(thermal_policy_interval(&policy, &passive, 30000), 2000);
	step(120000);
	EXPECT_EQUAL(thermal_policy_interval(&policy, &passive, 30000), 1000);
}
