/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Looking into address spaces that need not be the current one: other processes' memory, and
 * the identity of futexes.
 */
#include <arch/trap.h>
#include <base/string.h>
#include <mm/phys/frame.h>
#include <mm/vm/user.h>

#include "vm_priv.h"

/* Copies within the mapped page at `address`. The locks keep its frame. */
static int page_copy(struct aspace *aspace, uintptr_t address, void *buffer, size_t length,
		     bool write)
{
	unsigned present;
	phys_t physical;
	char *memory;

	if (!arch_pmap_query(aspace->pmap, align_down(address, PAGE_SIZE), &physical, &present))
		return -EIO;
	/* Device registers are not for looking at. */
	if (!(present & MMU_COUNTED) && (write || !fault_is_zero_page(physical)))
		return -EIO;
	memory = (char *)phys_to_virt(physical) + (address & (PAGE_SIZE - 1));
	if (write)
		memcpy(memory, buffer, length);
	else
		memcpy(buffer, memory, length);
	return 0;
}

static int page_access(struct aspace *aspace, uintptr_t address, void *buffer, size_t length,
		       bool write)
{
	struct vm_object *object;
	struct fault_wait wait = { 0 };
	struct vm_area *area;
	int error;

again:
	mutex_lock(&aspace->lock);
	error = fault_serve(aspace, address, write ? FAULT_WRITE : FAULT_READ, true, &wait);
	if (error)
		goto out;
	area = area_find(aspace, address);
	object = area->object;
	if (object)
		mutex_lock(&object->lock);
	error = page_copy(aspace, address, buffer, length, write);
	if (object)
		mutex_unlock(&object->lock);
out:
	mutex_unlock(&aspace->lock);
	if (error == -EAGAIN) {
		error = fault_wait(&wait);
		if (!error)
			goto again;
	}
	return error;
}

static ssize_t aspace_access(struct aspace *aspace, uintptr_t address, void *buffer, size_t length,
			     bool write)
{
	size_t done = 0;

	while (done < length) {
		uintptr_t at = address + done;
		size_t chunk = min_size(length - done, PAGE_SIZE - (at & (PAGE_SIZE - 1)));

		if (!user_range_valid(at, chunk) ||
		    page_access(aspace, at, (char *)buffer + done, chunk, write))
			break;
		done += chunk;
	}
	return done || !length ? (ssize_t)done : -EIO;
}

ssize_t aspace_read(struct aspace *aspace, uintptr_t address, void *to, size_t length)
{
	return aspace_access(aspace, address, to, length, false);
}

ssize_t aspace_write(struct aspace *aspace, uintptr_t address, const void *from, size_t length)
{
	return aspace_access(aspace, address, (void *)(uintptr_t)from, length, true);
}

int aspace_check_access(struct aspace *aspace, uintptr_t address, size_t length, unsigned wanted)
{
	bool allowed;

	if (!user_range_valid(address, length))
		return -EFAULT;
	mutex_lock(&aspace->lock);
	allowed = areas_allow(aspace, address, address + length, wanted);
	mutex_unlock(&aspace->lock);
	return allowed ? 0 : -EFAULT;
}

bool aspace_shows(struct aspace *aspace, uintptr_t address, size_t length,
		  const struct vm_object *object)
{
	const unsigned wanted = VM_READ | VM_WRITE | VM_SHARED;
	const struct vm_area *area;
	bool shows;

	mutex_lock(&aspace->lock);
	area = area_find(aspace, address);
	shows = area && area->object == object && area->start == address && area->offset == 0 &&
		area_size(area) >= length && (area->flags & wanted) == wanted;
	mutex_unlock(&aspace->lock);
	return shows;
}

int aspace_physical(struct aspace *aspace, uintptr_t address, phys_t *physical)
{
	const struct vm_area *area;
	struct fault_wait wait = { 0 };
	unsigned present;
	int error;

	do {
		error = -EFAULT;
		mutex_lock(&aspace->lock);
		area = area_find(aspace, address);
		if (area)
			error = fault_serve(aspace, address,
					    area->flags & VM_WRITE ? FAULT_WRITE : FAULT_READ,
					    false, &wait);
		if (!error && !arch_pmap_query(aspace->pmap, align_down(address, PAGE_SIZE),
					       physical, &present))
			error = -EFAULT;
		mutex_unlock(&aspace->lock);
	} while (error == -EAGAIN && (error = fault_wait(&wait)) == 0);
	if (!error)
		*physical += address % PAGE_SIZE;
	return error;
}

/* Memory that was mapped by its physical address is known by that: there may be several objects. */
static int shared_key(struct vm_object *object, uint64_t page, struct futex_key *key)
{
	struct frame *frame;
	unsigned mmu_flags;
	phys_t physical = 0;
	int error = 0;

	key->object = (uintptr_t)object;
	key->offset = page * PAGE_SIZE;
	if (!object->ops->device_page && !object_is_given(object))
		return 0;
	mutex_lock(&object->lock);
	if (object->ops->device_page) {
		error = object->ops->device_page(object, page, &physical, &mmu_flags);
	} else {
		error = object_page_locked(object, page, &frame);
		physical = error ? 0 : frame_physical(frame);
	}
	mutex_unlock(&object->lock);
	if (error)
		return -EFAULT;
	key->object = 0;
	key->offset = physical;
	return 0;
}

int aspace_futex_key(struct aspace *aspace, uintptr_t address, bool private, struct futex_key *key)
{
	struct vm_area *area;
	int error = 0;

	if (!is_aligned(address, sizeof(uint32_t)))
		return -EINVAL;
	if (!user_range_valid(address, sizeof(uint32_t)))
		return -EFAULT;
	key->object = (uintptr_t)aspace;
	key->offset = address;
	if (private)
		return 0;

	mutex_lock(&aspace->lock);
	area = area_find(aspace, address);
	if (!area) {
		error = -EFAULT;
	} else if (area->flags & VM_SHARED) {
		uint64_t page = area_page_index(area, address);

		error = shared_key(object_resolve(area->object, &page), page, key);
		key->offset += address % PAGE_SIZE;
	}
	mutex_unlock(&aspace->lock);
	return error;
}
