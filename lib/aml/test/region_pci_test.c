/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which PCI function a region in configuration space is of. */
#include "../src/instance.h"
#include "fixture.h"

#include <string.h>
#include <unit.h>

static struct aml_object *made;

static struct aml_node *enter(struct aml_node *parent, const char *segment, enum aml_type type)
{
	struct aml_name name = { .segments = (const uint8_t *)segment, .count = 1 };
	struct aml_node *node;

	EXPECT_EQUAL(-aml_name_enter(aml, parent, &name, type, &aml->own, &node), 0);
	return node;
}

static void define(struct aml_node *parent, const char *segment, struct aml_object *value)
{
	aml_node_attach(enter(parent, segment, (enum aml_type)value->type), value);
}

/* A dword at `offset` in the configuration space of the device. */
static struct aml_object *configuration_field(struct aml_node *device, uint64_t offset)
{
	struct aml_object *region = fixture_keep(aml_object_create(aml, AML_REGION));
	struct aml_object *field = fixture_keep(aml_object_create(aml, AML_FIELD_UNIT));

	region->region = aml_allocate(aml, sizeof(*region->region));
	region->region->node = device;
	aml_node_get(device);
	region->region->space = AML_SPACE_PCI;
	region->region->length = 256;
	region->region->known = true;
	field->field = aml_allocate(aml, sizeof(*field->field));
	field->field->flags = 3;
	field->field->bit_offset = 8 * offset;
	field->field->bit_length = 32;
	field->field->region = region;
	aml_get(region);
	return field;
}

static void expect_access(struct aml_object *field, const char *log)
{
	fixture_log[0] = 0;
	EXPECT_EQUAL(-aml_field_read(aml, field, &made), 0);
	fixture_keep(made);
	EXPECT_STRING(fixture_log, log);
}

UNIT_TEST(aml_region_pci, addresses)
{
	struct aml_node *bus, *bridge, *device, *other;

	fixture_start(64);
	bus = enter(aml_find(aml, NULL, "\\_SB"), "PCI0", AML_DEVICE);
	define(bus, "_HID", fixture_integer(0x080ad041));
	define(bus, "_BBN", fixture_integer(2));
	define(bus, "_SEG", fixture_integer(1));
	bridge = enter(bus, "BRG0", AML_DEVICE);
	define(bridge, "_ADR", fixture_integer(0x001c0003));
	device = enter(bridge, "DEV0", AML_DEVICE);
	define(device, "_ADR", fixture_integer(0x00050001));
	/* The host bridge itself, and a function on its bus. */
	expect_access(configuration_field(bus, 0x40), "R4@1020000000040=0");
	expect_access(configuration_field(bridge, 0x40), "R4@102e300000040=0");
	/* Behind the bridge: its header type and its secondary bus are asked for. */
	fixture_memory[0x0e] = 0x81;
	fixture_memory[0x19] = 7;
	expect_access(configuration_field(device, 0x44),
		      "R1@102e30000000e=81 R1@102e300000019=7 R4@1072900000044=0");
	/* No host bridge above. */
	other = enter(aml_find(aml, NULL, "\\_SB"), "OTHR", AML_DEVICE);
	define(other, "_ADR", fixture_string("20000"));
	expect_access(configuration_field(other, 0), "R4@1000000000=0");
	fixture_end();
}
