/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How warm the machine is, and what keeps it from getting warmer: firmware's thermal zones with their trip
 * points, and cooling devices: fans, and processors that are slowed down. docs/supply.md.
 *
 * Temperatures are in thousandths of a degree Celsius.
 */
#pragma once

#include <base/types.h>

#define THERMAL_ZONE_MAX     16
#define THERMAL_ACTIVE_MAX   10
#define THERMAL_TRIP_MAX     (3 + THERMAL_ACTIVE_MAX)
#define THERMAL_UNKNOWN      INT32_MIN
#define COOLING_MAX          32
#define COOLING_PER_TRIP_MAX 8

enum thermal_trip_kind {
	THERMAL_CRITICAL, /* the machine is switched off */
	THERMAL_HOT,      /* said in the log */
	THERMAL_PASSIVE,  /* processors are slowed down */
	THERMAL_ACTIVE,   /* fans are switched on */
};

struct thermal_trip {
	enum thermal_trip_kind kind;
	int32_t temperature;
	unsigned active; /* THERMAL_ACTIVE: 0 is the highest, with the fastest fans */
	/* What cools: indices of cooling devices. */
	unsigned cooling_count;
	uint8_t cooling[COOLING_PER_TRIP_MAX];
};

struct thermal_reading {
	int32_t temperature; /* THERMAL_UNKNOWN: its sensor cannot be read */
	unsigned trip_count;
	struct thermal_trip trips[THERMAL_TRIP_MAX]; /* in the order of their kinds */
};

/* Zone `index` below THERMAL_ZONE_MAX; its temperature is read now. -ENODEV: there is none. Thread
 * context. */
int must_check thermal_read(unsigned index, struct thermal_reading *reading);
/* True if there is such a zone. Any context. */
bool thermal_zone_exists(unsigned index);

/*
 * A cooling device, the caller's for as long as it is registered. Levels go from 0, nothing, to `maximum`.
 * `set` is called in thread context, never twice at a time, and may evaluate; it is called with every
 * level anew, so an error does no harm but that it is not cooled.
 */
struct cooling_device {
	const char *type; /* "Fan", "Processor" */
	unsigned maximum;
	int (*set)(struct cooling_device *device, unsigned level);
	/* Those of cooling.c. */
	unsigned level;                    /* that is set, by the list's lock */
	bool told;                         /* it was; until then it does what firmware had it do */
	unsigned wanted[THERMAL_ZONE_MAX]; /* by each zone, the same */
	unsigned wanted_by_user;           /* the same */
};

/* Returns the index, or -ENOSPC. Thread context, no lock of rank >= RANK_DRIVER_SLEEP. */
int must_check cooling_add(struct cooling_device *device);
void cooling_remove(struct cooling_device *device);
/* How often one was added or removed: whoever keeps indices looks for them again. */
unsigned cooling_changes(void);
/* It has forgotten what it was told. */
void cooling_set_again(struct cooling_device *device);
/* -ENODEV. Thread context. */
struct cooling_state {
	const char *type;
	unsigned maximum, level;
};
int must_check cooling_read(unsigned index, struct cooling_state *state);
/* What a user wants; zones may want more. -ENODEV, -EINVAL (beyond its maximum), errors of the device. */
int must_check cooling_set(unsigned index, unsigned level);
/* Zone `zone` wants `percent` (0 to 100) of what the device can do. */
void cooling_want(unsigned index, unsigned zone, unsigned percent);
/* The index of the device, -1: it is none. */
int cooling_index(const struct cooling_device *device);
/* The first of that type, -1: there is none. */
int cooling_find(const char *type);
