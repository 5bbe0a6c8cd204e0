/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The devices of the name space: Device, Processor, ThermalZone and PowerResource objects, and the drivers
 * for those that no other bus has (batteries, buttons, embedded controllers, ...).
 *
 *	static const char *const ids[] = { "PNP0C0A", NULL };
 *
 *	ACPI_DRIVER(battery) = { .name = "battery", .ids = ids, .attach = ..., .notify = ... };
 *
 * Devices are never freed: firmware's names stay as long as the machine runs (of tables that are unloaded
 * the device is marked gone). They come at acpi_start(), and by tables that are loaded later.
 */
#pragma once

#include <aml/aml.h>
#include <aml/resource.h>
#include <base/list.h>

#define ACPI_ID_SIZE      16 /* "PNP0C0A", "ACPI0003", terminated */
#define ACPI_ID_MAX       8  /* _HID and the first of _CID */
#define ACPI_PATH_MAX     128
#define ACPI_RESOURCE_MAX 4096 /* bytes of a resource template */

enum acpi_status { /* what _STA returns; without it all but BATTERY is so */
		   ACPI_STATUS_PRESENT = 1 << 0,
		   ACPI_STATUS_ENABLED = 1 << 1,
		   ACPI_STATUS_SHOWN = 1 << 2,
		   ACPI_STATUS_WORKING = 1 << 3,
		   ACPI_STATUS_BATTERY = 1 << 4,
};

struct acpi_driver;

struct acpi_device {
	struct list_node node;           /* the list's lock */
	struct acpi_device *bucket_next; /* of those with the same hash; the list's lock */
	/* Immutable once it is in the list. */
	struct aml_node *name; /* in the name space */
	enum aml_type type;    /* AML_DEVICE, AML_PROCESSOR, AML_THERMAL_ZONE, AML_POWER_RESOURCE */
	char path[ACPI_PATH_MAX];
	/* Written again under the list's lock, once, when it comes that was below something absent: then its
	 * methods are asked, too, before `status` says that it is there. Texts are terminated all the time. */
	char ids[ACPI_ID_MAX][ACPI_ID_SIZE]; /* EISA ids as text; the first is _HID's, "" none */
	char uid[ACPI_ID_SIZE];              /* _UID as text: integers in decimal; "": none */
	uint64_t address;                    /* _ADR */
	_Atomic bool has_address;
	_Atomic bool identified; /* its methods were asked */
	/* Of the thread that drivers run in ("acpi notify"). */
	const struct acpi_driver *driver;
	void *state; /* the driver's */
	bool failed; /* a driver did with it; said once */
	_Atomic unsigned status;
	_Atomic bool gone;
};

struct acpi_driver {
	const char *name;
	/* Ends with NULL. "\1processor", "\1thermal" and "\1power" stand for the types without an id. */
	const char *const *ids;
	/* Below: in the one thread that does this, never two at a time. They may evaluate. */
	int (*attach)(struct acpi_device *device); /* 0, or an error: not served */
	void (*detach)(struct acpi_device *device);
	/* Notify(device, value): NULL where none are expected. 0 to 2 (bus and device checks) and 3 (eject
	 * request) also come to the one who set acpi_set_check(). */
	void (*notify)(struct acpi_device *device, uint64_t value);
	/* The machine is about to sleep, or is awake again; NULL: nothing to do. */
	void (*suspend)(struct acpi_device *device);
	void (*resume)(struct acpi_device *device);
};

#define ACPI_DRIVER(identifier)                                         \
	static const struct acpi_driver acpi_driver_record_##identifier \
		__attribute__((section(".acpi_drivers"), used, aligned(8)))

/* Attaches the drivers to the devices that are present (_STA), and starts the thread that does so when
 * more come. Called once, after devices_start(), when drivers may register input devices and nodes. */
void acpi_drivers_start(void);
/* Tells the drivers that the machine is about to sleep, and waits a few seconds at most until they are
 * ready; and that it is awake again, or did not sleep. Thread context. */
void acpi_drivers_suspend(void);
void acpi_drivers_resume(void);

/* The first device of the list, or the one after `previous`; NULL: none. */
struct acpi_device *acpi_device_next(struct acpi_device *previous);
/* The device that is this name; NULL: none. */
struct acpi_device *acpi_device_of(struct aml_node *name);
/* Whether `id` is one of the device's ids. */
bool acpi_device_is(const struct acpi_device *device, const char *id);
/* Asks _STA again, stores and returns it. */
unsigned acpi_device_read_status(struct acpi_device *device);

/* Calls `each` for every descriptor of the device's current resources (_CRS), until it returns an error,
 * which is returned; -ENOENT: it has none. Records are good during the call only. */
int must_check acpi_resources(struct aml_node *name, const char *method,
			      int (*each)(const struct aml_resource *resource, void *argument),
			      void *argument);

/* Bus and device checks and eject requests that come for `name` or what is below, while nobody else set a
 * check nearer to it. `check` runs in the thread of notifications. One for each name; -EEXIST, -ENOMEM. */
typedef void acpi_check(struct aml_node *name, uint64_t value, void *argument);
int must_check acpi_set_check(struct aml_node *name, acpi_check *check, void *argument);
/* Has `function` run in that thread, behind what waits there. Any context. The storage is the caller's
 * until it ran. */
struct acpi_job {
	void (*function)(struct acpi_job *job);
	struct list_node node;
	bool queued;
};
void acpi_job_queue(struct acpi_job *job);
