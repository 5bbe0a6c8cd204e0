/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Self tests of block devices as files: in /dev, and in disk:. */
#include <base/errno.h>
#include <base/string.h>
#include <block/block.h>
#include <block/ram_disk.h>
#include <core/ktest.h>
#include <mm/phys/slab.h>
#include <scheme/ktest_tree.h>

#define SECTORS 256
#define BYTES   (SECTORS * SECTOR_SIZE)

/* An MBR with one partition, [8, 72). */
static void make_table(uint8_t sector[SECTOR_SIZE])
{
	static const uint8_t entry[16] = { 0, 0, 0, 0, 0x83, 0, 0, 0, 8, 0, 0, 0, 64, 0, 0, 0 };

	memset(sector, 0, SECTOR_SIZE);
	memcpy(sector + 446, entry, sizeof(entry));
	sector[510] = 0x55;
	sector[511] = 0xaa;
}

static bool begin(struct ktest_tree *tree, const char *scheme_name, struct block_device **device)
{
	struct scheme *scheme = namespace_find(namespace_first(), scheme_name, strlen(scheme_name));
	uint8_t sector[SECTOR_SIZE];
	int error = block_ram_disk_create("ktest0", SECTORS, device);

	ktest_expect(scheme && !error);
	if (!scheme || error || !ktest_tree_begin(tree, scheme))
		return false;
	make_table(sector);
	ktest_expect(!block_write(*device, 0, sector, sizeof(sector), 0));
	ktest_expect(!block_rescan(*device));
	return true;
}

static void use_device(const char *scheme)
{
	struct block_device *device;
	struct ktest_tree tree;
	struct file *file;
	char text[16] = "";

	if (!begin(&tree, scheme, &device))
		return;
	ktest_expect(!ktest_open(&tree, "ktest0p1", FILE_READ_WRITE, &file));
	ktest_expect(file_seek(file, 0, 2) == 64 * SECTOR_SIZE);
	ktest_expect(ktest_file_write_at(file, "written", 7, 1000) == 7);
	ktest_expect(ktest_file_write_at(file, "written", 7, 64 * SECTOR_SIZE - 3) == 3);
	ktest_expect(ktest_file_write_at(file, "written", 7, 64 * SECTOR_SIZE) == -ENOSPC);
	ktest_expect(!file_sync(file, false));
	file_put(file);
	/* The disk has it where the partition is. */
	ktest_expect(!ktest_open(&tree, "ktest0", FILE_READ_ONLY, &file));
	ktest_expect(file_read_kernel(file, text, 7, 8 * SECTOR_SIZE + 1000) == 7);
	ktest_expect(strcmp(text, "written") == 0);
	ktest_expect(ktest_file_write_at(file, "x", 1, 0) == -EBADF);
	ktest_expect(file_read_kernel(file, text, 7, BYTES) == 0);
	file_put(file);
	ktest_tree_end(&tree);
	block_ram_disk_destroy(device);
}

KTEST(disk, is_a_file_in_dev)
{
	use_device("dev");
}

KTEST(disk, is_a_file_in_its_scheme)
{
	use_device("disk");
}

KTEST(disk, belongs_to_who_asked_for_it_alone)
{
	struct block_device *device;
	struct ktest_tree tree;
	struct file *file;

	if (!begin(&tree, "dev", &device))
		return;
	ktest_expect(!ktest_open(&tree, "ktest0p1", FILE_READ_WRITE | FILE_EXCLUSIVE, &file));
	ktest_expect(ktest_try_open(&tree, "ktest0p1", FILE_READ_ONLY | FILE_EXCLUSIVE) == -EBUSY);
	ktest_expect(ktest_try_open(&tree, "ktest0", FILE_READ_ONLY | FILE_EXCLUSIVE) == -EBUSY);
	ktest_expect(ktest_try_open(&tree, "ktest0", FILE_READ_ONLY) == 0);
	ktest_expect(block_rescan(device) == -EBUSY);
	file_put(file);
	ktest_expect(ktest_try_open(&tree, "ktest0", FILE_READ_ONLY | FILE_EXCLUSIVE) == 0);
	ktest_expect(device->opens == 0 && device->writers == 0);
	ktest_tree_end(&tree);
	block_ram_disk_destroy(device);
}

KTEST(disk, that_is_pulled_out_while_it_is_open)
{
	struct block_device *device;
	struct ktest_tree tree;
	struct file *file, *other;
	char text[16] = "";

	if (!begin(&tree, "dev", &device))
		return;
	ktest_expect(!ktest_open(&tree, "ktest0", FILE_READ_WRITE, &file));
	ktest_expect(!ktest_open(&tree, "ktest0p1", FILE_READ_WRITE | FILE_EXCLUSIVE, &other));
	ktest_expect(ktest_file_write_at(other, "written", 7, 0) == 7);
	block_ram_disk_destroy(device);
	ktest_expect(ktest_try_open(&tree, "ktest0", FILE_READ_ONLY) == -ENOENT);
	ktest_expect(ktest_file_write_at(file, "written", 7, 0) == -EIO);
	ktest_expect(file_read_kernel(file, text, 7, 0) == -EIO);
	ktest_expect(file_sync(file, false) < 0 && file_sync(other, false) < 0);
	/* Another one comes in its place, and is another one. */
	ktest_expect(!block_ram_disk_create("ktest0", SECTORS, &device));
	ktest_expect(ktest_file_write_at(file, "written", 7, 0) == -EIO);
	file_put(file);
	file_put(other);
	ktest_expect(!ktest_open(&tree, "ktest0", FILE_READ_WRITE | FILE_EXCLUSIVE, &file));
	ktest_expect(file_read_kernel(file, text, 7, 0) == 7 && !text[0]);
	file_put(file);
	ktest_tree_end(&tree);
	block_ram_disk_destroy(device);
}
