/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Drivers of devices that only firmware tells of, and checks of what is below a name. All in the thread of
 * notifications, but for setting checks.
 */
#include "acpi_priv.h"

#include <base/errno.h>
#include <base/string.h>
#include <core/log.h>
#include <mm/phys/slab.h>
#include <sched/wait.h>
#include <sync/spinlock.h>

#define STATUS_THERE       (ACPI_STATUS_PRESENT | ACPI_STATUS_WORKING)
#define ATTACH_PATIENCE    (10 * NS_PER_SECOND)
#define VALUE_BUS_CHECK    0
#define VALUE_DEVICE_CHECK 1
#define VALUE_EJECT        3

struct check {
	struct check *next;
	struct aml_node *name; /* held */
	acpi_check *function;
	void *argument;
};

/* Gathered at link time. */
extern const struct acpi_driver acpi_driver_records_start[], acpi_driver_records_end[];

static struct spinlock check_lock = SPINLOCK_INIT(RANK_LEAF, "acpi checks");
static struct check *checks; /* added to under check_lock, never freed */

/* --- Drivers --- */

static bool matches(const struct acpi_driver *driver, const struct acpi_device *device)
{
	static const struct {
		const char *id;
		enum aml_type type;
	} types[] = {
		{ "\1processor", AML_PROCESSOR },
		{ "\1thermal", AML_THERMAL_ZONE },
		{ "\1power", AML_POWER_RESOURCE },
	};

	for (const char *const *id = driver->ids; *id; id++) {
		for (size_t i = 0; i < array_length(types); i++)
			if (device->type == types[i].type && !strcmp(*id, types[i].id))
				return true;
		if (acpi_device_is(device, *id))
			return true;
	}
	return false;
}

static bool try_attach(struct acpi_device *device, const struct acpi_driver *driver)
{
	int error;

	device->driver = driver;
	error = driver->attach(device);
	if (!error) {
		log_info("acpi", "%s: driver %s", device->path, driver->name);
		return true;
	}
	device->driver = NULL;
	device->state = NULL;
	if (error != -ENODEV && !device->failed) {
		log_warning("acpi", "%s: driver %s failed: error %d", device->path, driver->name,
			    -error);
		device->failed = true;
	}
	return false;
}

static void attach(struct acpi_device *device)
{
	for (const struct acpi_driver *driver = acpi_driver_records_start;
	     driver < acpi_driver_records_end; driver++)
		if (matches(driver, device) && try_attach(device, driver))
			return;
}

static void detach(struct acpi_device *device)
{
	if (!device->driver)
		return;
	if (device->driver->detach)
		device->driver->detach(device);
	device->driver = NULL;
	device->state = NULL;
}

/* Asks whether the device is there, and has it served or not. */
static void update(struct acpi_device *device)
{
	bool there;

	if (aml_node_is_gone(acpi_aml(), device->name))
		device->gone = true;
	there = !device->gone && (acpi_device_read_status(device) & STATUS_THERE);
	if (there && !device->driver)
		attach(device);
	else if (!there)
		detach(device);
}

static bool is_at_or_below(struct aml_node *name, const struct aml_node *top)
{
	while (name && name != top)
		name = aml_parent(name);
	return name != NULL;
}

/* What came or went below `top`; NULL: anywhere. */
static void look_below(struct aml_node *top)
{
	struct acpi_device *device = NULL;

	acpi_devices_find();
	while ((device = acpi_device_next(device)) != NULL)
		if (!device->gone && (!top || is_at_or_below(device->name, top)))
			update(device);
}

void acpi_devices_update(void)
{
	look_below(NULL);
}

/* --- Checks --- */

int acpi_set_check(struct aml_node *name, acpi_check *function, void *argument)
{
	struct check *check = kzalloc(sizeof(*check)), *other;

	if (!check)
		return -ENOMEM;
	*check = (struct check){ NULL, name, function, argument };
	spin_lock(&check_lock);
	other = checks;
	while (other && other->name != name)
		other = other->next;
	if (!other) {
		check->next = checks;
		checks = check;
	}
	spin_unlock(&check_lock);
	if (other) {
		kfree(check);
		return -EEXIST;
	}
	aml_node_hold(acpi_aml(), name);
	return 0;
}

static const struct check *check_of(const struct aml_node *name)
{
	const struct check *check;

	spin_lock(&check_lock);
	check = checks;
	while (check && check->name != name)
		check = check->next;
	spin_unlock(&check_lock);
	return check;
}

static void call_check(struct aml_node *name, uint64_t value)
{
	const struct check *check = NULL;

	for (struct aml_node *at = name; at && !check; at = aml_parent(at))
		check = check_of(at);
	if (check)
		check->function(name, value, check->argument);
}

void acpi_notify_deliver(struct aml_node *name, uint64_t value)
{
	struct acpi_device *device;

	if (value == VALUE_BUS_CHECK || value == VALUE_DEVICE_CHECK)
		look_below(name);
	device = acpi_device_of(name);
	if (device && device->driver && device->driver->notify)
		device->driver->notify(device, value);
	if (value <= VALUE_EJECT)
		call_check(name, value);
}

/* --- Start --- */

struct first_attach {
	struct acpi_job job;
	struct wait_queue waiters;
	_Atomic bool done;
};

static void attach_all(struct acpi_job *job)
{
	struct first_attach *first = container_of(job, struct first_attach, job);
	struct acpi_device *device = NULL;

	while ((device = acpi_device_next(device)) != NULL)
		if (!device->gone && (device->status & STATUS_THERE) && !device->driver)
			attach(device);
	first->done = true;
	wait_wake_all(&first->waiters);
}

void acpi_drivers_start(void)
{
	static struct first_attach first = { .job.function = attach_all };
	uint64_t deadline = clock_deadline_after(ATTACH_PATIENCE);
	struct waiter waiter;
	int error = 0;

	if (!acpi_aml())
		return;
	wait_queue_init(&first.waiters, "acpi drivers");
	acpi_job_queue(&first.job);
	if (acpi_notify_start()) {
		log_error("acpi", "no memory for the thread of notifications");
		return;
	}
	wait_begin(&first.waiters, &waiter);
	while (!first.done && !error)
		error = wait_sleep(&waiter, WAIT_UNINTERRUPTIBLE, deadline);
	wait_end(&waiter);
	if (error)
		log_warning("acpi", "goes on, although not all drivers have started");
}
