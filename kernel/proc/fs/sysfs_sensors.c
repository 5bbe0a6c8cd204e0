/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * /sys/class/hwmon: what thermal zones and batteries measure, in the form that lm-sensors reads. `fd` of the
 * nodes: a zone's index, or behind the zones a supply's.
 */
#include "sysfs_things.h"

#include <base/errno.h>
#include <base/string.h>
#include <power/supply.h>
#include <power/thermal.h>

#define MICRO 1000 /* from thousandths */

static unsigned supply_of(const struct proc_node *node)
{
	return (unsigned)node->fd - THERMAL_ZONE_MAX;
}

static int generate_zone_name(struct proc_node *node, struct text *text)
{
	(void)node;
	text_print(text, "acpitz\n");
	return 0;
}

static int generate_temperature(struct proc_node *node, struct text *text)
{
	struct thermal_reading reading;
	int error = thermal_read((unsigned)node->fd, &reading);

	if (error)
		return error;
	if (reading.temperature == THERMAL_UNKNOWN)
		return -EIO;
	text_print(text, "%d\n", reading.temperature);
	return 0;
}

static int generate_critical(struct proc_node *node, struct text *text)
{
	struct thermal_reading reading;
	int error = thermal_read((unsigned)node->fd, &reading);

	for (unsigned i = 0; !error && i < reading.trip_count; i++) {
		if (reading.trips[i].kind == THERMAL_CRITICAL) {
			text_print(text, "%d\n", reading.trips[i].temperature);
			return 0;
		}
	}
	return error ? error : -ENODEV;
}

static int generate_supply_name(struct proc_node *node, struct text *text)
{
	struct supply_identity identity;

	if (!supply_identify(supply_of(node), &identity))
		return -ENODEV;
	text_print(text, "%s\n", identity.name);
	return 0;
}

static int print_value(struct text *text, uint32_t value, unsigned factor)
{
	if (value == SUPPLY_UNKNOWN)
		return -ENODEV;
	text_print(text, "%llu\n", (unsigned long long)value * factor);
	return 0;
}

static int generate_voltage(struct proc_node *node, struct text *text)
{
	struct supply_reading reading;
	int error = supply_read(supply_of(node), &reading);

	return error ? error : print_value(text, reading.voltage, 1);
}

static int generate_power(struct proc_node *node, struct text *text)
{
	struct supply_reading reading;
	int error = supply_read(supply_of(node), &reading);

	return error ? error : print_value(text, reading.rate, MICRO);
}

static int generate_current(struct proc_node *node, struct text *text)
{
	struct supply_reading reading;
	int error = supply_read(supply_of(node), &reading);

	return error ? error : print_value(text, reading.rate, 1);
}

#define FILE_ENTRY(file_name, function)                                           \
	{                                                                         \
		.name = file_name, .mode = MODE_FILE | 0444, .generate = function \
	}
#define DIRECTORY_ENTRY(children_of)                                                 \
	{                                                                            \
		.name = "", .mode = MODE_DIRECTORY | 0555, .children = (children_of) \
	}

static const struct proc_entry zone_children[] = {
	FILE_ENTRY("name", generate_zone_name),
	FILE_ENTRY("temp1_input", generate_temperature),
	FILE_ENTRY("temp1_crit", generate_critical),
	{ .name = NULL },
};

static const struct proc_entry energy_children[] = {
	FILE_ENTRY("name", generate_supply_name),
	FILE_ENTRY("in0_input", generate_voltage),
	FILE_ENTRY("power1_input", generate_power),
	{ .name = NULL },
};

static const struct proc_entry charge_children[] = {
	FILE_ENTRY("name", generate_supply_name),
	FILE_ENTRY("in0_input", generate_voltage),
	FILE_ENTRY("curr1_input", generate_current),
	{ .name = NULL },
};

static const struct proc_entry zone_entry = DIRECTORY_ENTRY(zone_children);
static const struct proc_entry energy_entry = DIRECTORY_ENTRY(energy_children);
static const struct proc_entry charge_entry = DIRECTORY_ENTRY(charge_children);

static bool describe_sensor(int unused, unsigned index, struct sysfs_thing *thing)
{
	struct supply_identity identity;

	(void)unused;
	if (index < THERMAL_ZONE_MAX) {
		if (!thermal_zone_exists(index))
			return false;
		thing->entry = &zone_entry;
	} else {
		if (!supply_identify(index - THERMAL_ZONE_MAX, &identity) ||
		    identity.kind != SUPPLY_BATTERY)
			return false;
		thing->entry = identity.charge ? &charge_entry : &energy_entry;
	}
	snprintf(thing->name, sizeof(thing->name), "hwmon%u", index);
	thing->id = (int)index;
	return true;
}

static const struct sysfs_things class_things = {
	.limit = THERMAL_ZONE_MAX + SUPPLY_MAX,
	.describe = describe_sensor,
};

SYSFS_THINGS_OPS(, sysfs_sensors_ops, class_things);
