/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Misdeeds of the device: its DMA engine and its interrupt. */
#include "hostile.h"

#define ENGINE_PATIENCE (5 * DDK_SECOND)
#define STOP_PATIENCE   (60 * DDK_SECOND)
#define PATTERN         0xee

/* Has the engine copy; false: it does not end. */
static bool run_engine(struct hostile *hostile, uint32_t from, uint32_t to, uint32_t length,
		       uint32_t direction)
{
	uint64_t end = ddk_time() + ENGINE_PATIENCE;

	ddk_write32(&hostile->registers, EDU_DMA_SOURCE, from);
	ddk_write32(&hostile->registers, EDU_DMA_DESTINATION, to);
	ddk_write32(&hostile->registers, EDU_DMA_COUNT, length);
	ddk_write32(&hostile->registers, EDU_DMA_COMMAND, EDU_DMA_RUN | direction);
	while (ddk_read32(&hostile->registers, EDU_DMA_COMMAND) & EDU_DMA_RUN) {
		if (ddk_time() > end)
			return false;
		ddk_sleep(DDK_MILLISECOND);
	}
	return true;
}

/* It was to be stopped meanwhile. */
static int wait_for_end(struct hostile *hostile)
{
	ddk_sleep(STOP_PATIENCE);
	reached(hostile, "goes on");
	return -EIO;
}

/* The device's own memory holds the pattern. */
static int fill_device(struct hostile *hostile, struct ddk_dma *dma)
{
	int error = ddk_dma_allocate(hostile->device, EDU_MEMORY_SIZE, DDK_DMA_32BIT, dma);

	if (error)
		return error;
	memset(dma->memory, PATTERN, EDU_MEMORY_SIZE);
	return run_engine(hostile, (uint32_t)dma->device_address, EDU_MEMORY, 2048, 0) ? 0
										       : -ETIMEDOUT;
}

/* Writes to the memory that parameter `address` names. */
static int do_dma_write(struct hostile *hostile, struct ddk_disk_request *request)
{
	uint32_t address = (uint32_t)ddk_parameter_number(hostile->device, "address", 0x100000);
	struct ddk_dma dma;
	int error = fill_device(hostile, &dma);

	(void)request;
	if (error)
		return error;
	ddk_info(hostile->device, "writing at 0x%x", address);
	run_engine(hostile, EDU_MEMORY, address, 64, EDU_DMA_TO_MEMORY);
	return wait_for_end(hostile);
}

/* Reads the memory that parameter `address` names, and looks at what came. */
static int do_dma_read(struct hostile *hostile, struct ddk_disk_request *request)
{
	uint32_t address = (uint32_t)ddk_parameter_number(hostile->device, "address", 0x100000);
	struct ddk_dma dma;
	const uint8_t *bytes;
	bool different = false;
	int error = fill_device(hostile, &dma);

	(void)request;
	if (error)
		return error;
	run_engine(hostile, address, EDU_MEMORY, 2048, 0);
	memset(dma.memory, 0, EDU_MEMORY_SIZE);
	run_engine(hostile, EDU_MEMORY, (uint32_t)dma.device_address, 2048, EDU_DMA_TO_MEMORY);
	bytes = dma.memory;
	for (size_t i = 1; i < 2048; i++)
		different = different || bytes[i] != bytes[0];
	if (different)
		reached(hostile, "the memory at 0x%x by DMA", address);
	return wait_for_end(hostile);
}

/* Writes to memory that it had, and gave back. */
static int do_dma_late(struct hostile *hostile, struct ddk_disk_request *request)
{
	struct ddk_dma dma;
	uint32_t address;
	int error = fill_device(hostile, &dma);

	(void)request;
	if (error)
		return error;
	address = (uint32_t)dma.device_address;
	ddk_dma_free(&dma);
	run_engine(hostile, EDU_MEMORY, address, 64, EDU_DMA_TO_MEMORY);
	return wait_for_end(hostile);
}

/* Writes to the memory of a request that it has completed. */
static int do_dma_after(struct hostile *hostile, struct ddk_disk_request *request)
{
	uint32_t address = 0;

	if (request->operation == DDK_DISK_READ)
		address = (uint32_t)request->segments[0].device_address;
	ddk_disk_complete(request, 0);
	if (!address)
		return 0;
	ddk_sleep(DDK_SECOND / 10);
	run_engine(hostile, EDU_MEMORY, address, 64, EDU_DMA_TO_MEMORY);
	return 0;
}

/* Writes an interrupt message of its own making to where CPUs take them. */
static int do_dma_interrupt(struct hostile *hostile, struct ddk_disk_request *request)
{
	struct ddk_dma dma;
	int error = fill_device(hostile, &dma);

	(void)request;
	if (error)
		return error;
	run_engine(hostile, EDU_MEMORY, 0xfee00000, 4, EDU_DMA_TO_MEMORY);
	return wait_for_end(hostile);
}

/* Each interrupt raises the next, and none is acknowledged. */
static int do_storm(struct hostile *hostile, struct ddk_disk_request *request)
{
	(void)request;
	ddk_write32(&hostile->registers, EDU_IRQ_RAISE, 1);
	return 0;
}

/* The same without waiting for them. */
static int do_storm_by_thread(struct hostile *hostile, struct ddk_disk_request *request)
{
	(void)request;
	for (;;)
		ddk_write32(&hostile->registers, EDU_IRQ_RAISE, 1);
	return 0;
}

const struct misdeed device_misdeeds[] = {
	{ "dma-write", IN_PROBE, do_dma_write },         { "dma-read", IN_PROBE, do_dma_read },
	{ "dma-late", IN_PROBE, do_dma_late },           { "dma-after", IN_SUBMIT, do_dma_after },
	{ "dma-interrupt", IN_PROBE, do_dma_interrupt }, { "storm", IN_INTERRUPT, do_storm },
	{ "storm-thread", IN_WORK, do_storm_by_thread }, { 0 },
};
