/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Misdeeds with memory: the kernel's, code, too much of it, and what is not the device's. */
#include "hostile.h"

#define LIMIT_MIB   1024 /* far above what a host may have */
#define THREADS_MAX 64
#define MIB         (1ull << 20)
#define RET         0xc3

static int do_read_kernel(struct hostile *hostile, struct ddk_disk_request *request)
{
	(void)request;
	reached(hostile, "the kernel's memory: %llx",
		*(volatile unsigned long long *)(uintptr_t)KERNEL_ADDRESS);
	return 0;
}

static int do_write_kernel(struct hostile *hostile, struct ddk_disk_request *request)
{
	(void)request;
	*(volatile uint64_t *)(uintptr_t)KERNEL_ADDRESS = 1;
	reached(hostile, "the kernel's memory");
	return 0;
}

/* The kernel's memory where all of the machine's is mapped, and low addresses. */
static int do_null(struct hostile *hostile, struct ddk_disk_request *request)
{
	(void)request;
	*(volatile uint64_t *)hide_address(8) = 1;
	reached(hostile, "address 8");
	return 0;
}

static int do_write_code(struct hostile *hostile, struct ddk_disk_request *request)
{
	(void)request;
	*(volatile uint8_t *)(uintptr_t)do_write_code = RET;
	reached(hostile, "its own code");
	return 0;
}

/* Makes code of data. */
static int do_execute(struct hostile *hostile, struct ddk_disk_request *request)
{
	long address = raw_call(HOST_MEMORY_MAP, 4096, 0, 0, 0, 0, 0);

	(void)request;
	if (address < 0 && address > -4096)
		return -ENOMEM;
	*(volatile uint8_t *)address = RET;
	if (raw_call(HOST_MEMORY_PROTECT, (uint64_t)address, 4096, HOST_EXECUTABLE, 0, 0, 0) == 0)
		reached(hostile, "memory that was written is executable");
	((void (*)(void))address)();
	reached(hostile, "it was executed");
	return 0;
}

/* Each call has a frame of its own, as the compiler must believe that there is an end. */
static int do_overflow(struct hostile *hostile, struct ddk_disk_request *request)
{
	volatile char space[65536];

	space[0] = 1;
	if (hide_address(1))
		do_overflow(hostile, request);
	return space[0];
}

/* Takes what there is, and uses it. */
static int do_take_memory(struct hostile *hostile, struct ddk_disk_request *request)
{
	uint64_t count = 0;

	(void)request;
	for (; count < LIMIT_MIB; count++) {
		long address = raw_call(HOST_MEMORY_MAP, MIB, 0, 0, 0, 0, 0);

		if (address < 0 && address > -4096)
			break;
		memset((void *)address, 1, MIB);
	}
	if (count >= LIMIT_MIB)
		reached(hostile, "a gigabyte");
	if (raw_call(HOST_MEMORY_MAP, 1ull << 46, 0, 0, 0, 0, 0) > 0)
		reached(hostile, "64 terabytes");
	ddk_info(hostile->device, "memory ended after %llu MiB", (unsigned long long)count);
	return -ENOMEM;
}

static int do_take_dma(struct hostile *hostile, struct ddk_disk_request *request)
{
	uint64_t count = 0;
	struct ddk_dma dma;

	(void)request;
	while (count < LIMIT_MIB && !ddk_dma_allocate(hostile->device, MIB, 0, &dma))
		count++;
	if (count >= LIMIT_MIB)
		reached(hostile, "a gigabyte of DMA memory");
	ddk_info(hostile->device, "DMA memory ended after %llu MiB", (unsigned long long)count);
	return -ENOMEM;
}

static void sleep_for_ever(void)
{
	for (;;)
		raw_call(HOST_FUTEX_WAIT, address_of(process_misdeeds), ~0ull, UINT64_MAX, 0, 0, 0);
}

static int do_take_threads(struct hostile *hostile, struct ddk_disk_request *request)
{
	static uint8_t stacks[THREADS_MAX][4096] __attribute__((aligned(16)));
	unsigned count = 0;

	(void)request;
	while (count < THREADS_MAX &&
	       raw_call(HOST_THREAD_START, (uint64_t)(uintptr_t)sleep_for_ever,
			address_of(stacks[count]) + 4000, 0, address_of("x"), 1, 0) >= 0)
		count++;
	if (count >= THREADS_MAX)
		reached(hostile, "%u threads", count);
	ddk_info(hostile->device, "threads ended after %u", count);
	return -ENOMEM;
}

/* A region that there is not, or beyond its end: parameter `try` says which. Then registers of the CPU's, where they are physically. */
static int do_map(struct hostile *hostile, struct ddk_disk_request *request)
{
	static const uint64_t tries[][3] = {
		{ 1, 0, 4096 },          { 5, 0, 0 },
		{ 6, 0, 4096 },          { UINT32_MAX, 0, 1 },
		{ 0, 1 << 20, 4096 },    { 0, 0, 2 << 20 },
		{ 0, UINT64_MAX, 2 },    { 0, 4096, UINT64_MAX - 4095 },
		{ 0, 1ull << 63, 4096 },
	};

	uint64_t number = ddk_parameter_number(hostile->device, "try", 0);
	long address = -EINVAL;

	(void)request;
	if (number < array_length(tries))
		address = raw_call(HOST_REGION_MAP, tries[number][0], tries[number][1],
				   tries[number][2], DDK_REGION_UNCACHED, 0, 0);
	if (address > 0 || address < -4095)
		reached(hostile, "region %llu", (unsigned long long)tries[number][0]);
	*(volatile uint32_t *)(uintptr_t)0xfee00020 =
		1; /* a register of the CPU's, were it mapped */
	reached(hostile, "the local APIC");
	return 0;
}

/* What the bus looks after: command, BARs, the interrupt capability. */
static int do_config(struct hostile *hostile, struct ddk_disk_request *request)
{
	unsigned msi = ddk_pci_find_capability(hostile->device, DDK_PCI_CAPABILITY_MSI, 0);
	static const unsigned offsets[] = { 0x04, 0x10, 0x14, 0x3c, 0x100000, 0xfffffffc };

	(void)request;
	for (size_t i = 0; i < array_length(offsets); i++)
		if (raw_call(HOST_CONFIG_WRITE, offsets[i], 4, 0xfee00000, 0, 0, 0) == 0)
			reached(hostile, "configuration at 0x%x", offsets[i]);
	for (unsigned i = 0; msi && i < 16; i += 4)
		if (raw_call(HOST_CONFIG_WRITE, msi + i, 4, 0xfee00000, 0, 0, 0) == 0)
			reached(hostile, "the interrupt's message");
	for (unsigned port = 0; port < 6; port++)
		if (raw_call(HOST_PORT_WRITE, port, 0x64, 1, 0xfe, 0, 0) == 0)
			reached(hostile, "ports");
	do_null(hostile, request);
	return 0;
}

const struct misdeed memory_misdeeds[] = {
	{ "read-kernel", IN_PROBE, do_read_kernel },
	{ "write-kernel", IN_SUBMIT, do_write_kernel },
	{ "null", IN_WORK, do_null },
	{ "write-code", IN_PROBE, do_write_code },
	{ "execute", IN_PROBE, do_execute },
	{ "overflow", IN_PROBE, do_overflow },
	{ "take-memory", IN_PROBE, do_take_memory },
	{ "take-dma", IN_PROBE, do_take_dma },
	{ "take-threads", IN_PROBE, do_take_threads },
	{ "map", IN_PROBE, do_map },
	{ "config", IN_PROBE, do_config },
	{ 0 },
};
