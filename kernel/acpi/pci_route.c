/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where interrupt pins of PCI lead to, by _PRT (ACPI 6.5, 6.2.13), and the names of PCI functions. Behind bridges
 * that have no _PRT, or whose _PRT does not know the slot, pins take turns (PCI-to-PCI Bridge 1.2, 9.1).
 */
#include "pci_routes.h"

#include <base/errno.h>
#include <core/log.h>

#define PIN_COUNT     4
#define ALL_FUNCTIONS 0xffffu
#define DEPTH_MAX     32
#define ROUTE_MAX     1024

/* --- Names --- */

static bool is_at(struct aml_node *name, unsigned slot, unsigned function)
{
	const struct acpi_device *device =
		aml_node_type(name) == AML_DEVICE ? acpi_device_of(name) : NULL;

	if (!device || device->gone || !device->has_address || device->address >> 16 != slot)
		return false;
	return (device->address & 0xffff) == function ||
	       (device->address & 0xffff) == ALL_FUNCTIONS;
}

/* Of several, the one that is present: boards describe variants. */
static struct aml_node *find_child(struct aml_node *bus, unsigned slot, unsigned function)
{
	struct aml_node *found = NULL;

	for (struct aml_node *name = aml_child(acpi_aml(), bus, NULL); name;
	     name = aml_child(acpi_aml(), bus, name)) {
		if (!is_at(name, slot, function))
			continue;
		if (acpi_device_of(name)->status & ACPI_STATUS_PRESENT)
			return name;
		found = found ? found : name;
	}
	return found;
}

/* The name of what leads to the bus `depth` bridges below the root; NULL: it has none. */
static struct aml_node *bus_name(const struct acpi_pci_place *place, unsigned depth)
{
	const struct acpi_root_bridge *root = acpi_root_bridge_of(place->segment, place->root_bus);
	struct aml_node *name = root ? root->name : NULL;

	for (unsigned i = 0; name && i < depth; i++)
		name = find_child(name, place->bridges[i] >> 3, place->bridges[i] & 7);
	return name;
}

struct aml_node *acpi_pci_name(const struct acpi_pci_place *place)
{
	struct aml_node *bus = bus_name(place, place->bridge_count);

	return bus ? find_child(bus, place->slot, place->function) : NULL;
}

/* --- Routes --- */

static bool matches(const struct aml_route *route, unsigned slot, unsigned function, unsigned pin)
{
	return route->device == slot && route->pin == pin &&
	       (route->function == ALL_FUNCTIONS || route->function == function);
}

/* Finds the entry in what _PRT gave. Entries that are none are left out. */
static bool find_route(const struct aml_object *table, unsigned slot, unsigned function,
		       unsigned pin, struct aml_route *route)
{
	for (unsigned i = 0; i < ROUTE_MAX; i++) {
		int error = aml_route_at(table, i, route);

		if (error == -AML_E_NOT_FOUND)
			break;
		if (!error && matches(route, slot, function, pin))
			return true;
	}
	return false;
}

/* -ENOENT: the bus has no _PRT, or that does not know the slot. */
static int route_on_bus(struct aml_node *bus, unsigned slot, unsigned function, unsigned pin,
			struct acpi_line *line)
{
	struct aml_object *table = NULL;
	struct aml_route route;
	int error = acpi_call(bus, "_PRT", NULL, 0, &table);

	if (error)
		return -ENOENT;
	if (!table || aml_object_type(table) != AML_PACKAGE ||
	    !find_route(table, slot, function, pin, &route)) {
		error = -ENOENT;
	} else if (route.link) {
		error = acpi_link_connect(route.link, route.interrupt, line);
	} else {
		/* As PCI has it; what the wire is otherwise a link would tell. */
		*line = (struct acpi_line){ route.interrupt, true, true };
	}
	aml_put(acpi_aml(), table);
	return error;
}

int acpi_pci_route(const struct acpi_pci_place *place, unsigned pin, unsigned *gsi, bool *level,
		   bool *active_low)
{
	unsigned slot = place->slot, function = place->function;
	struct acpi_line line = { 0 };
	int error = -ENOENT;

	if (!acpi_aml() || pin < 1 || pin > PIN_COUNT || place->bridge_count > DEPTH_MAX)
		return -ENODEV;
	pin--;
	for (unsigned depth = place->bridge_count + 1; error == -ENOENT && depth-- > 0;) {
		struct aml_node *bus = bus_name(place, depth);

		if (bus)
			error = route_on_bus(bus, slot, function, pin, &line);
		if (error != -ENOENT || depth == 0)
			break;
		pin = (pin + slot) % PIN_COUNT;
		slot = place->bridges[depth - 1] >> 3;
		function = place->bridges[depth - 1] & 7;
	}
	if (error)
		return -ENODEV;
	*gsi = line.gsi;
	*level = line.level;
	*active_low = line.active_low;
	return 0;
}
