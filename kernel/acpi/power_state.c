/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <acpi/namespace.h>
#include <acpi/power_state.h>
#include <base/errno.h>
#include <base/format.h>
#include <core/log.h>
#include <sched/mutex.h>

#define HOLD_MAX               128
#define RESOURCE_MAX_OF_DEVICE 16

/* Initialised as mutex_init() would. */
static struct mutex power_lock = {
	.waiters = { .lock = SPINLOCK_INIT(RANK_WAIT_QUEUE, "acpi power"),
		     .waiters = LIST_INIT(power_lock.waiters.waiters) },
	.rank = RANK_DEVICE,
	.name = "acpi power",
};
/* Which device needs which resource to be on. Under power_lock. */
static struct hold {
	const struct acpi_device *device; /* NULL: unused */
	struct aml_node *resource;        /* held, in the name space, too */
} holds[HOLD_MAX];

static unsigned count_holders(const struct aml_node *resource)
{
	unsigned count = 0;

	for (unsigned i = 0; i < HOLD_MAX; i++)
		count += holds[i].device && holds[i].resource == resource;
	return count;
}

static struct hold *find_hold(const struct acpi_device *device, const struct aml_node *resource)
{
	for (unsigned i = 0; i < HOLD_MAX; i++)
		if (holds[i].device == device && (!device || holds[i].resource == resource))
			return &holds[i];
	return NULL;
}

/* The device needs it from now on. */
static int take(const struct acpi_device *device, struct aml_node *resource)
{
	struct hold *hold;
	int error = 0;

	if (find_hold(device, resource))
		return 0;
	hold = find_hold(NULL, NULL);
	if (!hold)
		return -ENOSPC;
	if (count_holders(resource) == 0)
		error = acpi_call(resource, "_ON", NULL, 0, NULL);
	if (error)
		return error;
	aml_node_hold(acpi_aml(), resource);
	*hold = (struct hold){ device, resource };
	return 0;
}

static int let_go(struct hold *hold)
{
	struct aml_node *resource = hold->resource;
	int error = 0;

	hold->device = NULL;
	if (count_holders(resource) == 0)
		error = acpi_call(resource, "_OFF", NULL, 0, NULL);
	aml_node_release(acpi_aml(), resource);
	return error;
}

struct resources {
	struct aml_node *nodes[RESOURCE_MAX_OF_DEVICE];
	unsigned count;
};

static struct aml_node *resource_of(const struct aml_object *element)
{
	struct aml_node *node = element ? aml_reference_node(element) : NULL;

	return node && aml_node_type(node) == AML_POWER_RESOURCE ? node : NULL;
}

/* What _PR0 to _PR3 name; what is none is left out. */
static void read_resources(const struct acpi_device *device, unsigned state,
			   struct resources *resources)
{
	struct aml_object *package = NULL;
	char name[5];

	resources->count = 0;
	snprintf(name, sizeof(name), "_PR%u", state);
	if (acpi_call(device->name, name, NULL, 0, &package) != 0 || !package)
		return;
	if (aml_object_type(package) == AML_PACKAGE) {
		for (unsigned i = 0;
		     i < aml_count(package) && resources->count < RESOURCE_MAX_OF_DEVICE; i++) {
			struct aml_node *node = resource_of(aml_element(package, i));

			if (node)
				resources->nodes[resources->count++] = node;
		}
	}
	aml_put(acpi_aml(), package);
}

static bool is_among(const struct aml_node *node, const struct resources *resources)
{
	for (unsigned i = 0; i < resources->count; i++)
		if (resources->nodes[i] == node)
			return true;
	return false;
}

/* Those of the new state come on, before those that only the old one needed go off. */
static int take_all(const struct acpi_device *device, const struct resources *resources)
{
	int error = 0;

	for (unsigned i = 0; i < resources->count && !error; i++)
		error = take(device, resources->nodes[i]);
	return error;
}

static int let_go_of_others(const struct acpi_device *device, const struct resources *kept)
{
	int error = 0;

	for (unsigned i = 0; i < HOLD_MAX; i++) {
		if (holds[i].device == device && !is_among(holds[i].resource, kept)) {
			int failed = let_go(&holds[i]);

			if (failed)
				error = failed;
		}
	}
	return error;
}

static int call_method(const struct acpi_device *device, unsigned state)
{
	char name[5];
	int error;

	snprintf(name, sizeof(name), "_PS%u", state);
	error = acpi_call(device->name, name, NULL, 0, NULL);
	return error == -ENOENT ? 0 : error;
}

/* Whether no hold before this one is of the same resource. */
static bool is_first_hold(const struct hold *hold)
{
	for (const struct hold *other = holds; other < hold; other++)
		if (other->device && other->resource == hold->resource)
			return false;
	return true;
}

void acpi_power_resume(void)
{
	mutex_lock(&power_lock);
	for (struct hold *hold = holds; hold < holds + HOLD_MAX; hold++)
		if (hold->device && is_first_hold(hold) &&
		    acpi_call(hold->resource, "_ON", NULL, 0, NULL) != 0)
			log_warning("acpi", "%s: what powers it does not come on again",
				    hold->device->path);
	mutex_unlock(&power_lock);
}

bool acpi_device_has_power(const struct acpi_device *device)
{
	return acpi_find(device->name, "_PR0") || acpi_find(device->name, "_PS0");
}

int acpi_device_set_power(struct acpi_device *device, unsigned state)
{
	struct resources resources;
	int error;

	if (state > ACPI_D3 || !acpi_device_has_power(device))
		return -ENODEV;
	mutex_lock(&power_lock);
	read_resources(device, state, &resources);
	/* Going up needs current first; going down, the method does. */
	if (state == ACPI_D0) {
		error = take_all(device, &resources);
		if (!error)
			error = call_method(device, state);
	} else {
		error = call_method(device, state);
		if (!error)
			error = take_all(device, &resources);
	}
	if (!error)
		error = let_go_of_others(device, &resources);
	mutex_unlock(&power_lock);
	return error;
}
