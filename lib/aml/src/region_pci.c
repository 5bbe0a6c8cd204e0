/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which PCI function a region in configuration space belongs to (ACPI 6.5, 5.5.2.4.2 and 6.1.1): the device
 * above it has _ADR, the host bridge above that has _SEG and _BBN; bridges between tell their bus in their
 * own configuration space.
 *
 * _ADR and the others may be methods, which may use such regions, and so on: evaluations lie inside each
 * other here at most PCI_NESTING deep. They may also unload what is looked at: nodes are held by references,
 * and one that is removed has the root above it.
 */
#include "instance.h"

#include <base/string.h>

#define PCI_NESTING 4

/* Buses below each other. */
#define PCI_DEPTH 32

#define PCI_HEADER_TYPE   0x0e
#define PCI_SECONDARY_BUS 0x19

static struct aml_node *device_above(struct aml_node *node)
{
	while (node != NULL && node->type != AML_DEVICE)
		node = node->parent;
	return node;
}

/* What a child by that name evaluates to, a reference; NULL: there is none, or no value. */
static struct aml_object *value_below(struct aml *aml, struct aml_node *node, const char *name)
{
	struct aml_node *child = aml_node_child(node, name);
	struct aml_object *value = NULL;

	if (child == NULL || aml_evaluate(aml, child, NULL, 0, &value) != 0)
		return NULL;
	return value;
}

static uint64_t integer_below(struct aml *aml, struct aml_node *node, const char *name)
{
	struct aml_object *value = value_below(aml, node, name);
	uint64_t integer;

	if (value == NULL || aml_to_integer(aml, value, AML_IMPLICIT, &integer) != 0)
		integer = 0;
	aml_put(aml, value);
	return integer;
}

/* PNP0A03 and PNP0A08, as strings and as EISA's packed numbers. */
static bool is_host_bridge_id(const struct aml_object *id)
{
	if (id == NULL)
		return false;
	if (id->type == AML_INTEGER)
		return id->integer == 0x030ad041 || id->integer == 0x080ad041;
	return id->type == AML_STRING && id->data.length == 7 &&
	       (memcmp(id->data.bytes, "PNP0A03", 7) == 0 ||
		memcmp(id->data.bytes, "PNP0A08", 7) == 0);
}

static bool has_host_bridge_id(const struct aml_object *ids)
{
	if (ids->type != AML_PACKAGE)
		return is_host_bridge_id(ids);
	for (uint32_t at = 0; at < ids->package.count; at++) {
		if (is_host_bridge_id(ids->package.elements[at]))
			return true;
	}
	return false;
}

static bool is_host_bridge(struct aml *aml, struct aml_node *node)
{
	static const char *const names[] = { "_HID", "_CID" };

	for (size_t at = 0; at < array_length(names); at++) {
		struct aml_object *value = value_below(aml, node, names[at]);
		bool found = value != NULL && has_host_bridge_id(value);

		aml_put(aml, value);
		if (found)
			return true;
	}
	return false;
}

static uint64_t configuration_byte(struct aml *aml, struct aml_node *node, uint64_t address)
{
	struct aml_access access = {
		.space = AML_SPACE_PCI,
		.region = node,
		.address = address,
		.bits = 8,
	};

	return aml_host(aml)->access(aml_host(aml), &access) == 0 ? access.value & 0xff : 0;
}

/* Segment and bus, and then device and function, as addresses have them. */
static uint64_t function_address(struct aml *aml, struct aml_node *node, uint64_t segment_and_bus)
{
	uint64_t address = integer_below(aml, node, "_ADR");

	return segment_and_bus | (address >> 16 & 0x1f) << 35 | (address & 7) << 32;
}

struct path {
	struct aml_node *bridge;           /* the host bridge, or NULL; references */
	struct aml_node *nodes[PCI_DEPTH]; /* from the region's device up to below the bridge */
	unsigned count;
};

static void find_path(struct aml *aml, struct aml_node *device, struct path *path)
{
	path->bridge = NULL;
	path->count = 0;
	while (device != NULL && path->count < PCI_DEPTH) {
		aml_node_get(device);
		if (is_host_bridge(aml, device)) {
			path->bridge = device;
			return;
		}
		path->nodes[path->count++] = device;
		device = device_above(device->parent);
	}
}

/* What is behind the device, if that is a bridge. */
static uint64_t bus_behind(struct aml *aml, struct aml_node *node, uint64_t address, uint64_t bus)
{
	if ((configuration_byte(aml, node, address + PCI_HEADER_TYPE) & 0x7f) != 1)
		return bus;
	return (bus & ~(0xffull << 40)) | configuration_byte(aml, node, address + PCI_SECONDARY_BUS)
						  << 40;
}

static uint64_t path_address(struct aml *aml, const struct path *path)
{
	uint64_t bus = 0, address = 0;

	if (path->bridge != NULL) {
		bus = (integer_below(aml, path->bridge, "_SEG") & 0xffff) << 48 |
		      (integer_below(aml, path->bridge, "_BBN") & 0xff) << 40;
		address = function_address(aml, path->bridge, bus);
	}
	for (unsigned at = path->count; at-- > 0;) {
		address = function_address(aml, path->nodes[at], bus);
		if (at > 0 && path->bridge != NULL)
			bus = bus_behind(aml, path->nodes[at], address, bus);
	}
	return address;
}

int aml_region_find_pci(struct aml *aml, struct aml_region *region)
{
	unsigned *nesting = &aml_space_handlers(aml)->pci_nesting;
	struct path path;

	if (*nesting >= PCI_NESTING)
		return -AML_E_STACK_OVERFLOW;
	++*nesting;
	find_path(aml, device_above(region->node), &path);
	region->pci = path_address(aml, &path);
	region->pci_known = true;
	--*nesting;
	aml_node_put(path.bridge);
	while (path.count > 0)
		aml_node_put(path.nodes[--path.count]);
	return 0;
}
