/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A driver that does what drivers may not: for QEMU's edu device, of which it makes a disk. Its parameter `mode` names
 * the misdeed (hostile_*.c); "none" is a driver that works, and "address" where its device shall write. Its licence keeps it
 * out of the kernel, so all of it happens in driver hosts, and nobody but its own disk may notice.
 */
#include <ddk/driver.h>

#include "hostile.h"

static const struct misdeed *const tables[] = {
	process_misdeeds, memory_misdeeds, device_misdeeds, class_misdeeds, wait_misdeeds,
};

static const struct misdeed *find_misdeed(const char *name)
{
	for (size_t i = 0; i < array_length(tables); i++)
		for (const struct misdeed *misdeed = tables[i]; misdeed->name; misdeed++)
			if (strcmp(misdeed->name, name) == 0)
				return misdeed;
	return NULL;
}

static bool is_in(const struct hostile *hostile, enum misdeed_place place)
{
	return hostile->misdeed && hostile->misdeed->place == place;
}

static int submit(struct ddk_disk_request *request, bool last)
{
	struct hostile *hostile = ddk_disk_context(request->disk);

	(void)last;
	if (is_in(hostile, IN_SUBMIT))
		return hostile->misdeed->commit(hostile, request);
	if (is_in(hostile, IN_TIMED_OUT))
		hostile->kept = request;
	else
		ddk_disk_complete(request, 0);
	return 0;
}

static void timed_out(struct ddk_disk_request *request)
{
	struct hostile *hostile = ddk_disk_context(request->disk);

	if (is_in(hostile, IN_TIMED_OUT))
		hostile->misdeed->commit(hostile, request);
}

static const struct ddk_disk_ops disk_ops = {
	.submit = submit,
	.timed_out = timed_out,
};

static int make_disk(struct hostile *hostile)
{
	struct ddk_disk_description description = {
		.prefix = "evil",
		.model = "hostile",
		.block_count = 2048,
		.block_size = 512,
		.max_blocks = 128,
		.max_segments = 16,
		.max_segment_length = 4096,
		.segment_alignment = 4,
		.queue_count = 1,
		.queue_depth = 8,
		.timeout_ns = DDK_SECOND,
	};

	return ddk_disk_create(hostile->device, &description, &disk_ops, hostile, &hostile->disk);
}

static bool interrupt(void *context)
{
	struct hostile *hostile = context;

	if (is_in(hostile, IN_INTERRUPT))
		hostile->misdeed->commit(hostile, NULL);
	else
		ddk_write32(&hostile->registers, EDU_IRQ_ACKNOWLEDGE, UINT32_MAX);
	return true;
}

static void run_work(struct ddk_work *work)
{
	struct hostile *hostile = container_of(work, struct hostile, work);

	hostile->misdeed->commit(hostile, NULL);
}

static int start(struct hostile *hostile)
{
	int error =
		ddk_region_map(hostile->device, 0, 0, 0, DDK_REGION_UNCACHED, &hostile->registers);

	if (!error)
		error = ddk_irq_connect(hostile->device, 0, interrupt, hostile);
	if (error)
		return error;
	ddk_pci_set_bus_master(hostile->device, true);
	if (is_in(hostile, IN_PROBE))
		return hostile->misdeed->commit(hostile, NULL);
	if (is_in(hostile, IN_WORK))
		ddk_work_queue(&hostile->work);
	if (is_in(hostile, IN_INTERRUPT))
		ddk_write32(&hostile->registers, EDU_IRQ_RAISE, 1);
	return make_disk(hostile);
}

static int probe(struct device *device)
{
	struct hostile *hostile = ddk_allocate(sizeof(*hostile));
	char mode[32] = "none";
	int error;

	if (!hostile)
		return -ENOMEM;
	hostile->device = device;
	ddk_work_init(&hostile->work, run_work);
	ddk_parameter(device, "mode", mode, sizeof(mode));
	hostile->misdeed = find_misdeed(mode);
	if (!hostile->misdeed && strcmp(mode, "none") != 0)
		return -EINVAL;
	ddk_info(device, "hostile mode %s", mode);
	ddk_device_set_state(device, hostile);
	error = start(hostile);
	if (error) {
		ddk_irq_disconnect(device, 0);
		ddk_region_unmap(&hostile->registers);
		ddk_free(hostile);
	}
	return error;
}

static void remove(struct device *device)
{
	struct hostile *hostile = ddk_device_state(device);

	if (is_in(hostile, IN_REMOVE))
		hostile->misdeed->commit(hostile, NULL);
	ddk_disk_remove(hostile->disk);
	ddk_irq_disconnect(device, 0);
	ddk_region_unmap(&hostile->registers);
	ddk_free(hostile);
}

static const struct driver_match matches[] = {
	MATCH_PCI(0x1234, 0x11e8),
};

DRIVER(hostile) = {
	.name = "hostile",
	.version = "6.6.6",
	.licence = "LicenseRef-proprietary",
	.matches = matches,
	.match_count = array_length(matches),
	.probe = probe,
	.remove = remove,
};
