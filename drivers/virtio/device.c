/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Virtio over PCI: registers, negotiation, queue set-up (virtio 1.2, 4.1). */
#include <base/errno.h>
#include <base/string.h>
#include <ddk/log.h>
#include <ddk/memory.h>
#include <ddk/pci.h>
#include <ddk/timer.h>
#include <virtio/device.h>

/* struct virtio_pci_cap, in configuration space (4.1.4). */
#define CAPABILITY_LENGTH      2
#define CAPABILITY_KIND        3
#define CAPABILITY_BAR         4
#define CAPABILITY_OFFSET      8
#define CAPABILITY_SIZE        12
#define CAPABILITY_STEP        16 /* of notifications only */
#define CAPABILITY_MAX         32
#define CAPABILITY_LENGTH_MIN  16
#define CAPABILITY_LENGTH_STEP 20

enum capability_kind {
	KIND_COMMON = 1,
	KIND_NOTIFICATION = 2,
	KIND_DEVICE = 4,
};

/* struct virtio_pci_common_cfg (4.1.4.3). */
#define DEVICE_FEATURE_SELECT 0x00
#define DEVICE_FEATURE        0x04
#define DRIVER_FEATURE_SELECT 0x08
#define DRIVER_FEATURE        0x0c
#define CONFIG_VECTOR         0x10
#define QUEUE_COUNT           0x12
#define DEVICE_STATUS         0x14
#define CONFIG_GENERATION     0x15
#define QUEUE_SELECT          0x16
#define QUEUE_SIZE            0x18
#define QUEUE_VECTOR          0x1a
#define QUEUE_ENABLE          0x1c
#define QUEUE_NOTIFY_OFFSET   0x1e
#define QUEUE_DESCRIPTORS     0x20
#define QUEUE_AVAILABLE       0x28
#define QUEUE_USED            0x30
#define COMMON_LENGTH         0x38

#define STATUS_ACKNOWLEDGE 0x01
#define STATUS_DRIVER      0x02
#define STATUS_DRIVER_OK   0x04
#define STATUS_FEATURES_OK 0x08
#define STATUS_FAILED      0x80

#define NO_VECTOR      0xffff
#define RESET_TIMEOUT  DDK_SECOND
#define CONFIG_RETRIES 16

/* Maps the first structure of a kind that is sound and at least `minimum` bytes long. */
static int map_structure(struct device *device, enum capability_kind kind, size_t minimum,
			 struct ddk_region *region, unsigned *capability)
{
	unsigned wanted =
		kind == KIND_NOTIFICATION ? CAPABILITY_LENGTH_STEP : CAPABILITY_LENGTH_MIN;
	unsigned at = 0;

	/* The list may be a ring. */
	for (unsigned i = 0; i < CAPABILITY_MAX; i++) {
		uint32_t length;

		at = ddk_pci_find_capability(device, DDK_PCI_CAPABILITY_VENDOR, at);
		if (at == 0)
			break;
		length = ddk_pci_read_config(device, at + CAPABILITY_SIZE, 4);
		if (ddk_pci_read_config(device, at + CAPABILITY_LENGTH, 1) < wanted ||
		    ddk_pci_read_config(device, at + CAPABILITY_KIND, 1) != kind ||
		    length < minimum)
			continue;
		*capability = at;
		if (!ddk_region_map(device, ddk_pci_read_config(device, at + CAPABILITY_BAR, 1),
				    ddk_pci_read_config(device, at + CAPABILITY_OFFSET, 4), length,
				    DDK_REGION_UNCACHED, region))
			return 0;
	}
	return -ENODEV;
}

static int map_registers(struct virtio_device *virtio)
{
	struct device *device = virtio->device;
	unsigned capability;
	int error;

	error = map_structure(device, KIND_COMMON, COMMON_LENGTH, &virtio->common, &capability);
	if (error)
		return error;
	error = map_structure(device, KIND_NOTIFICATION, 2, &virtio->notification, &capability);
	if (error)
		return error;
	virtio->notification_step = ddk_pci_read_config(device, capability + CAPABILITY_STEP, 4);
	/* Not all devices have one. */
	(void)map_structure(device, KIND_DEVICE, 1, &virtio->config, &capability);
	return 0;
}

static void unmap_registers(struct virtio_device *virtio)
{
	ddk_region_unmap(&virtio->common);
	ddk_region_unmap(&virtio->notification);
	ddk_region_unmap(&virtio->config);
}

static void add_status(struct virtio_device *virtio, uint8_t status)
{
	ddk_write8(&virtio->common, DEVICE_STATUS,
		   ddk_read8(&virtio->common, DEVICE_STATUS) | status);
}

static int reset(struct virtio_device *virtio)
{
	uint64_t end = ddk_time() + RESET_TIMEOUT;

	ddk_write8(&virtio->common, DEVICE_STATUS, 0);
	while (ddk_read8(&virtio->common, DEVICE_STATUS) != 0) {
		if (ddk_time() > end)
			return -ETIMEDOUT;
		ddk_sleep(DDK_MILLISECOND);
	}
	return 0;
}

/* Up to where features are negotiated. */
static int begin(struct virtio_device *virtio)
{
	int error = reset(virtio);

	if (error)
		return error;
	ddk_pci_set_bus_master(virtio->device, true);
	add_status(virtio, STATUS_ACKNOWLEDGE);
	add_status(virtio, STATUS_DRIVER);
	ddk_write16(&virtio->common, CONFIG_VECTOR, NO_VECTOR);
	return 0;
}

int virtio_open(struct virtio_device *virtio, struct device *device)
{
	int error;

	*virtio = (struct virtio_device){ .device = device };
	error = map_registers(virtio);
	if (!error)
		error = begin(virtio);
	if (error) {
		unmap_registers(virtio);
		return error;
	}
	virtio->queue_count = ddk_read16(&virtio->common, QUEUE_COUNT);
	return 0;
}

void virtio_stop(struct virtio_device *virtio)
{
	virtio->stopped = true;
	if (reset(virtio))
		ddk_error(virtio->device, "does not reset");
	ddk_pci_set_bus_master(virtio->device, false);
}

void virtio_close(struct virtio_device *virtio)
{
	virtio_stop(virtio);
	unmap_registers(virtio);
}

static uint64_t offered_features(const struct virtio_device *virtio)
{
	uint64_t features;

	ddk_write32(&virtio->common, DEVICE_FEATURE_SELECT, 1);
	features = (uint64_t)ddk_read32(&virtio->common, DEVICE_FEATURE) << 32;
	ddk_write32(&virtio->common, DEVICE_FEATURE_SELECT, 0);
	return features | ddk_read32(&virtio->common, DEVICE_FEATURE);
}

int virtio_negotiate(struct virtio_device *virtio, uint64_t wanted)
{
	uint64_t features = offered_features(virtio) & (wanted | VIRTIO_FEATURE_VERSION_1);

	if (!(features & VIRTIO_FEATURE_VERSION_1))
		return -ENODEV;
	ddk_write32(&virtio->common, DRIVER_FEATURE_SELECT, 0);
	ddk_write32(&virtio->common, DRIVER_FEATURE, (uint32_t)features);
	ddk_write32(&virtio->common, DRIVER_FEATURE_SELECT, 1);
	ddk_write32(&virtio->common, DRIVER_FEATURE, (uint32_t)(features >> 32));
	add_status(virtio, STATUS_FEATURES_OK);
	if (!(ddk_read8(&virtio->common, DEVICE_STATUS) & STATUS_FEATURES_OK)) {
		add_status(virtio, STATUS_FAILED);
		return -ENODEV;
	}
	virtio->features = features;
	return 0;
}

int virtio_restart(struct virtio_device *virtio)
{
	uint64_t features = virtio->features;
	int error = ddk_pci_is_present(virtio->device) ? begin(virtio) : -ENODEV;

	if (!error)
		error = virtio_negotiate(virtio, features);
	if (!error && virtio->features != features)
		error = -ENODEV;
	return error;
}

int virtio_watch_config(struct virtio_device *virtio, unsigned irq)
{
	ddk_write16(&virtio->common, CONFIG_VECTOR, (uint16_t)irq);
	return ddk_read16(&virtio->common, CONFIG_VECTOR) == irq ? 0 : -ENODEV;
}

static void write_address(const struct virtio_device *virtio, size_t offset, uint64_t address)
{
	ddk_write32(&virtio->common, offset, (uint32_t)address);
	ddk_write32(&virtio->common, offset + 4, (uint32_t)(address >> 32));
}

/* Chooses the size of the selected queue; 0 if there is no such queue. */
static uint16_t choose_size(const struct virtio_device *virtio, uint16_t wanted)
{
	uint16_t size = ddk_read16(&virtio->common, QUEUE_SIZE);

	if (size == 0 || (size & (size - 1)) != 0)
		return 0;
	return size < wanted ? size : wanted;
}

static int allocate_queue(struct virtio_device *virtio, struct virtio_queue *queue, uint16_t size)
{
	struct virtqueue_slot *slots = ddk_allocate_array(size, sizeof(*slots));

	if (!slots)
		return -ENOMEM;
	if (ddk_dma_allocate(virtio->device, virtqueue_bytes(size), 0, &queue->memory)) {
		ddk_free(slots);
		return -ENOMEM;
	}
	virtqueue_init(&queue->ring, size, queue->memory.memory, slots);
	return 0;
}

/* Tells the device, which has selected the queue, where it is, and lets it use it. */
static int enable_queue(const struct virtio_queue *queue)
{
	const struct virtio_device *virtio = queue->virtio;
	const struct ddk_region *common = &virtio->common;
	uint64_t address = queue->memory.device_address;
	uint16_t size = queue->ring.size;

	ddk_write16(common, QUEUE_SIZE, size);
	write_address(virtio, QUEUE_DESCRIPTORS, address);
	write_address(virtio, QUEUE_AVAILABLE, address + virtqueue_available_offset(size));
	write_address(virtio, QUEUE_USED, address + virtqueue_used_offset(size));
	ddk_write16(common, QUEUE_VECTOR, (uint16_t)queue->irq);
	if (ddk_read16(common, QUEUE_VECTOR) != queue->irq)
		return -ENODEV;
	ddk_write16(common, QUEUE_ENABLE, 1);
	return 0;
}

int virtio_queue_init(struct virtio_device *virtio, struct virtio_queue *queue, uint16_t index,
		      uint16_t wanted, unsigned irq)
{
	const struct ddk_region *common = &virtio->common;
	uint16_t size;
	int error;

	if (index >= virtio->queue_count)
		return -ENODEV;
	ddk_write16(common, QUEUE_SELECT, index);
	size = choose_size(virtio, wanted);
	queue->virtio = virtio;
	queue->index = index;
	queue->irq = irq;
	queue->notification_offset =
		(size_t)ddk_read16(common, QUEUE_NOTIFY_OFFSET) * virtio->notification_step;
	if (size == 0 || !range_within(queue->notification_offset, 2, virtio->notification.length))
		return -ENODEV;
	error = allocate_queue(virtio, queue, size);
	if (error)
		return error;
	error = enable_queue(queue);
	if (error)
		virtio_queue_fini(queue);
	return error;
}

int virtio_queue_restart(struct virtio_queue *queue)
{
	const struct ddk_region *common = &queue->virtio->common;
	uint16_t size = queue->ring.size;

	memset(queue->memory.memory, 0, queue->memory.size);
	virtqueue_init(&queue->ring, size, queue->memory.memory, queue->ring.slots);
	ddk_write16(common, QUEUE_SELECT, queue->index);
	if (ddk_read16(common, QUEUE_SIZE) < size)
		return -ENODEV;
	return enable_queue(queue);
}

void virtio_queue_fini(struct virtio_queue *queue)
{
	ddk_free(queue->ring.slots);
	ddk_dma_free(&queue->memory);
	*queue = (struct virtio_queue){ 0 };
}

void virtio_start(struct virtio_device *virtio)
{
	virtio->stopped = false;
	add_status(virtio, STATUS_DRIVER_OK);
}

void virtio_queue_notify(struct virtio_queue *queue)
{
	if (virtqueue_wants_notification(&queue->ring) && !queue->virtio->stopped)
		ddk_write16(&queue->virtio->notification, queue->notification_offset, queue->index);
}

uint32_t virtio_read_config(const struct virtio_device *virtio, size_t offset, size_t size)
{
	uint8_t generation;
	uint32_t value = UINT32_MAX;

	/* Fields of several bytes may change between them. */
	for (unsigned i = 0; i < CONFIG_RETRIES; i++) {
		generation = ddk_read8(&virtio->common, CONFIG_GENERATION);
		if (size == 1)
			value = ddk_read8(&virtio->config, offset);
		else if (size == 2)
			value = ddk_read16(&virtio->config, offset);
		else
			value = ddk_read32(&virtio->config, offset);
		if (ddk_read8(&virtio->common, CONFIG_GENERATION) == generation)
			break;
	}
	return value;
}

void virtio_write_config(const struct virtio_device *virtio, size_t offset, uint32_t value)
{
	ddk_write32(&virtio->config, offset, value);
}
