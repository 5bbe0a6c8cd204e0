/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of what volumes are. */
#include <inttypes.h>

#include "command.h"
#include "info.h"
#include "show.h"

void gather_info(const struct tool_volume *volume, struct hmfs_ioctl_info *info)
{
	volume_info(volume->volume, HMFS_DATASET_LIVE, info);
}

static const char *bytes_text(uint64_t blocks)
{
	return size_text(blocks * HMFS_BLOCK_SIZE);
}

void show_info(const char *path, const struct hmfs_ioctl_info *info)
{
	printf("volume       %s\n", path);
	printf("label        %s\n", printable(info->label));
	printf("uuid         %s\n", uuid_text(info->uuid));
	printf("made         %s\n", time_text(info->created));
	printf("format       HMFS %u, %s, %s of data\n", info->version, hash_text(info->hash),
	       info->flags & HMFS_INFO_DATA_TWICE ? "two copies" : "one copy");
	printf("size         %s (%" PRIu64 " blocks)\n", bytes_text(info->blocks), info->blocks);
	printf("free         %s, %s of it for files\n", bytes_text(info->free_blocks),
	       bytes_text(info->available_blocks));
	printf("objects      %" PRIu64 "\n", info->objects);
	printf("since mount  %" PRIu64 " commits, %" PRIu64 " log batches, %" PRIu64
	       " merges, %" PRIu64 " nodes read, %" PRIu64 " written\n",
	       info->commits, info->log_batches, info->merges, info->node_reads, info->node_writes);
	printf("damage       %" PRIu64 " healed, %" PRIu64 " lost since mount\n", info->healed,
	       info->damaged);
}

void show_space(const struct call *call, const struct hmfs_ioctl_info *info)
{
	uint64_t used = info->blocks - info->free_blocks;
	unsigned share = (unsigned)(info->blocks ? used * 100 / info->blocks : 0);

	if (call_has(call, CALL_BYTES)) {
		printf("%-20s %14s %14s %14s\n", "volume", "size", "used", "available");
		printf("%-20s %14" PRIu64 " %14" PRIu64 " %14" PRIu64 "\n", call->operands[0],
		       info->blocks * HMFS_BLOCK_SIZE, used * HMFS_BLOCK_SIZE,
		       info->available_blocks * HMFS_BLOCK_SIZE);
		return;
	}
	printf("%-20s %10s %10s %10s %5s\n", "volume", "size", "used", "available", "used");
	printf("%-20s %10s %10s %10s %4u%%\n", call->operands[0], bytes_text(info->blocks),
	       bytes_text(used), bytes_text(info->available_blocks), share);
}

void show_dataset(const struct call *call, const char *name, bool read_only, uint64_t created,
		  uint64_t objects)
{
	if (!*name) /* the live file system */
		return;
	if (call_has(call, CALL_LONG))
		printf("%s  %-8s %10" PRIu64 " objects  ", time_text(created),
		       read_only ? "snapshot" : "clone", objects);
	puts(printable(name));
}

void show_scrub(const char *path, uint64_t blocks, uint64_t problems, uint64_t healed)
{
	printf("%s: %s verified, ", path, bytes_text(blocks));
	if (!problems)
		puts("nothing damaged");
	else
		printf("%" PRIu64 " problems, %" PRIu64 " of them healed\n", problems, healed);
}
