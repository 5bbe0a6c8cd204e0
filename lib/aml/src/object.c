/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Objects: counted, and taken apart without recursion; what they hold comes from the instance's memory, which
 * has a limit.
 */
#include <base/string.h>

#include "machine.h"

void *aml_allocate(struct aml *aml, size_t size)
{
	void *memory;

	if (size > aml->limits.memory || aml->memory > aml->limits.memory - size)
		return NULL;
	memory = aml->host.allocate(&aml->host, size);
	if (!memory)
		return NULL;
	aml->memory += size;
	return memset(memory, 0, size);
}

void aml_release(struct aml *aml, void *memory, size_t size)
{
	if (!memory)
		return;
	aml->memory -= size;
	aml->host.release(&aml->host, memory, size);
}

struct aml_object *aml_object_create(struct aml *aml, enum aml_type type)
{
	struct aml_object *object;

	aml_lock(aml);
	object = aml_allocate(aml, sizeof(*object));
	if (object) {
		object->references = 1;
		object->type = (uint8_t)type;
		list_push_back(&aml->objects, &object->link);
	}
	aml_unlock(aml);
	return object;
}

struct aml_object *aml_object_create_data(struct aml *aml, enum aml_type type, uint64_t length)
{
	struct aml_object *object;

	if (length > AML_DATA_MAX)
		return NULL;
	object = aml_object_create(aml, type);
	if (!object)
		return NULL;
	aml_lock(aml);
	object->data.bytes = aml_allocate(aml, (size_t)length + 1);
	if (object->data.bytes) {
		object->data.length = (uint32_t)length;
	} else {
		aml_put(aml, object);
		object = NULL;
	}
	aml_unlock(aml);
	return object;
}

void aml_get(struct aml_object *object)
{
	__atomic_add_fetch(&object->references, 1, __ATOMIC_RELAXED);
}

/* Gives a reference up; what has none left goes to `doomed`. */
static void drop(struct list *doomed, struct aml_object *object)
{
	if (!object || __atomic_sub_fetch(&object->references, 1, __ATOMIC_ACQ_REL))
		return;
	list_remove(&object->link);
	list_push_back(doomed, &object->link);
}

static void drop_field(struct aml *aml, struct list *doomed, struct aml_field *field)
{
	if (!field)
		return;
	drop(doomed, field->region);
	drop(doomed, field->bank);
	drop(doomed, field->index);
	drop(doomed, field->data);
	drop(doomed, field->connection);
	aml_release(aml, field, sizeof(*field));
}

static void drop_elements(struct aml *aml, struct list *doomed, struct aml_object *package)
{
	for (uint32_t i = 0; i < package->package.count; i++)
		drop(doomed, package->package.elements[i]);
	aml_release(aml, package->package.elements,
		    package->package.count * sizeof(struct aml_object *));
}

/* Gives up what an object holds; the nodes among it go to the caller, who holds no lock on lists. */
static struct aml_node *take_apart(struct aml *aml, struct list *doomed, struct aml_object *object)
{
	struct aml_node *node;

	switch ((unsigned)object->type) {
	case AML_STRING:
	case AML_BUFFER:
		aml_release(aml, object->data.bytes, (size_t)object->data.length + 1);
		break;
	case AML_PACKAGE:
		drop_elements(aml, doomed, object);
		break;
	case AML_CELL:
	case AML_REFERENCE:
		drop(doomed, object->reference.object);
		return object->reference.node;
	case AML_BUFFER_FIELD:
		drop(doomed, object->buffer_field.buffer);
		break;
	case AML_FIELD_UNIT:
		drop_field(aml, doomed, object->field);
		break;
	case AML_REGION:
		node = object->region ? object->region->node : NULL;
		aml_release(aml, object->region, sizeof(struct aml_region));
		return node;
	case AML_METHOD:
		if (object->method && object->method->mutex)
			aml_release(aml, object->method->mutex, sizeof(struct aml_mutex));
		aml_release(aml, object->method, sizeof(struct aml_method));
		break;
	case AML_MUTEX:
		if (object->mutex)
			list_remove(&object->mutex->held);
		aml_release(aml, object->mutex, sizeof(struct aml_mutex));
		break;
	case AML_EVENT:
		aml_release(aml, object->event, sizeof(struct aml_event));
		break;
	}
	return NULL;
}

void aml_put(struct aml *aml, struct aml_object *object)
{
	struct list doomed;

	if (!object || __atomic_sub_fetch(&object->references, 1, __ATOMIC_ACQ_REL))
		return;
	aml_lock(aml);
	list_init(&doomed);
	list_remove(&object->link);
	list_push_back(&doomed, &object->link);
	while (!list_empty(&doomed)) {
		object = container_of(list_pop_front(&doomed), struct aml_object, link);
		aml_node_put(take_apart(aml, &doomed, object));
		aml_release(aml, object, sizeof(*object));
	}
	aml_unlock(aml);
}

enum aml_type aml_object_type(const struct aml_object *object)
{
	return object->type;
}

struct aml_object *aml_make_integer(struct aml *aml, uint64_t value)
{
	struct aml_object *object = aml_object_create(aml, AML_INTEGER);

	if (object)
		object->integer = value & aml_integer_mask(aml);
	return object;
}

int aml_make_result(struct aml *aml, uint64_t value, struct aml_object **made)
{
	*made = aml_make_integer(aml, value);
	return *made ? 0 : -AML_E_NO_MEMORY;
}

struct aml_object *aml_make_string(struct aml *aml, const char *text)
{
	size_t length = strlen(text);
	struct aml_object *object = aml_object_create_data(aml, AML_STRING, length);

	if (object)
		memcpy(object->data.bytes, text, length);
	return object;
}

struct aml_object *aml_make_buffer(struct aml *aml, const void *bytes, size_t length)
{
	struct aml_object *object = aml_object_create_data(aml, AML_BUFFER, length);

	if (object && length)
		memcpy(object->data.bytes, bytes, length);
	return object;
}

struct aml_object *aml_make_package(struct aml *aml, unsigned count)
{
	struct aml_object *object;

	if (count > AML_PACKAGE_MAX)
		return NULL;
	object = aml_object_create(aml, AML_PACKAGE);
	if (!object || !count)
		return object;
	aml_lock(aml);
	object->package.elements = aml_allocate(aml, count * sizeof(struct aml_object *));
	if (object->package.elements) {
		object->package.count = count;
	} else {
		aml_put(aml, object);
		object = NULL;
	}
	aml_unlock(aml);
	return object;
}

void aml_set_element(struct aml *aml, struct aml_object *package, unsigned index,
		     struct aml_object *element)
{
	struct aml_object *before = package->package.elements[index];

	package->package.elements[index] = element;
	aml_put(aml, before);
}

uint64_t aml_integer(const struct aml_object *object)
{
	return object->type == AML_INTEGER ? object->integer : 0;
}

const uint8_t *aml_bytes(const struct aml_object *object, size_t *length)
{
	bool has = object->type == AML_STRING || object->type == AML_BUFFER;

	*length = has ? object->data.length : 0;
	return has ? object->data.bytes : NULL;
}

unsigned aml_count(const struct aml_object *package)
{
	return package->type == AML_PACKAGE ? package->package.count : 0;
}

struct aml_object *aml_element(const struct aml_object *package, unsigned index)
{
	return index < aml_count(package) ? package->package.elements[index] : NULL;
}

bool aml_processor(const struct aml_object *object, unsigned *id, uint32_t *address,
		   unsigned *length)
{
	if (object->type != AML_PROCESSOR)
		return false;
	*id = object->processor.id;
	*address = object->processor.address;
	*length = object->processor.length;
	return true;
}

struct aml_node *aml_reference_node(const struct aml_object *object)
{
	if (object->type != AML_REFERENCE)
		return NULL;
	return aml_node_resolve(object->reference.node);
}
