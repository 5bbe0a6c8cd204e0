/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Objects in order: the tree's drivers, and the tests' own, whose code runs here. */
#include "image.h"
#include "objects/small.h"

#include <base/errno.h>
#include <unit.h>

#include <string.h>

/* Whether an address lies in the segment. */
static bool lies_in(const struct image_loaded *loaded, enum drv_segment segment,
		    const void *pointer)
{
	uint64_t begin = loaded->load.places[segment].address;

	return (uintptr_t)pointer >= begin &&
	       (uintptr_t)pointer < begin + loaded->object.size[segment];
}

static void run_small(const char *name)
{
	const struct driver_image *image = image_find(name);
	struct image_loaded loaded;
	struct small_report report = { .number = 3 };

	EXPECT_EQUAL(image_load(&loaded, image->bytes, image->length), 0);
	EXPECT_EQUAL(loaded.driver.probe((struct device *)&report), 0);
	EXPECT_EQUAL(report.sum, 42);
	EXPECT_EQUAL(report.length, 5);
	EXPECT_STRING(report.text, "three");
	EXPECT_EQUAL(report.counter, 6);
	EXPECT_EQUAL((uintptr_t)report.module, image_export(NULL, "ddk_module"));
	EXPECT(lies_in(&loaded, DRV_CONSTANTS, report.constant));
	EXPECT(lies_in(&loaded, DRV_DATA, report.data));
	EXPECT_EQUAL(*(const unsigned *)report.data, 11);
	EXPECT(lies_in(&loaded, DRV_CODE, (const void *)loaded.driver.remove));
	EXPECT(!loaded.driver.suspend && !loaded.driver.resume);
	loaded.driver.remove(NULL);
	image_unload(&loaded);
}

UNIT_TEST(drv, code_runs)
{
	run_small("small-gcc");
	run_small("small-clang");
}

UNIT_TEST(drv, record_of_the_file)
{
	const struct driver_image *image = image_find("small-gcc");
	struct drv_object object;
	struct drv_record record;
	struct driver_match match;
	const char *reason;

	EXPECT_EQUAL(drv_open(image->bytes, image->length, &object, &reason), 0);
	drv_read_record(&object, &record);
	EXPECT_STRING(record.name, "small");
	EXPECT_STRING(record.version, "1.5");
	EXPECT_STRING(record.licence, "MIT OR LicenseRef-small");
	EXPECT_EQUAL(record.version_major, DDK_VERSION_MAJOR);
	EXPECT_EQUAL(record.version_minor, DDK_VERSION_MINOR);
	EXPECT_EQUAL(record.match_count, 3);
	drv_read_match(&object, 0, &match);
	EXPECT_EQUAL(match.bus, DRIVER_BUS_PCI);
	EXPECT_EQUAL(match.vendor, 0x1234);
	EXPECT_EQUAL(match.device, 0x11e8);
	EXPECT(!match.name);
	drv_read_match(&object, 1, &match);
	EXPECT_EQUAL(match.vendor, MATCH_ANY);
	EXPECT_EQUAL(match.class_code, 0x010802);
	EXPECT_EQUAL(match.class_mask, 0xffffff);
	drv_read_match(&object, 2, &match);
	EXPECT_EQUAL(match.bus, DRIVER_BUS_PLATFORM);
	EXPECT_STRING(match.name, "small");
}

UNIT_TEST(drv, record_without_licence)
{
	const struct driver_image *image = image_find("unlicensed-gcc");
	struct drv_object object;
	struct drv_record record;
	const char *reason;

	EXPECT_EQUAL(drv_open(image->bytes, image->length, &object, &reason), 0);
	drv_read_record(&object, &record);
	EXPECT_STRING(record.name, "unlicensed");
	EXPECT_STRING(record.version, "");
	EXPECT(!record.licence);
	EXPECT_EQUAL(record.match_count, 0);
}

UNIT_TEST(drv, functions_by_address)
{
	const struct driver_image *image = image_find("small-gcc");
	struct image_loaded loaded;
	const char *name;
	size_t begin, offset;

	EXPECT_EQUAL(image_load(&loaded, image->bytes, image->length), 0);
	offset = (uintptr_t)loaded.driver.probe - loaded.load.places[DRV_CODE].address;
	name = drv_find_function(&loaded.object, offset + 4, &begin);
	EXPECT_STRING(name, "probe");
	EXPECT_EQUAL(begin, offset);
	EXPECT(!drv_find_function(&loaded.object, loaded.object.size[DRV_CODE] - 1, &begin));
	image_unload(&loaded);
}

UNIT_TEST(drv, needs)
{
	static const char *const wanted[] = { "ddk_device_state", "ddk_module", "string_copy",
					      "strlen" };
	const struct driver_image *image = image_find("small-gcc");
	struct drv_object object;
	const char *reason, *name;
	size_t position = 0, found = 0;

	EXPECT_EQUAL(drv_open(image->bytes, image->length, &object, &reason), 0);
	while ((name = drv_next_needed(&object, &position)) != NULL) {
		bool known = false;

		for (size_t i = 0; i < array_length(wanted); i++)
			known = known || strcmp(name, wanted[i]) == 0;
		EXPECT(known);
		found++;
	}
	EXPECT_EQUAL(found, array_length(wanted));
	EXPECT(!drv_next_needed(&object, &position));
}

static uint64_t find_all_but(void *context, const char *name)
{
	return strcmp(name, context) == 0 ? 0 : image_export(NULL, name);
}

UNIT_TEST(drv, missing_export)
{
	static const char *const needed[] = { "ddk_device_state", "ddk_module", "string_copy",
					      "strlen" };
	const struct driver_image *image = image_find("small-gcc");

	for (size_t i = 0; i < array_length(needed); i++) {
		static uint8_t memory[DRV_SEGMENTS][16384];
		struct drv_load load = { .find = find_all_but, .context = (void *)needed[i] };
		const char *reason, *missing;
		struct drv_object object;
		struct driver driver;

		EXPECT_EQUAL(drv_open(image->bytes, image->length, &object, &reason), 0);
		for (unsigned s = 0; s < DRV_SEGMENTS; s++) {
			load.places[s].memory = memory[s];
			load.places[s].address = 0x10000000ull + s * 0x10000;
			EXPECT(object.size[s] <= sizeof(memory[s]));
		}
		EXPECT_EQUAL(drv_load(&object, &load, &driver, &reason, &missing), -ENOENT);
		EXPECT_STRING(missing, needed[i]);
	}
}

UNIT_TEST(drv, places_too_far_apart)
{
	static uint8_t memory[DRV_SEGMENTS][16384];
	const struct driver_image *image = image_find("small-gcc");
	struct drv_load load = { .find = image_export };
	const char *reason, *missing;
	struct drv_object object;
	struct driver driver;

	EXPECT_EQUAL(drv_open(image->bytes, image->length, &object, &reason), 0);
	for (unsigned s = 0; s < DRV_SEGMENTS; s++) {
		load.places[s].memory = memory[s];
		load.places[s].address = 0x10000000ull + s * 0x90000000ull;
	}
	EXPECT_EQUAL(drv_load(&object, &load, &driver, &reason, &missing), -ERANGE);
	EXPECT_STRING(reason, "its parts lie too far apart");
}

/* All that the tree has loads with what the kit has. */
UNIT_TEST(drv, drivers_of_the_tree)
{
	static const char *const some[] = { "ahci", "nvme", "virtio_gpu", "i8042" };

	for (uint64_t i = 0; i < driver_image_count; i++) {
		const struct driver_image *image = &driver_images[i];
		struct image_loaded loaded;
		int error = image_load(&loaded, image->bytes, image->length);

		if (error)
			unit_fail(__FILE__, __LINE__, "%s: %s (%s)", image->name, loaded.reason,
				  loaded.missing);
		EXPECT(strncmp(loaded.driver.name, image->name, strlen(loaded.driver.name)) == 0);
		EXPECT(lies_in(&loaded, DRV_CODE, (const void *)loaded.driver.probe));
		image_unload(&loaded);
	}
	for (size_t i = 0; i < array_length(some); i++)
		(void)image_find(some[i]);
}
