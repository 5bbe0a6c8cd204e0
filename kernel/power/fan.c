/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Fans (ACPI 6.5, 11.3): those that are switched like any device, and those with levels of their own
 * (_FPS lists them, _FSL sets one).
 */
#include <acpi/namespace.h>
#include <acpi/power_state.h>
#include <base/errno.h>
#include <core/log.h>
#include <mm/phys/slab.h>
#include <power/thermal.h>

#include "package.h"

#define LEVEL_MAX 64
/* Of an element of _FPS: what _FSL takes. */
#define FPS_CONTROL 0

struct fan {
	struct cooling_device cooling;
	struct acpi_device *device;
	bool has_levels;
	uint32_t controls[LEVEL_MAX]; /* for level 1 and up: from slow to fast */
};

/* Coming on may fail half way: the resources that did come on go off again. */
static int switch_fan(struct acpi_device *device, bool on)
{
	int error = acpi_device_set_power(device, on ? ACPI_D0 : ACPI_D3);

	if (error && on && acpi_device_set_power(device, ACPI_D3) != 0)
		log_debug("power", "%s does not go off", device->path);
	return error;
}

static int fan_set(struct cooling_device *cooling, unsigned level)
{
	struct fan *fan = container_of(cooling, struct fan, cooling);
	uint64_t control;

	if (!fan->has_levels) {
		/* Power resources go off with their last holder, so one that firmware left on needs one. */
		if (!cooling->told && level == 0 && switch_fan(fan->device, true) != 0)
			log_debug("power", "%s does not come on", fan->device->path);
		return switch_fan(fan->device, level > 0);
	}
	control = level ? fan->controls[level - 1] : 0;
	return acpi_call(fan->device->name, "_FSL", &control, 1, NULL);
}

/* Keeps the controls in order, and each but once. */
static void add_level(struct fan *fan, uint32_t control)
{
	unsigned at = fan->cooling.maximum;

	if (control == PACKAGE_UNKNOWN || control == 0 || at == LEVEL_MAX)
		return;
	for (unsigned i = 0; i < at; i++)
		if (fan->controls[i] == control)
			return;
	for (; at > 0 && fan->controls[at - 1] > control; at--)
		fan->controls[at] = fan->controls[at - 1];
	fan->controls[at] = control;
	fan->cooling.maximum++;
}

/* The first element of _FPS is a revision. */
static void read_levels(struct fan *fan)
{
	struct aml_object *package = NULL;

	if (acpi_call(fan->device->name, "_FPS", NULL, 0, &package) != 0)
		return;
	if (package_has(package, 2))
		for (unsigned i = 1; i < aml_count(package); i++)
			add_level(fan, package_amount(aml_element(package, i), FPS_CONTROL));
	aml_put(acpi_aml(), package);
	fan->has_levels = fan->cooling.maximum > 0;
}

static int fan_attach(struct acpi_device *device)
{
	struct fan *fan = kzalloc(sizeof(*fan));
	int index;

	if (!fan)
		return -ENOMEM;
	fan->device = device;
	fan->cooling.type = "Fan";
	fan->cooling.set = fan_set;
	if (acpi_find(device->name, "_FSL"))
		read_levels(fan);
	if (!fan->has_levels)
		fan->cooling.maximum = 1;
	index = fan->has_levels || acpi_device_has_power(device) ? cooling_add(&fan->cooling)
								 : -ENODEV;
	if (index < 0) {
		kfree(fan);
		return index;
	}
	device->state = &fan->cooling;
	return 0;
}

static void fan_detach(struct acpi_device *device)
{
	struct cooling_device *cooling = device->state;

	cooling_remove(cooling);
	/* What powers it may be needed by others, and is not kept on for one that went. */
	if (acpi_device_has_power(device))
		(void)switch_fan(device, false);
	kfree(container_of(cooling, struct fan, cooling));
}

/* After waking it does what firmware had it do: what it should, it is told anew. */
static void fan_resume(struct acpi_device *device)
{
	cooling_set_again(device->state);
}

static const char *const ids[] = { "PNP0C0B", NULL };

ACPI_DRIVER(fan) = {
	.name = "fan",
	.ids = ids,
	.attach = fan_attach,
	.detach = fan_detach,
	.resume = fan_resume,
};
