/* SPDX-License-Identifier: GPL-3.0-or-later */
/* After the tables: _REG of regions, _INI of the devices that _STA tells to be there (ACPI 6.5, 6.5.1, 6.5.4). */
#include <base/string.h>

#include "machine.h"

/* What _REG is told of DataTableRegion (as ACPICA does). */
#define SPACE_OF_TABLES 0x7e

#define STA_PRESENT     1
#define STA_FUNCTIONING 8
#define STA_MISSING     0xf /* what it counts as where there is none */

/* The next node of the tree in which parents come first; below `top`. */
static struct aml_node *walk(struct aml_node *top, struct aml_node *node, bool enter)
{
	if (enter && node->first)
		return node->first;
	while (node != top && !node->next)
		node = node->parent;
	return node == top ? NULL : node->next;
}

/* Evaluates what it can, for its effects. */
static void call(struct aml *aml, struct aml_node *node, struct aml_object *const *arguments,
		 unsigned count)
{
	struct aml_object *result;
	char path[128];
	int error;

	aml_node_get(node);
	error = aml_evaluate(aml, node, arguments, count, &result);
	if (error) {
		aml_node_path(node, path, sizeof(path));
		aml_log(aml, AML_LOG_ERROR, "AML: %s: %s", path, aml_error_name(error));
	} else {
		aml_put(aml, result);
	}
	aml_node_put(node);
}

/* The method that is told about a region: next to it. */
static struct aml_node *method_of_region(struct aml_node *node)
{
	struct aml_node *method =
		node->parent ? aml_node_resolve(aml_node_child(node->parent, "_REG")) : NULL;

	return method && method->type == AML_METHOD ? method : NULL;
}

static void tell(struct aml *aml, struct aml_node *method, enum aml_space space, bool connect)
{
	struct aml_object *arguments[2] = { aml_make_integer(aml, space),
					    aml_make_integer(aml, connect) };

	if (arguments[0] && arguments[1])
		call(aml, method, arguments, 2);
	aml_put(aml, arguments[0]);
	aml_put(aml, arguments[1]);
}

/* Whether the node is a region of the space; _REG is told, once. */
static bool tell_region(struct aml *aml, struct aml_node *node, enum aml_space space, bool connect)
{
	struct aml_region *region;
	struct aml_node *method;

	if (node->type != AML_REGION || !node->object || node->object->region->space != space)
		return false;
	region = node->object->region;
	method = method_of_region(node);
	if (region->told == connect || !method)
		return true;
	region->told = connect;
	tell(aml, method, space, connect);
	return true;
}

/* A controller may have the method and no region of its own, but those of others (ACPI 6.5, 6.5.4). */
static void tell_controller(struct aml *aml, struct aml_node *node, enum aml_space space,
			    bool connect)
{
	struct aml_node *method =
		node->dead ? NULL : aml_node_resolve(aml_node_child(node, "_REG"));

	if (method && method->type == AML_METHOD)
		tell(aml, method, space, connect);
}

void aml_tell_regions(struct aml *aml, struct aml_node *top, enum aml_space space, bool connect)
{
	bool is_controller =
		top && (space == AML_SPACE_EMBEDDED_CONTROLLER || space == AML_SPACE_GPIO);
	struct aml_node *node, *next;

	aml_lock(aml);
	aml_many_begin(aml);
	top = top ? top : aml->root;
	aml_node_get(top);
	for (node = top; node && !node->dead; node = next) {
		aml_node_get(node);
		if (tell_region(aml, node, space, connect) && node->parent == top)
			is_controller = false;
		next = node->dead || top->dead ? NULL : walk(top, node, true);
		aml_node_put(node);
	}
	if (is_controller)
		tell_controller(aml, top, space, connect);
	aml_node_put(top);
	aml_many_end(aml);
	aml_unlock(aml);
}

bool aml_call_region(struct aml_run *run, struct aml_node *node)
{
	struct aml_region *region = node->object->region;
	struct aml_node *method = method_of_region(node);
	struct aml_object *arguments[2];
	int error;

	if (!run->aml->initialized || region->told || !method ||
	    !aml_region_is_served(run->aml, region))
		return false;
	region->told = true;
	arguments[0] = aml_make_integer(run->aml, region->space == AML_SPACE_TABLE ? SPACE_OF_TABLES
										   : region->space);
	arguments[1] = aml_make_integer(run->aml, 1);
	error = aml_call_begin(run, method, arguments, 2);
	aml_put(run->aml, arguments[0]);
	aml_put(run->aml, arguments[1]);
	if (error)
		return false;
	run->top->call->is_alone = true;
	return true;
}

/* Marks what has an _INI below it: _STA is asked of nothing else. */
static void mark(struct aml *aml)
{
	for (struct aml_node *node = aml->root; node; node = walk(aml->root, node, true)) {
		if (memcmp(node->name, "_INI", AML_NAME_SIZE) != 0)
			continue;
		for (struct aml_node *up = node->parent; up && !up->has_ini; up = up->parent)
			up->has_ini = true;
	}
}

/* Calls its _INI; returns whether its children are looked at. */
static bool initialize_device(struct aml *aml, struct aml_node *node)
{
	struct aml_node *method;
	uint64_t status = STA_MISSING;

	if (!node->has_ini)
		return false;
	if (node->type != AML_DEVICE && node->type != AML_PROCESSOR &&
	    node->type != AML_THERMAL_ZONE)
		return true;
	if (aml_node_child(node, "_STA") && aml_evaluate_integer(aml, node, "_STA", &status) != 0)
		status = STA_MISSING;
	if (node->dead)
		return false;
	method = aml_node_resolve(aml_node_child(node, "_INI"));
	if ((status & STA_PRESENT) && method)
		call(aml, method, NULL, 0);
	return status & (STA_PRESENT | STA_FUNCTIONING);
}

static void initialize_devices(struct aml *aml, const struct aml_node *bus)
{
	struct aml_node *node, *next;
	bool enter;

	for (node = walk(aml->root, aml->root, true); node; node = next) {
		aml_node_get(node);
		/* The root's and \_SB's own come before all others. */
		enter = node == bus || initialize_device(aml, node);
		next = node->dead ? NULL : walk(aml->root, node, enter);
		aml_node_put(node);
	}
}

int aml_initialize(struct aml *aml)
{
	struct aml_node *method, *bus;

	aml_lock(aml);
	aml_many_begin(aml);
	bus = aml_node_child(aml->root, "_SB_");
	method = aml_node_resolve(aml_node_child(aml->root, "_INI"));
	if (method)
		call(aml, method, NULL, 0);
	method = bus ? aml_node_resolve(aml_node_child(bus, "_INI")) : NULL;
	if (method)
		call(aml, method, NULL, 0);
	aml->initialized = true;
	if (aml->host.access)
		aml_tell_regions(aml, NULL, AML_SPACE_PCI, true);
	mark(aml);
	initialize_devices(aml, bus);
	aml_many_end(aml);
	aml_unlock(aml);
	return 0;
}
