/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image.h"

#include <base/errno.h>
#include <base/format.h>
#include <base/string.h>
#include <block/disk.h>
#include <cache/page_cache.h>
#include <fs/file_system.h>

/* The C library's, whose headers do not go together with ours. */
int system(const char *command);
int open(const char *path, int flags, ...);
int close(int file);
int getpid(void);
int unlink(const char *path);
void *mmap(void *address, size_t length, int protection, int flags, int file, long offset);
int munmap(void *address, size_t length);
ssize_t write(int file, const void *bytes, size_t length);
void *malloc(size_t size);
void *realloc(void *memory, size_t size);

#define OPEN_READ_WRITE 2
#define OPEN_CREATE     0101 /* for writing */
#define OPEN_TRUNCATE   01000

int image_shell(const char *format, ...)
{
	char command[2048];
	va_list arguments;
	int status;

	va_start(arguments, format);
	vsnprintf(command, sizeof(command), format, arguments);
	va_end(arguments);
	status = system(command);
	return status & 0xff ? -1 : status >> 8;
}

void image_start_kernel(uint64_t seed)
{
	if (image_shell("command -v mkfs.fat fsck.fat mcopy >/dev/null 2>&1"))
		unit_skip("dosfstools and mtools are not installed");
	sim_test_start_scheduler(2, 128 * MIB, seed);
	block_start();
	cache_start();
	schemes_start();
}

/* --- The disk. --- */

static void record_write(struct image *image, uint64_t position, const void *bytes, size_t length)
{
	struct image_write *write;

	if (image->write_count == image->write_capacity) {
		image->write_capacity = 2 * image->write_capacity + 64;
		image->writes = realloc(image->writes, image->write_capacity * sizeof(*write));
		EXPECT(image->writes);
	}
	write = &image->writes[image->write_count++];
	*write = (struct image_write){ position, length, malloc(length) };
	EXPECT(write->bytes || !length);
	if (length)
		memcpy(write->bytes, bytes, length);
}

static int submit(struct ddk_disk_request *request, bool last)
{
	struct image *image = request->disk->context;
	uint64_t position = request->block * SECTOR_SIZE;

	(void)last;
	if (request->operation == DDK_DISK_WRITE && image->fail_writes) {
		block_disk_complete(request, -EREMOTEIO);
		return 0;
	}
	if (request->operation == DDK_DISK_FLUSH && image->record)
		record_write(image, 0, NULL, 0);
	for (unsigned i = 0; i < request->segment_count; i++) {
		const struct ddk_disk_segment *segment = &request->segments[i];
		void *memory = phys_to_virt(segment->device_address);

		EXPECT(position + segment->length <= image->size);
		if (request->operation == DDK_DISK_READ) {
			memcpy(memory, image->bytes + position, segment->length);
		} else {
			memcpy(image->bytes + position, memory, segment->length);
			if (image->record)
				record_write(image, position, memory, segment->length);
		}
		position += segment->length;
	}
	block_disk_complete(request, 0);
	return 0;
}

static const struct ddk_disk_ops disk_ops = { .submit = submit };

static void make_disk(struct image *image)
{
	struct ddk_disk_description description = {
		.prefix = "img",
		.model = "image",
		.block_count = image->size / SECTOR_SIZE,
		.block_size = SECTOR_SIZE,
		.max_blocks = 2048,
		.max_segments = 64,
		.max_segment_length = 1 << 20,
		.segment_alignment = 1,
		.volatile_cache = true,
		.queue_count = 1,
		.queue_depth = 16,
	};

	EXPECT(block_disk_create("img0", image, &description, &disk_ops, image, &image->disk) == 0);
	image->device = block_disk_device(block_disk_of(image->disk));
}

static void map_file(struct image *image, size_t size)
{
	int file = open(image->path, OPEN_READ_WRITE);

	EXPECT(file >= 0);
	image->size = size;
	image->bytes = mmap(NULL, size, 3, 1, file, 0);
	EXPECT(image->bytes != (void *)-1);
	close(file);
}

static void name_file(struct image *image)
{
	memset(image, 0, sizeof(*image));
	snprintf(image->path, sizeof(image->path), "/tmp/fat-test-%d.img", getpid());
}

void image_make(struct image *image, uint64_t size, const char *arguments)
{
	name_file(image);
	EXPECT(image_shell("rm -f %s; truncate -s %llu %s && mkfs.fat -i 1234abcd %s %s >/dev/null "
			   "2>&1",
			   image->path, (unsigned long long)size, image->path, arguments,
			   image->path) == 0);
	map_file(image, size);
	make_disk(image);
}

void image_make_of(struct image *image, const uint8_t *bytes, size_t size)
{
	name_file(image);
	EXPECT(image_shell("rm -f %s; truncate -s %zu %s", image->path, size, image->path) == 0);
	map_file(image, size);
	memcpy(image->bytes, bytes, size);
	make_disk(image);
}

void image_remove(struct image *image)
{
	block_disk_remove(image->disk);
	munmap(image->bytes, image->size);
	unlink(image->path);
}

/* --- Mounting and checking. --- */

static const struct file_system *find_vfat(void)
{
	const struct file_system *system;

	for (system = file_system_records_start; system < file_system_records_end; system++)
		if (strcmp(system->name, "vfat") == 0)
			return system;
	return NULL;
}

int image_mount(struct image *image, struct ktest_tree *tree, const char *options, bool read_only)
{
	const struct file_system_options wanted = { .read_only = read_only, .text = options };
	struct scheme *scheme;
	int error = find_vfat()->mount(image->device, &wanted, &scheme);

	if (!error)
		EXPECT(ktest_tree_begin(tree, scheme));
	return error;
}

void image_expect_clean(struct image *image, const char *when)
{
	/* Two lines say who it is and how many files there are; three may be about the size. */
	if (image_shell("fsck.fat -n %s >%s.log 2>&1 && "
			"test $(grep -vcE '^Warning: Filesystem is FAT32|^  but has|^  This may' "
			"%s.log) = 2",
			image->path, image->path, image->path)) {
		image_shell("cat %s.log; cp %s /tmp/fat-test-bad.img", image->path, image->path);
		unit_fail(__FILE__, __LINE__, "fsck.fat complains %s", when);
	}
	image_shell("rm -f %s.log", image->path);
}

void image_record(struct image *image)
{
	image->before = malloc(image->size);
	EXPECT(image->before);
	memcpy(image->before, image->bytes, image->size);
	image->record = true;
}

/* How many writes were durable when `count` had been made: those before the last flush. */
static size_t durable_of(const struct image *image, size_t count)
{
	while (count > 0 && image->writes[count - 1].length)
		count--;
	return count;
}

void image_replay(const struct image *image, size_t count, uint64_t *random, const char *path)
{
	size_t durable = random ? durable_of(image, count) : count;
	uint8_t *bytes = mmap(NULL, image->size, 3, 0x22, -1, 0);
	int file = open(path, OPEN_CREATE | OPEN_TRUNCATE, 0644);

	EXPECT(bytes != (void *)-1 && file >= 0);
	memcpy(bytes, image->before, image->size);
	for (size_t i = 0; i < count; i++) {
		const struct image_write *write = &image->writes[i];

		for (size_t at = 0; at < write->length; at += SECTOR_SIZE)
			if (i < durable || unit_random_below(random, 2))
				memcpy(bytes + write->position + at, write->bytes + at,
				       SECTOR_SIZE);
	}
	EXPECT(write(file, bytes, image->size) == (ssize_t)image->size);
	close(file);
	munmap(bytes, image->size);
}
