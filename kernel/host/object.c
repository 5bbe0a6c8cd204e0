/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The objects of classes that a host has made, by number. */
#include "host_priv.h"

#include <base/errno.h>

int host_object_add(struct host *host, struct host_object *object)
{
	irq_state_t state = spin_lock_irqsave(&host->lock);
	int error = host->closed ? -ENODEV : -ENOSPC;

	for (unsigned i = 0; i < HOST_OBJECTS_MAX && error == -ENOSPC; i++) {
		if (host->objects[i])
			continue;
		object->number = ++host->last_object;
		host->objects[i] = object;
		error = 0;
	}
	spin_unlock_irqrestore(&host->lock, state);
	return error;
}

struct host_object *host_object_find(struct host *host, uint32_t number, enum host_object_kind kind)
{
	irq_state_t state = spin_lock_irqsave(&host->lock);
	struct host_object *found = NULL;

	for (unsigned i = 0; i < HOST_OBJECTS_MAX && !found; i++) {
		struct host_object *object = host->objects[i];

		if (object && object->number == number && object->kind == kind)
			found = object;
	}
	if (found)
		refcount_get(&found->references);
	spin_unlock_irqrestore(&host->lock, state);
	return found;
}

void host_object_put(struct host_object *object)
{
	if (refcount_put(&object->references))
		object->release(object);
}

void host_object_remove(struct host_object *object)
{
	struct host *host = object->host;
	irq_state_t state = spin_lock_irqsave(&host->lock);
	bool found = false;

	for (unsigned i = 0; i < HOST_OBJECTS_MAX && !found; i++) {
		found = host->objects[i] == object;
		if (found)
			host->objects[i] = NULL;
	}
	spin_unlock_irqrestore(&host->lock, state);
	if (found)
		host_object_put(object);
}

/* The object at the place, with a reference, or NULL. */
static struct host_object *get_at(struct host *host, unsigned place)
{
	irq_state_t state = spin_lock_irqsave(&host->lock);
	struct host_object *object = host->objects[place];

	if (object)
		refcount_get(&object->references);
	spin_unlock_irqrestore(&host->lock, state);
	return object;
}

void host_end_objects(struct host *host)
{
	for (unsigned i = 0; i < HOST_OBJECTS_MAX; i++) {
		struct host_object *object = get_at(host, i);

		if (!object)
			continue;
		object->ended(object);
		host_object_put(object);
	}
}

void host_tell_slots_freed(struct host *host)
{
	for (unsigned i = 0; i < HOST_OBJECTS_MAX; i++) {
		struct host_object *object = get_at(host, i);

		if (!object)
			continue;
		if (object->slots_freed)
			object->slots_freed(object);
		host_object_put(object);
	}
}
