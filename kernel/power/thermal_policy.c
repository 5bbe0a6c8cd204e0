/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "thermal_policy.h"

#define CRITICAL_READINGS 2
#define CRITICAL_APART_NS (500ull * 1000 * 1000) /* between two that count */
#define HYSTERESIS        1000                   /* so much colder, fans are switched off again */
#define KELVIN_MIN        2232                   /* -50 degrees */
#define KELVIN_MAX        5232                   /* 250 degrees */
#define PERIOD_MIN_MS     100
#define PERIOD_MAX_MS     60000
#define PERIOD_DEFAULT_MS 1000
#define POLLING_MIN_MS    1000
#define CONSTANT_MAX      100

int32_t thermal_from_kelvin(uint64_t tenths, unsigned offset)
{
	if (tenths < KELVIN_MIN || tenths > KELVIN_MAX)
		return THERMAL_UNKNOWN;
	return ((int32_t)tenths - (int32_t)offset) * 100;
}

unsigned thermal_offset_of(uint64_t tenths)
{
	return tenths % 5 == 1 ? 2731 : 2732;
}

void thermal_policy_init(struct thermal_policy *policy)
{
	*policy = (struct thermal_policy){ .last = THERMAL_UNKNOWN, .performance = 100 };
}

static uint32_t bounded_constant(uint32_t constant)
{
	return constant < CONSTANT_MAX ? constant : CONSTANT_MAX;
}

/* The change of performance is TC1 * (change of temperature) + TC2 * (distance from the trip point), in
 * tenths of degrees. */
static void step_passive(struct thermal_policy *policy, int32_t temperature, int32_t trip,
			 const struct thermal_passive *passive)
{
	int64_t change = 0;

	if (!policy->passive && temperature < trip)
		return;
	if (policy->last != THERMAL_UNKNOWN)
		change = (int64_t)bounded_constant(passive->constant1) *
			 (temperature - policy->last);
	change += (int64_t)bounded_constant(passive->constant2) * (temperature - trip);
	change = policy->performance - change / 100;
	/* What is too warm is cooled by something, whatever the constants. */
	if (temperature >= trip && change >= 100)
		change = 99;
	/* And where they want nothing, it ends when it is cold. */
	if (temperature < trip && change <= policy->performance)
		change = policy->performance + 1;
	policy->performance = change < 0 ? 0 : change > 100 ? 100 : (int32_t)change;
	policy->passive = policy->performance < 100;
}

static void step_active(struct thermal_policy *policy, int32_t temperature,
			const struct thermal_trip *trip)
{
	uint16_t bit = (uint16_t)(1u << trip->active);

	if (temperature >= trip->temperature)
		policy->active |= bit;
	else if (temperature < trip->temperature - HYSTERESIS)
		policy->active &= (uint16_t)~bit;
}

static bool step_critical(struct thermal_policy *policy, int32_t temperature, int32_t trip,
			  uint64_t now_ns)
{
	if (temperature < trip) {
		policy->critical_count = 0;
		return false;
	}
	if (policy->ended ||
	    (policy->critical_count > 0 && now_ns - policy->critical_ns < CRITICAL_APART_NS))
		return false;
	policy->critical_ns = now_ns;
	policy->ended = ++policy->critical_count >= CRITICAL_READINGS;
	return policy->ended;
}

/* Firmware may take trips away at any time, and what they had cool ends. */
static void forget_absent(struct thermal_policy *policy, const struct thermal_reading *reading)
{
	bool critical = false, hot = false, passive = false;
	uint16_t active = 0;

	for (unsigned i = 0; i < reading->trip_count; i++) {
		const struct thermal_trip *trip = &reading->trips[i];

		critical |= trip->kind == THERMAL_CRITICAL;
		hot |= trip->kind == THERMAL_HOT;
		passive |= trip->kind == THERMAL_PASSIVE;
		if (trip->kind == THERMAL_ACTIVE)
			active |= (uint16_t)(1u << trip->active);
	}
	policy->active &= active;
	policy->hot &= hot;
	if (!critical)
		policy->critical_count = 0;
	if (!passive) {
		policy->passive = false;
		policy->performance = 100;
	}
}

enum thermal_action thermal_policy_step(struct thermal_policy *policy,
					const struct thermal_reading *reading,
					const struct thermal_passive *passive, uint64_t now_ns)
{
	enum thermal_action action = THERMAL_NOTHING;
	int32_t temperature = reading->temperature;

	forget_absent(policy, reading);
	if (temperature == THERMAL_UNKNOWN)
		return THERMAL_NOTHING;
	for (unsigned i = 0; i < reading->trip_count; i++) {
		const struct thermal_trip *trip = &reading->trips[i];
		bool above = temperature >= trip->temperature;

		if (trip->kind == THERMAL_CRITICAL) {
			if (step_critical(policy, temperature, trip->temperature, now_ns))
				action = THERMAL_SWITCH_OFF;
		} else if (trip->kind == THERMAL_HOT) {
			if (above && !policy->hot && action == THERMAL_NOTHING)
				action = THERMAL_SAY_HOT;
			policy->hot = above;
		} else if (trip->kind == THERMAL_PASSIVE) {
			step_passive(policy, temperature, trip->temperature, passive);
		} else {
			step_active(policy, temperature, trip);
		}
	}
	policy->last = temperature;
	return action;
}

unsigned thermal_policy_cooling(const struct thermal_policy *policy,
				const struct thermal_trip *trip)
{
	if (trip->kind == THERMAL_PASSIVE)
		return (unsigned)(100 - policy->performance);
	return trip->kind == THERMAL_ACTIVE && (policy->active >> trip->active & 1) ? 100 : 0;
}

static uint32_t bounded_period(uint32_t period_ms)
{
	if (period_ms == 0)
		return PERIOD_DEFAULT_MS;
	if (period_ms < PERIOD_MIN_MS)
		return PERIOD_MIN_MS;
	return period_ms < PERIOD_MAX_MS ? period_ms : PERIOD_MAX_MS;
}

uint32_t thermal_policy_interval(const struct thermal_policy *policy,
				 const struct thermal_passive *passive, uint32_t polling_ms)
{
	uint32_t interval = polling_ms;

	if (interval != 0 && interval < POLLING_MIN_MS)
		interval = POLLING_MIN_MS;
	/* A fan that was switched on without anybody telling when it is cold again. */
	if (interval == 0 && policy->active != 0)
		interval = PERIOD_MAX_MS;
	if (policy->passive && (interval == 0 || bounded_period(passive->period_ms) < interval))
		interval = bounded_period(passive->period_ms);
	if (policy->critical_count > 0)
		interval = POLLING_MIN_MS;
	return interval;
}
