/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Deep copies: packages within packages are walked with a stack in the instance's memory. */
#include <base/string.h>

#include "machine.h"

/* A package that is being copied, and how far. */
struct level {
	struct level *below;
	struct aml_object *from, *to;
	uint32_t next;
};

/* What has to be paid for an object beyond the term that copies it. */
static int charge_one(struct aml *aml, const struct aml_object *from)
{
	if (from->type == AML_STRING || from->type == AML_BUFFER)
		return aml_charge_bytes(aml, from->data.length);
	return from->type == AML_PACKAGE ? aml_charge_bytes(aml, 8ull * from->package.count) : 0;
}

/* All but a package's elements. */
static int copy_one(struct aml *aml, struct aml_object *from, struct aml_object **made)
{
	int error = charge_one(aml, from);

	if (error)
		return error;
	switch ((unsigned)from->type) {
	case AML_INTEGER:
		*made = aml_object_create(aml, AML_INTEGER);
		if (*made)
			(*made)->integer = from->integer;
		break;
	case AML_STRING:
	case AML_BUFFER:
		*made = aml_object_create_data(aml, from->type, from->data.length);
		if (*made)
			memcpy((*made)->data.bytes, from->data.bytes, from->data.length);
		break;
	case AML_PACKAGE:
		aml_package_complete(aml, from);
		*made = aml_make_package(aml, from->package.count);
		break;
	default:
		aml_get(from);
		*made = from;
		return 0;
	}
	return *made ? 0 : -AML_E_NO_MEMORY;
}

static int push(struct aml *aml, struct level **top, struct aml_object *from, struct aml_object *to,
		unsigned *depth)
{
	struct level *level;

	/* Packages can hold themselves. */
	if (++*depth > aml->limits.depth)
		return -AML_E_LIMIT;
	level = aml_allocate(aml, sizeof(*level));
	if (!level)
		return -AML_E_NO_MEMORY;
	*level = (struct level){ .below = *top, .from = from, .to = to };
	*top = level;
	return 0;
}

static void pop(struct aml *aml, struct level **top, unsigned *depth)
{
	struct level *level = *top;

	*top = level->below;
	--*depth;
	aml_release(aml, level, sizeof(*level));
}

/* Copies the next element of the package on top. */
static int step(struct aml *aml, struct level **top, unsigned *depth)
{
	struct level *level = *top;
	struct aml_object *element, *copy;
	int error;

	if (level->next == level->from->package.count) {
		pop(aml, top, depth);
		return 0;
	}
	element = level->from->package.elements[level->next];
	if (!element) {
		level->next++;
		return 0;
	}
	error = aml_charge(aml, 1);
	if (!error)
		error = copy_one(aml, element, &copy);
	if (error)
		return error;
	level->to->package.elements[level->next++] = copy;
	return element->type == AML_PACKAGE ? push(aml, top, element, copy, depth) : 0;
}

int aml_object_copy(struct aml *aml, struct aml_object *from, struct aml_object **made)
{
	struct level *top = NULL;
	unsigned depth = 0;
	int error;

	*made = NULL;
	error = copy_one(aml, from, made);
	if (error || from->type != AML_PACKAGE)
		return error;
	error = push(aml, &top, from, *made, &depth);
	while (!error && top)
		error = step(aml, &top, &depth);
	while (top)
		pop(aml, &top, &depth);
	if (error) {
		aml_put(aml, *made);
		*made = NULL;
	}
	return error;
}

/* What a name in a package becomes: its value, if it has one; a reference; NULL if there is none. */
static struct aml_object *complete_element(struct aml *aml, struct aml_object *pending)
{
	const uint8_t *at = pending->reference.object->data.bytes;
	struct aml_object *value = NULL;
	struct aml_name name;
	struct aml_node *node;

	if (aml_code_name(&at, at + pending->reference.object->data.length, &name))
		return NULL;
	node = aml_name_find(aml, pending->reference.node, &name);
	if (!node || node->type == AML_UNINITIALIZED)
		return NULL;
	switch ((unsigned)node->type) {
	case AML_DEVICE:
	case AML_SCOPE:
	case AML_THERMAL_ZONE:
	case AML_METHOD:
	case AML_MUTEX:
	case AML_POWER_RESOURCE:
	case AML_PROCESSOR:
	case AML_EVENT:
	case AML_REGION:
		break;
	default:
		if (!aml_node_value(aml, node, &value))
			return value;
	}
	if (aml_make_reference(aml, AML_REF_NAME, NULL, node, 0, &value))
		return NULL;
	return value;
}

void aml_package_complete(struct aml *aml, struct aml_object *package)
{
	if (package->type != AML_PACKAGE || !(package->flags & AML_OBJECT_PENDING))
		return;
	package->flags &= (uint8_t)~AML_OBJECT_PENDING;
	for (uint32_t i = 0; i < package->package.count; i++) {
		struct aml_object *element = package->package.elements[i];

		if (element && element->type == AML_REFERENCE &&
		    element->reference.kind == AML_REF_PENDING)
			aml_set_element(aml, package, i, complete_element(aml, element));
	}
}
