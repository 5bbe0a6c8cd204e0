/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A driver for QEMU's edu device that is compiled against version 1.0 of the driver kit (ddk-1.0/), whatever the kit is
 * now, and uses as much of it as there is: one step for each header. The log tells whether all were right. The
 * device's memory is a disk, /dev/lastinga.
 */
#include "lasting.h"

#include <base/bits.h>
#include <base/checked.h>
#include <base/errno.h>
#include <base/format.h>
#include <base/list.h>
#include <base/rbtree.h>
#include <base/ring.h>
#include <base/string.h>
#include <ddk/driver.h>
#include <ddk/input.h>
#include <ddk/log.h>
#include <ddk/memory.h>
#include <ddk/monitor.h>
#include <ddk/parameter.h>
#include <ddk/pci.h>
#include <ddk/timer.h>
#include <ddk/work.h>

static bool test_pci(struct lasting *lasting)
{
	struct ddk_pci_identity identity;
	struct device *device = lasting->device;
	unsigned msi = ddk_pci_find_capability(device, DDK_PCI_CAPABILITY_MSI, 0);

	ddk_pci_identify(device, &identity);
	return identity.vendor == 0x1234 && identity.device == 0x11e8 &&
	       ddk_pci_read_config(device, 0, 4) == 0x11e81234 &&
	       ddk_pci_read_config(device, 4096, 4) == UINT32_MAX && msi >= 0x40 &&
	       ddk_pci_write_config(device, msi, 2, 0) == -EPERM && ddk_pci_is_present(device) &&
	       strncmp(ddk_device_name(device), "pci ", 4) == 0;
}

static bool test_registers(struct lasting *lasting)
{
	const struct ddk_region *registers = &lasting->registers;
	struct ddk_region other = { 0 };

	ddk_write32(registers, EDU_LIVENESS, 0x12345678);
	return ddk_read32(registers, EDU_LIVENESS) == ~0x12345678u &&
	       ddk_region_size(lasting->device, 0) == registers->length &&
	       ddk_region_size(lasting->device, 5) == 0 &&
	       ddk_read32(registers, registers->length) == UINT32_MAX &&
	       ddk_region_map(lasting->device, 3, 0, 0, DDK_REGION_UNCACHED, &other) == -ENOENT;
}

static bool test_memory(struct lasting *lasting)
{
	uint64_t *numbers = ddk_allocate_array(1000, sizeof(*numbers));
	bool fine = numbers && !ddk_allocate_array(SIZE_MAX / 2, 8);

	(void)lasting;
	for (size_t i = 0; numbers && i < 1000; i++)
		fine = fine && numbers[i]++ == 0;
	ddk_free(numbers);
	ddk_free(NULL);
	return fine;
}

static int compare(const struct rbtree_node *a, const struct rbtree_node *b)
{
	return a < b ? -1 : a > b;
}

static bool test_base(struct lasting *lasting)
{
	struct rbtree tree = { NULL };
	struct rbtree_node nodes[3];
	uint8_t bytes[8], out[4];
	uint64_t map[2] = { 0xff, 0 }, value;
	struct ring ring;
	char text[32];

	(void)lasting;
	for (unsigned i = 0; i < 3; i++)
		rbtree_insert(&tree, &nodes[i], compare);
	rbtree_remove(&tree, &nodes[1]);
	ring_init(&ring, bytes, sizeof(bytes));
	return snprintf(text, sizeof(text), "%s %u 0x%llx", "so", 7u, 0x1234ull) == 11 &&
	       strcmp(text, "so 7 0x1234") == 0 && string_copy(text, "long", 3) == 4 &&
	       string_to_u64("0x10", &value) == 0 && value == 16 && strlen(text) == 2 &&
	       string_starts_with("lasting", "last") && strchr("abc", 'c') &&
	       memchr("abc", 'b', 3) && bitmap_find_clear(map, 128, 0) == 8 &&
	       rbtree_first(&tree) == &nodes[0] && rbtree_next(&nodes[0]) == &nodes[2] &&
	       ring_put(&ring, "abcd", 4) == 4 && ring_take(&ring, out, 4) == 4 &&
	       memcmp(out, "abcd", 4) == 0;
}

static void on_timer(struct ddk_timer *timer)
{
	struct lasting *lasting = container_of(timer, struct lasting, timer);

	ddk_work_queue(&lasting->tick);
}

static void on_tick(struct ddk_work *work)
{
	struct lasting *lasting = container_of(work, struct lasting, tick);

	ddk_mutex_acquire(&lasting->mutex);
	lasting->ticks++;
	ddk_mutex_release(&lasting->mutex);
	ddk_event_signal(&lasting->event);
}

static bool test_time(struct lasting *lasting)
{
	uint64_t begin = ddk_time();
	bool fine;

	ddk_event_clear(&lasting->event);
	fine = ddk_event_wait(&lasting->event, DDK_MILLISECOND) == -ETIMEDOUT;
	ddk_timer_arm(&lasting->timer, DDK_MILLISECOND);
	fine = ddk_event_wait(&lasting->event, 60 * DDK_SECOND) == 0 && fine;
	ddk_timer_arm(&lasting->timer, 3600 * DDK_SECOND);
	ddk_timer_cancel(&lasting->timer);
	ddk_work_flush(&lasting->tick);
	ddk_sleep(DDK_MILLISECOND);
	ddk_delay(10 * DDK_MICROSECOND);
	return fine && lasting->ticks == 1 && ddk_time() - begin >= 3 * DDK_MILLISECOND;
}

static bool test_interrupt(struct lasting *lasting)
{
	ddk_event_clear(&lasting->event);
	ddk_write32(&lasting->registers, EDU_STATUS, EDU_STATUS_IRQ);
	ddk_write32(&lasting->registers, EDU_FACTORIAL, 5);
	return ddk_irq_count(lasting->device) >= 1 && ddk_cpu_count() >= 1 &&
	       ddk_event_wait(&lasting->event, 60 * DDK_SECOND) == 0 &&
	       ddk_read32(&lasting->registers, EDU_FACTORIAL) == 120 &&
	       ddk_irq_connect(lasting->device, 0, lasting_interrupt, lasting) == -EBUSY;
}

static bool test_dma(struct lasting *lasting)
{
	struct ddk_dma_buffer buffer = { 0 };
	struct ddk_dma dma = { 0 };
	size_t length = 0;
	bool fine;

	fine = ddk_dma_allocate(lasting->device, 0, 0, &dma) == -EINVAL &&
	       ddk_dma_allocate(lasting->device, 8192, DDK_DMA_32BIT, &dma) == 0 &&
	       dma.size == 8192 && dma.device_address <= UINT32_MAX - 8192 &&
	       dma.device_address % 8192 == 0;
	if (fine) {
		memcpy(dma.memory, "lasting", 8);
		fine = lasting_copy(lasting, EDU_MEMORY, dma.device_address, 8, false) &&
		       lasting_copy(lasting, EDU_MEMORY, dma.device_address + 4096, 8, true) &&
		       strcmp((const char *)dma.memory + 4096, "lasting") == 0;
	}
	ddk_dma_free(&dma);
	if (ddk_dma_buffer_allocate(lasting->device, 1 << 20, &buffer) != 0)
		return false;
	fine = fine && ddk_dma_buffer_address(&buffer, 4096, &length) != 0 && length > 0 &&
	       buffer.size == 1 << 20;
	ddk_dma_buffer_free(&buffer);
	return fine;
}

static bool test_input(struct lasting *lasting)
{
	static const struct ddk_input_ops ops = { .kinds = DDK_INPUT_KEYS };
	struct ddk_input *input;

	if (ddk_input_create(lasting->device, "lasting", &ops, lasting, &input) != 0)
		return false;
	ddk_input_key(input, KEY_LEFT_SHIFT, true);
	ddk_input_key(input, KEY_LEFT_SHIFT, false);
	ddk_input_destroy(input);
	return true;
}

static bool test_parameter(struct lasting *lasting)
{
	char value[DDK_PARAMETER_MAX];

	return ddk_parameter_number(lasting->device, "number", 3) == 0x1f &&
	       ddk_parameter_number(lasting->device, "other", 3) == 3 &&
	       ddk_parameter(lasting->device, "word", value, sizeof(value)) &&
	       strcmp(value, "spoken") == 0 && !ddk_parameter(lasting->device, "none", value, 8);
}

static bool test_monitor(struct lasting *lasting)
{
	struct ddk_monitor_reply reply;

	(void)lasting;
	(void)ddk_monitor_call(DDK_MONITOR_VERSION, 0, &reply);
	return true;
}

static const struct {
	const char *name;
	bool (*test)(struct lasting *lasting);
} tests[] = {
	{ "pci", test_pci },
	{ "registers", test_registers },
	{ "memory", test_memory },
	{ "base", test_base },
	{ "time", test_time },
	{ "interrupt", test_interrupt },
	{ "dma", test_dma },
	{ "input", test_input },
	{ "parameter", test_parameter },
	{ "monitor", test_monitor },
};

static void run_tests(struct lasting *lasting)
{
	unsigned wrong = 0;

	for (size_t i = 0; i < array_length(tests); i++) {
		if (tests[i].test(lasting))
			continue;
		wrong++;
		ddk_error(lasting->device, "lasting: %s is not as it was", tests[i].name);
	}
	ddk_info(lasting->device, "lasting: kit %u.%u, %zu steps, %u wrong", DDK_VERSION_MAJOR,
		 DDK_VERSION_MINOR, array_length(tests), wrong);
}

static void let_go(struct lasting *lasting)
{
	ddk_pci_set_bus_master(lasting->device, false);
	ddk_irq_disconnect(lasting->device, 0);
	ddk_timer_cancel(&lasting->timer);
	ddk_work_flush(&lasting->tick);
	ddk_region_unmap(&lasting->registers);
	ddk_device_set_state(lasting->device, NULL);
	ddk_free(lasting);
}

static int probe(struct device *device)
{
	struct lasting *lasting = ddk_allocate(sizeof(*lasting));
	int error;

	if (!lasting)
		return -ENOMEM;
	lasting->device = device;
	ddk_lock_init(&lasting->lock, "lasting");
	ddk_mutex_init(&lasting->mutex, "lasting");
	ddk_event_init(&lasting->event, "lasting");
	ddk_timer_init(&lasting->timer, on_timer);
	ddk_work_init(&lasting->tick, on_tick);
	error = ddk_region_map(device, 0, 0, 0, DDK_REGION_UNCACHED, &lasting->registers);
	if (error) {
		ddk_free(lasting);
		return error;
	}
	error = ddk_irq_connect(device, 0, lasting_interrupt, lasting);
	if (!error) {
		ddk_pci_set_bus_master(device, true);
		ddk_device_set_state(device, lasting);
		run_tests(lasting);
		error = lasting_make_disk(lasting);
	}
	if (error)
		let_go(lasting);
	return error;
}

static void remove(struct device *device)
{
	struct lasting *lasting = ddk_device_state(device);

	lasting_remove_disk(lasting);
	let_go(lasting);
}

static int suspend(struct device *device)
{
	struct lasting *lasting = ddk_device_state(device);

	return ddk_disk_suspend(lasting->disk);
}

static int resume(struct device *device)
{
	struct lasting *lasting = ddk_device_state(device);

	ddk_pci_set_bus_master(device, true);
	ddk_disk_resume(lasting->disk);
	return 0;
}

static const struct driver_match matches[] = {
	MATCH_PCI(0x1234, 0x11e8),
};

DRIVER(lasting) = {
	.name = "lasting",
	.version = "1.0",
	.licence = "GPL-3.0-or-later",
	.matches = matches,
	.match_count = array_length(matches),
	.probe = probe,
	.remove = remove,
	.suspend = suspend,
	.resume = resume,
};
