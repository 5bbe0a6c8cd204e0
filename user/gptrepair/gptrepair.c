/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * gptrepair: looks at both copies of a disk's GPT and, if asked for it, writes the damaged one anew
 * from the other. Nothing is written without --repair.
 *
 * Exit status: 0 all is well, or is now; 1 something is wrong; 2 it could not be found out.
 */
#include <partition/partition.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define EXIT_WRONG   1
#define EXIT_TROUBLE 2

struct target {
	const char *name;
	int fd;
	bool is_device;
	struct partition_disk disk;
};

static int transfer(const struct target *target, uint64_t block, void *memory, uint32_t count,
		    bool write)
{
	const size_t length = (size_t)count * target->disk.block_size;
	const off_t offset = (off_t)(block * target->disk.block_size);

	for (size_t done = 0; done < length;) {
		char *at = (char *)memory + done;
		ssize_t part = write ? pwrite(target->fd, at, length - done, offset + (off_t)done)
				     : pread(target->fd, at, length - done, offset + (off_t)done);

		if (part < 0 && errno == EINTR)
			continue;
		if (part <= 0)
			return part < 0 ? -errno : -EIO;
		done += (size_t)part;
	}
	return 0;
}

static int read_blocks(void *context, uint64_t block, void *to, uint32_t count)
{
	return transfer(context, block, to, count, false);
}

static int write_blocks(void *context, uint64_t block, const void *from, uint32_t count)
{
	return transfer(context, block, (void *)from, count, true);
}

static _Noreturn void fail(const char *name, int error)
{
	fprintf(stderr, "gptrepair: %s: %s\n", name, strerror(error));
	exit(EXIT_TROUBLE);
}

static void open_target(struct target *target, bool writes)
{
	struct stat information;
	uint64_t bytes;
	int block_size = 512;

	/* Nobody else is to have the disk, or a file system of it, while it is written. */
	target->fd = open(target->name, (writes ? O_RDWR | O_EXCL : O_RDONLY) | O_CLOEXEC);
	if (target->fd < 0 || fstat(target->fd, &information) < 0)
		fail(target->name, errno);
	target->is_device = S_ISBLK(information.st_mode);
	bytes = (uint64_t)information.st_size;
	if (target->is_device && (ioctl(target->fd, BLKGETSIZE64, &bytes) < 0 ||
				  ioctl(target->fd, BLKSSZGET, &block_size) < 0))
		fail(target->name, errno);
	target->disk = (struct partition_disk){
		.read = read_blocks,
		.write = write_blocks,
		.context = target,
		.block_size = (uint32_t)block_size,
		.block_count = bytes / (unsigned)block_size,
	};
}

static void print_table(const struct target *target, const struct partition_table *table)
{
	char text[PARTITION_GUID_TEXT];
	const char *kind = partition_kind_name(table->kind);

	printf("%s: %s\n", target->name, kind ? kind : "no partition table");
	for (unsigned i = 0; i < table->count; i++) {
		const struct partition *partition = &table->partitions[i];

		partition_identity_text(partition->type, partition->identity, text);
		printf("%4u %12llu %12llu  %s  %s\n", partition->number,
		       (unsigned long long)partition->start, (unsigned long long)partition->count,
		       text, partition->label);
	}
}

static void print_faults(const struct target *target, unsigned faults, const char *what)
{
	for (unsigned i = 0; i < PARTITION_FAULTS; i++) {
		if (faults >> i & 1)
			printf("%s: %s%s\n", target->name, what, partition_fault_text(1u << i));
	}
}

/* Reads the table and says what is wrong with it. */
static unsigned look(struct target *target, void *buffer)
{
	static struct partition_table table;
	int error = partition_read(&target->disk, buffer, &table);

	if (error)
		fail(target->name, -error);
	print_table(target, &table);
	print_faults(target, table.faults, "");
	return table.faults;
}

static unsigned repair(struct target *target, void *buffer)
{
	unsigned done;
	int error = partition_repair(&target->disk, buffer, &done);

	if (error == -EINVAL) {
		fprintf(stderr, "gptrepair: %s: there is no copy to repair from\n", target->name);
		exit(EXIT_WRONG);
	}
	if (error == -ENOSPC) {
		fprintf(stderr, "gptrepair: %s: no room for the other copy\n", target->name);
		exit(EXIT_WRONG);
	}
	if (error)
		fail(target->name, -error);
	if (fsync(target->fd) < 0)
		fail(target->name, errno);
	print_faults(target, done, "repaired: ");
	if (done && target->is_device && ioctl(target->fd, BLKRRPART) < 0)
		fail(target->name, errno);
	return look(target, buffer);
}

int main(int count, char **arguments)
{
	static uint64_t buffer[PARTITION_BUFFER_SIZE / sizeof(uint64_t)];
	const bool repairs = count == 3 && strcmp(arguments[1], "--repair") == 0;
	struct target target = { 0 };
	unsigned faults;

	if (count != (repairs ? 3 : 2) || arguments[count - 1][0] == '-') {
		fprintf(stderr, "usage: gptrepair [--repair] DISK\n");
		return EXIT_TROUBLE;
	}
	target.name = arguments[count - 1];
	open_target(&target, repairs);
	faults = look(&target, buffer);
	if (repairs && faults)
		faults = repair(&target, buffer);
	return faults ? EXIT_WRONG : EXIT_SUCCESS;
}
