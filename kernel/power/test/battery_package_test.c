/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What batteries say of themselves: sound, odd, and hostile. The packages are the interpreter's. */
#include <base/errno.h>
#include <base/string.h>

#include "../battery_package.h"
#include "unit.h"

/* The C library's, by the names that base/ leaves free. */
void *malloc(size_t size);
void free(void *pointer);

static struct aml *machine;

static void *allocate(const struct aml_host *host, size_t size)
{
	(void)host;
	return malloc(size);
}

static void release(const struct aml_host *host, void *memory, size_t size)
{
	(void)host;
	(void)size;
	free(memory);
}

static void start(void)
{
	static const struct aml_host host = { .allocate = allocate, .release = release };

	EXPECT_EQUAL(aml_create(&host, NULL, &machine), 0);
}

static struct aml_object *make_package(const uint64_t *values, unsigned count)
{
	struct aml_object *package = aml_make_package(machine, count);

	for (unsigned i = 0; i < count; i++)
		aml_set_element(machine, package, i, aml_make_integer(machine, values[i]));
	return package;
}

static void set_text(struct aml_object *package, unsigned index, const char *text)
{
	aml_set_element(machine, package, index, aml_make_string(machine, text));
}

static struct aml_object *make_bif(void)
{
	static const uint64_t values[13] = { 0, 50000, 40000, 1, 11100, 4000, 2000, 10, 10 };
	struct aml_object *package = make_package(values, 13);

	set_text(package, 9, "  Model 5 ");
	set_text(package, 10,
		 "00\x01\x80"
		 "42");
	set_text(package, 11, "lion");
	set_text(package, 12, "Maker");
	return package;
}

static void read_status(struct supply_reading *reading, bool online, uint64_t state, uint64_t rate,
			uint64_t amount)
{
	struct aml_object *package = make_package((uint64_t[]){ state, rate, amount, 12000 }, 4);

	EXPECT_EQUAL(battery_read_status(package, online, reading), 0);
	aml_put(machine, package);
}

UNIT_TEST(battery, information)
{
	struct aml_object *package;
	struct supply_information information;

	start();
	package = make_bif();
	EXPECT_EQUAL(battery_read_information(package, false, &information), 0);
	EXPECT(!information.charge);
	EXPECT_EQUAL(information.design, 50000);
	EXPECT_EQUAL(information.full, 40000);
	EXPECT_EQUAL(information.warning, 4000);
	EXPECT_EQUAL(information.low, 2000);
	EXPECT_EQUAL(information.design_voltage, 11100);
	EXPECT_EQUAL(information.cycles, SUPPLY_UNKNOWN);
	EXPECT_STRING(information.model, "Model 5");
	EXPECT_STRING(information.serial, "0042");
	EXPECT_STRING(information.technology, "Li-ion");
	EXPECT_STRING(information.maker, "Maker");
	aml_put(machine, package);
	aml_destroy(machine);
}

UNIT_TEST(battery, extended_information)
{
	static const uint64_t values[20] = { 0, 1, 5000, 4000, 1, 11100, 400, 200, 77 };
	struct supply_information information;
	struct aml_object *package;
	char text[200];

	start();
	package = make_package(values, 20);
	memset(text, 'm', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	set_text(package, 16, text);
	aml_set_element(machine, package, 18, aml_make_buffer(machine, "LiP\0x", 5));
	EXPECT_EQUAL(battery_read_information(package, true, &information), 0);
	EXPECT(information.charge);
	EXPECT_EQUAL(information.full, 4000);
	EXPECT_EQUAL(information.cycles, 77);
	EXPECT_EQUAL(strlen(information.model), sizeof(information.model) - 1);
	EXPECT_STRING(information.serial, "0");
	EXPECT_STRING(information.technology, "Li-poly");
	aml_put(machine, package);
	aml_destroy(machine);
}

UNIT_TEST(battery, no_information)
{
	struct supply_information information;
	struct supply_reading reading = { 0 };
	struct aml_object *object;

	start();
	EXPECT_EQUAL(battery_read_information(NULL, false, &information), -EIO);
	EXPECT_EQUAL(battery_read_status(NULL, false, &reading), -EIO);
	object = aml_make_integer(machine, 5);
	EXPECT_EQUAL(battery_read_information(object, true, &information), -EIO);
	EXPECT_EQUAL(battery_read_status(object, true, &reading), -EIO);
	aml_put(machine, object);
	object = aml_make_package(machine, 12);
	EXPECT_EQUAL(battery_read_information(object, false, &information), -EIO);
	aml_put(machine, object);
	/* Elements that nobody set. */
	object = aml_make_package(machine, 20);
	EXPECT_EQUAL(battery_read_information(object, true, &information), 0);
	EXPECT_EQUAL(information.full, SUPPLY_UNKNOWN);
	EXPECT_STRING(information.model, "");
	EXPECT_STRING(information.technology, "Unknown");
	reading.information = information;
	EXPECT_EQUAL(battery_read_status(object, true, &reading), 0);
	EXPECT_EQUAL(reading.status, SUPPLY_STATUS_UNKNOWN);
	EXPECT_EQUAL(reading.percent, SUPPLY_UNKNOWN);
	aml_put(machine, object);
	aml_destroy(machine);
}

UNIT_TEST(battery, status)
{
	struct supply_reading reading = { .information = { .design = 50000, .full = 40000 } };

	start();
	read_status(&reading, false, 1, 8000, 10000);
	EXPECT_EQUAL(reading.status, SUPPLY_DISCHARGING);
	EXPECT_EQUAL(reading.percent, 25);
	EXPECT_EQUAL(reading.rate, 8000);
	EXPECT_EQUAL(reading.voltage, 12000);
	EXPECT(!reading.critical);
	read_status(&reading, false, 5, 8000, 100);
	EXPECT(reading.critical);
	EXPECT_EQUAL(reading.percent, 0);
	read_status(&reading, true, 2, 8000, 39999);
	EXPECT_EQUAL(reading.status, SUPPLY_CHARGING);
	EXPECT_EQUAL(reading.percent, 100);
	read_status(&reading, true, 0, 0, 40000);
	EXPECT_EQUAL(reading.status, SUPPLY_FULL);
	read_status(&reading, true, 1, 0, 30000);
	EXPECT_EQUAL(reading.status, SUPPLY_NOT_CHARGING);
	read_status(&reading, true, 8, 0, 30000);
	EXPECT_EQUAL(reading.status, SUPPLY_NOT_CHARGING);
	aml_destroy(machine);
}

/* Numbers that cannot be. */
UNIT_TEST(battery, hostile_status)
{
	struct supply_reading reading = { .information = { .design = 0, .full = 0 } };

	start();
	read_status(&reading, false, UINT64_MAX, UINT64_MAX, UINT64_MAX);
	EXPECT_EQUAL(reading.status, SUPPLY_STATUS_UNKNOWN);
	EXPECT_EQUAL(reading.rate, SUPPLY_UNKNOWN);
	read_status(&reading, false, 1, 5, 100);
	EXPECT_EQUAL(reading.percent, SUPPLY_UNKNOWN);
	reading.information.full = 1;
	read_status(&reading, false, 1, 5, 0x7fffffff);
	EXPECT_EQUAL(reading.percent, 100);
	read_status(&reading, false, 1, 5, 0x80000000);
	EXPECT_EQUAL(reading.percent, SUPPLY_UNKNOWN);
	reading.information.charge = true;
	read_status(&reading, false, 1, 0xfc18, 1);
	EXPECT_EQUAL(reading.rate, 1000);
	aml_destroy(machine);
}
