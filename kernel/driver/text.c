/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What sys:drivers shows: a line for each object, fields separated by tabs. */
#include "driver_priv.h"

#include <base/errno.h>
#include <dev/device.h>
#include <scheme/text.h>

static void print_hash(struct text *text, const struct driver_object *object)
{
	for (size_t i = 0; i < sizeof(object->hash); i++)
		text_print(text, "%02x", object->hash[i]);
}

/* Joined by commas; "-": none. */
static void print_devices(struct text *text, const struct driver_object *object)
{
	struct device *device;
	unsigned count = 0;

	for (device = device_next(NULL); device; device = device_next(device))
		if (device->driver == &object->driver)
			text_print(text, "%s%s", count++ ? "," : "", device->name);
	if (count == 0)
		text_print(text, "-");
}

static void print_object(struct text *text, const struct driver_object *object)
{
	const struct drv_record *record = &object->record;

	text_print(text, "%s\t%s\t%s\t%s\t%u.%u\t%s\t", record->name,
		   driver_place_name(object->place), driver_place_name(object->allowed),
		   record->version, record->version_major, record->version_minor,
		   record->licence ? record->licence : "-");
	print_hash(text, object);
	text_print(text, "\t%s\t", object->origin);
	print_devices(text, object);
	text_print(text, "\t%s\t%zu\t%s\n", object->module ? "loaded" : "-", object->memory,
		   object->reason);
}

int driver_generate_list(struct text *text)
{
	struct driver_object *object;

	text_print(text, "name\tplace\tallowed\tversion\tddk\tlicence\thash\torigin\tdevices\t"
			 "state\tmemory\treason\n");
	for (object = driver_object_next(NULL); object; object = driver_object_next(object))
		print_object(text, object);
	return text->failed ? -ENOMEM : 0;
}
