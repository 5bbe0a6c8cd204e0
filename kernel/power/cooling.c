/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of cooling devices, and who wants how much of each: the most counts. */
#include <base/errno.h>
#include <base/string.h>
#include <core/log.h>
#include <power/thermal.h>
#include <sched/mutex.h>

/* Initialised before there are threads that could find it so. */
static struct mutex cooling_lock = {
	.waiters = { .lock = SPINLOCK_INIT(RANK_WAIT_QUEUE, "cooling devices"),
		     .waiters = LIST_INIT(cooling_lock.waiters.waiters) },
	.rank = RANK_DRIVER_SLEEP,
	.name = "cooling devices",
};
/* Under cooling_lock; they are set under it, too. Indices stay. */
static struct cooling_device *devices[COOLING_MAX];
static _Atomic unsigned changes; /* of that list */

static struct cooling_device *device_at(unsigned index)
{
	return index < COOLING_MAX ? devices[index] : NULL;
}

int cooling_index(const struct cooling_device *device)
{
	int index = -1;

	mutex_lock(&cooling_lock);
	for (unsigned i = 0; i < COOLING_MAX && index < 0; i++)
		if (device && devices[i] == device)
			index = (int)i;
	mutex_unlock(&cooling_lock);
	return index;
}

int cooling_find(const char *type)
{
	int index = -1;

	mutex_lock(&cooling_lock);
	for (unsigned i = 0; i < COOLING_MAX && index < 0; i++)
		if (devices[i] && strcmp(devices[i]->type, type) == 0)
			index = (int)i;
	mutex_unlock(&cooling_lock);
	return index;
}

int cooling_add(struct cooling_device *device)
{
	int index = -ENOSPC;

	mutex_lock(&cooling_lock);
	for (unsigned i = 0; i < COOLING_MAX && index < 0; i++)
		if (!devices[i])
			index = (int)i;
	if (index >= 0) {
		device->level = 0;
		device->told = false;
		device->wanted_by_user = 0;
		memset(device->wanted, 0, sizeof(device->wanted));
		devices[index] = device;
		changes++;
	}
	mutex_unlock(&cooling_lock);
	return index;
}

void cooling_remove(struct cooling_device *device)
{
	mutex_lock(&cooling_lock);
	for (unsigned i = 0; i < COOLING_MAX; i++)
		if (devices[i] == device)
			devices[i] = NULL;
	changes++;
	mutex_unlock(&cooling_lock);
}

unsigned cooling_changes(void)
{
	return changes;
}

/* Sets what is wanted most. */
static int update_locked(struct cooling_device *device)
{
	unsigned level = device->wanted_by_user;
	int error;

	for (unsigned zone = 0; zone < THERMAL_ZONE_MAX; zone++)
		if (device->wanted[zone] > level)
			level = device->wanted[zone];
	if (device->told && level == device->level)
		return 0;
	error = device->set(device, level);
	if (!error) {
		device->level = level;
		device->told = true;
	}
	return error;
}

void cooling_set_again(struct cooling_device *device)
{
	mutex_lock(&cooling_lock);
	if (device->set(device, device->level) != 0)
		log_debug("power", "%s is not set after waking", device->type);
	mutex_unlock(&cooling_lock);
}

int cooling_read(unsigned index, struct cooling_state *state)
{
	const struct cooling_device *device;

	mutex_lock(&cooling_lock);
	device = device_at(index);
	if (device)
		*state = (struct cooling_state){ device->type, device->maximum, device->level };
	mutex_unlock(&cooling_lock);
	return device ? 0 : -ENODEV;
}

int cooling_set(unsigned index, unsigned level)
{
	struct cooling_device *device;
	int error = -ENODEV;

	mutex_lock(&cooling_lock);
	device = device_at(index);
	if (device && level > device->maximum) {
		error = -EINVAL;
	} else if (device) {
		device->wanted_by_user = level;
		error = update_locked(device);
	}
	mutex_unlock(&cooling_lock);
	return error;
}

void cooling_want(unsigned index, unsigned zone, unsigned percent)
{
	struct cooling_device *device;

	mutex_lock(&cooling_lock);
	device = device_at(index);
	if (device) {
		/* Rounded up: a little is not nothing. */
		device->wanted[zone] = (device->maximum * percent + 99) / 100;
		if (update_locked(device) != 0)
			log_debug("power", "%s %u is not set", device->type, index);
	}
	mutex_unlock(&cooling_lock);
}
