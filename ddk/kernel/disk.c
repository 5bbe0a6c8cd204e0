/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The disk class of the driver kit: kernel/block, by other names. */
#include <block/disk.h>
#include <ddk/disk.h>

int ddk_disk_create_sized(struct device *device, const struct ddk_disk_description *description,
			  size_t description_size, const struct ddk_disk_ops *ops, size_t ops_size,
			  void *context, struct ddk_disk **disk)
{
	(void)description_size;
	(void)ops_size;
	return block_disk_create(NULL, device, description, ops, context, disk);
}

void ddk_disk_remove(struct ddk_disk *disk)
{
	block_disk_remove(disk);
}

void *ddk_disk_context(const struct ddk_disk *disk)
{
	return disk->context;
}

void ddk_disk_resize(struct ddk_disk *disk, uint64_t block_count)
{
	block_disk_resize(disk, block_count);
}

int ddk_disk_suspend(struct ddk_disk *disk)
{
	return block_disk_suspend(disk);
}

void ddk_disk_resume(struct ddk_disk *disk)
{
	block_disk_resume(disk);
}

void ddk_disk_complete(struct ddk_disk_request *request, int error)
{
	block_disk_complete(request, error);
}

void ddk_disk_ready(struct ddk_disk *disk, unsigned queue)
{
	block_disk_ready(disk, queue);
}
