/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Self tests of the memory of pixels. */
#include <desktop/pixels.h>

#include <base/errno.h>
#include <core/ktest.h>
#include <mm/phys/frame.h>
#include <mm/vm/object.h>

KTEST(desktop, pixels_are_seen_by_both)
{
	struct vm_object *pixels = pixels_create(100, 30);
	struct frame *frame;
	uint32_t *memory;

	ktest_expect(pixels);
	if (!pixels)
		return;
	memory = pixels_address(pixels);
	for (size_t i = 0; i < 3000; i++)
		ktest_expect(memory[i] == 0);
	memory[1024] = 0xff123456;
	ktest_expect(vm_object_page(pixels, 1, &frame) == 0);
	ktest_expect(*(uint32_t *)frame_address(frame) == 0xff123456);
	*(uint32_t *)frame_address(frame) = 7;
	ktest_expect(memory[1024] == 7);
	frame_put(frame);
	ktest_expect(vm_object_find(pixels, 5) == NULL);
	/* 12,000 bytes are three pages. */
	ktest_expect(vm_object_page(pixels, 3, &frame) == -ENXIO);
	vm_object_put(pixels);
}

KTEST(desktop, pixels_are_bounded)
{
	struct frame_statistics before, after;

	frame_read_statistics(&before);
	/* A terabyte. */
	ktest_expect(pixels_create(1 << 19, 1 << 19) == NULL);
	frame_read_statistics(&after);
	ktest_expect(before.free <= after.free + 64);
}
