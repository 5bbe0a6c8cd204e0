/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * /sys/class/thermal: thermal zones with their trip points, and cooling devices, as Linux has them. `fd` of
 * the nodes in a zone is the zone's index, and what in it, times ZONE_STEP.
 */
#include "sysfs_things.h"

#include <base/errno.h>
#include <base/string.h>
#include <power/thermal.h>

#define ZONE_STEP 256
/* The number of a cooling device's link: trip and place in it. */
#define LINK_MAX (THERMAL_TRIP_MAX * COOLING_PER_TRIP_MAX)

static int read_zone(const struct proc_node *node, struct thermal_reading *reading)
{
	return thermal_read((unsigned)node->fd % ZONE_STEP, reading);
}

/* --- What a zone has as such. --- */

static int generate_zone_type(struct proc_node *node, struct text *text)
{
	(void)node;
	text_print(text, "acpitz\n");
	return 0;
}

static int generate_temperature(struct proc_node *node, struct text *text)
{
	struct thermal_reading reading;
	int error = read_zone(node, &reading);

	if (error)
		return error;
	if (reading.temperature == THERMAL_UNKNOWN)
		return -EIO;
	text_print(text, "%d\n", reading.temperature);
	return 0;
}

static int generate_mode(struct proc_node *node, struct text *text)
{
	(void)node;
	text_print(text, "enabled\n");
	return 0;
}

static int generate_policy(struct proc_node *node, struct text *text)
{
	(void)node;
	text_print(text, "acpi\n");
	return 0;
}

static int generate_nothing(struct proc_node *node, struct text *text)
{
	(void)node;
	(void)text;
	return 0;
}

#define FILE_ENTRY(file_name, function)                                           \
	{                                                                         \
		.name = file_name, .mode = MODE_FILE | 0444, .generate = function \
	}

static const struct proc_entry zone_files[] = {
	FILE_ENTRY("type", generate_zone_type),
	FILE_ENTRY("temp", generate_temperature),
	FILE_ENTRY("mode", generate_mode),
	FILE_ENTRY("policy", generate_policy),
	FILE_ENTRY("available_policies", generate_policy),
	FILE_ENTRY("uevent", generate_nothing),
};

/* --- Its trip points. --- */

/* The trip that a node is about; false: there is none any more. */
static bool read_trip(const struct proc_node *node, struct thermal_trip *trip)
{
	struct thermal_reading reading;
	unsigned number = (unsigned)node->fd / ZONE_STEP;

	if (read_zone(node, &reading) != 0 || number >= reading.trip_count)
		return false;
	*trip = reading.trips[number];
	return true;
}

static int generate_trip_type(struct proc_node *node, struct text *text)
{
	static const char *const names[] = {
		[THERMAL_CRITICAL] = "critical",
		[THERMAL_HOT] = "hot",
		[THERMAL_PASSIVE] = "passive",
		[THERMAL_ACTIVE] = "active",
	};
	struct thermal_trip trip;

	if (!read_trip(node, &trip))
		return -ENODEV;
	text_print(text, "%s\n", names[trip.kind]);
	return 0;
}

static int generate_trip_temperature(struct proc_node *node, struct text *text)
{
	struct thermal_trip trip;

	if (!read_trip(node, &trip))
		return -ENODEV;
	text_print(text, "%d\n", trip.temperature);
	return 0;
}

static const struct proc_entry trip_type_entry = FILE_ENTRY("", generate_trip_type);
static const struct proc_entry trip_temperature_entry = FILE_ENTRY("", generate_trip_temperature);

/* --- Links to what cools it. --- */

/* The cooling device that is number `number` of all that its trips have, and the trip. */
static bool find_link(const struct thermal_reading *reading, unsigned number, unsigned *device,
		      unsigned *trip)
{
	for (*trip = 0; *trip < reading->trip_count; ++*trip) {
		unsigned count = reading->trips[*trip].cooling_count;

		if (number < count) {
			*device = reading->trips[*trip].cooling[number];
			return true;
		}
		number -= count;
	}
	return false;
}

static bool read_link_of(const struct proc_node *node, unsigned *device, unsigned *trip)
{
	struct thermal_reading reading;

	return read_zone(node, &reading) == 0 &&
	       find_link(&reading, (unsigned)node->fd / ZONE_STEP, device, trip);
}

static ssize_t read_cooling_link(struct proc_node *node, char *buffer, size_t size)
{
	unsigned device, trip;
	char text[32];
	int length;

	if (!read_link_of(node, &device, &trip))
		return -ENOENT;
	length = snprintf(text, sizeof(text), "../cooling_device%u", device);
	return proc_put_link(text, (size_t)length, buffer, size);
}

static int generate_link_trip(struct proc_node *node, struct text *text)
{
	unsigned device, trip;

	if (!read_link_of(node, &device, &trip))
		return -ENODEV;
	text_print(text, "%u\n", trip);
	return 0;
}

static const struct proc_entry link_entry = {
	.name = "",
	.mode = MODE_SYMLINK | 0777,
	.link = read_cooling_link,
};
static const struct proc_entry link_trip_entry = FILE_ENTRY("", generate_link_trip);

/* --- A zone's directory. --- */

static bool name_thing(struct sysfs_thing *thing, const struct proc_entry *entry, int zone,
		       unsigned number, const char *before, const char *after)
{
	snprintf(thing->name, sizeof(thing->name), "%s%u%s", before, number, after);
	thing->entry = entry;
	thing->id = zone + (int)number * ZONE_STEP;
	return true;
}

static bool describe_zone_file(int id, unsigned index, struct sysfs_thing *thing)
{
	int zone = id % ZONE_STEP;
	struct thermal_reading reading;
	unsigned device, trip;
	bool second;

	if (thermal_read((unsigned)zone, &reading) != 0)
		return false;
	if (index < array_length(zone_files)) {
		string_copy(thing->name, zone_files[index].name, sizeof(thing->name));
		thing->entry = &zone_files[index];
		thing->id = zone;
		return true;
	}
	index -= array_length(zone_files);
	second = index % 2;
	if (index < 2 * THERMAL_TRIP_MAX)
		return index / 2 < reading.trip_count &&
		       name_thing(thing, second ? &trip_temperature_entry : &trip_type_entry, zone,
				  index / 2, "trip_point_", second ? "_temp" : "_type");
	index -= 2 * THERMAL_TRIP_MAX;
	return find_link(&reading, index / 2, &device, &trip) &&
	       name_thing(thing, second ? &link_trip_entry : &link_entry, zone, index / 2, "cdev",
			  second ? "_trip_point" : "");
}

static const struct sysfs_things zone_things = {
	.limit = array_length(zone_files) + 2 * THERMAL_TRIP_MAX + 2 * LINK_MAX,
	.describe = describe_zone_file,
};

SYSFS_THINGS_OPS(static, zone_ops, zone_things);

static const struct proc_entry zone_entry = {
	.name = "",
	.mode = MODE_DIRECTORY | 0555,
	.ops = &zone_ops,
};

/* --- Cooling devices. --- */

static int generate_cooling_type(struct proc_node *node, struct text *text)
{
	struct cooling_state state;
	int error = cooling_read((unsigned)node->fd, &state);

	if (!error)
		text_print(text, "%s\n", state.type);
	return error;
}

static int generate_maximum(struct proc_node *node, struct text *text)
{
	struct cooling_state state;
	int error = cooling_read((unsigned)node->fd, &state);

	if (!error)
		text_print(text, "%u\n", state.maximum);
	return error;
}

static int generate_level(struct proc_node *node, struct text *text)
{
	struct cooling_state state;
	int error = cooling_read((unsigned)node->fd, &state);

	if (!error)
		text_print(text, "%u\n", state.level);
	return error;
}

/* Takes a decimal number, with or without the end of a line. */
static ssize_t store_level(struct proc_node *node, const char *bytes, size_t length)
{
	size_t digits = length > 0 && bytes[length - 1] == '\n' ? length - 1 : length;
	uint32_t level;
	int error = proc_parse_number(bytes, digits, &level);

	if (error)
		return -EINVAL;
	error = cooling_set((unsigned)node->fd, level);
	return error ? error : (ssize_t)length;
}

static const struct proc_entry cooling_children[] = {
	FILE_ENTRY("type", generate_cooling_type),
	FILE_ENTRY("max_state", generate_maximum),
	{
		.name = "cur_state",
		.mode = MODE_FILE | 0644,
		.generate = generate_level,
		.store = store_level,
	},
	FILE_ENTRY("uevent", generate_nothing),
	{ .name = NULL },
};

static const struct proc_entry cooling_entry = {
	.name = "",
	.mode = MODE_DIRECTORY | 0555,
	.children = cooling_children,
};

/* --- The class. --- */

static bool describe_any(int unused, unsigned index, struct sysfs_thing *thing)
{
	struct cooling_state state;

	(void)unused;
	if (index < THERMAL_ZONE_MAX) {
		if (!thermal_zone_exists(index))
			return false;
		snprintf(thing->name, sizeof(thing->name), "thermal_zone%u", index);
		thing->entry = &zone_entry;
		thing->id = (int)index;
		return true;
	}
	index -= THERMAL_ZONE_MAX;
	if (cooling_read(index, &state) != 0)
		return false;
	snprintf(thing->name, sizeof(thing->name), "cooling_device%u", index);
	thing->entry = &cooling_entry;
	thing->id = (int)index;
	return true;
}

static const struct sysfs_things class_things = {
	.limit = THERMAL_ZONE_MAX + COOLING_MAX,
	.describe = describe_any,
};

SYSFS_THINGS_OPS(, sysfs_thermal_ops, class_things);
