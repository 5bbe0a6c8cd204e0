/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Transfers of operation regions: to the handler that is installed nearest above the region, or else to the
 * host.
 */
#include "instance.h"

#include <base/checked.h>
#include <base/string.h>

/* aml_set_space_handler(). */
struct handler {
	struct list_node link;
	struct aml_node *node; /* a reference; NULL: everywhere */
	uint8_t space;
	aml_space_handler *handler;
	void *argument;
};

static struct handler *find_at(struct aml *aml, const struct aml_node *node, unsigned space)
{
	struct list_node *at;

	list_for_each (at, &aml_space_handlers(aml)->list) {
		struct handler *handler = container_of(at, struct handler, link);

		if (handler->space == space && handler->node == node)
			return handler;
	}
	return NULL;
}

static struct handler *find_handler(struct aml *aml, const struct aml_node *node, unsigned space)
{
	if (list_empty(&aml_space_handlers(aml)->list))
		return NULL;
	for (; node != NULL; node = node->parent) {
		struct handler *handler = find_at(aml, node, space);

		if (handler != NULL)
			return handler;
	}
	return find_at(aml, NULL, space);
}

bool aml_region_is_served(struct aml *aml, const struct aml_region *region)
{
	switch (region->space) {
	case AML_SPACE_MEMORY:
	case AML_SPACE_IO:
	case AML_SPACE_PCI:
	case AML_SPACE_TABLE:
		return true;
	default:
		return find_handler(aml, region->node, region->space) != NULL;
	}
}

/* A handler may wait, and may evaluate: the lock is let go of. The region is kept. */
static int call_handler(struct aml *aml, struct aml_object *region, const struct handler *found,
			struct aml_access *access)
{
	aml_space_handler *handler = found->handler;
	void *argument = found->argument;
	unsigned held;
	int error;

	aml_get(region);
	held = aml_lock_suspend(aml);
	error = handler(argument, access);
	aml_lock_resume(aml, held);
	aml_put(aml, region);
	return error;
}

/* The host's tables are not written. */
static int read_table(const struct aml_region *region, struct aml_access *access)
{
	const uint8_t *bytes = (const uint8_t *)(uintptr_t)region->offset + access->address;

	if (access->write)
		return -AML_E_ACCESS;
	access->value = 0;
	for (unsigned at = 0; at < access->bits / 8; at++)
		access->value |= (uint64_t)bytes[at] << (8 * at);
	return 0;
}

int aml_region_access(struct aml *aml, struct aml_object *object, struct aml_access *access)
{
	struct aml_region *region = object->region;
	struct handler *handler;
	int error;

	error = aml_charge(aml, 1);
	if (error == 0 && region->space == AML_SPACE_PCI && !region->pci_known)
		error = aml_region_find_pci(aml, region);
	if (error != 0)
		return error;
	if (region->space == AML_SPACE_TABLE)
		return read_table(region, access);
	access->space = (enum aml_space)region->space;
	access->region = region->node;
	if (region->space != AML_SPACE_GPIO &&
	    !checked_add(access->address, region->offset, &access->address))
		return -AML_E_REGION_LIMIT;
	if (region->space == AML_SPACE_PCI)
		access->address += region->pci;
	handler = find_handler(aml, region->node, region->space);
	if (handler != NULL)
		error = call_handler(aml, object, handler, access);
	else
		error = aml_host(aml)->access(aml_host(aml), access);
	if (access->bits != 0 && access->bits < 64)
		access->value &= ((uint64_t)1 << access->bits) - 1;
	/* Handlers are the embedder's: anything but our errors would confuse what comes after. */
	return error <= 0 && error > -AML_E_COUNT ? error : -AML_E_IO_ERROR;
}

/* --- Handlers --- */

static void remove_handler(struct aml *aml, struct handler *handler)
{
	list_remove(&handler->link);
	aml_node_put(handler->node);
	aml_release(aml, handler, sizeof(*handler));
}

static int add_handler(struct aml *aml, struct aml_node *node, enum aml_space space,
		       aml_space_handler *handler, void *argument)
{
	struct handler *made = aml_allocate(aml, sizeof(*made));

	if (made == NULL)
		return -AML_E_NO_MEMORY;
	made->node = node;
	if (node != NULL)
		aml_node_get(node);
	made->space = (uint8_t)space;
	made->handler = handler;
	made->argument = argument;
	list_push_front(&aml_space_handlers(aml)->list, &made->link);
	return 0;
}

/* Puts the handler there or takes it away. */
static int change_handler(struct aml *aml, struct aml_node *node, enum aml_space space,
			  aml_space_handler *handler, void *argument)
{
	struct handler *old = find_at(aml, node, (uint8_t)space);

	if (handler != NULL)
		return old == NULL ? add_handler(aml, node, space, handler, argument)
				   : -AML_E_EXISTS;
	if (old == NULL)
		return -AML_E_NOT_EXIST;
	remove_handler(aml, old);
	return 0;
}

int aml_set_space_handler(struct aml *aml, struct aml_node *node, enum aml_space space,
			  aml_space_handler *handler, void *argument)
{
	int error;

	if ((unsigned)space >= AML_SPACES)
		return -AML_E_BAD_PARAMETER;
	/* _REG says that the regions go while they can still be used. */
	if (handler == NULL)
		aml_tell_regions(aml, node, space, false);
	aml_lock(aml);
	error = change_handler(aml, node, space, handler, argument);
	aml_unlock(aml);
	if (error == 0 && handler != NULL)
		aml_tell_regions(aml, node, space, true);
	return error;
}

void aml_space_handlers_init(struct aml *aml)
{
	list_init(&aml_space_handlers(aml)->list);
}

void aml_space_handlers_fini(struct aml *aml)
{
	struct list_node *at, *next;

	list_for_each_safe (at, next, &aml_space_handlers(aml)->list)
		remove_handler(aml, container_of(at, struct handler, link));
}
