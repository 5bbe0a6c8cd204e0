/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where a command's data are: as a list of pages (PRP entries, 4.3), which reach over the gaps
 * between segments only at page boundaries, or as a scatter list (SGL, 4.4), if the controller
 * knows them. Two pages fit into the command itself, and so does one SGL descriptor; of longer
 * ones the shorter is taken, since the controller has to fetch it.
 */
#include <base/errno.h>

#include "nvme.h"

#define PAGE_MASK (NVME_PAGE_SIZE - 1)

/* How many PRP entries the request takes; 0 if they cannot tell it. */
static unsigned count_pages(const struct ddk_disk_request *request)
{
	unsigned last = request->segment_count - 1;
	uint64_t count = 0;

	for (unsigned i = 0; i <= last; i++) {
		const struct ddk_disk_segment *segment = &request->segments[i];
		uint64_t offset = segment->device_address & PAGE_MASK;
		uint64_t end = offset + segment->length;

		if ((i > 0 && offset) || (i < last && end & PAGE_MASK))
			return 0;
		count += (end + PAGE_MASK) >> NVME_PAGE_SHIFT;
	}
	/* Offsets are multiples of 4 (4.3). */
	if (request->segments[0].device_address & 3 || count > NVME_LIST_PRPS + 1)
		return 0;
	return (unsigned)count;
}

static void describe_pages(const struct ddk_disk_request *request, const struct nvme_list *list,
			   unsigned count, struct nvme_command *command)
{
	uint64_t *entries = count > 2 ? list->memory : &command->data[1];

	command->data[0] = request->segments[0].device_address;
	for (unsigned i = 0; i < request->segment_count; i++) {
		const struct ddk_disk_segment *segment = &request->segments[i];
		uint64_t end = segment->device_address + segment->length;
		uint64_t page = segment->device_address & ~(uint64_t)PAGE_MASK;

		/* The first page of all is in the command. */
		for (page += i ? 0 : NVME_PAGE_SIZE; page < end; page += NVME_PAGE_SIZE)
			*entries++ = page;
	}
	if (count > 2)
		command->data[1] = list->device_address;
}

/* `sgl` is in the command: a segment, or where the list is. */
static int describe_segments(const struct nvme_controller *controller,
			     const struct ddk_disk_request *request, const struct nvme_list *list,
			     struct nvme_sgl *sgl)
{
	unsigned count = request->segment_count;
	struct nvme_sgl *entries = count > 1 ? list->memory : sgl;

	if (count > NVME_LIST_SGLS)
		return -EREMOTEIO;
	for (unsigned i = 0; i < count; i++) {
		const struct ddk_disk_segment *segment = &request->segments[i];

		if (!is_aligned(segment->device_address | segment->length,
				controller->sgl_alignment))
			return -EREMOTEIO;
		entries[i] = (struct nvme_sgl){
			.address = segment->device_address,
			.length = segment->length,
			.kind = NVME_SGL_DATA,
		};
	}
	if (count > 1)
		*sgl = (struct nvme_sgl){
			.address = list->device_address,
			.length = (uint32_t)(count * sizeof(struct nvme_sgl)),
			.kind = NVME_SGL_LAST_SEGMENT,
		};
	return 0;
}

/* What is most common: a segment within two pages. False if it is not that. */
static bool describe_short(const struct ddk_disk_request *request, struct nvme_command *command)
{
	const struct ddk_disk_segment *segment = request->segments;
	uint64_t offset = segment->device_address & PAGE_MASK;
	uint64_t end = offset + segment->length;

	if (request->segment_count != 1 || end > 2 * NVME_PAGE_SIZE || offset & 3)
		return false;
	command->data[0] = segment->device_address;
	if (end > NVME_PAGE_SIZE)
		command->data[1] = segment->device_address - offset + NVME_PAGE_SIZE;
	return true;
}

int nvme_describe_data(const struct nvme_controller *controller,
		       const struct ddk_disk_request *request, const struct nvme_list *list,
		       struct nvme_command *command)
{
	unsigned segments = request->segment_count;
	struct nvme_sgl sgl;
	unsigned pages;
	int error;

	if (describe_short(request, command))
		return 0;
	pages = count_pages(request);
	/* A PRP entry is half as long as an SGL descriptor. */
	if (pages && (pages <= 2 || !controller->sgl_alignment || 2 * segments > pages)) {
		describe_pages(request, list, pages, command);
		return 0;
	}
	if (!controller->sgl_alignment)
		return -EREMOTEIO;
	error = describe_segments(controller, request, list, &sgl);
	if (error)
		return error;
	command->flags = NVME_FLAGS_SGL;
	__builtin_memcpy(command->data, &sgl, sizeof(sgl));
	return 0;
}
