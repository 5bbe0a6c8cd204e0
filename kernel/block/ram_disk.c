/* SPDX-License-Identifier: GPL-3.0-or-later */
/* RAM disks. Requests are done as they are submitted. */
#include <base/errno.h>
#include <base/string.h>
#include <block/disk.h>
#include <block/ram_disk.h>
#include <mm/phys/frame.h>
#include <mm/phys/kernel_map.h>
#include <mm/phys/slab.h>

#define PAGE_SECTORS (PAGE_SIZE >> SECTOR_SHIFT)
#define QUEUE_DEPTH  16

struct ram_disk {
	/* Immutable. */
	struct ddk_disk *disk;
	uint64_t page_count;
	/* By page; NULL: never written, all zeros. Once there, a frame stays. */
	_Atomic(struct frame *) *frames;
};

static struct frame *frame_to_write(struct ram_disk *ram, uint64_t page)
{
	struct frame *frame = atomic_load(&ram->frames[page]);
	struct frame *none = NULL;

	if (frame)
		return frame;
	frame = frame_allocate(0, FRAME_ZERO);
	if (!frame || atomic_compare_exchange_strong(&ram->frames[page], &none, frame))
		return frame;
	frame_put(frame);
	return none;
}

/* One piece within a page. `memory`: NULL: zeros are written. */
static int transfer_piece(struct ram_disk *ram, bool write, uint64_t position, void *memory,
			  size_t length)
{
	uint64_t page = position >> PAGE_SHIFT;
	size_t offset = position & (PAGE_SIZE - 1);
	struct frame *frame = atomic_load(&ram->frames[page]);

	if (write && memory)
		frame = frame_to_write(ram, page);
	if (!frame && write)
		return memory ? -EIO : 0;
	if (!write && !frame)
		memset(memory, 0, length);
	else if (!write)
		memcpy(memory, (char *)frame_address(frame) + offset, length);
	else if (memory)
		memcpy((char *)frame_address(frame) + offset, memory, length);
	else
		memset((char *)frame_address(frame) + offset, 0, length);
	return 0;
}

static int transfer(struct ram_disk *ram, bool write, uint64_t position, void *memory,
		    uint64_t length)
{
	uint64_t done = 0;
	int error = 0;

	while (done < length && !error) {
		uint64_t at = position + done;
		size_t part = (size_t)min_u64(length - done, PAGE_SIZE - (at & (PAGE_SIZE - 1)));

		error = transfer_piece(ram, write, at, memory ? (char *)memory + done : NULL, part);
		done += part;
	}
	return error;
}

static int submit(struct ddk_disk_request *request, bool last)
{
	struct ram_disk *ram = request->disk->context;
	uint64_t position = request->block << SECTOR_SHIFT;
	bool write = request->operation != DDK_DISK_READ;
	int error = 0;

	(void)last;
	if (request->operation > DDK_DISK_FLUSH)
		error = transfer(ram, true, position, NULL,
				 (uint64_t)request->count << SECTOR_SHIFT);
	for (unsigned i = 0; i < request->segment_count && !error; i++) {
		const struct ddk_disk_segment *segment = &request->segments[i];

		error = transfer(ram, write, position, phys_to_virt(segment->device_address),
				 segment->length);
		position += segment->length;
	}
	block_disk_complete(request, error ? -EREMOTEIO : 0);
	return 0;
}

static const struct ddk_disk_ops ops = { .submit = submit };

static void free_frames(struct ram_disk *ram)
{
	for (uint64_t page = 0; page < ram->page_count; page++)
		if (ram->frames[page])
			frame_put(ram->frames[page]);
	kernel_vfree(ram->frames);
	kfree(ram);
}

static struct ram_disk *allocate_ram_disk(uint64_t page_count)
{
	struct ram_disk *ram = kzalloc(sizeof(*ram));

	if (!ram)
		return NULL;
	ram->page_count = page_count;
	ram->frames = kernel_vmalloc(page_count * sizeof(*ram->frames));
	if (ram->frames)
		return ram;
	kfree(ram);
	return NULL;
}

int block_ram_disk_create(const char *name, uint64_t sector_count, struct block_device **device)
{
	struct ddk_disk_description description = {
		.prefix = "ram",
		.model = "RAM disk",
		.block_count = sector_count,
		.block_size = SECTOR_SIZE,
		.physical_block_size = PAGE_SIZE,
		.max_blocks = 2048,
		.max_segments = BIO_RESERVE_SEGMENTS,
		.max_segment_length = 1 << 20,
		.segment_alignment = 1,
		.max_discard_blocks = 1 << 15,
		.max_write_zeroes_blocks = 1 << 15,
		.queue_count = cpu_count(),
		.queue_depth = QUEUE_DEPTH,
	};
	struct ram_disk *ram;
	int error;

	if (sector_count == 0 || sector_count % PAGE_SECTORS != 0)
		return -EINVAL;
	ram = allocate_ram_disk(sector_count / PAGE_SECTORS);
	if (!ram)
		return -ENOMEM;
	error = block_disk_create(name, ram, &description, &ops, ram, &ram->disk);
	if (error)
		free_frames(ram);
	else
		*device = block_disk_device(block_disk_of(ram->disk));
	return error;
}

void block_ram_disk_destroy(struct block_device *device)
{
	struct ram_disk *ram = block_disk_handle(device)->context;

	block_disk_remove(ram->disk);
	free_frames(ram);
}
