/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of devices: found by a walk of the name space, identified, never freed. */
#include "acpi_priv.h"

#include <base/format.h>
#include <base/string.h>
#include <core/log.h>
#include <mm/phys/slab.h>
#include <sync/spinlock.h>
#include <time/clock.h>

#define DEVICE_MAX  4096
#define BUCKETS     256
#define PATIENCE_NS (20 * NS_PER_SECOND)
#define STATUS_NONE \
	(ACPI_STATUS_PRESENT | ACPI_STATUS_ENABLED | ACPI_STATUS_SHOWN | ACPI_STATUS_WORKING)
#define STATUS_THERE (ACPI_STATUS_PRESENT | ACPI_STATUS_WORKING) /* either: look below it */

static struct spinlock list_lock = SPINLOCK_INIT(RANK_LEAF, "acpi devices");
/* Under list_lock. */
static struct list devices = LIST_INIT(devices);
static struct acpi_device *buckets[BUCKETS]; /* by name */
/* Of who looks for devices: the boot thread, then that of notifications. */
static unsigned device_count;
static _Atomic uint64_t methods_until = DEADLINE_NEVER;

struct acpi_device *acpi_device_next(struct acpi_device *previous)
{
	struct list_node *node;

	spin_lock(&list_lock);
	node = previous ? list_next(&devices, &previous->node) : list_first(&devices);
	spin_unlock(&list_lock);
	return node ? container_of(node, struct acpi_device, node) : NULL;
}

static struct acpi_device **bucket_of(const struct aml_node *name)
{
	uint64_t hash = (uintptr_t)name * 0x9e3779b97f4a7c15ull;

	return &buckets[hash >> 32 & (BUCKETS - 1)];
}

struct acpi_device *acpi_device_of(struct aml_node *name)
{
	struct acpi_device *device;

	spin_lock(&list_lock);
	device = *bucket_of(name);
	while (device && device->name != name)
		device = device->bucket_next;
	spin_unlock(&list_lock);
	return device;
}

bool acpi_device_is(const struct acpi_device *device, const char *id)
{
	for (unsigned i = 0; i < ACPI_ID_MAX && device->ids[i][0]; i++)
		if (!strcmp(device->ids[i], id))
			return true;
	return false;
}

/* Methods that take for ever, one by one up to the interpreter's limit, must not hold up the boot. */
static bool is_late(void)
{
	return clock_monotonic_ns() > methods_until;
}

/* Whether a device above is not there. */
static bool is_below_absent(struct aml_node *name)
{
	struct acpi_device *above = NULL;

	while (!above && (name = aml_parent(name)) != NULL)
		above = acpi_device_of(name);
	return above && !(above->status & STATUS_THERE);
}

static unsigned ask_status(const struct acpi_device *device)
{
	uint64_t status = STATUS_NONE;

	/* A method that fails says that it is not there, as with other systems. What is below something
	 * absent is not asked. */
	if (is_below_absent(device->name) || is_late() ||
	    (acpi_find(device->name, "_STA") && acpi_integer(device->name, "_STA", &status)))
		status = 0;
	return (unsigned)status;
}

/* --- Identification --- */

/* EISA's packed form (ACPI 6.5, 19.6.36): three letters of 5 bits, four digits; the bytes in reverse. */
static void format_eisa_id(uint32_t packed, char id[ACPI_ID_SIZE])
{
	uint32_t value = __builtin_bswap32(packed);

	snprintf(id, ACPI_ID_SIZE, "%c%c%c%04X", '@' + (value >> 26 & 31), '@' + (value >> 21 & 31),
		 '@' + (value >> 16 & 31), value & 0xffff);
}

/* What firmware calls it, with only what can be printed, and no blanks. */
static void copy_text(const struct aml_object *object, char text[ACPI_ID_SIZE])
{
	size_t length, at = 0;
	const uint8_t *bytes = aml_bytes(object, &length);

	for (; at < length && at < ACPI_ID_SIZE - 1 && bytes[at]; at++)
		text[at] = bytes[at] > ' ' && bytes[at] < 0x7f ? (char)bytes[at] : '_';
	text[at] = 0;
}

/* Of _HID, or of an element of _CID. */
static void add_id(struct acpi_device *device, const struct aml_object *object)
{
	unsigned at = 0;

	while (at < ACPI_ID_MAX && device->ids[at][0])
		at++;
	if (!object || at == ACPI_ID_MAX)
		return;
	if (aml_object_type(object) == AML_INTEGER)
		format_eisa_id((uint32_t)aml_integer(object), device->ids[at]);
	else if (aml_object_type(object) == AML_STRING)
		copy_text(object, device->ids[at]);
}

/* Evaluates an object of the device; what is below something absent only if it is no method, as that could
 * look for the hardware. NULL: there is none. */
static struct aml_object *read_object(const struct acpi_device *device, const char *name,
				      bool absent)
{
	struct aml_object *value = NULL;
	struct aml_node *node;

	aml_lock(acpi_aml());
	node = acpi_find(device->name, name);
	if (node && ((!absent && !is_late()) || aml_node_type(node) != AML_METHOD) &&
	    aml_evaluate(acpi_aml(), node, NULL, 0, &value))
		value = NULL;
	aml_unlock(acpi_aml());
	return value;
}

static void read_ids(struct acpi_device *device, const char *name, bool absent)
{
	struct aml_object *value = read_object(device, name, absent);

	if (!value)
		return;
	if (aml_object_type(value) == AML_PACKAGE)
		for (unsigned i = 0; i < aml_count(value); i++)
			add_id(device, aml_element(value, i));
	else
		add_id(device, value);
	aml_put(acpi_aml(), value);
}

static void read_unique_id(struct acpi_device *device, bool absent)
{
	struct aml_object *value = read_object(device, "_UID", absent);

	if (!value)
		return;
	if (aml_object_type(value) == AML_INTEGER)
		snprintf(device->uid, sizeof(device->uid), "%lu", aml_integer(value));
	else if (aml_object_type(value) == AML_STRING)
		copy_text(value, device->uid);
	aml_put(acpi_aml(), value);
}

/* Processor objects have a number of their own. */
static void read_processor_id(struct acpi_device *device)
{
	struct aml_object *value;
	unsigned id, length;
	uint32_t address;

	if (aml_evaluate(acpi_aml(), device->name, NULL, 0, &value) || !value)
		return;
	if (aml_processor(value, &id, &address, &length))
		snprintf(device->uid, sizeof(device->uid), "%u", id);
	aml_put(acpi_aml(), value);
}

static void read_address(struct acpi_device *device, bool absent)
{
	struct aml_object *value = read_object(device, "_ADR", absent);

	if (!value)
		return;
	if (aml_object_type(value) == AML_INTEGER) {
		device->address = aml_integer(value);
		device->has_address = true;
	}
	aml_put(acpi_aml(), value);
}

/* `absent`: it is below something absent. */
static void identify(struct acpi_device *device, bool absent)
{
	aml_node_path(device->name, device->path, sizeof(device->path));
	read_ids(device, "_HID", absent);
	read_ids(device, "_CID", absent);
	read_unique_id(device, absent);
	if (device->type == AML_PROCESSOR && !device->uid[0])
		read_processor_id(device);
	read_address(device, absent);
	device->identified = !absent && !is_late();
}

/* One that was below something absent, and is there now. */
static void identify_again(struct acpi_device *device)
{
	struct acpi_device *found = kzalloc(sizeof(*found));

	if (!found)
		return;
	found->name = device->name;
	found->type = device->type;
	identify(found, false);
	spin_lock(&list_lock);
	if (!device->identified) {
		memcpy(device->ids, found->ids, sizeof(device->ids));
		memcpy(device->uid, found->uid, sizeof(device->uid));
		device->address = found->address;
		device->has_address = found->has_address;
		device->identified = found->identified;
	}
	spin_unlock(&list_lock);
	kfree(found);
}

unsigned acpi_device_read_status(struct acpi_device *device)
{
	unsigned status = ask_status(device);

	/* Before others see that it is there, or not at all. */
	if (status && !device->identified) {
		identify_again(device);
		if (!device->identified)
			status = 0;
	}
	device->status = status;
	return status;
}

/* --- The walk --- */

static struct acpi_device *add_device(struct aml_node *name, enum aml_type type)
{
	struct acpi_device *device = kzalloc(sizeof(*device));
	bool absent = is_below_absent(name);
	struct acpi_device **bucket;

	if (!device)
		return NULL;
	aml_node_hold(acpi_aml(), name);
	device->name = name;
	device->type = type;
	list_node_init(&device->node);
	device->status = ask_status(device);
	identify(device, absent);
	bucket = bucket_of(name);
	spin_lock(&list_lock);
	list_push_back(&devices, &device->node);
	device->bucket_next = *bucket;
	*bucket = device;
	spin_unlock(&list_lock);
	device_count++;
	return device;
}

/* The interpreter's own \_SB and \_TZ are devices, so that they can be notified, but nothing is there. */
static bool is_predefined(struct aml_node *name)
{
	struct aml_node *parent = aml_parent(name);
	char text[5];

	aml_node_name(name, text);
	return parent && !aml_parent(parent) && (!strcmp(text, "_SB_") || !strcmp(text, "_TZ_"));
}

static bool is_device_type(enum aml_type type)
{
	return type == AML_DEVICE || type == AML_PROCESSOR || type == AML_THERMAL_ZONE ||
	       type == AML_POWER_RESOURCE;
}

/* Lists `name` if it is a device. True: what is below it is looked at. */
static bool visit(struct aml_node *name, unsigned *found)
{
	enum aml_type type = aml_node_type(name);
	struct acpi_device *device;

	if (aml_node_target(name) != name)
		return false;
	if (!is_device_type(type) || is_predefined(name))
		return type == AML_SCOPE || is_device_type(type);
	device = acpi_device_of(name);
	if (!device) {
		device = device_count < DEVICE_MAX ? add_device(name, type) : NULL;
		if (!device)
			return false;
		++*found;
	}
	return true;
}

/* The name behind `node`, or with `below` the first one in it. NULL: that was the last, or `node` has gone.
 * Under the interpreter's lock. */
static struct aml_node *next_name(struct aml_node *node, bool below)
{
	struct aml *aml = acpi_aml();
	struct aml_node *next = NULL;

	if (aml_node_is_gone(aml, node))
		return NULL;
	if (below)
		next = aml_child(aml, node, NULL);
	while (!next && node) {
		struct aml_node *parent = aml_parent(node);

		if (parent)
			next = aml_child(aml, parent, node);
		node = parent;
	}
	return next;
}

/* The same, held; lets go of `node` (NULL: begins). */
static struct aml_node *walk(struct aml_node *node, bool below)
{
	struct aml *aml = acpi_aml();
	struct aml_node *next;

	aml_lock(aml);
	next = node ? next_name(node, below) : aml_child(aml, NULL, NULL);
	if (next)
		aml_node_hold(aml, next);
	aml_unlock(aml);
	if (node)
		aml_node_release(aml, node);
	return next;
}

unsigned acpi_devices_find(void)
{
	static bool said_late, said_many;
	struct aml_node *node = walk(NULL, false);
	unsigned found = 0;

	methods_until = clock_deadline_after(PATIENCE_NS);
	while (node)
		node = walk(node, visit(node, &found));
	if (is_late() && !said_late) {
		log_warning("acpi", "methods of devices take too long: some were not called");
		said_late = true;
	}
	methods_until = DEADLINE_NEVER;
	if (device_count == DEVICE_MAX && !said_many) {
		log_warning("acpi", "%u devices: more are left out", DEVICE_MAX);
		said_many = true;
	}
	return found;
}
