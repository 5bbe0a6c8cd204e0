/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Processors of the name space (ACPI 6.5, 8.4): which CPU they are, and those that come and go while the
 * system runs. All in the thread of notifications.
 */
#include "processor_priv.h"

#include <acpi/affinity.h>
#include <acpi/device.h>
#include <acpi/namespace.h>
#include <acpi/processor.h>
#include <arch/cpu.h>
#include <base/errno.h>
#include <base/string.h>
#include <core/log.h>
#include <mm/phys/frame.h>
#include <mm/phys/slab.h>
#include <sched/hotplug.h>
#include <sync/cpu.h>

/* Notifications (ACPI 6.5, 5.6.6). */
#define NOTIFY_BUS_CHECK    0
#define NOTIFY_DEVICE_CHECK 1
#define NOTIFY_EJECT        3
#define NOTIFY_LIMIT        0x80 /* _PPC */
#define NOTIFY_IDLE_STATES  0x81

/* What _OST is told (ACPI 6.5, 6.3.5). */
enum outcome {
	OUTCOME_SUCCESS = 0,
	OUTCOME_FAILURE = 1,
	OUTCOME_BUSY = 0x82, /* of an eject request */
};

/* Tells firmware what became of its notification, if it wants to know. */
static void tell_outcome(const struct processor *processor, uint64_t event, enum outcome outcome)
{
	struct aml_node *method = acpi_find(processor->device->name, "_OST");
	struct aml *aml = acpi_aml();
	struct aml_object *arguments[3], *result = NULL;

	if (!method)
		return;
	arguments[0] = aml_make_integer(aml, event);
	arguments[1] = aml_make_integer(aml, outcome);
	arguments[2] = aml_make_buffer(aml, "", 0);
	if (arguments[0] && arguments[1] && arguments[2] &&
	    aml_evaluate(aml, method, arguments, 3, &result) == 0)
		aml_put(aml, result);
	for (unsigned i = 0; i < 3; i++)
		aml_put(aml, arguments[i]);
}

/* Which CPU it is: what the processor itself says, that is, what is true now. */
static bool ask_processor(const struct acpi_device *device, struct acpi_processor_entry *entry)
{
	struct aml_object *value = NULL;
	const uint8_t *bytes;
	size_t length;
	bool found = false;

	if (!acpi_find(device->name, "_MAT") || acpi_call(device->name, "_MAT", NULL, 0, &value) ||
	    !value)
		return false;
	if (aml_object_type(value) == AML_BUFFER) {
		bytes = aml_bytes(value, &length);
		found = acpi_processor_parse(bytes, length, entry);
	}
	aml_put(acpi_aml(), value);
	return found;
}

/* The MADT has it by its number. */
static bool look_up(const struct acpi_device *device, struct acpi_processor_entry *entry)
{
	uint64_t unique_id;

	return !string_to_u64(device->uid, &unique_id) && unique_id <= UINT32_MAX &&
	       acpi_processor_find((uint32_t)unique_id, entry);
}

static void read_states(struct processor *processor)
{
	processor_read_idle(processor);
	processor_read_speeds(processor);
}

/* Starts a CPU that has been plugged in. */
static int come(struct processor *processor)
{
	int error = sched_cpu_add(processor->hardware_id, &processor->cpu);

	if (error) {
		log_error("power", "%s: the processor with id %u does not come: error %d",
			  processor->device->path, processor->hardware_id, -error);
		return error;
	}
	frame_set_cpu_node(processor->cpu, acpi_node_of_cpu(processor->hardware_id));
	processor->there = true;
	log_notice("power", "%s: CPU %u is in the machine", processor->device->path,
		   processor->cpu);
	read_states(processor);
	return 0;
}

static void leave(struct processor *processor)
{
	int error;

	if (!processor->there)
		return;
	error = sched_cpu_remove(processor->cpu);
	if (error)
		log_error("power", "%s: CPU %u has gone, but cannot: error %d",
			  processor->device->path, processor->cpu, -error);
	processor->there = false;
}

static int processor_attach(struct acpi_device *device)
{
	struct acpi_processor_entry entry;
	struct processor *processor;
	bool asked = ask_processor(device, &entry);

	if (!asked && !look_up(device, &entry))
		return -ENODEV;
	processor = kzalloc(sizeof(*processor));
	if (!processor)
		return -ENOMEM;
	processor->device = device;
	processor->hardware_id = entry.hardware_id;
	processor->cpu = arch_cpu_find(entry.hardware_id);
	processor->there = processor->cpu != CPU_MAX && sched_cpus_present() >> processor->cpu & 1;
	device->state = processor;
	/* What the table of boot has was started at boot, if it can be: only who says by himself that he is
	 * here now is new. Tables name processors that no machine of that kind has. */
	if (!processor->there && asked && entry.enabled)
		tell_outcome(processor, NOTIFY_DEVICE_CHECK,
			     come(processor) ? OUTCOME_FAILURE : OUTCOME_SUCCESS);
	else
		read_states(processor);
	return 0;
}

static void processor_detach(struct acpi_device *device)
{
	struct processor *processor = device->state;

	leave(processor);
	kfree(processor);
	device->state = NULL;
}

static void eject(struct processor *processor)
{
	const uint64_t eject_it = 1;
	int error = processor->there ? sched_cpu_remove(processor->cpu) : 0;

	if (error) {
		log_warning("power", "%s: CPU %u stays in the machine: error %d",
			    processor->device->path, processor->cpu, -error);
		tell_outcome(processor, NOTIFY_EJECT,
			     error == -EBUSY ? OUTCOME_BUSY : OUTCOME_FAILURE);
		return;
	}
	processor->there = false;
	error = acpi_call(processor->device->name, "_EJ0", &eject_it, 1, NULL);
	if (error)
		log_warning("power", "%s: _EJ0 fails: error %d", processor->device->path, -error);
	tell_outcome(processor, NOTIFY_EJECT, error ? OUTCOME_FAILURE : OUTCOME_SUCCESS);
	log_notice("power", "%s: CPU %u has left the machine", processor->device->path,
		   processor->cpu);
}

/* After an eject it is the same driver still, which has come to know that the device is there. */
static void check(struct processor *processor, uint64_t event)
{
	if (!processor->there && processor->device->status & ACPI_STATUS_ENABLED)
		tell_outcome(processor, event, come(processor) ? OUTCOME_FAILURE : OUTCOME_SUCCESS);
}

static void processor_notify(struct acpi_device *device, uint64_t value)
{
	struct processor *processor = device->state;

	switch (value) {
	case NOTIFY_BUS_CHECK:
	case NOTIFY_DEVICE_CHECK:
		check(processor, value);
		break;
	case NOTIFY_EJECT:
		eject(processor);
		break;
	case NOTIFY_LIMIT:
		processor_read_limit(processor);
		tell_outcome(processor, value, OUTCOME_SUCCESS);
		break;
	case NOTIFY_IDLE_STATES:
		processor_read_idle(processor);
		break;
	default:
		break;
	}
}

static void processor_resume(struct acpi_device *device)
{
	processor_resume_speed(device->state);
}

static const char *const ids[] = { "ACPI0007", "\1processor", NULL };

ACPI_DRIVER(processor) = {
	.name = "processor",
	.ids = ids,
	.attach = processor_attach,
	.detach = processor_detach,
	.notify = processor_notify,
	.resume = processor_resume,
};
