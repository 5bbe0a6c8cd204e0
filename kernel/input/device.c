/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The devices there are, and their lights. */
#include "input_priv.h"

#include <sched/mutex.h>
#include <sched/work.h>

/* The list of devices, and calls of their set_leds; ready once `is_ready`. */
static struct mutex devices_lock;
static struct list devices = LIST_INIT(devices);
static bool is_ready;

static struct work leds_work;

static void show_locks(struct work *work)
{
	struct list_node *node;

	(void)work;
	mutex_lock(&devices_lock);
	list_for_each (node, &devices) {
		struct input_device *device = container_of(node, struct input_device, node);

		if (device->set_leds)
			device->set_leds(device, input_leds_wanted());
	}
	mutex_unlock(&devices_lock);
}

void input_show_locks(void)
{
	work_queue(&leds_work);
}

void input_device_add(struct input_device *device)
{
	if (!is_ready) {
		/* Drivers are started by one thread. */
		mutex_init(&devices_lock, RANK_INPUT_LIST, "input devices");
		work_init(&leds_work, show_locks);
		is_ready = true;
	}
	mutex_lock(&devices_lock);
	list_push_back(&devices, &device->node);
	mutex_unlock(&devices_lock);
	evdev_add(device);
	input_show_locks();
}

void input_device_resumed(struct input_device *device)
{
	input_release_keys(device);
	input_show_locks();
}

void input_device_remove(struct input_device *device)
{
	mutex_lock(&devices_lock);
	list_remove(&device->node);
	mutex_unlock(&devices_lock);
	/* First: a key that a program writes would be held, and repeat, for ever. */
	evdev_detach(device);
	input_release_keys(device);
	input_repeat_stop(device);
	evdev_remove(device);
}
