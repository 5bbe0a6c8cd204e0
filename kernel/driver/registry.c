/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which driver objects there are, and what their licences and the policy allow. */
#include "driver_priv.h"
#include "policy.h"

#include <base/errno.h>
#include <base/string.h>
#include <core/command_line.h>
#include <core/log.h>
#include <dev/device.h>
#include <drv/licence.h>
#include <hash/xxh3.h>
#include <mm/phys/kernel_map.h>
#include <mm/phys/slab.h>
#include <sync/spinlock.h>

_Static_assert(sizeof(((struct driver_object *)0)->reason) >= LICENCE_REASON_MAX, "it is copied");

/* The list. */
static struct spinlock lock = SPINLOCK_INIT(RANK_LEAF, "driver registry");
static struct list objects = LIST_INIT(objects);
static uint64_t last_number;

/* The thread's that registers objects. */
static struct policy policy;
static bool policy_started;

/* --- Where they may run ---------------------------------------------------------------------- */

static void start_policy(void)
{
	if (!policy_started)
		policy_add_command_line(&policy, command_line_text());
	policy_started = true;
}

void driver_policy_add(const char *text, size_t length, const char *origin)
{
	unsigned line = 0, wrong;

	start_policy();
	wrong = policy_add_file(&policy, text, length, &line);
	if (wrong)
		log_error("driver", "%s: %u lines are no rules; line %u is the first", origin,
			  wrong, line);
}

static void decide(struct driver_object *object)
{
	bool free = licence_allows_kernel(object->record.licence, object->reason);

	start_policy();
	object->allowed = free ? DRIVER_IN_KERNEL : DRIVER_IN_HOST;
	switch (policy_find(&policy, object->record.name)) {
	case POLICY_DENY:
		object->allowed = DRIVER_NOWHERE;
		string_copy(object->reason, "the policy denies it", sizeof(object->reason));
		break;
	case POLICY_USER:
		object->allowed = DRIVER_IN_HOST;
		if (free)
			string_copy(object->reason, "the policy wants it in user mode",
				    sizeof(object->reason));
		break;
	default:
		break;
	}
	object->place = object->allowed;
}

/* --- Objects --------------------------------------------------------------------------------- */

static bool is_name(const char *name)
{
	size_t length = strlen(name);

	for (size_t i = 0; i < length; i++)
		if (!(name[i] >= 'a' && name[i] <= 'z') && !(name[i] >= 'A' && name[i] <= 'Z') &&
		    !(name[i] >= '0' && name[i] <= '9') && name[i] != '_' && name[i] != '-')
			return false;
	return length > 0 && length < DRIVER_NAME_MAX;
}

/* 0, or -ENOENT: it wants what the kit has not. */
static int check_needs(const struct driver_object *object, const char *origin)
{
	size_t position = 0;
	const char *name;

	while ((name = drv_next_needed(&object->file, &position)) != NULL)
		if (!driver_export_find(name) && strcmp(name, "ddk_module") != 0) {
			log_warning("driver", "%s: refused: the kit has no %s", origin, name);
			return -ENOENT;
		}
	return 0;
}

static int open_object(struct driver_object *object, const char *origin)
{
	const char *reason = "";
	int error = drv_open(object->bytes, object->length, &object->file, &reason);

	if (error) {
		log_warning("driver", "%s: refused: %s", origin, reason);
		return error;
	}
	drv_read_record(&object->file, &object->record);
	if (!is_name(object->record.name)) {
		log_warning("driver", "%s: refused: its name is none", origin);
		return -EINVAL;
	}
	return check_needs(object, origin);
}

static void free_object(struct driver_object *object)
{
	struct driver_entry *entry = driver_entry_of(object);

	if (entry->copied)
		kernel_vfree((void *)object->bytes);
	kfree((void *)object->origin);
	kfree((void *)object->parameters);
	kfree(entry);
}

int driver_object_create(const void *bytes, size_t length, bool copied, const char *origin,
			 const char *parameters, struct driver_object **made)
{
	struct driver_entry *entry = kzalloc(sizeof(*entry));
	struct driver_object *object;
	int error;

	if (!entry) {
		if (copied)
			kernel_vfree((void *)bytes);
		return -ENOMEM;
	}
	object = &entry->object;
	refcount_init(&object->references, 1);
	list_node_init(&entry->node);
	entry->copied = copied;
	object->bytes = bytes;
	object->length = length;
	object->origin = kstrdup(origin);
	object->parameters = kstrdup(parameters ? parameters : "");
	error = object->origin && object->parameters ? open_object(object, origin) : -ENOMEM;
	if (error) {
		free_object(object);
		return error;
	}
	xxh3_128(bytes, length, 0, object->hash);
	decide(object);
	/* The strings of the file, which outlive what is loaded of it. */
	object->driver.name = object->record.name;
	object->driver.version = object->record.version;
	object->driver.licence = object->record.licence;
	*made = object;
	return 0;
}

void driver_object_put(struct driver_object *object)
{
	if (object && refcount_put(&object->references))
		free_object(object);
}

void driver_object_get(struct driver_object *object)
{
	refcount_get(&object->references);
}

struct driver_object *driver_object_of(const struct driver *driver)
{
	return container_of((struct driver *)driver, struct driver_object, driver);
}

/* --- The list -------------------------------------------------------------------------------- */

/* Locked. */
static struct driver_object *find(const char *name)
{
	struct list_node *node;

	list_for_each (node, &objects) {
		struct driver_entry *entry = container_of(node, struct driver_entry, node);

		if (strcmp(entry->object.record.name, name) == 0)
			return &entry->object;
	}
	return NULL;
}

int driver_registry_add(struct driver_object *object)
{
	struct driver_entry *entry = driver_entry_of(object);
	int error = -EEXIST;

	spin_lock(&lock);
	if (!find(object->record.name)) {
		driver_object_get(object);
		entry->number = ++last_number;
		list_push_back(&objects, &entry->node);
		error = 0;
	}
	spin_unlock(&lock);
	return error;
}

void driver_registry_remove(struct driver_object *object)
{
	spin_lock(&lock);
	list_remove(&driver_entry_of(object)->node);
	spin_unlock(&lock);
	driver_object_put(object);
}

struct driver_object *driver_object_find(const char *name)
{
	struct driver_object *object;

	spin_lock(&lock);
	object = find(name);
	if (object)
		driver_object_get(object);
	spin_unlock(&lock);
	return object;
}

/* `previous` may have left the list meanwhile, so its place is found by number. */
struct driver_object *driver_object_next(struct driver_object *previous)
{
	uint64_t number = previous ? driver_entry_of(previous)->number : 0;
	struct driver_object *next = NULL;
	struct list_node *node;

	spin_lock(&lock);
	list_for_each (node, &objects) {
		struct driver_entry *entry = container_of(node, struct driver_entry, node);

		if (entry->number > number) {
			next = &entry->object;
			driver_object_get(next);
			break;
		}
	}
	spin_unlock(&lock);
	driver_object_put(previous);
	return next;
}

/* --- Matching -------------------------------------------------------------------------------- */

static bool matches_pci(const struct driver_match *match, const struct pci_function *pci)
{
	return (match->vendor == MATCH_ANY || match->vendor == pci->vendor) &&
	       (match->device == MATCH_ANY || match->device == pci->device) &&
	       (pci->class_code & match->class_mask) == (match->class_code & match->class_mask);
}

bool driver_object_matches(const struct driver_object *object, const struct device *device)
{
	for (size_t i = 0; i < object->record.match_count; i++) {
		struct driver_match match;

		drv_read_match(&object->file, i, &match);
		if (match.bus != device->bus)
			continue;
		if (match.bus == DRIVER_BUS_PCI
			    ? matches_pci(&match, &device->pci)
			    : match.name && strcmp(match.name, device->platform_name) == 0)
			return true;
	}
	return false;
}
