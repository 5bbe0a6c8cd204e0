/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The generic event device (ACPI0013; ACPI 6.5, 5.6.9): events as interrupts of their own, of machines without
 * a chipset that has them. Its interrupts are its resources, and each calls a method of it: _Lxx or _Exx by
 * its number, or _EVT with it.
 */
#include "event_priv.h"

#include "acpi_priv.h"

#include <acpi/namespace.h>
#include <base/errno.h>
#include <base/format.h>
#include <core/log.h>
#include <irq/irq.h>
#include <mm/phys/slab.h>

#define INTERRUPTS_MAX 32 /* of a device */
#define NAMED_MAX      0xff

struct event_interrupt {
	struct irq_handler handler;
	struct acpi_job job;
	struct aml_node *method; /* held; immutable, and the next three */
	bool takes_number;
	bool level;
	unsigned number;
	struct acpi_rate rate; /* of the handler */
	bool given_up;         /* the same */
	bool failed;           /* of the thread: that was logged */
};

/* While acpi_resources() goes through those of a device. */
struct search {
	struct acpi_device *device;
	unsigned count;
};

static void run_method(struct acpi_job *job)
{
	struct event_interrupt *event = container_of(job, struct event_interrupt, job);
	struct aml_object *argument = NULL, *result = NULL;
	int error = -AML_E_NO_MEMORY;

	if (event->takes_number)
		argument = aml_make_integer(acpi_aml(), event->number);
	if (argument || !event->takes_number)
		error = aml_evaluate(acpi_aml(), event->method, &argument, event->takes_number,
				     &result);
	aml_put(acpi_aml(), argument);
	aml_put(acpi_aml(), result);
	if (error && !event->failed) {
		event->failed = true;
		log_warning("acpi", "method of interrupt %u: %s", event->number,
			    aml_error_name(error));
	}
	if (event->level)
		irq_unmask(&event->handler);
}

/* A level stays until the method has been there. */
static bool serve(struct irq_handler *handler)
{
	struct event_interrupt *event = container_of(handler, struct event_interrupt, handler);

	if (event->given_up)
		return false;
	event->given_up = acpi_rate_exceeds(&event->rate, ACPI_STORM_METHOD);
	if (event->given_up || event->level)
		irq_mask(handler);
	if (event->given_up)
		log_warning("acpi", "interrupt %u comes too often: not served any more",
			    event->number);
	else
		acpi_event_job_queue(&event->job);
	return true;
}

/* The device's method for the interrupt; NULL: it has none. */
static struct aml_node *find_method(struct acpi_device *device, unsigned number, bool edge,
				    bool *takes_number)
{
	struct aml_node *method;
	char name[5];

	*takes_number = false;
	if (number <= NAMED_MAX) {
		snprintf(name, sizeof(name), "_%c%02X", edge ? 'E' : 'L', number);
		method = acpi_find(device->name, name);
		if (method && aml_node_arguments(method) == 0)
			return method;
	}
	*takes_number = true;
	method = acpi_find(device->name, "_EVT");
	return method && aml_node_arguments(method) == 1 ? method : NULL;
}

static int connect(struct acpi_device *device, const struct aml_resource *resource, unsigned number)
{
	bool takes_number;
	struct aml_node *method = find_method(device, number, resource->irq.edge, &takes_number);
	struct event_interrupt *event;
	int error;

	if (!method)
		return -ENOENT;
	event = kzalloc(sizeof(*event));
	if (!event)
		return -ENOMEM;
	event->handler.handle = serve;
	event->handler.name = "acpi events";
	event->job.function = run_method;
	event->method = method;
	event->takes_number = takes_number;
	event->level = !resource->irq.edge;
	event->number = number;
	/* It stays as long as the machine runs. */
	error = irq_request(&event->handler, number, event->level, resource->irq.active_low);
	if (error)
		kfree(event);
	else
		aml_node_hold(acpi_aml(), method);
	return error;
}

static int connect_each(const struct aml_resource *resource, void *argument)
{
	struct search *search = argument;

	if (resource->type != AML_RESOURCE_IRQ)
		return 0;
	for (unsigned i = 0; i < resource->irq.count && search->count < INTERRUPTS_MAX; i++) {
		unsigned number = aml_resource_number(resource, i);
		int error = connect(search->device, resource, number);

		search->count++;
		if (error)
			log_warning("acpi", "%s: interrupt %u is not served: error %d",
				    search->device->path, number, -error);
	}
	return 0;
}

void acpi_event_devices_start(void)
{
	struct acpi_device *device = NULL;

	while ((device = acpi_device_next(device)) != NULL) {
		struct search search = { .device = device };
		int error;

		if (!acpi_device_is(device, "ACPI0013") ||
		    !(acpi_device_read_status(device) & ACPI_STATUS_PRESENT))
			continue;
		error = acpi_resources(device->name, "_CRS", connect_each, &search);
		if (error)
			log_warning("acpi", "%s: its interrupts are not known: error %d",
				    device->path, -error);
		else
			log_info("acpi", "%s: %u interrupts", device->path, search.count);
	}
}
