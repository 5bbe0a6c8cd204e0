/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What follows from a zone's temperature (ACPI 6.5, 11.1.5). Knows nothing of the machine. */
#pragma once

#include <power/thermal.h>

/* How a zone reacts: constants of firmware's for passive cooling. */
struct thermal_passive {
	uint32_t constant1, constant2; /* _TC1, _TC2 */
	uint32_t period_ms;            /* _TSP */
};

struct thermal_policy {
	int32_t last;            /* temperature; THERMAL_UNKNOWN at first */
	unsigned critical_count; /* readings in a row */
	uint64_t critical_ns;    /* when the last of them was counted */
	bool ended;
	bool hot;            /* said */
	bool passive;        /* processors are slowed down */
	int32_t performance; /* in per cent; 100 while it is not passive */
	uint16_t active;     /* bits: which active trips are on */
};

enum thermal_action {
	THERMAL_NOTHING,
	THERMAL_SAY_HOT,
	THERMAL_SWITCH_OFF,
};

void thermal_policy_init(struct thermal_policy *policy);
/* A new reading, made now. THERMAL_UNKNOWN as temperature changes nothing, but for trips that are gone. */
enum thermal_action thermal_policy_step(struct thermal_policy *policy,
					const struct thermal_reading *reading,
					const struct thermal_passive *passive, uint64_t now_ns);
/* How much the trip wants to cool, in per cent. */
unsigned thermal_policy_cooling(const struct thermal_policy *policy,
				const struct thermal_trip *trip);
/* In how many milliseconds to look again, where firmware wants it each `polling_ms` (0: not at all). */
uint32_t thermal_policy_interval(const struct thermal_policy *policy,
				 const struct thermal_passive *passive, uint32_t polling_ms);

/* From tenths of Kelvin to thousandths of degrees Celsius; THERMAL_UNKNOWN where no machine is so cold or
 * so hot. `offset`: tenths of Kelvin that firmware takes for the freezing point, 2731 or 2732. */
int32_t thermal_from_kelvin(uint64_t tenths, unsigned offset);
/* Which offset firmware uses, by a value that is a whole degree with it. */
unsigned thermal_offset_of(uint64_t tenths);
