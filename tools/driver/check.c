/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * driver-check FILE.drv...: says of each what a kernel would: what its record tells, where it may run and why,
 * and what it needs that the kit has not. Exit status 1: one cannot be loaded.
 *
 * `driver-check --quiet FILE.drv...` says only what is wrong.
 */
#include <ddk/driver.h>
#include <drv/licence.h>
#include <drv/object.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool quiet;

static bool is_exported(const char *name)
{
	static const char *const names[] = {
#define DDK_EXPORT(major, minor, symbol)     #symbol,
#define DDK_EXPORT_OWN(major, minor, symbol) #symbol,
#include <ddk/exports.def>
#undef DDK_EXPORT
#undef DDK_EXPORT_OWN
	};

	for (size_t i = 0; i < array_length(names); i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

/* The whole file, which the caller frees; NULL: it has said why. */
static void *read_file(const char *path, size_t *length)
{
	FILE *file = fopen(path, "rb");
	void *bytes = NULL;

	if (file) {
		bytes = malloc(DRV_SIZE_MAX + 1);
		if (bytes)
			*length = fread(bytes, 1, DRV_SIZE_MAX + 1, file);
		if (bytes && ferror(file)) {
			free(bytes);
			bytes = NULL;
		}
		fclose(file);
	}
	if (!bytes)
		fprintf(stderr, "%s: cannot be read\n", path);
	return bytes;
}

static void show_matches(const struct drv_object *object, const struct drv_record *record)
{
	if (record->match_count == 0)
		printf("  devices  none: nothing matches it\n");
	for (size_t i = 0; i < record->match_count; i++) {
		struct driver_match match;

		drv_read_match(object, i, &match);
		printf("  %-7s  ", i == 0 ? "devices" : "");
		if (match.bus == DRIVER_BUS_PLATFORM) {
			printf("platform \"%s\"\n", match.name);
			continue;
		}
		printf("PCI");
		if (match.vendor != MATCH_ANY)
			printf(" vendor %04x", match.vendor);
		if (match.device != MATCH_ANY)
			printf(" device %04x", match.device);
		if (match.class_mask != 0)
			printf(" class %06x of %06x", match.class_code, match.class_mask);
		putchar('\n');
	}
}

static void show_record(const char *path, const struct drv_object *object)
{
	char reason[LICENCE_REASON_MAX];
	struct drv_record record;
	bool kernel;

	drv_read_record(object, &record);
	kernel = licence_allows_kernel(record.licence, reason);
	printf("%s:\n", path);
	printf("  driver   %s %s\n", record.name, record.version);
	printf("  licence  %s\n", record.licence ? record.licence : "none");
	printf("  runs     %s: %s\n",
	       kernel ? "in the kernel, or in a driver host" : "in a driver host only", reason);
	printf("  kit      %u.%u\n", record.version_major, record.version_minor);
	show_matches(object, &record);
	printf("  memory   %zu KiB code, %zu KiB constants, %zu KiB data\n",
	       object->size[DRV_CODE] / 1024, object->size[DRV_CONSTANTS] / 1024,
	       object->size[DRV_DATA] / 1024);
}

/* How much the object needs that nobody has. */
static unsigned show_missing(const char *path, const struct drv_object *object)
{
	unsigned missing = 0, needed = 0;
	size_t position = 0;
	const char *name;

	while ((name = drv_next_needed(object, &position)) != NULL) {
		needed++;
		if (is_exported(name))
			continue;
		missing++;
		fprintf(stderr, "%s: it needs %s, which the driver kit %d.%d does not have\n", path,
			name, DDK_VERSION_MAJOR, DDK_VERSION_MINOR);
	}
	if (!quiet && missing == 0)
		printf("  needs    %u of what the kit has\n", needed);
	return missing;
}

static bool check(const char *path)
{
	static struct drv_object object;
	const char *reason;
	size_t length = 0;
	void *bytes = read_file(path, &length);
	bool fine = false;

	if (!bytes)
		return false;
	if (drv_open(bytes, length, &object, &reason) != 0) {
		fprintf(stderr, "%s: %s\n", path, reason);
	} else {
		if (!quiet)
			show_record(path, &object);
		fine = show_missing(path, &object) == 0;
	}
	free(bytes);
	return fine;
}

int main(int count, char **arguments)
{
	int first = 1, status = 0;

	if (count > 1 && strcmp(arguments[1], "--quiet") == 0) {
		quiet = true;
		first = 2;
	}
	if (count <= first) {
		fprintf(stderr, "usage: driver-check [--quiet] FILE.drv...\n");
		return 2;
	}
	for (int i = first; i < count; i++)
		if (!check(arguments[i]))
			status = 1;
	return status;
}
