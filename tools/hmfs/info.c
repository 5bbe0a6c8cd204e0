/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the library's structures to those that programs know. */
#include <string.h>

#include "info.h"

void volume_info(struct hmfs_volume *volume, uint32_t dataset, struct hmfs_ioctl_info *info)
{
	const struct hmfs_super *super = hmfs_super_of(volume);
	struct hmfs_statistics statistics;

	hmfs_read_statistics(volume, &statistics);
	*info = (struct hmfs_ioctl_info){
		.blocks = statistics.blocks,
		.free_blocks = statistics.free_blocks,
		.available_blocks = statistics.available_blocks,
		.objects = statistics.objects,
		.created = super->created,
		.commits = statistics.commits,
		.log_batches = statistics.log_batches,
		.merges = statistics.merges,
		.node_reads = statistics.node_reads,
		.node_writes = statistics.node_writes,
		.healed = statistics.healed,
		.damaged = statistics.damaged,
		.hash = super->hash,
		.dataset = dataset,
		.version = super->version,
	};
	memcpy(info->uuid, super->uuid, sizeof(info->uuid));
	memcpy(info->label, super->label, sizeof(info->label));
	info->label[sizeof(info->label) - 1] = 0;
	if (hmfs_is_read_only(volume))
		info->flags |= HMFS_INFO_READ_ONLY;
	if (statistics.data_twice)
		info->flags |= HMFS_INFO_DATA_TWICE;
}
