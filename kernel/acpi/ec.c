/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The machine's embedded controllers: finding them, operation regions, events.
 *
 * An event keeps its GPE masked until the controller has nothing more to say, in thread "acpi events", so
 * that one that never stops asking costs no interrupts; meanwhile transactions poll. One that cannot be asked
 * just then (it is silent, or firmware has its lock) is asked again a second later.
 */
#include <acpi/device.h>
#include <acpi/ec.h>
#include <acpi/event.h>
#include <acpi/namespace.h>
#include <arch/cpu.h>
#include <arch/port.h>
#include <base/errno.h>
#include <base/format.h>
#include <base/string.h>
#include <core/log.h>
#include <sched/mutex.h>
#include <sched/thread.h>
#include <sched/wait.h>
#include <time/timer.h>

#include "ec_protocol.h"
#include "ec_table.h"

#define CONTROLLER_MAX 4
#define ROUNDS_BUSY    64 /* looks at the status before sleeping */
#define RELAX_COUNT    8  /* between two of them */
#define SLEEP_NS       (1 * NS_PER_MILLISECOND)
#define QUERIES_MAX    64            /* events in a row; more come a second later */
#define LOOK_NS        NS_PER_SECOND /* without a GPE, and for those that ask on and on */
#define LOCK_TRIES     500           /* of a millisecond each, for firmware's global lock */

struct controller {
	struct ec_hardware hardware; /* first */
	/* By `lock`, which holds for one transaction; a region's handler takes it. */
	struct mutex lock;
	struct ec ec;
	bool warned; /* that it is silent */
	/* Immutable once it is served. */
	uint16_t ports[2];     /* by enum ec_port */
	struct aml_node *node; /* NULL: the ECDT did not tell */
	char path[ACPI_PATH_MAX];
	bool global_lock;
	/* Of the thread that starts devices. */
	int gpe;                      /* -1: none, its events are looked for in turns */
	bool served;                  /* it has a handler for regions */
	bool started;                 /* its device was found */
	struct wait_queue interrupts; /* woken by each */
	struct acpi_job query_job;
	struct timer look_timer;
	_Atomic bool asks_on; /* it had QUERIES_MAX events in a row; said once */
	_Atomic bool asleep;  /* the machine is: no events */
};

/* In order of their coming; they stay. Boot thread, then that of drivers. */
static struct controller controllers[CONTROLLER_MAX];
static unsigned controller_count;

/* --- The ports. --- */

static struct controller *controller_of(struct ec_hardware *hardware)
{
	return container_of(hardware, struct controller, hardware);
}

static uint8_t port_read(struct ec_hardware *hardware, enum ec_port port)
{
	return arch_port_read8(controller_of(hardware)->ports[port]);
}

static void port_write(struct ec_hardware *hardware, enum ec_port port, uint8_t value)
{
	arch_port_write8(controller_of(hardware)->ports[port], value);
}

static uint64_t now(struct ec_hardware *hardware)
{
	(void)hardware;
	return clock_monotonic_ns();
}

/* Answers mostly come within microseconds. An interrupt that comes before the thread waits for it costs
 * SLEEP_NS. */
static void pause(struct ec_hardware *hardware, unsigned round)
{
	struct controller *controller = controller_of(hardware);
	struct waiter waiter;

	if (round < ROUNDS_BUSY) {
		for (unsigned i = 0; i < RELAX_COUNT; i++)
			arch_cpu_relax();
		return;
	}
	wait_begin(&controller->interrupts, &waiter);
	if (wait_sleep(&waiter, WAIT_UNINTERRUPTIBLE, clock_deadline_after(SLEEP_NS)) != 0) {
		/* The time has passed: the caller looks again. */
	}
	wait_end(&waiter);
}

/* --- Transactions. --- */

static int lock_firmware(const struct controller *controller)
{
	if (!controller->global_lock)
		return 0;
	for (unsigned i = 0; i < LOCK_TRIES; i++) {
		if (acpi_global_lock(true))
			return 0;
		thread_sleep_until(clock_deadline_after(SLEEP_NS));
	}
	return -ETIMEDOUT;
}

static void unlock_firmware(const struct controller *controller)
{
	if (controller->global_lock)
		(void)acpi_global_lock(false);
}

static int begin(struct controller *controller)
{
	int error;

	mutex_lock(&controller->lock);
	error = lock_firmware(controller);
	if (error)
		mutex_unlock(&controller->lock);
	return error;
}

static void end(struct controller *controller, int error)
{
	unlock_firmware(controller);
	if (error && controller->ec.silent && !controller->warned) {
		log_warning("acpi", "embedded controller %s does not answer", controller->path);
		controller->warned = true;
	}
	mutex_unlock(&controller->lock);
}

static int aml_error_of(int error)
{
	switch (error) {
	case 0:
		return 0;
	case -EINVAL:
		return -AML_E_BAD_PARAMETER;
	case -ENODEV:
		return -AML_E_NOT_EXIST;
	case -ETIMEDOUT:
		return -AML_E_TIME;
	default:
		return -AML_E_IO_ERROR;
	}
}

/* Serves fields of its regions. */
static int access_region(void *argument, struct aml_access *access)
{
	struct controller *controller = argument;
	uint8_t bytes[EC_TRANSFER_MAX] = { 0 };
	unsigned count = access->bits / 8;
	int error;

	if (count == 0 || count > sizeof(bytes) || access->address > UINT8_MAX)
		return -AML_E_BAD_PARAMETER;
	error = begin(controller);
	if (error)
		return aml_error_of(error);
	for (unsigned i = 0; access->write && i < count; i++)
		bytes[i] = (uint8_t)(access->value >> 8 * i);
	error = ec_transfer(&controller->ec, access->write, (unsigned)access->address, bytes,
			    count);
	end(controller, error);
	if (error || access->write)
		return aml_error_of(error);
	access->value = 0;
	for (unsigned i = 0; i < count; i++)
		access->value |= (uint64_t)bytes[i] << 8 * i;
	return 0;
}

/* --- Events. --- */

/* The number of the next event; 0: none, or it cannot be asked now. */
static uint8_t ask(struct controller *controller)
{
	uint8_t query = 0;
	int error = begin(controller);

	if (error)
		return 0;
	if (ec_event_waits(&controller->ec))
		error = ec_query(&controller->ec, &query);
	end(controller, error);
	return error ? 0 : query;
}

static void run_query_method(const struct controller *controller, uint8_t query)
{
	char name[5];
	int error;

	if (!controller->node)
		return;
	snprintf(name, sizeof(name), "_Q%02X", query);
	error = acpi_call(controller->node, name, NULL, 0, NULL);
	if (error && error != -ENOENT)
		log_debug("acpi", "%s.%s: error %d", controller->path, name, error);
}

/* In thread "acpi events". */
static void run_queries(struct acpi_job *job)
{
	struct controller *controller = container_of(job, struct controller, query_job);
	unsigned count = 0;
	uint8_t query;

	/* What it still has to say when this ends raises no interrupt again: it is asked later. */
	while (count < QUERIES_MAX && !controller->asleep) {
		query = ask(controller);
		if (!query)
			break;
		run_query_method(controller, query);
		count++;
	}
	if (count == QUERIES_MAX) {
		if (!controller->asks_on)
			log_warning("acpi", "embedded controller %s has no end of events",
				    controller->path);
		controller->asks_on = true;
	} else if (controller->gpe >= 0 && !ec_event_waits(&controller->ec)) {
		acpi_gpe_done((unsigned)controller->gpe);
		return;
	}
	if (!controller->asleep)
		timer_arm(&controller->look_timer, clock_deadline_after(LOOK_NS));
}

static void look_again(struct timer *timer)
{
	struct controller *controller = container_of(timer, struct controller, look_timer);

	acpi_event_job_queue(&controller->query_job);
}

/* The GPE came, and is masked. */
static void handle_event(void *argument)
{
	struct controller *controller = argument;

	wait_wake(&controller->interrupts);
	if (ec_event_waits(&controller->ec))
		acpi_event_job_queue(&controller->query_job);
	else
		acpi_gpe_done((unsigned)controller->gpe);
}

/* --- Finding them. --- */

static struct controller *find_controller(const struct aml_node *node, const uint16_t ports[2])
{
	for (unsigned i = 0; i < controller_count; i++) {
		struct controller *controller = &controllers[i];

		if ((node && controller->node == node) ||
		    (ports && memcmp(controller->ports, ports, sizeof(controller->ports)) == 0))
			return controller;
	}
	return NULL;
}

/* NULL: there are too many. */
static struct controller *add_controller(const uint16_t ports[2])
{
	struct controller *controller;

	if (controller_count == CONTROLLER_MAX) {
		log_warning("acpi", "more than %d embedded controllers: one is left out",
			    CONTROLLER_MAX);
		return NULL;
	}
	controller = &controllers[controller_count++];
	controller->hardware = (struct ec_hardware){ port_read, port_write, now, pause };
	memcpy(controller->ports, ports, sizeof(controller->ports));
	controller->gpe = -1;
	mutex_init(&controller->lock, RANK_ACPI_EC, "embedded controller");
	wait_queue_init(&controller->interrupts, "embedded controller");
	timer_init(&controller->look_timer, look_again);
	controller->query_job.function = run_queries;
	ec_init(&controller->ec, &controller->hardware);
	return controller;
}

/* The first one serves all regions: firmware has them outside of its scope, too. */
static int serve(struct controller *controller)
{
	struct aml_node *scope = controller == controllers ? NULL : controller->node;
	int error;

	if (controller->served)
		return 0;
	controller->served = true;
	error = aml_set_space_handler(acpi_aml(), scope, AML_SPACE_EMBEDDED_CONTROLLER,
				      access_region, controller);
	if (error)
		log_warning("acpi", "embedded controller %s: its regions: %s", controller->path,
			    aml_error_name(error));
	return acpi_errno(error);
}

void acpi_ec_start_early(void)
{
	const struct acpi_header *table = acpi_find_table("ECDT", 0);
	struct controller *controller;
	struct ec_location location;

	if (!acpi_aml() || !table)
		return;
	if (ec_read_table(table, &location) != 0) {
		log_warning("acpi", "ECDT is damaged: skipped");
		return;
	}
	controller = add_controller((uint16_t[]){ location.data_port, location.command_port });
	if (!controller)
		return;
	if (location.path[0])
		controller->node = aml_find(acpi_aml(), NULL, location.path);
	string_copy(controller->path, location.path, sizeof(controller->path));
	if (serve(controller) == 0)
		log_info("acpi", "embedded controller %s at ports %x and %x", controller->path,
			 location.data_port, location.command_port);
}

struct found_ports {
	uint16_t ports[2];
	unsigned count;
};

/* The first range is the data's, the second that of commands. */
static int take_port(const struct aml_resource *resource, void *argument)
{
	struct found_ports *found = argument;

	if (resource->type == AML_RESOURCE_IO && resource->io.length > 0 &&
	    resource->io.minimum != 0 && found->count < array_length(found->ports))
		found->ports[found->count++] = resource->io.minimum;
	return 0;
}

static void connect_event(struct controller *controller)
{
	uint64_t gpe;

	if (acpi_integer(controller->node, "_GPE", &gpe) == 0 && gpe < ACPI_GPE_MAX) {
		controller->gpe = (int)gpe;
		if (acpi_gpe_connect((unsigned)gpe, true, handle_event, controller) != 0)
			controller->gpe = -1;
	}
	/* What happened before is asked for now. */
	acpi_event_job_queue(&controller->query_job);
}

/* The controller of a device. NULL: it cannot be served. */
static struct controller *start_device(const struct acpi_device *device)
{
	struct controller *controller = find_controller(device->name, NULL);
	struct found_ports found = { .count = 0 };
	uint64_t global_lock = 0;

	if (controller && controller->started)
		return controller;
	if (acpi_resources(device->name, "_CRS", take_port, &found) != 0 || found.count < 2) {
		if (!controller)
			log_warning("acpi", "embedded controller %s has no ports", device->path);
	} else if (!controller) {
		controller = find_controller(NULL, found.ports);
		if (!controller)
			controller = add_controller(found.ports);
	} else {
		/* Where they differ, the ECDT is wrong more often. */
		memcpy(controller->ports, found.ports, sizeof(controller->ports));
	}
	if (!controller)
		return NULL;
	controller->started = true;
	controller->node = device->name;
	string_copy(controller->path, device->path, sizeof(controller->path));
	if (acpi_integer(device->name, "_GLK", &global_lock) == 0)
		controller->global_lock = global_lock != 0;
	if (serve(controller) != 0)
		return NULL;
	connect_event(controller);
	log_info("acpi", "embedded controller %s at ports %x and %x, event %d", device->path,
		 controller->ports[EC_PORT_DATA], controller->ports[EC_PORT_COMMAND],
		 controller->gpe);
	return controller;
}

static const char *const ec_ids[] = { "PNP0C09", NULL };

static bool is_there(const struct acpi_device *device)
{
	return device->status & (ACPI_STATUS_PRESENT | ACPI_STATUS_WORKING);
}

static bool is_below_absent(const struct acpi_device *device)
{
	const struct acpi_device *above = NULL;
	struct aml_node *name = device->name;

	while (!above && (name = aml_parent(name)) != NULL)
		above = acpi_device_of(name);
	return above && !is_there(above);
}

/* Methods that asked the controller said so far that devices are not there. */
static void look_at_absent_again(void)
{
	struct acpi_device *device = NULL;

	while ((device = acpi_device_next(device)) != NULL)
		if (!is_there(device) && !is_below_absent(device))
			(void)acpi_device_read_status(device);
}

void acpi_ec_start(void)
{
	struct acpi_device *device = NULL;
	bool started = false;

	while ((device = acpi_device_next(device)) != NULL)
		if (acpi_device_is(device, ec_ids[0]) && is_there(device) && start_device(device))
			started = true;
	if (started)
		look_at_absent_again();
}

static int ec_attach(struct acpi_device *device)
{
	device->state = start_device(device);
	return device->state ? 0 : -ENODEV;
}

static void ec_suspend(struct acpi_device *device)
{
	struct controller *controller = device->state;

	controller->asleep = true;
	(void)timer_cancel_sync(&controller->look_timer);
}

/* It may have forgotten what it was, or have much to tell. */
static void ec_resume(struct acpi_device *device)
{
	struct controller *controller = device->state;

	mutex_lock(&controller->lock);
	controller->ec.silent = false;
	controller->ec.failures = 0;
	mutex_unlock(&controller->lock);
	controller->asleep = false;
	acpi_event_job_queue(&controller->query_job);
}

ACPI_DRIVER(embedded_controller) = {
	.name = "embedded controller",
	.ids = ec_ids,
	.attach = ec_attach,
	.suspend = ec_suspend,
	.resume = ec_resume,
};
