/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Thermal zones (ACPI 6.5, chapter 11). Their temperature is read when firmware notifies a change, as often
 * as it wants to be asked, and while processors are slowed down or the temperature is critical. All that is
 * done about it happens in the thread of ACPI's drivers. "thermal=off" on the command line: nothing is.
 */
#include <acpi/device.h>
#include <acpi/namespace.h>
#include <base/errno.h>
#include <base/format.h>
#include <base/string.h>
#include <core/command_line.h>
#include <core/log.h>
#include <power/power.h>
#include <power/thermal.h>
#include <sched/mutex.h>
#include <time/timer.h>

#include "package.h"
#include "thermal_policy.h"

#define FRESH_NS            (250 * NS_PER_MILLISECOND)
#define ERRORS_LOGGED_MAX   4   /* of one zone, ever */
#define WARNINGS_LOGGED_MAX 100 /* the same */
/* An error that takes so long is one of firmware that hangs. */
#define SLOW_NS          (2 * NS_PER_SECOND)
#define REST_NS          (60 * NS_PER_SECOND)
#define FROM_DECISECONDS 100                  /* to milliseconds */
#define DECISECONDS_MAX  36000                /* an hour */
#define RETRY_NS         (60 * NS_PER_SECOND) /* of trip points that could not be read */

enum { /* Notify */
       ZONE_TEMPERATURE = 0x80,
};

struct zone {
	/* Immutable once `used`. */
	struct acpi_device *device;
	unsigned index;
	_Atomic bool used;
	struct mutex lock; /* RANK_DRIVER_SLEEP: asking firmware, and up to the next heading */
	struct thermal_reading reading;
	uint64_t read_ns;
	uint64_t rest_until_ns; /* its method hung: it is not called before */
	unsigned offset;        /* tenths of Kelvin of the freezing point */
	bool failing;           /* an error was logged */
	unsigned errors_logged;
	/* The thread of ACPI's drivers. */
	struct thermal_policy policy;
	struct thermal_passive passive;
	uint32_t polling_ms;
	bool trips_known;
	unsigned cooling_changes; /* when they were read: they have indices of what cools */
	bool trips_failed; /* some could not be read: those from before are kept until then */
	bool trips_warned; /* that was logged */
	uint64_t trips_retry_ns;
	bool listed[COOLING_MAX]; /* what cools it, when it was looked at last */
	uint64_t warnings_logged;
	struct acpi_job job;
	struct timer timer;
};

static struct zone zones[THERMAL_ZONE_MAX];
static unsigned zone_count; /* that were ever used; the thread of ACPI's drivers */

/* --- What firmware says. --- */

static void note_trip_error(struct zone *zone, const char *name, int error)
{
	zone->trips_failed = true;
	if (!zone->trips_warned)
		log_warning("power", "%s.%s: error %d", zone->device->path, name, error);
	zone->trips_warned = true;
}

/* Reads an object of the zone; 0 where there is none. An error leaves *value as it is. */
static int read_value(struct zone *zone, const char *name, uint64_t *value)
{
	uint64_t found = 0;
	int error = 0;

	if (acpi_find(zone->device->name, name))
		error = acpi_integer(zone->device->name, name, &found);
	if (error)
		note_trip_error(zone, name, error);
	else
		*value = found;
	return error;
}

static void read_temperature_locked(struct zone *zone)
{
	uint64_t tenths = 0, start = clock_monotonic_ns();
	int error;

	if (start < zone->rest_until_ns)
		return;
	error = acpi_integer(zone->device->name, "_TMP", &tenths);
	zone->read_ns = clock_monotonic_ns();
	if (error && zone->read_ns - start >= SLOW_NS)
		zone->rest_until_ns = zone->read_ns + REST_NS;
	zone->reading.temperature =
		error ? THERMAL_UNKNOWN : thermal_from_kelvin(tenths, zone->offset);
	if (zone->reading.temperature != THERMAL_UNKNOWN)
		zone->failing = false;
	else if (!zone->failing && zone->errors_logged < ERRORS_LOGGED_MAX) {
		zone->errors_logged++;
		log_warning("power", "%s: no temperature: error %d, %lu tenths of Kelvin",
			    zone->device->path, error, tenths);
		zone->failing = true;
	}
}

/* The fan that an element of _ALx names, by its name or by a text; -1: none that is served. */
static int fan_of(const struct zone *zone, const struct aml_object *element)
{
	struct aml_node *node = element ? aml_reference_node(element) : NULL;
	const struct acpi_device *device;

	if (!node && element && aml_object_type(element) == AML_STRING) {
		size_t length;

		node = acpi_find(zone->device->name, (const char *)aml_bytes(element, &length));
	}
	device = node ? acpi_device_of(node) : NULL;
	return device && device->driver && device->state && acpi_device_is(device, "PNP0C0B")
		       ? cooling_index(device->state)
		       : -1;
}

static void add_cooling(struct thermal_trip *trip, int index)
{
	if (index >= 0 && trip->cooling_count < COOLING_PER_TRIP_MAX)
		trip->cooling[trip->cooling_count++] = (uint8_t)index;
}

/* The trip point as it was read last; NULL: there was none. */
static const struct thermal_trip *known_trip(const struct zone *zone, enum thermal_trip_kind kind,
					     unsigned active)
{
	for (unsigned i = 0; i < zone->reading.trip_count; i++) {
		const struct thermal_trip *trip = &zone->reading.trips[i];

		if (trip->kind == kind && trip->active == active)
			return trip;
	}
	return NULL;
}

static void read_fans(struct zone *zone, struct thermal_trip *trip)
{
	const struct thermal_trip *known = known_trip(zone, THERMAL_ACTIVE, trip->active);
	struct aml_object *package = NULL;
	char name[5];
	int error;

	snprintf(name, sizeof(name), "_AL%u", trip->active);
	error = acpi_call(zone->device->name, name, NULL, 0, &package);
	if (error && error != -ENOENT) {
		note_trip_error(zone, name, error);
		for (unsigned i = 0; known && i < known->cooling_count; i++)
			add_cooling(trip, known->cooling[i]);
	}
	if (error)
		return;
	if (package_has(package, 0))
		for (unsigned i = 0; i < aml_count(package); i++)
			add_cooling(trip, fan_of(zone, aml_element(package, i)));
	aml_put(acpi_aml(), package);
}

/* Adds a trip point, if firmware has it and it can be one. */
static void read_trip(struct zone *zone, struct thermal_reading *reading,
		      enum thermal_trip_kind kind, const char *name, unsigned active)
{
	struct thermal_trip *trip = &reading->trips[reading->trip_count];
	const struct thermal_trip *known = known_trip(zone, kind, active);
	int32_t temperature;
	uint64_t tenths;

	if (read_value(zone, name, &tenths) != 0) {
		if (known)
			reading->trips[reading->trip_count++] = *known;
		return;
	}
	temperature = thermal_from_kelvin(tenths, zone->offset);
	/* At the freezing point nothing is too warm: firmware switches trips off so. */
	if (temperature == THERMAL_UNKNOWN || temperature <= 0)
		return;
	*trip = (struct thermal_trip){
		.kind = kind,
		.temperature = temperature,
		.active = active,
	};
	if (kind == THERMAL_PASSIVE)
		add_cooling(trip, cooling_find("Processor"));
	if (kind == THERMAL_ACTIVE)
		read_fans(zone, trip);
	reading->trip_count++;
}

/* Those that cannot be read stay. */
static void read_milliseconds(struct zone *zone, const char *name, uint32_t *milliseconds)
{
	uint64_t value;

	if (read_value(zone, name, &value) == 0)
		*milliseconds = (uint32_t)min_u64(value, DECISECONDS_MAX) * FROM_DECISECONDS;
}

static void read_constant(struct zone *zone, const char *name, uint32_t *constant)
{
	uint64_t value;

	if (read_value(zone, name, &value) == 0)
		*constant = (uint32_t)min_u64(value, UINT32_MAX);
}

static void read_trips(struct zone *zone)
{
	struct thermal_reading reading = { .trip_count = 0 };
	uint64_t critical;
	char name[5];

	zone->trips_failed = false;
	zone->cooling_changes = cooling_changes();
	if (read_value(zone, "_CRT", &critical) == 0)
		zone->offset = thermal_offset_of(critical);
	read_trip(zone, &reading, THERMAL_CRITICAL, "_CRT", 0);
	read_trip(zone, &reading, THERMAL_HOT, "_HOT", 0);
	read_trip(zone, &reading, THERMAL_PASSIVE, "_PSV", 0);
	for (unsigned i = 0; i < THERMAL_ACTIVE_MAX; i++) {
		snprintf(name, sizeof(name), "_AC%u", i);
		read_trip(zone, &reading, THERMAL_ACTIVE, name, i);
	}
	read_constant(zone, "_TC1", &zone->passive.constant1);
	read_constant(zone, "_TC2", &zone->passive.constant2);
	read_milliseconds(zone, "_TSP", &zone->passive.period_ms);
	read_milliseconds(zone, "_TZP", &zone->polling_ms);
	zone->trips_known = true;
	zone->trips_retry_ns = clock_monotonic_ns() + RETRY_NS;
	mutex_lock(&zone->lock);
	reading.temperature = zone->reading.temperature;
	zone->reading = reading;
	mutex_unlock(&zone->lock);
}

/* --- What is done. --- */

/* Every device does what the trip that wants most of it does, and nothing once it is not listed any more. */
static void cool(struct zone *zone, const struct thermal_reading *reading)
{
	bool listed[COOLING_MAX] = { false };
	unsigned percent[COOLING_MAX] = { 0 };

	/* Before the first reading what firmware had them do is right. */
	if (zone->policy.last == THERMAL_UNKNOWN)
		return;
	for (unsigned i = 0; i < reading->trip_count; i++) {
		const struct thermal_trip *trip = &reading->trips[i];
		unsigned wanted = thermal_policy_cooling(&zone->policy, trip);

		for (unsigned at = 0; at < trip->cooling_count; at++) {
			unsigned index = trip->cooling[at];

			listed[index] = true;
			if (wanted > percent[index])
				percent[index] = wanted;
		}
	}
	for (unsigned i = 0; i < COOLING_MAX; i++)
		if (listed[i] || zone->listed[i])
			cooling_want(i, zone->index, percent[i]);
	memcpy(zone->listed, listed, sizeof(listed));
}

static void act(struct zone *zone, const struct thermal_reading *reading,
		enum thermal_action action)
{
	if (action == THERMAL_NOTHING)
		return;
	if (action == THERMAL_SAY_HOT) {
		if (zone->warnings_logged++ < WARNINGS_LOGGED_MAX)
			log_warning("power", "%s is hot: %d degrees", zone->device->path,
				    reading->temperature / 1000);
		return;
	}
	log_error("power", "%s is too hot: %d degrees: the machine is switched off",
		  zone->device->path, reading->temperature / 1000);
	power_ask(POWER_OFF);
}

static void update(struct acpi_job *job)
{
	struct zone *zone = container_of(job, struct zone, job);
	struct thermal_reading reading;
	uint32_t interval;

	if (!zone->used)
		return;
	if (!zone->trips_known || zone->cooling_changes != cooling_changes() ||
	    (zone->trips_failed && clock_monotonic_ns() >= zone->trips_retry_ns))
		read_trips(zone);
	mutex_lock(&zone->lock);
	read_temperature_locked(zone);
	reading = zone->reading;
	mutex_unlock(&zone->lock);
	act(zone, &reading,
	    thermal_policy_step(&zone->policy, &reading, &zone->passive, clock_monotonic_ns()));
	cool(zone, &reading);
	interval = thermal_policy_interval(&zone->policy, &zone->passive, zone->polling_ms);
	if (zone->trips_failed && (interval == 0 || interval > RETRY_NS / NS_PER_MILLISECOND))
		interval = RETRY_NS / NS_PER_MILLISECOND;
	if (interval)
		timer_arm(&zone->timer, clock_deadline_after(interval * NS_PER_MILLISECOND));
}

static void update_in_time(struct timer *timer)
{
	acpi_job_queue(&container_of(timer, struct zone, timer)->job);
}

/* --- For others. --- */

bool thermal_zone_exists(unsigned index)
{
	return index < THERMAL_ZONE_MAX && zones[index].used;
}

int thermal_read(unsigned index, struct thermal_reading *reading)
{
	struct zone *zone;

	if (!thermal_zone_exists(index))
		return -ENODEV;
	zone = &zones[index];
	mutex_lock(&zone->lock);
	if (zone->read_ns == 0 || clock_monotonic_ns() - zone->read_ns >= FRESH_NS)
		read_temperature_locked(zone);
	*reading = zone->reading;
	mutex_unlock(&zone->lock);
	return 0;
}

/* --- The driver. --- */

/* The zone of a device that was there before, or a new one; NULL: there are too many. */
static struct zone *zone_for(struct acpi_device *device)
{
	struct zone *zone;

	for (unsigned i = 0; i < zone_count; i++)
		if (zones[i].device == device)
			return &zones[i];
	if (zone_count == THERMAL_ZONE_MAX)
		return NULL;
	zone = &zones[zone_count];
	zone->device = device;
	zone->index = zone_count++;
	mutex_init(&zone->lock, RANK_DRIVER_SLEEP, "thermal zone");
	zone->job.function = update;
	timer_init(&zone->timer, update_in_time);
	return zone;
}

static int thermal_attach(struct acpi_device *device)
{
	char word[8];
	struct zone *zone;

	if (command_line_get("thermal", word, sizeof(word)) && strcmp(word, "off") == 0)
		return -ENODEV;
	zone = zone_for(device);
	if (!zone)
		return -ENOSPC;
	zone->offset = thermal_offset_of(0);
	zone->reading.temperature = THERMAL_UNKNOWN;
	zone->trips_known = false;
	thermal_policy_init(&zone->policy);
	memset(zone->listed, false, sizeof(zone->listed));
	device->state = zone;
	zone->used = true;
	/* Behind the other devices: its fans are served by then. */
	acpi_job_queue(&zone->job);
	return 0;
}

static void thermal_detach(struct acpi_device *device)
{
	struct zone *zone = device->state;

	zone->used = false;
	(void)timer_cancel_sync(&zone->timer);
	for (unsigned i = 0; i < COOLING_MAX; i++)
		cooling_want(i, zone->index, 0);
}

static void thermal_notify(struct acpi_device *device, uint64_t value)
{
	struct zone *zone = device->state;

	if (value != ZONE_TEMPERATURE)
		zone->trips_known = false;
	acpi_job_queue(&zone->job);
}

static void thermal_suspend(struct acpi_device *device)
{
	(void)timer_cancel_sync(&((struct zone *)device->state)->timer);
}

static void thermal_resume(struct acpi_device *device)
{
	struct zone *zone = device->state;

	/* It was cooling down meanwhile. */
	zone->policy.critical_count = 0;
	zone->policy.last = THERMAL_UNKNOWN;
	acpi_job_queue(&zone->job);
}

static const char *const ids[] = { "\1thermal", NULL };

ACPI_DRIVER(thermal) = {
	.name = "thermal zone",
	.ids = ids,
	.attach = thermal_attach,
	.detach = thermal_detach,
	.notify = thermal_notify,
	.suspend = thermal_suspend,
	.resume = thermal_resume,
};
