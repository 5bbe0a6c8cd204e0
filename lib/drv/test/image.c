/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image.h"

#include <unit.h>

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#define PAGE 4096

struct ddk_module {
	int number;
};
static struct ddk_module module_of_tests;

const struct driver_image *image_find(const char *name)
{
	for (uint64_t i = 0; i < driver_image_count; i++)
		if (strcmp(driver_images[i].name, name) == 0)
			return &driver_images[i];
	unit_fail(__FILE__, __LINE__, "no image %s", name);
}

/* Only what the tests' drivers call is there. */
static void *state_of(const struct device *device)
{
	return (void *)(uintptr_t)device;
}

static size_t copy(char *to, const char *from, size_t size)
{
	return (size_t)snprintf(to, size, "%s", from);
}

uint64_t image_export(void *context, const char *name)
{
	static const char *const names[] = {
#define DDK_EXPORT(major, minor, symbol) #symbol,
#define DDK_EXPORT_OWN(major, minor, symbol)
#include <ddk/exports.def>
#undef DDK_EXPORT
#undef DDK_EXPORT_OWN
	};

	(void)context;
	if (strcmp(name, "ddk_module") == 0)
		return (uint64_t)(uintptr_t)&module_of_tests;
	if (strcmp(name, "ddk_device_state") == 0)
		return (uint64_t)(uintptr_t)state_of;
	if (strcmp(name, "strlen") == 0)
		return (uint64_t)(uintptr_t)strlen;
	if (strcmp(name, "string_copy") == 0)
		return (uint64_t)(uintptr_t)copy;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0)
			return 0xffff000000000000ull + i;
	return 0;
}

int image_load(struct image_loaded *loaded, const void *bytes, size_t length)
{
	static const int protections[DRV_SEGMENTS] = {
		[DRV_CODE] = PROT_READ | PROT_EXEC,
		[DRV_CONSTANTS] = PROT_READ,
		[DRV_DATA] = PROT_READ | PROT_WRITE,
	};
	size_t offset = 0;
	int error;

	memset(loaded, 0, sizeof(*loaded));
	if (drv_open(bytes, length, &loaded->object, &loaded->reason) != 0)
		unit_fail(__FILE__, __LINE__, "not opened: %s", loaded->reason);
	/* Pages that are not there lie between the segments. */
	for (unsigned i = 0; i < DRV_SEGMENTS; i++)
		loaded->length += loaded->object.size[i] + PAGE;
	loaded->memory = mmap(NULL, loaded->length, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	EXPECT(loaded->memory != MAP_FAILED);
	for (unsigned i = 0; i < DRV_SEGMENTS; i++) {
		struct drv_segment_place *place = &loaded->load.places[i];

		place->memory = loaded->memory + offset;
		place->address = (uint64_t)(uintptr_t)place->memory;
		EXPECT_EQUAL(loaded->object.size[i] % PAGE, 0);
		(void)mprotect(place->memory, loaded->object.size[i], PROT_READ | PROT_WRITE);
		offset += loaded->object.size[i] + PAGE;
	}
	loaded->load.find = image_export;
	error = drv_load(&loaded->object, &loaded->load, &loaded->driver, &loaded->reason,
			 &loaded->missing);
	for (unsigned i = 0; i < DRV_SEGMENTS; i++)
		(void)mprotect(loaded->load.places[i].memory, loaded->object.size[i],
			       protections[i]);
	return error;
}

void image_unload(struct image_loaded *loaded)
{
	(void)munmap(loaded->memory, loaded->length);
}
