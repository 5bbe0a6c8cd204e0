/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pixels of windows: frames that are mapped side by side in the kernel, and shown as an object. */
#include <desktop/pixels.h>

#include <base/errno.h>
#include <core/panic.h>
#include <mm/phys/frame.h>
#include <mm/phys/kernel_map.h>
#include <mm/phys/slab.h>
#include <mm/vm/object.h>
#include <proc/charge.h>

struct pixels {
	struct vm_object object;
	/* Immutable. */
	uint32_t *memory; /* kernel_vmalloc's */
	size_t pages;
	struct process *payer; /* whose they are counted as; a reference, or NULL */
};

static struct pixels *pixels_of(const struct vm_object *object)
{
	return container_of(object, struct pixels, object);
}

/* The object's tree takes a reference of its own: what is mapped outlives the kernel's mapping. */
static int pixels_fill(struct vm_object *object, uint64_t index, struct frame **frame)
{
	vaddr_t page = (vaddr_t)pixels_of(object)->memory + index * PAGE_SIZE;
	phys_t physical;

	if (!arch_kernel_translate(page, &physical))
		return -ENXIO;
	*frame = frame_at(physical);
	frame_get(*frame);
	return 0;
}

static void pixels_release(struct vm_object *object)
{
	struct pixels *pixels = pixels_of(object);

	kernel_vfree(pixels->memory);
	process_uncharge(pixels->payer, pixels->pages);
	kfree(pixels);
}

static const struct vm_object_ops pixels_ops = {
	.fill = pixels_fill,
	.release = pixels_release,
};

struct vm_object *pixels_create(int32_t width, int32_t height)
{
	size_t bytes = (size_t)width * (size_t)height * sizeof(uint32_t);
	struct pixels *pixels = kmalloc(sizeof(*pixels));

	debug_assert(width > 0 && height > 0);
	if (!pixels)
		return NULL;
	pixels->pages = align_up(bytes, PAGE_SIZE) / PAGE_SIZE;
	if (process_charge(pixels->pages, &pixels->payer) != 0)
		goto err_free;
	pixels->memory = kernel_vmalloc(bytes);
	if (!pixels->memory)
		goto err_charge;
	vm_object_init(&pixels->object, &pixels_ops, bytes, NULL);
	return &pixels->object;

err_charge:
	process_uncharge(pixels->payer, pixels->pages);
err_free:
	kfree(pixels);
	return NULL;
}

uint32_t *pixels_address(const struct vm_object *pixels)
{
	return pixels_of(pixels)->memory;
}

struct process *pixels_payer(const struct vm_object *pixels)
{
	return pixels_of(pixels)->payer;
}
