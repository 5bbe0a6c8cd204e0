/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Takes the input for a driver's object, as the kernel does: what is accepted loads within its memory. */
#include <base/string.h>
#include <drv/object.h>

#include "fuzz.h"

#include <stdlib.h>

#define ADDRESS 0xffffffffa0000000ull

static uint64_t find(void *context, const char *name)
{
	(void)context;
	return name[0] == 'd' ? ADDRESS - 0x100000 : 0;
}

static void read_all(const struct drv_object *object)
{
	struct drv_record record;
	struct driver_match match;
	const char *needed;
	size_t position = 0, begin;

	drv_read_record(object, &record);
	FUZZ_CHECK(strlen(record.name) < DRIVER_NAME_MAX);
	FUZZ_CHECK(!record.licence || strlen(record.licence) < DRV_STRING_MAX);
	FUZZ_CHECK(record.match_count <= DRV_MATCHES_MAX);
	for (size_t i = 0; i < record.match_count; i++) {
		drv_read_match(object, i, &match);
		FUZZ_CHECK(!match.name || strlen(match.name) < DRV_STRING_MAX);
	}
	while ((needed = drv_next_needed(object, &position)) != NULL)
		FUZZ_CHECK(strlen(needed) < object->length);
	(void)drv_find_function(object, object->size[DRV_CODE] / 3, &begin);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct drv_load load = { .find = find };
	const char *reason, *missing;
	struct drv_object object;
	struct driver driver;

	if (drv_open(data, size, &object, &reason) != 0) {
		FUZZ_CHECK(reason != NULL);
		return 0;
	}
	read_all(&object);
	for (unsigned i = 0; i < DRV_SEGMENTS; i++) {
		FUZZ_CHECK(object.size[i] <= DRV_SIZE_MAX + 4096 && object.size[i] % 4096 == 0);
		load.places[i].memory = calloc(1, object.size[i]);
		load.places[i].address = ADDRESS + i * 0x2000000ull;
	}
	if (drv_load(&object, &load, &driver, &reason, &missing) == 0)
		FUZZ_CHECK((uint64_t)driver.probe - ADDRESS < object.size[DRV_CODE]);
	for (unsigned i = 0; i < DRV_SEGMENTS; i++)
		free(load.places[i].memory);
	return 0;
}
