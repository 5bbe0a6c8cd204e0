/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file or a block device under a volume. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "device.h"
#include "program.h"

static struct file_device *file_device_of(struct hmfs_device *device)
{
	return container_of(device, struct file_device, device);
}

static int file_read(struct hmfs_device *device, uint64_t block, uint64_t count, void *buffer)
{
	struct file_device *file = file_device_of(device);
	uint64_t left = count * HMFS_BLOCK_SIZE, offset = block * HMFS_BLOCK_SIZE;
	uint8_t *to = buffer;

	while (left > 0) {
		ssize_t got = pread(file->file, to, left, (off_t)offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			return -EIO; /* the file became shorter */
		to += got;
		offset += (uint64_t)got;
		left -= (uint64_t)got;
	}
	return 0;
}

static int file_write(struct hmfs_device *device, uint64_t block, uint64_t count,
		      const void *buffer)
{
	struct file_device *file = file_device_of(device);
	uint64_t left = count * HMFS_BLOCK_SIZE, offset = block * HMFS_BLOCK_SIZE;
	const uint8_t *from = buffer;

	while (left > 0) {
		ssize_t put = pwrite(file->file, from, left, (off_t)offset);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -errno;
		if (put == 0)
			return -EIO;
		from += put;
		offset += (uint64_t)put;
		left -= (uint64_t)put;
	}
	return 0;
}

static int file_flush(struct hmfs_device *device)
{
	return fdatasync(file_device_of(device)->file) == 0 ? 0 : -errno;
}

static int file_trim(struct hmfs_device *device, uint64_t block, uint64_t count)
{
	struct file_device *file = file_device_of(device);
	uint64_t range[2] = { block * HMFS_BLOCK_SIZE, count * HMFS_BLOCK_SIZE };
	int result;

	if (file->is_block)
		result = ioctl(file->file, BLKDISCARD, range);
	else
		result = fallocate(file->file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
				   (off_t)range[0], (off_t)range[1]);
	return result == 0 ? 0 : -errno;
}

static const struct hmfs_device_ops file_ops = {
	.read = file_read,
	.write = file_write,
	.flush = file_flush,
	.trim = file_trim,
};

static const struct hmfs_device_ops read_only_ops = {
	.read = file_read,
	.write = file_write,
	.flush = file_flush,
};

/* Tells who has locked the file, as far as the system says: its process, or 0. */
static long lock_holder(int file)
{
	unsigned long long inode, major, minor;
	struct stat status;
	long process, found = 0;
	char line[256];
	FILE *locks;

	if (fstat(file, &status) < 0)
		return 0;
	locks = fopen("/proc/locks", "re");
	if (!locks)
		return 0;
	while (!found && fgets(line, sizeof(line), locks))
		if (sscanf(line, "%*s FLOCK %*s %*s %ld %llx:%llx:%llu", &process, &major, &minor,
			   &inode) == 4 &&
		    inode == status.st_ino && process > 0 && process != getpid())
			found = process;
	fclose(locks);
	return found;
}

_Noreturn static void die_in_use(const char *path, int file)
{
	long holder = file >= 0 ? lock_holder(file) : 0;
	char name[64] = "", path_of_name[64];
	FILE *stream;

	if (holder) {
		snprintf(path_of_name, sizeof(path_of_name), "/proc/%ld/comm", holder);
		stream = fopen(path_of_name, "re");
		if (stream) {
			if (fgets(name, sizeof(name), stream))
				name[strcspn(name, "\n")] = 0;
			fclose(stream);
		}
	}
	if (*name)
		die("%s: in use by %s (process %ld)", path, name, holder);
	die("%s: in use: mounted, or open in another program (for a mounted volume name a path in "
	    "it)",
	    path);
}

/* Finds out size and kind of what was opened. */
static void inspect(struct file_device *device)
{
	struct stat status;

	if (fstat(device->file, &status) < 0)
		die("%s: %s", device->path, strerror(errno));
	device->is_block = S_ISBLK(status.st_mode);
	device->can_trim = true;
	if (S_ISDIR(status.st_mode))
		die("%s: a folder, not an image or a disk", device->path);
	if (!device->is_block && !S_ISREG(status.st_mode))
		die("%s: neither a file nor a disk", device->path);
	device->bytes = (uint64_t)status.st_size;
	if (device->is_block && ioctl(device->file, BLKGETSIZE64, &device->bytes) < 0)
		die("%s: its size cannot be told: %s", device->path, strerror(errno));
	device->device.blocks = device->bytes / HMFS_BLOCK_SIZE;
}

static void lock_file(struct file_device *device, bool alone)
{
	if (flock(device->file, (alone ? LOCK_EX : LOCK_SH) | LOCK_NB) < 0 && errno == EWOULDBLOCK)
		die_in_use(device->path, device->file);
}

void file_device_open(struct file_device *device, const char *path, enum file_device_access access)
{
	bool write = access == FILE_DEVICE_WRITE;
	int flags = (write ? O_RDWR : O_RDONLY) | O_CLOEXEC;
	struct stat status;

	*device = (struct file_device){ .path = path, .file = -1 };
	device->device.ops = write ? &file_ops : &read_only_ops;
	device->device.read_only = !write;
	if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
		die("%s: a folder, not an image or a disk", path);
	if (stat(path, &status) == 0 && S_ISBLK(status.st_mode))
		flags |= O_EXCL;
	device->file = open(path, flags | O_NONBLOCK);
	if (device->file < 0 && errno == EBUSY)
		die_in_use(path, -1);
	if (device->file < 0)
		die("%s: %s", path, strerror(errno));
	lock_file(device, write);
	inspect(device);
}

void file_device_make(struct file_device *device, const char *path, uint64_t bytes, bool *made)
{
	struct stat status;
	int error;

	*made = false;
	if (stat(path, &status) < 0 && errno == ENOENT) {
		int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);

		if (file < 0)
			die("%s: %s", path, strerror(errno));
		close(file);
		*made = true;
	}
	file_device_open(device, path, FILE_DEVICE_WRITE);
	if (bytes == 0 || bytes == device->bytes)
		return;
	if (device->is_block && bytes > device->bytes)
		die("%s: has only %s", path, size_text(device->bytes));
	error = file_device_resize(device, bytes);
	if (error) {
		if (*made)
			unlink(path);
		die("%s: cannot be made %s large: %s", path, size_text(bytes), strerror(-error));
	}
}

int file_device_resize(struct file_device *device, uint64_t bytes)
{
	if (bytes > INT64_MAX)
		return -EFBIG;
	if (!device->is_block) {
		if (ftruncate(device->file, (off_t)bytes) < 0)
			return -errno;
		device->bytes = bytes;
	}
	device->device.blocks = bytes / HMFS_BLOCK_SIZE;
	return 0;
}

void file_device_clear(struct file_device *device)
{
	uint64_t bytes = device->bytes, blocks = device->device.blocks;

	if (device->is_block) {
		uint64_t range[2] = { 0, blocks * HMFS_BLOCK_SIZE };

		/* Not every disk can; nothing depends on it. */
		(void)ioctl(device->file, BLKDISCARD, range);
		return;
	}
	if (file_device_resize(device, 0) < 0 || file_device_resize(device, bytes) < 0)
		die("%s: cannot be emptied: %s", device->path, strerror(errno));
	device->device.blocks = blocks;
}

int file_device_close(struct file_device *device)
{
	int file = device->file;

	device->file = -1;
	return file >= 0 && close(file) < 0 ? -errno : 0;
}

uint64_t file_device_missing(struct file_device *device)
{
	struct hmfs_super super;

	if (pread(device->file, &super, sizeof(super), 0) != (ssize_t)sizeof(super) ||
	    super.magic != HMFS_SUPER_MAGIC || super.block_size != HMFS_BLOCK_SIZE ||
	    super.blocks <= device->device.blocks || super.blocks > UINT64_MAX / HMFS_BLOCK_SIZE)
		return 0;
	return super.blocks * HMFS_BLOCK_SIZE;
}

struct signature {
	uint64_t offset;
	const char *bytes;
	size_t length;
	const char *name;
};

const char *file_device_contents(struct file_device *device)
{
	static const struct signature signatures[] = {
		{ 0, "HMFS", 4, "an HMFS volume" },
		{ 1080, "\x53\xef", 2, "an ext2, ext3 or ext4 file system" },
		{ 65600, "_BHRfS_M", 8, "a btrfs file system" },
		{ 0, "XFSB", 4, "an XFS file system" },
		{ 3, "NTFS    ", 8, "an NTFS file system" },
		{ 32769, "CD001", 5, "an ISO 9660 file system" },
		{ 0, "LUKS\xba\xbe", 6, "an encrypted volume (LUKS)" },
		{ 4086, "SWAPSPACE2", 10, "swap space" },
		{ 82, "FAT32", 5, "a FAT file system" },
		{ 54, "FAT1", 4, "a FAT file system" },
		{ 512, "EFI PART", 8, "a partition table (GPT)" },
		{ 510, "\x55\xaa", 2, "a partition table (MBR)" },
	};
	char bytes[16];
	unsigned i;

	for (i = 0; i < array_length(signatures); i++) {
		const struct signature *wanted = &signatures[i];

		if (pread(device->file, bytes, wanted->length, (off_t)wanted->offset) ==
			    (ssize_t)wanted->length &&
		    memcmp(bytes, wanted->bytes, wanted->length) == 0)
			return wanted->name;
	}
	return NULL;
}
