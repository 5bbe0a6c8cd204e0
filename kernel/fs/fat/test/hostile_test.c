/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * FAT images that were damaged in thousands of ways: mounting them, or trying to, then listing,
 * reading and writing what is there ends with errors at worst. The disk notices what is written
 * outside of it, the sanitizers what happens in memory.
 *
 * More seeds: FAT_SEED=N in the environment shifts them.
 */
#include "image.h"

#include <base/errno.h>
#include <base/format.h>
#include <base/string.h>
#include <mm/phys/slab.h>

#include "../fat_priv.h"

/* The C library's. */
char *getenv(const char *name);

#define ROUNDS      1200u
#define VISITS_MAX  60u /* files and directories looked at in each */
#define DEPTH_MAX   6u
#define NAMES_BYTES 4096u

static uint64_t state;

static uint32_t below(uint64_t bound)
{
	return (uint32_t)unit_random_below(&state, bound);
}

/* --- Damage. --- */

/* Numbers that may be believed too easily. */
static uint32_t odd_number(const struct fat_geometry *geometry)
{
	switch (below(9)) {
	case 0:
		return 0;
	case 1:
		return 1;
	case 2:
		return geometry->cluster_end;
	case 3:
		return geometry->cluster_end - 1;
	case 4:
		return FAT_CLUSTER_BAD;
	case 5:
		return FAT_CLUSTER_END;
	case 6:
		return geometry->root_cluster;
	case 7:
		return (uint32_t)unit_random(&state);
	default:
		return 2 + below(40);
	}
}

static void damage_table(uint8_t *bytes, const struct fat_geometry *geometry)
{
	/* The first entries are those that are used. */
	uint32_t cluster = below(below(3) ? 60 : geometry->cluster_end);
	uint32_t value = odd_number(geometry);
	size_t at = geometry->fat_start * SECTOR_SIZE + (size_t)cluster * geometry->bits / 8;

	for (unsigned i = 0; i < (geometry->bits + 7) / 8; i++)
		bytes[at + i] = (uint8_t)(value >> (8 * i));
}

/* Where directories are, as sectors. */
static uint64_t directory_sectors[64];
static unsigned directory_count;

static void find_directories(const uint8_t *bytes, const struct fat_geometry *geometry)
{
	if (geometry->bits != 32)
		directory_sectors[directory_count++] = geometry->root_start;
	else
		directory_sectors[directory_count++] =
			fat_cluster_sector(geometry, geometry->root_cluster);
	for (uint32_t cluster = 2; cluster < geometry->cluster_end && directory_count < 64;
	     cluster++) {
		uint64_t sector = fat_cluster_sector(geometry, cluster);

		if (memcmp(bytes + sector * SECTOR_SIZE, ".          ", 11) == 0)
			directory_sectors[directory_count++] = sector;
	}
	EXPECT(directory_count > 3);
}

static void damage_slot(uint8_t *bytes, const struct fat_geometry *geometry)
{
	uint64_t sector = directory_sectors[below(directory_count)];
	size_t place = sector * SECTOR_SIZE + below(8) * FAT_SLOT_SIZE;
	struct fat_entry *entry = (struct fat_entry *)(bytes + place);
	uint32_t value = odd_number(geometry);

	switch (below(6)) {
	case 0:
		entry->cluster_low = (uint16_t)value;
		entry->cluster_high = (uint16_t)(value >> 16);
		break;
	case 1:
		entry->size = below(2) ? value : UINT32_MAX - below(3);
		break;
	case 2:
		entry->attributes = (uint8_t)below(256);
		break;
	case 3:
		entry->name[below(11)] = (uint8_t)below(256);
		break;
	case 4:
		memcpy(bytes + place, bytes + sector * SECTOR_SIZE + below(16) * FAT_SLOT_SIZE,
		       FAT_SLOT_SIZE);
		break;
	default:
		bytes[place + below(FAT_SLOT_SIZE)] = (uint8_t)below(256);
		break;
	}
}

static void damage(uint8_t *bytes, size_t size, const struct fat_geometry *geometry)
{
	for (unsigned count = 1 + below(5); count > 0; count--) {
		unsigned what = below(20);

		if (what == 0)
			bytes[below(90)] = (uint8_t)below(256);
		else if (what == 1)
			bytes[below(8 * SECTOR_SIZE)] = (uint8_t)below(256);
		else if (what == 2)
			bytes[below(size)] = (uint8_t)below(256);
		else if (what < 11)
			damage_table(bytes, geometry);
		else
			damage_slot(bytes, geometry);
	}
}

/* --- Use. --- */

static unsigned visits;

static void use_file(struct ktest_tree *tree, const char *path)
{
	static char bytes[70000];
	struct file *file;
	struct io io;
	uint64_t offset = below(3) ? 0 : below(UINT32_MAX);

	if (ktest_open(tree, path, FILE_READ_WRITE, &file) &&
	    ktest_open(tree, path, FILE_READ_ONLY, &file))
		return;
	io_init_kernel(&io, bytes, sizeof(bytes));
	(void)!file_read(file, &io, &offset);
	if (below(3) == 0)
		(void)!ktest_file_write_at(file, bytes, 1 + below(5000), below(40000));
	if (below(4) == 0)
		(void)file_truncate(file, below(50000));
	if (below(8) == 0)
		(void)file_sync(file, false);
	file_put(file);
	if (below(4) == 0)
		(void)ktest_unlink(tree, path);
}

static void use_directory(struct ktest_tree *tree, const char *path, unsigned depth);

static void use_path(struct ktest_tree *tree, const char *path, unsigned depth)
{
	struct node_attributes attributes;

	if (visits++ > VISITS_MAX || !ktest_attributes(tree, path, &attributes))
		return;
	if ((attributes.mode & MODE_TYPE) == MODE_DIRECTORY)
		use_directory(tree, path, depth + 1);
	else
		use_file(tree, path);
}

struct gather_sink {
	struct directory_sink sink;
	char *names;
	size_t used;
};

static bool gather(struct directory_sink *sink, const char *name, size_t length, uint64_t number,
		   uint32_t mode_type, uint64_t next_cookie)
{
	struct gather_sink *gathered = container_of(sink, struct gather_sink, sink);

	(void)number;
	(void)mode_type;
	(void)next_cookie;
	EXPECT(length > 0 && length <= NAME_MAX_LENGTH && !memchr(name, '/', length));
	if (gathered->used + length + 2 > NAMES_BYTES)
		return false;
	memcpy(gathered->names + gathered->used, name, length);
	gathered->names[gathered->used + length] = '\0';
	gathered->used += length + 1;
	return true;
}

static void change_directory(struct ktest_tree *tree, const char *path)
{
	char one[300], other[300];

	snprintf(one, sizeof(one), "%s/new file with a long name", path);
	snprintf(other, sizeof(other), "%s/dir", path);
	if (below(2))
		(void)ktest_write(tree, one, "some text");
	if (below(2))
		(void)ktest_mkdir(tree, other);
	if (below(2))
		(void)ktest_rename(tree, one, below(2) ? "moved" : other, 0);
	if (below(2))
		(void)ktest_rmdir(tree, other);
}

static void use_directory(struct ktest_tree *tree, const char *path, unsigned depth)
{
	struct gather_sink gathered = { .sink.entry = gather };
	struct file *file;
	char inner[512];

	if (depth > DEPTH_MAX || ktest_open(tree, path, FILE_READ_ONLY | FILE_DIRECTORY, &file))
		return;
	gathered.names = kmalloc(NAMES_BYTES);
	(void)file_read_directory(file, &gathered.sink);
	file_put(file);
	for (size_t at = 0; at < gathered.used; at += strlen(gathered.names + at) + 1) {
		const char *name = gathered.names + at;

		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || strlen(path) > 250)
			continue;
		snprintf(inner, sizeof(inner), "%s/%s", path, name);
		use_path(tree, inner, depth);
	}
	kfree(gathered.names);
	change_directory(tree, path);
}

static void use_image(struct image *image)
{
	struct scheme_statistics statistics;
	struct ktest_tree tree;

	if (image_mount(image, &tree, "", below(8) == 0))
		return;
	visits = 0;
	use_directory(&tree, "", 0);
	use_directory(&tree, "/", 0);
	tree.scheme->ops->statistics(tree.scheme, &statistics);
	(void)tree.scheme->ops->sync(tree.scheme);
	image->fail_writes = below(20) == 0;
	ktest_tree_end(&tree);
	image->fail_writes = false;
}

/* What there is to be damaged. */
static void fill(struct image *image)
{
	static const char *const directories[] = { "d", "d/e", "d/e/long name" };
	static const char *const files[] = { "one", "d/A long name here", "d/e/three",
					     "d/e/long name/x", "d/e/long name/y" };
	static char bytes[13000];
	struct ktest_tree tree;
	struct file *file;

	EXPECT_EQUAL(image_mount(image, &tree, "", false), 0);
	for (unsigned i = 0; i < array_length(directories); i++)
		EXPECT_EQUAL(ktest_mkdir(&tree, directories[i]), 0);
	for (unsigned i = 0; i < array_length(files); i++) {
		EXPECT_EQUAL(ktest_open(&tree, files[i], FILE_CREATE | FILE_READ_WRITE, &file), 0);
		EXPECT_EQUAL(ktest_file_write(file, bytes, sizeof(bytes)), sizeof(bytes));
		file_put(file);
	}
	ktest_tree_end(&tree);
}

static void run(uint64_t seed, uint64_t size, const char *arguments)
{
	struct fat_geometry geometry;
	const char *text = getenv("FAT_SEED");
	uint64_t shift = 0;
	struct image image;
	uint8_t *before;

	if (text && string_to_u64(text, &shift))
		shift = 0;
	state = seed + 1000 * shift;
	image_start_kernel(seed);
	image_make(&image, size, arguments);
	fill(&image);
	EXPECT_EQUAL(fat_boot_parse((struct fat_boot_sector *)image.bytes, 0, size / SECTOR_SIZE,
				    &geometry),
		     0);
	before = kmalloc(size);
	EXPECT(before);
	memcpy(before, image.bytes, size);
	find_directories(before, &geometry);
	for (unsigned round = 0; round < ROUNDS; round++) {
		memcpy(image.bytes, before, size);
		damage(image.bytes, size, &geometry);
		use_image(&image);
	}
	kfree(before);
	image_remove(&image);
}

UNIT_TEST(fat, hostile_12)
{
	run(31, 512 * 1024, "-F 12 -s 1");
}

UNIT_TEST(fat, hostile_12_clusters)
{
	run(32, 1024 * 1024, "-F 12 -s 4");
}

UNIT_TEST(fat, hostile_16)
{
	run(33, 2300 * 1024, "-F 16 -s 1");
}

UNIT_TEST(fat, hostile_32)
{
	run(34, 1024 * 1024, "-F 32 -s 1");
}
