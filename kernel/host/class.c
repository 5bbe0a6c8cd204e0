/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Class objects of hosts: see class.h. */
#include "class.h"

#include <base/errno.h>

#define CLOSED (1u << 31)

int host_class_add(struct host *host, struct host_class *class)
{
	int error;

	class->object.host = host;
	refcount_init(&class->object.references, 1);
	atomic_init(&class->inside, CLOSED);
	wait_queue_init(&class->emptied, "object of a driver host");
	error = host_object_add(host, &class->object);
	if (error || class->object.number <= HOST_CLASS_OBJECTS_MAX)
		return error;
	host_condemn(host, "makes objects without end");
	host_object_remove(&class->object);
	return -EPERM;
}

void host_class_open(struct host_class *class)
{
	atomic_store(&class->inside, 0);
}

bool host_class_enter(struct host_class *class)
{
	unsigned inside = atomic_load(&class->inside);

	do {
		if (inside & CLOSED)
			return false;
	} while (!atomic_compare_exchange_weak(&class->inside, &inside, inside + 1));
	return true;
}

void host_class_leave(struct host_class *class)
{
	if (atomic_fetch_sub(&class->inside, 1) == (CLOSED | 1))
		wait_wake_all(&class->emptied);
}

bool host_class_close(struct host_class *class)
{
	struct waiter waiter;

	if (atomic_fetch_or(&class->inside, CLOSED) & CLOSED)
		return false;
	wait_begin(&class->emptied, &waiter);
	while (atomic_load(&class->inside) != CLOSED)
		wait_sleep_until_woken(&waiter);
	wait_end(&waiter);
	return true;
}

struct host_class *host_class_begin(struct host *host, uint64_t number, enum host_object_kind kind)
{
	struct host_object *object =
		number <= UINT32_MAX ? host_object_find(host, (uint32_t)number, kind) : NULL;
	struct host_class *class = object ? container_of(object, struct host_class, object) : NULL;

	if (!class || host_class_enter(class))
		return class;
	host_object_put(object);
	return NULL;
}

void host_class_end(struct host_class *class)
{
	host_class_leave(class);
	host_object_put(&class->object);
}

int host_class_remove(struct host *host, uint64_t number, enum host_object_kind kind,
		      void (*remove)(struct host_object *object))
{
	struct host_object *object =
		number <= UINT32_MAX ? host_object_find(host, (uint32_t)number, kind) : NULL;

	if (!object)
		return -ENOENT;
	remove(object);
	host_object_put(object);
	return 0;
}
