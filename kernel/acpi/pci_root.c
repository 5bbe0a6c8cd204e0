/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * PCI's root bridges: PNP0A03 and PNP0A08 with their bus numbers and windows (PCI Firmware 3.3, 4.1 and
 * 4.6.5). What makes no sense is left out: a bridge whose buses belong to another, windows without an end.
 */
#include "pci_routes.h"

#include <base/checked.h>
#include <base/errno.h>
#include <core/log.h>

#define BUS_MAX        255
#define PORTS_END      0x10000ull
#define MEMORY_END     (1ull << 52)
#define MEMORY_KIND    3u /* of a memory window's flags, bits 1 and 2: prefetchable */
#define MEMORY_KIND_AT 1

/* Immutable after acpi_pci_start(). */
static struct acpi_root_bridge bridges[ACPI_ROOT_MAX];
static unsigned bridge_count;

const struct acpi_root_bridge *acpi_root_bridge(unsigned index)
{
	return index < bridge_count ? &bridges[index] : NULL;
}

bool acpi_is_root_bridge(const struct acpi_device *device)
{
	return acpi_device_is(device, "PNP0A03") || acpi_device_is(device, "PNP0A08");
}

/* --- What it passes on --- */

static void read_buses(const struct aml_resource *resource, struct acpi_root_bridge *bridge)
{
	if (resource->address.minimum > BUS_MAX || !resource->address.length)
		return;
	bridge->first_bus = (uint8_t)resource->address.minimum;
	bridge->last_bus = (uint8_t)min_u64(
		resource->address.minimum + min_u64(resource->address.length, BUS_MAX + 1) - 1,
		BUS_MAX);
}

static void add_window(const struct aml_resource *resource, struct acpi_root_bridge *bridge)
{
	bool ports = resource->address.kind == AML_ADDRESS_IO;
	struct acpi_root_window *window = &bridge->windows[bridge->window_count];
	uint64_t base = resource->address.minimum + resource->address.translation;
	uint64_t size = resource->address.maximum - resource->address.minimum + 1;

	if (!resource->address.length || resource->address.maximum < resource->address.minimum ||
	    !range_within(base, size, ports ? PORTS_END : MEMORY_END) || size == 0)
		return;
	if (bridge->window_count == ACPI_ROOT_WINDOW_MAX) {
		log_warning("acpi", "a root bridge has more than %u windows: one is left out",
			    ACPI_ROOT_WINDOW_MAX);
		return;
	}
	*window = (struct acpi_root_window){
		.kind = ports ? ACPI_WINDOW_PORTS : ACPI_WINDOW_MEMORY,
		.prefetchable = !ports && (resource->address.specific >> MEMORY_KIND_AT &
					   MEMORY_KIND) == MEMORY_KIND,
		.base = base,
		.size = size,
		.offset = 0 - resource->address.translation,
	};
	bridge->window_count++;
}

/* What the bridge uses itself (its ports 0xcf8 and on) it does not pass on. */
static int read_resource(const struct aml_resource *resource, void *argument)
{
	struct acpi_root_bridge *bridge = argument;

	if (resource->type != AML_RESOURCE_ADDRESS || resource->consumer)
		return 0;
	if (resource->address.kind == AML_ADDRESS_BUS)
		read_buses(resource, bridge);
	else if (resource->address.kind == AML_ADDRESS_MEMORY ||
		 resource->address.kind == AML_ADDRESS_IO)
		add_window(resource, bridge);
	return 0;
}

/* --- Which there are --- */

/* An integer of the bridge that must not exceed `limit`; false: it does. */
static bool read_number(struct aml_node *name, const char *which, uint64_t limit, uint64_t *value)
{
	int error = acpi_integer(name, which, value);

	if (error == -ENOENT)
		*value = 0;
	return (!error || error == -ENOENT) && *value <= limit;
}

/* Two bridges cannot have one bus: where ranges overlap, each ends before the next begins. */
static bool settle_buses(struct acpi_root_bridge *bridge)
{
	for (unsigned i = 0; i < bridge_count; i++) {
		struct acpi_root_bridge *other = &bridges[i];

		if (other->segment != bridge->segment)
			continue;
		if (other->first_bus == bridge->first_bus)
			return false;
		if (other->first_bus < bridge->first_bus && other->last_bus >= bridge->first_bus)
			other->last_bus = bridge->first_bus - 1;
		if (other->first_bus > bridge->first_bus && bridge->last_bus >= other->first_bus)
			bridge->last_bus = other->first_bus - 1;
	}
	return true;
}

static void add_bridge(struct acpi_device *device, bool segments, bool extended)
{
	struct acpi_root_bridge *bridge = &bridges[bridge_count];
	uint64_t segment, bus;
	int error;

	if (bridge_count == ACPI_ROOT_MAX) {
		log_warning("acpi", "%s: more than %u root bridges", device->path, ACPI_ROOT_MAX);
		return;
	}
	if (!read_number(device->name, "_SEG", UINT16_MAX, &segment) ||
	    !read_number(device->name, "_BBN", BUS_MAX, &bus)) {
		log_warning("acpi", "%s: its bus has no number", device->path);
		return;
	}
	*bridge = (struct acpi_root_bridge){
		.name = device->name,
		.segment = (uint16_t)segment,
		.first_bus = (uint8_t)bus,
		.last_bus = BUS_MAX,
	};
	error = acpi_resources(device->name, "_CRS", read_resource, bridge);
	if (error)
		log_warning("acpi", "%s: what it passes on is not told: error %d", device->path,
			    -error);
	if (!settle_buses(bridge)) {
		log_warning("acpi", "%s: its bus %02x is another's", device->path,
			    bridge->first_bus);
		return;
	}
	bridge->granted = acpi_pci_negotiate(device, segments, extended);
	bridge_count++;
	log_info("acpi", "%s: PCI segment %x, buses %02x to %02x, %u windows, control %x",
		 device->path, bridge->segment, bridge->first_bus, bridge->last_bus,
		 bridge->window_count, bridge->granted);
}

void acpi_pci_start(bool segments, bool extended)
{
	acpi_links_start();
	for (struct acpi_device *device = acpi_device_next(NULL); device;
	     device = acpi_device_next(device))
		if (acpi_is_root_bridge(device) && (device->status & ACPI_STATUS_PRESENT))
			add_bridge(device, segments, extended);
}

const struct acpi_root_bridge *acpi_root_bridge_of(uint16_t segment, uint8_t bus)
{
	for (unsigned i = 0; i < bridge_count; i++)
		if (bridges[i].segment == segment && bridges[i].first_bus == bus)
			return &bridges[i];
	return NULL;
}
