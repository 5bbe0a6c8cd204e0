/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Control-method batteries (ACPI 6.5, 10.2). */
#include <acpi/namespace.h>
#include <base/errno.h>
#include <core/log.h>

#include "battery_package.h"
#include "supply_priv.h"

enum { /* Notify */
       BATTERY_STATUS = 0x80,
};

/* Evaluates a method that returns a package. */
static int call(struct supply *supply, const char *method, struct aml_object **package)
{
	int error = acpi_call(supply->device->name, method, NULL, 0, package);

	if (error)
		supply_note_error(supply, method, error);
	return error;
}

static int read_information(struct supply *supply)
{
	struct supply_information *information = &supply->reading.information;
	bool extended = acpi_find(supply->device->name, "_BIX") != NULL;
	struct aml_object *package = NULL;
	int error = call(supply, extended ? "_BIX" : "_BIF", &package);

	if (error)
		return error;
	error = battery_read_information(package, extended, information);
	aml_put(acpi_aml(), package);
	if (error)
		supply_note_error(supply, extended ? "_BIX" : "_BIF", error);
	supply->known = !error;
	return error;
}

static int set_alarm(struct supply *supply, uint32_t amount)
{
	uint64_t argument = amount;
	int error = acpi_call(supply->device->name, "_BTP", &argument, 1, NULL);

	if (!error)
		supply->reading.alarm = amount;
	return error;
}

/* Firmware is to notify when the battery gets to where its maker wants a warning. */
static void set_first_alarm(struct supply *supply)
{
	uint32_t warning = supply->reading.information.warning;

	if (supply->identity.has_alarm && warning != SUPPLY_UNKNOWN && warning > 0 &&
	    set_alarm(supply, warning) != 0)
		log_debug("power", "%s sets no alarm", supply->identity.name);
}

static int battery_refresh(struct supply *supply)
{
	struct supply_reading *reading = &supply->reading;
	struct aml_object *package = NULL;
	int error;

	if (!(acpi_device_read_status(supply->device) & ACPI_STATUS_BATTERY)) {
		*reading = (struct supply_reading){ 0 };
		supply->known = false;
		return 0;
	}
	reading->present = true;
	if (!supply->known) {
		error = read_information(supply);
		if (error)
			return error;
		set_first_alarm(supply);
	}
	error = call(supply, "_BST", &package);
	if (error)
		return error;
	error = battery_read_status(package, supply_is_online(), reading);
	aml_put(acpi_aml(), package);
	if (error)
		supply_note_error(supply, "_BST", error);
	return error;
}

static const struct supply_ops battery_ops = { .refresh = battery_refresh, .set_alarm = set_alarm };
static const struct supply_ops battery_ops_no_alarm = { .refresh = battery_refresh };

static int battery_attach(struct acpi_device *device)
{
	bool has_alarm = acpi_find(device->name, "_BTP") != NULL;

	device->state = supply_add(device, SUPPLY_BATTERY, has_alarm,
				   has_alarm ? &battery_ops : &battery_ops_no_alarm);
	if (!device->state)
		return -ENOSPC;
	supply_changed(device->state, true);
	return 0;
}

static void battery_detach(struct acpi_device *device)
{
	supply_remove(device->state);
}

static void battery_notify(struct acpi_device *device, uint64_t value)
{
	supply_changed(device->state, value != BATTERY_STATUS);
}

static void battery_resume(struct acpi_device *device)
{
	supply_changed(device->state, true);
}

static const char *const ids[] = { "PNP0C0A", NULL };

ACPI_DRIVER(battery) = {
	.name = "battery",
	.ids = ids,
	.attach = battery_attach,
	.detach = battery_detach,
	.notify = battery_notify,
	.resume = battery_resume,
};
