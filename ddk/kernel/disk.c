/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The disk class of the driver kit: a disk of kernel/block for each, whose operations go through here. What the
 * driver gave is copied: it may be gone while its disk waits for another driver.
 */
#include "../common/structure.h"
#include "transfer.h"

#include <base/errno.h>
#include <block/disk.h>
#include <ddk/disk.h>
#include <dev/device.h>
#include <mm/phys/slab.h>

struct kit_disk {
	struct device *device; /* immutable; it is there while its driver or a handover is */
	struct ddk_disk *disk; /* likewise */
	/* The present driver's; NULL while it is parked. */
	struct ddk_disk_ops ops;
	void *context;
	struct device_parked parked;
	/* The memory of the requests that the driver has. */
	struct kit_transfers transfers;
};

static struct kit_disk *of(const struct ddk_disk *disk)
{
	return disk->context;
}

static struct kit_disk *of_parked(struct device_parked *parked)
{
	return container_of(parked, struct kit_disk, parked);
}

/* --- What the class calls. --- */

static int submit(struct ddk_disk_request *request, bool last)
{
	struct kit_disk *kit = of(request->disk);
	int error = kit_transfer_begin(&kit->transfers, request);

	if (error)
		return error;
	error = kit->ops.submit(request, last);
	if (error)
		kit_transfer_end(&kit->transfers, request);
	return error;
}

static void timed_out(struct ddk_disk_request *request)
{
	struct kit_disk *kit = of(request->disk);

	if (kit->ops.timed_out)
		kit->ops.timed_out(request);
}

static int read_health(struct ddk_disk *disk, struct ddk_disk_health *health)
{
	struct kit_disk *kit = of(disk);

	*health = (struct ddk_disk_health){ 0 };
	return kit->ops.read_health ? kit->ops.read_health(disk, health) : -EOPNOTSUPP;
}

static const struct ddk_disk_ops kit_ops = {
	.submit = submit,
	.timed_out = timed_out,
	.read_health = read_health,
};

/* --- Coming and going. --- */

static void destroy(struct kit_disk *kit)
{
	block_disk_remove(kit->disk);
	kit_transfers_fini(&kit->transfers);
	kfree(kit);
}

static void discard(struct device_parked *parked)
{
	destroy(of_parked(parked));
}

static bool fits(struct device_parked *parked, const void *wanted)
{
	return block_disk_fits(of_parked(parked)->disk, wanted);
}

static bool is_in_the_way(struct device_parked *parked, const void *wanted)
{
	return block_disk_is_in_the_way(of_parked(parked)->disk, wanted);
}

/* A disk that the device's driver before had, or NULL. */
static struct kit_disk *find_parked(struct device *device,
				    const struct ddk_disk_description *description)
{
	struct device_parked *parked = device_find_parked(device, PARKED_DISK, fits, description);

	if (parked)
		return of_parked(parked);
	parked = device_find_parked(device, PARKED_DISK, is_in_the_way, description);
	if (parked)
		discard(parked);
	return NULL;
}

static int create(struct device *device, const struct ddk_disk_description *description,
		  const struct ddk_disk_ops *ops, void *context, struct ddk_disk **disk)
{
	struct kit_disk *kit = kzalloc(sizeof(*kit));
	int error;

	if (!kit)
		return -ENOMEM;
	kit->device = device;
	kit->ops = *ops;
	kit->context = context;
	kit->parked.kind = PARKED_DISK;
	kit->parked.order = device_parked_order();
	kit->parked.discard = discard;
	error = kit_transfers_init(&kit->transfers, device->domain, description);
	if (!error)
		error = block_disk_create(NULL, device, description, &kit_ops, kit, disk);
	if (error) {
		kit_transfers_fini(&kit->transfers);
		kfree(kit);
	} else {
		kit->disk = *disk;
	}
	return error;
}

int ddk_disk_create_sized(struct device *device, const struct ddk_disk_description *description,
			  size_t description_size, const struct ddk_disk_ops *ops, size_t ops_size,
			  void *context, struct ddk_disk **disk)
{
	struct ddk_disk_description own_description;
	struct ddk_disk_ops own_ops;
	struct kit_disk *kit;

	ddk_take_structure(&own_description, sizeof(own_description), description,
			   description_size);
	ddk_take_structure(&own_ops, sizeof(own_ops), ops, ops_size);
	if (!own_description.prefix || !own_ops.submit)
		return -EINVAL;
	kit = find_parked(device, &own_description);
	if (!kit)
		return create(device, &own_description, &own_ops, context, disk);
	kit->ops = own_ops;
	kit->context = context;
	*disk = kit->disk;
	block_disk_adopt(kit->disk, &own_description, &kit_ops, kit);
	return 0;
}

void ddk_disk_remove(struct ddk_disk *disk)
{
	struct kit_disk *kit = of(disk);

	if (!kit->device->handover || !block_disk_park(disk)) {
		destroy(kit);
		return;
	}
	kit->ops = (struct ddk_disk_ops){ 0 };
	kit->context = NULL;
	if (!device_park(kit->device, &kit->parked))
		destroy(kit);
}

/* --- The rest is kernel/block, by other names. --- */

void *ddk_disk_context(const struct ddk_disk *disk)
{
	return of(disk)->context;
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
	kit_transfer_end(&of(request->disk)->transfers, request);
	block_disk_complete(request, error);
}

void ddk_disk_ready(struct ddk_disk *disk, unsigned queue)
{
	block_disk_ready(disk, queue);
}
