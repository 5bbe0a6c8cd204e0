/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loads, unloads, restarts and moves drivers; all in the thread that adds and removes devices. */
#include "driver_priv.h"

#include <arch/mmu.h>
#include <base/errno.h>
#include <base/string.h>
#include <core/log.h>
#include <core/panic.h>
#include <dev/dev.h>
#include <dev/device.h>
#include <driver/image.h>
#include <host/host.h>
#include <mm/phys/kernel_map.h>

/* --- Where they run -------------------------------------------------------------------------- */

const char *driver_place_name(enum driver_place place)
{
	static const char *const names[] = {
		[DRIVER_IN_KERNEL] = "kernel",
		[DRIVER_IN_HOST] = "user",
		[DRIVER_NOWHERE] = "nowhere",
	};

	return names[place];
}

static void log_decision(const struct driver_object *object)
{
	static const char *const words[] = {
		[DRIVER_IN_KERNEL] = "may run in the kernel",
		[DRIVER_IN_HOST] = "runs in user mode only",
		[DRIVER_NOWHERE] = "may not run",
	};

	log_info("driver", "%s %s (%s) from %s %s: %s", object->record.name, object->record.version,
		 object->record.licence ? object->record.licence : "no licence", object->origin,
		 words[object->allowed], object->reason);
}

int driver_object_prepare(struct driver_object *object)
{
	switch (object->place) {
	case DRIVER_IN_KERNEL:
		/* The one place where code comes into the kernel. */
		if (object->allowed != DRIVER_IN_KERNEL)
			panic("driver %s must not run in the kernel", object->record.name);
		return object->module ? 0 : driver_module_load(object);
	case DRIVER_IN_HOST:
		host_serve(object);
		return 0;
	default:
		log_warning("driver", "%s is not asked: %s", object->record.name, object->reason);
		return -EPERM;
	}
}

/* --- Devices --------------------------------------------------------------------------------- */

static bool has_device(const struct driver_object *object, const struct device *device)
{
	return device->driver == &object->driver;
}

/* Those that have no driver are asked for. */
static void offer_devices(struct driver_object *object)
{
	struct device *device;

	for (device = device_next(NULL); device; device = device_next(device))
		if (!device->driver && driver_object_matches(object, device))
			device_start_driver(device, object);
}

static bool can_let_go(const struct driver_object *object)
{
	struct device *device;
	bool result = true;

	for (device = device_next(NULL); device; device = device_next(device))
		if (has_device(object, device) && !object->driver.remove)
			result = false;
	return result;
}

static void take_devices(struct driver_object *object)
{
	struct device *device;

	for (device = device_next(NULL); device; device = device_next(device))
		if (has_device(object, device))
			device_drop_driver(device);
}

/* --- Loading and unloading ------------------------------------------------------------------- */

/* `copied`: the bytes are of kernel_vmalloc(), and the object's from now on. */
static int load_now(const void *bytes, size_t length, bool copied, const char *origin,
		    const char *parameters, bool offer)
{
	struct driver_object *object;
	int error = driver_object_create(bytes, length, copied, origin, parameters, &object);

	if (error)
		return error;
	error = driver_registry_add(object);
	if (error) {
		log_warning("driver", "%s: refused: there is a driver %s already", origin,
			    object->record.name);
	} else {
		log_decision(object);
		if (offer && object->allowed != DRIVER_NOWHERE)
			offer_devices(object);
		error = object->allowed == DRIVER_NOWHERE ? -EPERM : 0;
		if (error)
			driver_registry_remove(object);
	}
	driver_object_put(object);
	return error;
}

struct load_job {
	const void *bytes;
	size_t length;
	const char *origin, *parameters;
};

static int do_load(void *argument)
{
	const struct load_job *job = argument;

	return load_now(job->bytes, job->length, true, job->origin, job->parameters, true);
}

int driver_load(const void *bytes, size_t length, const char *origin, const char *parameters)
{
	struct load_job job = { .length = length, .origin = origin, .parameters = parameters };
	void *copy;

	if (length == 0 || length > DRV_SIZE_MAX)
		return length ? -E2BIG : -ENOEXEC;
	copy = kernel_vmalloc(length);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, bytes, length);
	/* What was judged is what runs. */
	arch_kernel_protect((vaddr_t)copy, align_up(length, PAGE_SIZE) >> PAGE_SHIFT, MMU_READ);
	job.bytes = copy;
	return devices_call(do_load, &job);
}

static int do_unload(void *argument)
{
	struct driver_object *object = driver_object_find(argument);
	int error = 0;

	if (!object)
		return -ENOENT;
	if (can_let_go(object)) {
		take_devices(object);
		driver_module_unload(object);
		log_info("driver", "%s unloaded", object->record.name);
		driver_registry_remove(object);
	} else {
		error = -EBUSY;
	}
	driver_object_put(object);
	return error;
}

int driver_unload(const char *name)
{
	return devices_call(do_unload, (void *)name);
}

/* --- Restarting and moving ------------------------------------------------------------------- */

struct move_job {
	const char *name;
	bool restart; /* where it is */
	enum driver_place place;
};

#define DEVICES_AT_ONCE 16

/* The devices of one object, with references, while it has none. */
struct taken {
	struct device *devices[DEVICES_AT_ONCE];
	unsigned count;
};

static int take(struct driver_object *object, struct taken *taken)
{
	struct device *device;
	int error = 0;

	taken->count = 0;
	for (device = device_next(NULL); device; device = device_next(device)) {
		if (!has_device(object, device))
			continue;
		if (taken->count == DEVICES_AT_ONCE) {
			error = -E2BIG;
			continue;
		}
		device_get(device);
		taken->devices[taken->count++] = device;
	}
	return error;
}

static void let_go(struct taken *taken)
{
	for (unsigned i = 0; i < taken->count; i++)
		device_put(taken->devices[i]);
}

/* How many of the devices have it then. */
static unsigned give_back(struct driver_object *object, struct taken *taken)
{
	unsigned served = 0;

	for (unsigned i = 0; i < taken->count; i++)
		if (taken->devices[i]->driver || device_start_driver(taken->devices[i], object))
			served += has_device(object, taken->devices[i]);
	return served;
}

static int change_place(struct driver_object *object, enum driver_place place)
{
	enum driver_place before = object->place;
	struct taken taken;
	int error = take(object, &taken);

	if (error)
		goto out;
	for (unsigned i = 0; i < taken.count; i++) {
		device_handover_begin(taken.devices[i]);
		device_drop_driver(taken.devices[i]);
	}
	driver_module_unload(object);
	object->place = place;
	if (give_back(object, &taken) < taken.count) {
		error = -EIO;
		if (place != before) {
			log_error("driver", "%s does not run in %s mode: it goes back",
				  object->record.name, driver_place_name(place));
			/* Those that have it there are taken from it again. */
			for (unsigned i = 0; i < taken.count; i++)
				if (has_device(object, taken.devices[i]))
					device_drop_driver(taken.devices[i]);
			driver_module_unload(object);
			object->place = before;
			give_back(object, &taken);
		}
	}
	for (unsigned i = 0; i < taken.count; i++)
		device_handover_end(taken.devices[i]);
out:
	let_go(&taken);
	return error;
}

static int may_move(const struct driver_object *object, enum driver_place place)
{
	if (place == DRIVER_NOWHERE)
		return -EINVAL;
	if (object->allowed == DRIVER_NOWHERE ||
	    (place == DRIVER_IN_KERNEL && object->allowed != DRIVER_IN_KERNEL)) {
		log_warning("driver", "%s does not move into the kernel: %s", object->record.name,
			    object->reason);
		return -EPERM;
	}
	return can_let_go(object) ? 0 : -EBUSY;
}

static int do_move(void *argument)
{
	const struct move_job *job = argument;
	struct driver_object *object = driver_object_find(job->name);
	enum driver_place place;
	int error;

	if (!object)
		return -ENOENT;
	place = job->restart ? object->place : job->place;
	error = may_move(object, place);
	if (!error && (job->restart || place != object->place))
		error = change_place(object, place);
	if (!error)
		log_info("driver", "%s runs in %s mode", object->record.name,
			 driver_place_name(place));
	driver_object_put(object);
	return error;
}

int driver_restart(const char *name)
{
	struct move_job job = { .name = name, .restart = true };

	return devices_call(do_move, &job);
}

int driver_move(const char *name, enum driver_place place)
{
	struct move_job job = { .name = name, .place = place };

	return devices_call(do_move, &job);
}

/* --- Looking at what runs --------------------------------------------------------------------- */

static int do_check(void *pages)
{
	*(long *)pages = driver_integrity_compare();
	return 0;
}

long driver_check_integrity(void)
{
	long pages = -EBADMSG;
	int error = devices_call(do_check, &pages);

	if (!error && pages >= 0)
		log_info("driver", "%ld pages of code are what was loaded", pages);
	return error ? error : pages;
}

/* --- The start ------------------------------------------------------------------------------- */

void drivers_start(void)
{
	vaddr_t start, end;

	arch_kernel_text(&start, &end);
	if (driver_integrity_add(start, end - start))
		log_error("driver", "no memory to remember the kernel's code");
	driver_files_read_policy();
	for (uint64_t i = 0; i < driver_image_count; i++)
		if (load_now(driver_images[i].bytes, driver_images[i].length, false, "kernel", NULL,
			     false))
			log_error("driver", "the kernel's own %s is not registered",
				  driver_images[i].name);
}
