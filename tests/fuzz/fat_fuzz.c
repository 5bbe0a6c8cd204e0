/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * FAT volumes on disks with and without partitions. The input says which of a few small disks, what
 * is changed on it, which device is looked at and mounted, and what is done with the files there.
 * The kernel's block layer, page cache and file systems run in the simulation, on one CPU; the fuzzer
 * is a thread of it. Nothing may be written outside of what is mounted, and afterwards no memory is
 * in use that was not before.
 */
#include <base/errno.h>
#include <base/format.h>
#include <base/string.h>
#include <block/disk.h>
#include <cache/page_cache.h>
#include <core/ktest.h>
#include <fs/file_system.h>
#include <mm/phys/frame.h>
#include <mm/phys/slab.h>
#include <sched/thread.h>
#include <scheme/ktest_tree.h>
#include <time/clock.h>

#include "fat_disks.h"
#include "fat_input.h"
#include "fuzz.h"
#include "host.h"
#include "sim_test.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);

#define DEVICES_MAX  4u
#define SETTLE_STEPS 400u
#define SETTLE_NS    (50 * 1000 * 1000ull)

/* --- The harness of tests --------------------------------------------------------------------- */

_Noreturn void unit_fail(const char *file, int line, const char *format, ...)
{
	char text[400];
	va_list arguments;
	int length = snprintf(text, sizeof(text), "%s:%d: ", file, line);

	va_start(arguments, format);
	vsnprintf(text + length, sizeof(text) - (size_t)length, format, arguments);
	va_end(arguments);
	host_write(text, strlen(text));
	host_write("\n", 1);
	__builtin_trap();
}

void ktest_fail(const char *file, int line, const char *condition)
{
	unit_fail(file, line, "%s", condition);
}

/* --- Mounting --------------------------------------------------------------------------------- */

struct devices {
	struct block_device *found[DEVICES_MAX];
	unsigned count;
};

static bool gather_device(struct block_device *device, void *argument)
{
	struct devices *devices = argument;

	if (devices->count < DEVICES_MAX && strncmp(device->name, "fuzz0", 5) == 0) {
		block_device_get(device);
		devices->found[devices->count++] = device;
	}
	return true;
}

/* The partition, usually, if there is one. */
static struct block_device *choose_device(unsigned choice)
{
	struct devices devices = { .count = 0 };
	unsigned index;

	block_visit(gather_device, &devices);
	EXPECT(devices.count > 0);
	index = choice ? choice % devices.count : devices.count - 1;
	for (unsigned i = 0; i < devices.count; i++)
		if (i != index)
			block_device_put(devices.found[i]);
	return devices.found[index];
}

static void check_identity(const struct file_system_identity *identity)
{
	EXPECT(strnlen(identity->uuid, sizeof(identity->uuid)) < sizeof(identity->uuid));
	EXPECT(strnlen(identity->label, sizeof(identity->label)) < sizeof(identity->label));
	for (const char *text = identity->label; *text; text++)
		EXPECT(*text >= ' ' && *text <= '~');
}

static void mount(struct input *input, struct fat_disk *disk)
{
	static const char *const texts[] = { "", "", "umask=077,quiet", "time_offset=90" };
	struct block_device *device = choose_device(take(input) % 8);
	unsigned flags = take(input);
	struct file_system_options options = { .read_only = flags % 8 == 1,
					       .text = texts[flags / 8 % 4] };
	struct file_system_identity identity;
	const struct file_system *type;
	struct scheme *scheme;

	fat_disk_watch(disk, device);
	if (file_system_probe(device, &type, &identity) == 0) {
		check_identity(&identity);
		EXPECT(block_device_claim(device) == 0);
		if (type->mount(device, &options, &scheme) == 0)
			fat_use(input, scheme, disk);
		block_device_release(device);
	}
	fat_disk_watch(disk, NULL);
	block_device_put(device);
}

/* --- Memory ----------------------------------------------------------------------------------- */

#define CACHES_MAX 96u

static struct usage {
	const char *names[CACHES_MAX];
	uint64_t objects[CACHES_MAX]; /* of each slab cache */
	unsigned count;
	uint64_t frames;
} before, after;

static void add_objects(const struct slab_statistics *statistics, void *argument)
{
	struct usage *usage = argument;

	/* What describes slabs: empty ones are kept at times. */
	if (strcmp(statistics->name, "slab") == 0)
		return;
	EXPECT(usage->count < CACHES_MAX);
	usage->names[usage->count] = statistics->name;
	usage->objects[usage->count++] = statistics->objects_used;
}

static void read_usage(struct usage *usage)
{
	struct frame_statistics frames;

	usage->count = 0;
	slab_visit(add_objects, usage);
	frame_read_statistics(&frames);
	usage->frames = frames.total - frames.free - frames.slabs;
}

/* What there is more of now, if anything. */
static const char *find_more(void)
{
	read_usage(&after);
	for (unsigned i = 0; i < after.count; i++)
		if (after.objects[i] > (i < before.count ? before.objects[i] : 0))
			return after.names[i];
	return after.frames > before.frames ? "frames" : NULL;
}

/* Threads and work that end let go of what they have a little later. */
static void check_usage(void)
{
	for (unsigned i = 0; find_more(); i++) {
		if (i == SETTLE_STEPS)
			unit_fail(__FILE__, __LINE__, "%s: in use, and was not before",
				  find_more());
		thread_sleep_until(clock_monotonic_ns() + SETTLE_NS);
	}
}

/* --- Runs ------------------------------------------------------------------------------------- */

static void run(struct input *input)
{
	unsigned choice = take(input);
	struct fat_disk *disk = fat_disk_get(choice % FAT_DISK_LAYOUTS,
					     choice / FAT_DISK_LAYOUTS % FAT_DISK_VOLUMES);

	fat_damage(input, disk);
	fat_disk_insert(disk);
	mount(input, disk);
	fat_disk_remove(disk);
	fat_disk_restore(disk);
}

/* What there is to be found and damaged. */
static void fill(struct ktest_tree *tree)
{
	static const uint8_t contents[8000] = { 1 };
	static const char *const directories[] = { "d", "d/e", "d/e/long name" };
	static const char *const files[] = { "one", "d/A long name here", "d/e/THREE.TXT",
					     "d/e/long name/x", "d/e/long name/y" };
	struct file *file;

	for (unsigned i = 0; i < array_length(directories); i++)
		EXPECT(ktest_mkdir(tree, directories[i]) == 0);
	for (unsigned i = 0; i < array_length(files); i++) {
		EXPECT(ktest_open(tree, files[i], FILE_CREATE | FILE_READ_WRITE, &file) == 0);
		EXPECT(ktest_file_write(file, contents, 1500 * (i + 1)) == 1500 * (ssize_t)(i + 1));
		file_put(file);
	}
}

static void fill_disk(struct fat_disk *disk)
{
	const struct file_system_options options = { .text = "" };
	struct block_device *device;
	struct ktest_tree tree;
	struct scheme *scheme;

	fat_disk_insert(disk);
	device = choose_device(0);
	EXPECT(device->start == disk->start && device->sector_count == disk->count);
	EXPECT(file_system_find("vfat")->mount(device, &options, &scheme) == 0);
	EXPECT(ktest_tree_begin(&tree, scheme));
	fill(&tree);
	ktest_tree_end(&tree);
	/* Nodes in /dev come a little later, and once there are folders for them these stay. */
	thread_sleep_until(clock_monotonic_ns() + SETTLE_NS);
	block_device_put(device);
	fat_disk_remove(disk);
	fat_disk_settle(disk);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct input nothing = { NULL, NULL };

	(void)argc;
	(void)argv;
	sim_test_start_scheduler(1, 64 * MIB, 1);
	block_start();
	cache_start();
	schemes_start();
	fat_disks_make();
	for (unsigned i = 0; i < FAT_DISK_LAYOUTS * FAT_DISK_VOLUMES; i++)
		fill_disk(fat_disk_get(i % FAT_DISK_LAYOUTS, i / FAT_DISK_LAYOUTS));
	/* What is made once is made. */
	run(&nothing);
	thread_sleep_until(clock_monotonic_ns() + SETTLE_STEPS * SETTLE_NS);
	read_usage(&before);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, data + size };

	run(&input);
	check_usage();
	return 0;
}
