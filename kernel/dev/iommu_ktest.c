/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The IOMMU on the machine, with QEMU's device "edu" (1234:11e8), whose engine copies between memory and a buffer of its own. With
 * no IOMMU, or no such device, there is nothing to test. The tests of PCI use the same devices (pci_ktest.c).
 */
#include "dev_priv.h"
#include "pci_priv.h"

#include <base/errno.h>
#include <base/string.h>
#include <core/ktest.h>
#include <iommu/iommu.h>
#include <irq/irq.h>
#include <mm/phys/frame.h>
#include <mm/phys/kernel_map.h>
#include <sched/thread.h>
#include <time/clock.h>

#include <stdatomic.h>

#define EDU_VENDOR  0x1234
#define EDU_DEVICE  0x11e8
#define EDU_FROM    (0x80 / 4)
#define EDU_TO      (0x88 / 4)
#define EDU_COUNT   (0x90 / 4)
#define EDU_COMMAND (0x98 / 4)
#define EDU_BUSY    (1u << 0)
#define EDU_OUT     (1u << 1) /* from its buffer to memory */
#define EDU_BUFFER  0x40000
#define EDU_RAISE   (0x60 / 4)
#define EDU_RELEASE (0x64 / 4)
#define EDU_LENGTH  4096
/* It cuts addresses to so many bits, unless it was told otherwise. */
#define EDU_REACH (1ull << 28)
#define DMA_WAIT  (10 * NS_PER_SECOND)
#define SIZE      256
#define TRIES     1024

struct edu {
	struct device *device; /* a reference */
	volatile uint32_t *registers;
	phys_t page; /* that it may be told to use */
	uint8_t *memory;
};

/* Faults that a test waits for: at this address, or of interrupts. Those of a test before may still come. */
static _Atomic uint64_t awaited;
static _Atomic bool awaited_interrupt, fault_came;
static struct iommu_fault last_fault;
static struct iommu_domain *last_domain;

static void note_fault(struct iommu_domain *domain, const struct iommu_fault *fault, unsigned count)
{
	if (fault->interrupt != awaited_interrupt || fault->address != awaited || count == 0)
		return;
	last_fault = *fault;
	last_domain = domain;
	fault_came = true;
}

static void await_fault(uint64_t address, bool interrupt)
{
	fault_came = false;
	awaited = address;
	awaited_interrupt = interrupt;
	iommu_set_fault_handler(note_fault);
}

/* A block whose first page the device can name. What is too far up is kept until one is found: so blocks are large. */
static phys_t allocate_near(void)
{
	struct list others = LIST_INIT(others);
	struct frame *frame = NULL;
	struct list_node *node;

	for (unsigned i = 0; i < TRIES; i++) {
		frame = frame_allocate(FRAME_ORDER_MAX, FRAME_DMA32);
		if (!frame || frame_physical(frame) < EDU_REACH)
			break;
		list_push_back(&others, &frame->node);
		frame = NULL;
	}
	while ((node = list_pop_front(&others)))
		frame_put(container_of(node, struct frame, node));
	return frame ? frame_physical(frame) : 0;
}

/* The first that is behind an IOMMU and has no driver; false: there is none. */
static bool open_edu(struct edu *edu)
{
	struct device *device = device_next(NULL);

	*edu = (struct edu){ 0 };
	while (device && (device->bus != DRIVER_BUS_PCI || device->pci.vendor != EDU_VENDOR ||
			  device->pci.device != EDU_DEVICE || device->driver || !device->domain ||
			  !device->ranges[0].base))
		device = device_next(device);
	if (!device)
		return false;
	edu->device = device;
	edu->registers = kernel_map_device(device->ranges[0].base, EDU_LENGTH, MMU_UNCACHED);
	edu->page = allocate_near();
	ktest_expect(edu->registers && edu->page);
	if (!edu->registers || !edu->page)
		return false;
	edu->memory = phys_to_virt(edu->page);
	ktest_expect(iommu_open(device->domain, IOMMU_MODE_MAPPED) == 0);
	pci_set_bus_master(device, true);
	return true;
}

static void close_edu(struct edu *edu)
{
	pci_set_bus_master(edu->device, false);
	iommu_close(edu->device->domain);
	kernel_unmap_device((void *)edu->registers, EDU_LENGTH);
	frame_put(frame_at(edu->page));
	device_put(edu->device);
}

static void run(struct edu *edu, uint64_t from, uint64_t to, uint32_t direction)
{
	uint64_t deadline = clock_deadline_after(DMA_WAIT);

	edu->registers[EDU_FROM] = (uint32_t)from;
	edu->registers[EDU_TO] = (uint32_t)to;
	edu->registers[EDU_COUNT] = SIZE;
	edu->registers[EDU_COMMAND] = EDU_BUSY | direction;
	while (edu->registers[EDU_COMMAND] & EDU_BUSY && clock_monotonic_ns() < deadline)
		thread_sleep_until(clock_deadline_after(NS_PER_MILLISECOND));
}

/* Has the device write to the page what it read from it: whether that worked. */
static bool copies(struct edu *edu)
{
	static uint8_t pattern;

	memset(edu->memory, ++pattern, SIZE);
	run(edu, edu->page, EDU_BUFFER, 0);
	memset(edu->memory, 0, SIZE);
	run(edu, EDU_BUFFER, edu->page, EDU_OUT);
	for (unsigned i = 0; i < SIZE; i++)
		if (edu->memory[i] != pattern)
			return false;
	return true;
}

static bool fault_is_told(void)
{
	uint64_t deadline = clock_deadline_after(DMA_WAIT);

	while (!fault_came && clock_monotonic_ns() < deadline)
		thread_sleep_until(clock_deadline_after(NS_PER_MILLISECOND));
	iommu_set_fault_handler(NULL);
	return fault_came;
}

KTEST(iommu, devices_reach_what_is_mapped)
{
	const unsigned both = IOMMU_READ | IOMMU_WRITE;
	struct iommu_domain *domain;
	struct edu edu;

	if (!open_edu(&edu))
		return;
	domain = edu.device->domain;
	ktest_expect(!iommu_is_mapped(domain, edu.page, SIZE, IOMMU_READ));
	ktest_expect(iommu_map(domain, edu.page + 16, SIZE, both) == 0);
	ktest_expect(iommu_is_mapped(domain, edu.page, PAGE_SIZE, both));
	ktest_expect(copies(&edu));
	/* Twice mapped and once unmapped it is mapped. */
	ktest_expect(iommu_map(domain, edu.page, PAGE_SIZE, IOMMU_READ) == 0);
	iommu_unmap(domain, edu.page + 16, SIZE);
	iommu_flush(domain);
	ktest_expect(copies(&edu));
	iommu_unmap(domain, edu.page, PAGE_SIZE);
	iommu_flush(domain);
	ktest_expect(!iommu_is_mapped(domain, edu.page, SIZE, IOMMU_READ));
	ktest_expect(!copies(&edu));
	close_edu(&edu);
}

KTEST(iommu, what_is_not_mapped_is_told)
{
	struct iommu_domain *domain;
	struct edu edu;

	if (!open_edu(&edu))
		return;
	domain = edu.device->domain;
	await_fault(edu.page, false);
	memset(edu.memory, 0x11, SIZE);
	run(&edu, EDU_BUFFER, edu.page, EDU_OUT);
	ktest_expect(fault_is_told());
	ktest_expect(last_domain == domain && last_fault.write);
	ktest_expect(last_fault.requester.function ==
		     (edu.device->pci.slot << 3 | edu.device->pci.function));
	ktest_expect(edu.memory[0] == 0x11 && edu.memory[SIZE - 1] == 0x11);
	/* What may be read may not be written. */
	await_fault(edu.page, false);
	ktest_expect(iommu_map(domain, edu.page, PAGE_SIZE, IOMMU_READ) == 0);
	run(&edu, EDU_BUFFER, edu.page, EDU_OUT);
	ktest_expect(fault_is_told());
	ktest_expect(edu.memory[0] == 0x11);
	iommu_unmap(domain, edu.page, PAGE_SIZE);
	iommu_flush(domain);
	close_edu(&edu);
}

KTEST(iommu, modes_decide)
{
	const unsigned both = IOMMU_READ | IOMMU_WRITE;
	struct iommu_domain *domain;
	struct edu edu;
	int error;

	if (!open_edu(&edu))
		return;
	domain = edu.device->domain;
	ktest_expect(iommu_map(domain, edu.page, PAGE_SIZE, both) == 0);
	ktest_expect(iommu_set_mode(domain, IOMMU_MODE_NONE) == 0);
	ktest_expect(!copies(&edu));
	ktest_expect(iommu_set_mode(domain, IOMMU_MODE_MAPPED) == 0);
	ktest_expect(copies(&edu));
	iommu_unmap(domain, edu.page, PAGE_SIZE);
	iommu_flush(domain);
	ktest_expect(!copies(&edu));
	error = iommu_set_mode(domain, IOMMU_MODE_ALL);
	ktest_expect(error ? error == -EOPNOTSUPP : copies(&edu));
	ktest_expect(iommu_set_mode(domain, IOMMU_MODE_MAPPED) == 0);
	ktest_expect(!copies(&edu));
	close_edu(&edu);
}

/* Another function's domain than the one of `mine`; borrowed, as its device stays. */
static struct iommu_domain *other_domain(const struct device *mine)
{
	struct iommu_domain *found = NULL;

	for (struct device *device = device_next(NULL); device; device = device_next(device))
		if (device->domain && device->domain != mine->domain)
			found = device->domain;
	return found;
}

/* Has the device send `address` and 0 as its message. */
static void send_message(struct edu *edu, uint64_t address)
{
	const struct pci_function *pci = &edu->device->pci;
	uint32_t control = pci_read_config(pci, pci->msi + PCI_MSI_CONTROL, 2);

	pci_write_config(pci, pci->msi + 4, 4, (uint32_t)address);
	pci_write_config(pci, pci->msi + 8, 4, 0);
	pci_write_config(pci, pci->msi + (control & PCI_MSI_64BIT ? 12 : 8), 2, 0);
	pci_write_config(pci, pci->msi + PCI_MSI_CONTROL, 2, control | PCI_MSI_ENABLE);
	edu->registers[EDU_RAISE] = 1;
	edu->registers[EDU_RELEASE] = 1;
	pci_write_config(pci, pci->msi + PCI_MSI_CONTROL, 2, control & ~PCI_MSI_ENABLE);
}

static _Atomic unsigned arrived;

static bool count_arrival(struct irq_handler *handler)
{
	(void)handler;
	arrived++;
	return true;
}

static bool one_arrives(void)
{
	uint64_t deadline = clock_deadline_after(DMA_WAIT);

	while (!arrived && clock_monotonic_ns() < deadline)
		thread_yield();
	return arrived == 1;
}

/* What comes is the device's own message, though it sent another's before. Whether that is told is the machine's: QEMU
 * before 8.1 does not. */
KTEST(iommu, interrupts_of_others_do_not_come)
{
	struct irq_handler handler = { .handle = count_arrival, .name = "iommu test" };
	unsigned own_entry = 0, others_entry = 0;
	uint64_t address, own, others;
	uint32_t data, own_data, others_data;
	struct edu edu;

	if (!open_edu(&edu))
		return;
	if (iommu_remaps_interrupts() && other_domain(edu.device)) {
		arrived = 0;
		ktest_expect(irq_request_msi(&handler, &address, &data) == 0);
		own = others = address;
		own_data = others_data = data;
		ktest_expect(
			iommu_message_create(edu.device->domain, &own, &own_data, &own_entry) == 0);
		ktest_expect(iommu_message_create(other_domain(edu.device), &others, &others_data,
						  &others_entry) == 0);
		ktest_expect(own_entry && others_entry && own != others && own != address);
		send_message(&edu, others);
		send_message(&edu, own);
		ktest_expect(one_arrives());
		irq_release(&handler);
		iommu_message_destroy(own_entry);
		iommu_message_destroy(others_entry);
	}
	close_edu(&edu);
}
