/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loads the driver's object: checked, relocated, its code made executable, and no other ever after. */
#include <base/string.h>
#include <drv/object.h>

#include "kit.h"

/* One piece of memory for all segments. */
static void place_segments(const struct drv_object *object, struct drv_load *load)
{
	size_t length = 0;
	long address;

	for (unsigned i = 0; i < DRV_SEGMENTS; i++)
		length += object->size[i];
	address = kernel_call1(HOST_MEMORY_MAP, length);
	if (call_failed(address))
		kit_fail("no memory for the driver's %zu bytes", length);
	for (unsigned i = 0; i < DRV_SEGMENTS; i++) {
		load->places[i].memory = (void *)(uintptr_t)address;
		load->places[i].address = (uint64_t)address;
		address += (long)object->size[i];
	}
}

static void protect(const struct drv_object *object, const struct drv_load *load,
		    enum drv_segment segment, enum host_protection protection)
{
	if (object->size[segment] &&
	    kernel_call3(HOST_MEMORY_PROTECT, load->places[segment].address, object->size[segment],
			 protection))
		kit_fail("the driver's segments cannot be protected");
}

void kit_load_driver(void)
{
	const void *bytes = (const void *)(uintptr_t)kit_device.description.object;
	struct drv_load load = { .find = kit_find_export };
	const char *reason = "", *missing = NULL;
	struct drv_object object;

	if (drv_open(bytes, kit_device.description.object_length, &object, &reason))
		kit_fail("the driver's object: %s", reason);
	place_segments(&object, &load);
	if (drv_load(&object, &load, &kit_device.driver, &reason, &missing))
		kit_fail("the driver's object: %s", missing ? missing : reason);
	protect(&object, &load, DRV_CODE, HOST_EXECUTABLE);
	protect(&object, &load, DRV_CONSTANTS, HOST_READ_ONLY);
	if (kernel_call0(HOST_SEAL))
		kit_fail("the program cannot be sealed");
	if (!kit_device.driver.probe)
		kit_fail("the driver has no probe function");
}
