/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Self tests of frames, heap and kernel map on the running machine. */
#include <arch/mmu.h>
#include <arch/thread.h>
#include <base/string.h>
#include <core/ktest.h>
#include <mm/phys/frame.h>
#include <mm/phys/kernel_map.h>
#include <mm/phys/slab.h>

static bool is_filled(const void *memory, uint8_t byte, size_t length)
{
	const uint8_t *bytes = memory;

	for (size_t i = 0; i < length; i++)
		if (bytes[i] != byte)
			return false;
	return true;
}

KTEST(phys, frames)
{
	struct frame *dirty = frame_allocate(0, 0);
	phys_t low = frame_allocate_page(FRAME_DMA32 | FRAME_ZERO);
	struct frame *block = frame_allocate(3, FRAME_ZERO);

	ktest_expect(dirty && low && block);
	if (dirty) {
		ktest_expect(frame_at(frame_physical(dirty)) == dirty);
		ktest_expect(frame_references(dirty) == 1);
		frame_get(dirty);
		ktest_expect(frame_references(dirty) == 2);
		frame_put(dirty);
		memset(frame_address(dirty), 0x55, PAGE_SIZE);
		frame_put(dirty);
	}
	if (low) {
		ktest_expect(low < 1ull << 32);
		ktest_expect(is_filled(phys_to_virt(low), 0, PAGE_SIZE));
		frame_put(frame_at(low));
	}
	if (block) {
		ktest_expect(is_aligned(frame_physical(block), PAGE_SIZE << 3));
		ktest_expect(is_filled(frame_address(block), 0, PAGE_SIZE << 3));
		frame_put(block);
	}
	ktest_expect(!frame_allocate(FRAME_ORDER_MAX + 1, 0));
	ktest_expect(!frame_at(0));
}

KTEST(phys, frame_statistics)
{
	struct frame_statistics before, during;
	struct frame *block;

	frame_read_statistics(&before);
	ktest_expect(before.free <= before.total && before.slabs < before.total);
	block = frame_allocate(5, 0);
	ktest_expect(block);
	frame_account(FRAME_USE_FILE, 32);
	frame_read_statistics(&during);
	ktest_expect(during.total == before.total);
	ktest_expect(during.file >= 32);
	frame_account(FRAME_USE_FILE, -32);
	if (block)
		frame_put(block);
}

KTEST(phys, kmalloc_sizes)
{
	for (size_t size = 0; size <= 4 * PAGE_SIZE; size += size < 64 ? 1 : size / 7) {
		uint8_t *memory = kzalloc(size);

		ktest_expect(memory);
		if (!memory)
			continue;
		ktest_expect(is_aligned((uintptr_t)memory, 16));
		if (size > 0 && size <= PAGE_SIZE && (size & (size - 1)) == 0)
			ktest_expect(is_aligned((uintptr_t)memory, size));
		ktest_expect(is_filled(memory, 0, size));
		memset(memory, 0x5a, size);
		kfree(memory);
	}
	kfree(NULL);
	/* The compiler is not to know that this overflows. */
	volatile size_t huge = SIZE_MAX / 2;

	ktest_expect(!kcalloc(huge, 4));
	ktest_expect(!kmalloc(huge));
}

KTEST(phys, krealloc_keeps)
{
	uint8_t *memory = krealloc(NULL, 24);
	char *copy = kstrdup("kernel");

	ktest_expect(memory && copy && strcmp(copy, "kernel") == 0);
	kfree(copy);
	if (!memory)
		return;
	memset(memory, 0x3c, 24);
	for (size_t size = 48; size < 5 * PAGE_SIZE; size *= 3) {
		uint8_t *larger = krealloc(memory, size);

		ktest_expect(larger);
		if (!larger)
			break;
		memory = larger;
		ktest_expect(is_filled(memory, 0x3c, 24));
	}
	kfree(memory);
}

#define OBJECT_COUNT 500

KTEST(phys, slab_objects)
{
	static struct slab_cache *cache;
	uint64_t **objects = kcalloc(OBJECT_COUNT, sizeof(*objects));

	if (!cache)
		cache = slab_cache_create("ktest", 120, 8);
	ktest_expect(objects);
	for (size_t i = 0; objects && i < OBJECT_COUNT; i++) {
		objects[i] = slab_allocate(cache);
		ktest_expect(objects[i]);
		if (objects[i])
			*objects[i] = i;
	}
	for (size_t i = 0; objects && i < OBJECT_COUNT; i++) {
		if (!objects[i])
			continue;
		ktest_expect(*objects[i] == i);
		slab_free(cache, objects[i]);
	}
	kfree(objects);
}

KTEST(phys, vmalloc)
{
	size_t size = 37 * PAGE_SIZE + 1;
	uint8_t *memory = kernel_vmalloc(size);
	phys_t physical;

	ktest_expect(memory);
	if (!memory)
		return;
	ktest_expect(is_filled(memory, 0, size));
	memset(memory, 0x77, size);
	ktest_expect(arch_kernel_translate((vaddr_t)memory + PAGE_SIZE, &physical) &&
		     is_filled(phys_to_virt(physical), 0x77, PAGE_SIZE));
	ktest_expect(!arch_kernel_translate((vaddr_t)memory - PAGE_SIZE, &physical));
	ktest_expect(!arch_kernel_translate((vaddr_t)memory + 38 * PAGE_SIZE, &physical));
	kernel_vfree(memory);
	ktest_expect(!kernel_vmalloc(0));
}

KTEST(phys, kernel_stacks)
{
	uint8_t *first = kernel_stack_allocate();
	uint8_t *second = kernel_stack_allocate();

	ktest_expect(first && second && first != second);
	if (first) {
		memset(first, 0, KERNEL_STACK_SIZE);
		ktest_expect(kernel_stack_guard_hit((uintptr_t)first - 1));
		ktest_expect(!kernel_stack_guard_hit((uintptr_t)first));
	}
	kernel_stack_free(first);
	kernel_stack_free(second);
	ktest_expect(!kernel_stack_guard_hit((uintptr_t)&first));
}
