/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * /sys/class/power_supply: batteries and AC adapters with Linux's properties. `fd` of a node is the supply's
 * index. What is not known is -ENODEV to read, and left out of `uevent`.
 */
#include "sysfs_things.h"

#include <base/errno.h>
#include <base/string.h>
#include <power/supply.h>

#define MICRO 1000 /* from thousandths, in which firmware tells amounts */

/* In which directories a property is. */
enum {
	FOR_ENERGY = 1, /* batteries that are told in mWh */
	FOR_CHARGE = 2, /* in mAh */
	FOR_MAINS = 4,
	FOR_ALARM = 8, /* only where one can be set */
	FOR_BATTERY = FOR_ENERGY | FOR_CHARGE,
	FOR_ALL = FOR_BATTERY | FOR_MAINS,
};

/* --- Properties. Each prints its value, or returns false: it is not known. --- */

typedef bool print_property(struct text *text, const struct supply_reading *reading);

static bool print_amount(struct text *text, uint32_t amount)
{
	if (amount == SUPPLY_UNKNOWN)
		return false;
	text_print(text, "%llu", (unsigned long long)amount * MICRO);
	return true;
}

static bool print_text(struct text *text, const char *value)
{
	text_print(text, "%s", value);
	return true;
}

static bool print_status(struct text *text, const struct supply_reading *reading)
{
	static const char *const names[] = {
		[SUPPLY_STATUS_UNKNOWN] = "Unknown",
		[SUPPLY_CHARGING] = "Charging",
		[SUPPLY_DISCHARGING] = "Discharging",
		[SUPPLY_NOT_CHARGING] = "Not charging",
		[SUPPLY_FULL] = "Full",
	};

	return print_text(text, names[reading->status]);
}

static bool print_present(struct text *text, const struct supply_reading *reading)
{
	text_print(text, "%u", reading->present);
	return true;
}

static bool print_online(struct text *text, const struct supply_reading *reading)
{
	text_print(text, "%u", reading->online);
	return true;
}

static bool print_technology(struct text *text, const struct supply_reading *reading)
{
	return print_text(text, reading->information.technology);
}

static bool print_cycles(struct text *text, const struct supply_reading *reading)
{
	uint32_t cycles = reading->information.cycles;

	text_print(text, "%u", cycles == SUPPLY_UNKNOWN ? 0 : cycles);
	return true;
}

static bool print_design_voltage(struct text *text, const struct supply_reading *reading)
{
	return print_amount(text, reading->information.design_voltage);
}

static bool print_voltage(struct text *text, const struct supply_reading *reading)
{
	return print_amount(text, reading->voltage);
}

static bool print_rate(struct text *text, const struct supply_reading *reading)
{
	return print_amount(text, reading->rate);
}

static bool print_design(struct text *text, const struct supply_reading *reading)
{
	return print_amount(text, reading->information.design);
}

static bool print_full(struct text *text, const struct supply_reading *reading)
{
	return print_amount(text, reading->information.full);
}

static bool print_now(struct text *text, const struct supply_reading *reading)
{
	return print_amount(text, reading->amount);
}

static bool print_percent(struct text *text, const struct supply_reading *reading)
{
	if (reading->percent == SUPPLY_UNKNOWN)
		return false;
	text_print(text, "%u", reading->percent);
	return true;
}

static bool print_level(struct text *text, const struct supply_reading *reading)
{
	if (reading->critical)
		return print_text(text, "Critical");
	if (reading->alarm > 0 && reading->amount != SUPPLY_UNKNOWN &&
	    reading->amount <= reading->alarm)
		return print_text(text, "Low");
	if (reading->status == SUPPLY_FULL)
		return print_text(text, "Full");
	return print_text(text, reading->percent == SUPPLY_UNKNOWN ? "Unknown" : "Normal");
}

static bool print_model(struct text *text, const struct supply_reading *reading)
{
	return print_text(text, reading->information.model);
}

static bool print_maker(struct text *text, const struct supply_reading *reading)
{
	return print_text(text, reading->information.maker);
}

static bool print_serial(struct text *text, const struct supply_reading *reading)
{
	return print_text(text, reading->information.serial);
}

static bool print_alarm(struct text *text, const struct supply_reading *reading)
{
	return print_amount(text, reading->alarm);
}

static int generate_property(struct proc_node *node, struct text *text);
static int generate_type(struct proc_node *node, struct text *text);
static int generate_event(struct proc_node *node, struct text *text);
static ssize_t store_alarm(struct proc_node *node, const char *bytes, size_t length);

#define PROPERTY(file_name, event_name, function, places)               \
	{                                                               \
		.entry = { .name = file_name,                           \
			   .mode = MODE_FILE | 0444,                    \
			   .generate = generate_property },             \
		.event = event_name, .print = function, .where = places \
	}

/* In the order in which `uevent` has them. */
static const struct property {
	struct proc_entry entry;
	const char *event; /* its name in uevent; NULL: it is not there */
	print_property *print;
	unsigned where;
} properties[] = {
	PROPERTY("status", "STATUS", print_status, FOR_BATTERY),
	PROPERTY("present", "PRESENT", print_present, FOR_BATTERY),
	PROPERTY("online", "ONLINE", print_online, FOR_MAINS),
	PROPERTY("technology", "TECHNOLOGY", print_technology, FOR_BATTERY),
	PROPERTY("cycle_count", "CYCLE_COUNT", print_cycles, FOR_BATTERY),
	PROPERTY("voltage_min_design", "VOLTAGE_MIN_DESIGN", print_design_voltage, FOR_BATTERY),
	PROPERTY("voltage_now", "VOLTAGE_NOW", print_voltage, FOR_BATTERY),
	PROPERTY("power_now", "POWER_NOW", print_rate, FOR_ENERGY),
	PROPERTY("current_now", "CURRENT_NOW", print_rate, FOR_CHARGE),
	PROPERTY("energy_full_design", "ENERGY_FULL_DESIGN", print_design, FOR_ENERGY),
	PROPERTY("energy_full", "ENERGY_FULL", print_full, FOR_ENERGY),
	PROPERTY("energy_now", "ENERGY_NOW", print_now, FOR_ENERGY),
	PROPERTY("charge_full_design", "CHARGE_FULL_DESIGN", print_design, FOR_CHARGE),
	PROPERTY("charge_full", "CHARGE_FULL", print_full, FOR_CHARGE),
	PROPERTY("charge_now", "CHARGE_NOW", print_now, FOR_CHARGE),
	PROPERTY("capacity", "CAPACITY", print_percent, FOR_BATTERY),
	PROPERTY("capacity_level", "CAPACITY_LEVEL", print_level, FOR_BATTERY),
	PROPERTY("model_name", "MODEL_NAME", print_model, FOR_BATTERY),
	PROPERTY("manufacturer", "MANUFACTURER", print_maker, FOR_BATTERY),
	PROPERTY("serial_number", "SERIAL_NUMBER", print_serial, FOR_BATTERY),
	{
		.entry = { .name = "alarm",
			   .mode = MODE_FILE | 0644,
			   .generate = generate_property,
			   .store = store_alarm },
		.print = print_alarm,
		.where = FOR_ALARM,
	},
	{
		.entry = { .name = "type", .mode = MODE_FILE | 0444, .generate = generate_type },
		.where = FOR_ALL,
	},
	{
		.entry = { .name = "uevent", .mode = MODE_FILE | 0444, .generate = generate_event },
		.where = FOR_ALL,
	},
};

static unsigned place_of(const struct supply_identity *identity)
{
	if (identity->kind == SUPPLY_MAINS)
		return FOR_MAINS;
	return (identity->charge ? FOR_CHARGE : FOR_ENERGY) | (identity->has_alarm ? FOR_ALARM : 0);
}

/* Of an absent battery only that is told. */
static bool is_told(const struct property *property, const struct supply_reading *reading)
{
	return reading->present || property->print == print_present;
}

static int generate_property(struct proc_node *node, struct text *text)
{
	const struct property *property = container_of(node->entry, struct property, entry);
	struct supply_reading reading;
	int error = supply_read((unsigned)node->fd, &reading);

	if (error)
		return error == -ENODEV ? error : -EIO;
	if (!is_told(property, &reading) || !property->print(text, &reading))
		return -ENODEV;
	text_append(text, "\n", 1);
	return 0;
}

static const char *type_name(const struct supply_identity *identity)
{
	return identity->kind == SUPPLY_MAINS ? "Mains" : "Battery";
}

static int generate_type(struct proc_node *node, struct text *text)
{
	struct supply_identity identity;

	if (!supply_identify((unsigned)node->fd, &identity))
		return -ENODEV;
	text_print(text, "%s\n", type_name(&identity));
	return 0;
}

static int generate_event(struct proc_node *node, struct text *text)
{
	struct supply_identity identity;
	struct supply_reading reading;

	if (!supply_identify((unsigned)node->fd, &identity) ||
	    supply_read((unsigned)node->fd, &reading) == -ENODEV)
		return -ENODEV;
	text_print(text, "POWER_SUPPLY_NAME=%s\nPOWER_SUPPLY_TYPE=%s\n", identity.name,
		   type_name(&identity));
	for (unsigned i = 0; i < array_length(properties); i++) {
		const struct property *property = &properties[i];
		size_t before = text->length;

		if (!(property->where & place_of(&identity)) || !property->event ||
		    !is_told(property, &reading))
			continue;
		text_print(text, "POWER_SUPPLY_%s=", property->event);
		if (property->print(text, &reading))
			text_append(text, "\n", 1);
		else if (!text->failed)
			text->length = before;
	}
	return 0;
}

/* Takes a decimal number, with or without the end of a line. */
static ssize_t store_alarm(struct proc_node *node, const char *bytes, size_t length)
{
	char digits[24];
	uint64_t amount;
	size_t count = length;
	int error;

	if (count > 0 && bytes[count - 1] == '\n')
		count--;
	if (count >= sizeof(digits))
		return -EINVAL;
	memcpy(digits, bytes, count);
	digits[count] = '\0';
	error = string_to_u64(digits, &amount);
	if (error)
		return error;
	if (amount / MICRO >= SUPPLY_UNKNOWN)
		return -ERANGE;
	error = supply_set_alarm((unsigned)node->fd, (uint32_t)(amount / MICRO));
	return error ? error : (ssize_t)length;
}

/* --- Directories. --- */

/* The properties that supply `index` has; 0: it went. */
static unsigned places_of_index(int index)
{
	struct supply_identity identity;

	return supply_identify((unsigned)index, &identity) ? place_of(&identity) : 0;
}

static bool describe_property(int index, unsigned at, struct sysfs_thing *thing)
{
	if (!(properties[at].where & places_of_index(index)))
		return false;
	string_copy(thing->name, properties[at].entry.name, sizeof(thing->name));
	thing->entry = &properties[at].entry;
	thing->id = index;
	return true;
}

static const struct sysfs_things supply_things = {
	.limit = array_length(properties),
	.describe = describe_property,
};

SYSFS_THINGS_OPS(static, supply_ops, supply_things);

static const struct proc_entry supply_entry = {
	.name = "",
	.mode = MODE_DIRECTORY | 0555,
	.ops = &supply_ops,
};

static bool describe_supply(int unused, unsigned index, struct sysfs_thing *thing)
{
	struct supply_identity identity;

	(void)unused;
	if (!supply_identify(index, &identity))
		return false;
	string_copy(thing->name, identity.name, sizeof(thing->name));
	thing->entry = &supply_entry;
	thing->id = (int)index;
	return true;
}

static const struct sysfs_things supplies = {
	.limit = SUPPLY_MAX,
	.describe = describe_supply,
};

SYSFS_THINGS_OPS(, sysfs_supply_ops, supplies);
