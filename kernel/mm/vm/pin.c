/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Getting at the frames of a program's memory, for devices that transfer to and from it. */
#include <arch/trap.h>
#include <mm/phys/frame.h>

#include "vm_priv.h"

/* A device must not write what a file has to be asked for first; and another device's memory has no
 * frames. */
static bool is_refused(const struct vm_area *area, bool write)
{
	uint64_t index = 0;

	if (!area->object)
		return false;
	if (area->object->ops->device_page)
		return true;
	return write && (area->flags & VM_SHARED) &&
	       object_resolve(area->object, &index)->ops->make_writable;
}

/* The frame mapped at `page`, with a reference; NULL: none, or not so. The locks that keep it are
 * held. */
static struct frame *mapped_frame(struct aspace *aspace, uintptr_t page, bool write)
{
	struct frame *frame;
	unsigned present;
	phys_t physical;

	if (!arch_pmap_query(aspace->pmap, page, &physical, &present) ||
	    (present & (write ? MMU_WRITE : MMU_READ)) == 0 ||
	    (!(present & MMU_COUNTED) && !fault_is_zero_page(physical)))
		return NULL;
	frame = frame_at(physical);
	if (frame)
		frame_get(frame);
	return frame;
}

/* Looks for pages that are mapped already, in one area: how many. aspace->lock is held. */
static size_t pin_mapped(struct aspace *aspace, const struct vm_area *area, uintptr_t page,
			 size_t count, bool write, struct frame **frames)
{
	size_t found = 0;

	count = min_size(count, (area->end - page) >> PAGE_SHIFT);
	if (!(area->flags & (write ? VM_WRITE : VM_PROTECTION)))
		return 0;
	if (area->object)
		mutex_lock(&area->object->lock);
	while (found < count) {
		frames[found] = mapped_frame(aspace, page + found * PAGE_SIZE, write);
		if (!frames[found])
			break;
		found++;
	}
	if (area->object)
		mutex_unlock(&area->object->lock);
	return found;
}

/* Pins what is mapped; where nothing is, serves the fault of the first page: 0. */
static ssize_t pin_some(struct aspace *aspace, uintptr_t page, size_t count, bool write,
			struct frame **frames)
{
	struct fault_wait wait = { 0 };
	const struct vm_area *area;
	ssize_t found = 0;
	int error = 0;

	mutex_lock(&aspace->lock);
	area = area_find(aspace, page);
	if (area && is_refused(area, write))
		error = -EOPNOTSUPP;
	else if (area)
		found = (ssize_t)pin_mapped(aspace, area, page, count, write, frames);
	if (!error && !found)
		error = fault_serve(aspace, page, write ? FAULT_WRITE : FAULT_READ, false, &wait);
	mutex_unlock(&aspace->lock);
	if (error == -EAGAIN)
		error = fault_wait(&wait);
	return error ? error : found;
}

ssize_t aspace_pin(struct aspace *aspace, uintptr_t address, size_t count, bool write,
		   struct frame **frames)
{
	size_t done = 0;
	bool reclaimed = false;

	while (done < count) {
		ssize_t found = pin_some(aspace, address + done * PAGE_SIZE, count - done, write,
					 frames + done);

		if (found == -ENOMEM && !reclaimed && frame_reclaim(64)) {
			reclaimed = true;
			continue;
		}
		if (found < 0 && done)
			break;
		/* As for those who copy, what is no good is a bad address. */
		if (found < 0)
			return found == -EOPNOTSUPP || found == -ENOMEM ? found : -EFAULT;
		done += (size_t)found;
	}
	return (ssize_t)done;
}
