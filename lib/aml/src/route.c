/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Entries of _PRT (ACPI 6.5, 6.2.13): packages of address, pin, source and index. */
#include "aml_priv.h"

#include <aml/resource.h>

static bool integer_at(const struct aml_object *entry, unsigned index, uint64_t *value)
{
	struct aml_object *element = aml_element(entry, index);

	if (element == NULL || element->type != AML_INTEGER)
		return false;
	*value = element->integer;
	return true;
}

/* The link device; NULL where the element is no name. */
static struct aml_node *link_at(const struct aml_object *entry, unsigned index)
{
	struct aml_object *element = aml_element(entry, index);

	if (element == NULL || element->type != AML_REFERENCE)
		return NULL;
	return aml_reference_node(element);
}

int aml_route_at(const struct aml_object *table, unsigned index, struct aml_route *route)
{
	const struct aml_object *entry;
	uint64_t address, pin, interrupt;
	unsigned last = 3;

	if (table->type != AML_PACKAGE)
		return -AML_E_OPERAND_TYPE;
	if (index >= table->package.count)
		return -AML_E_NOT_FOUND;
	entry = table->package.elements[index];
	if (entry == NULL || entry->type != AML_PACKAGE || entry->package.count < 4)
		return -AML_E_OPERAND_TYPE;
	route->link = link_at(entry, 2);
	/* Some firmware has source and index the wrong way round. */
	if (route->link == NULL && (route->link = link_at(entry, 3)) != NULL)
		last = 2;
	if (!integer_at(entry, 0, &address) || !integer_at(entry, 1, &pin) ||
	    !integer_at(entry, last, &interrupt))
		return -AML_E_OPERAND_TYPE;
	if (pin > 3 || interrupt > UINT32_MAX)
		return -AML_E_OPERAND_VALUE;
	route->device = (uint16_t)(address >> 16);
	route->function = (uint16_t)address;
	route->pin = (uint8_t)pin;
	route->interrupt = (uint32_t)interrupt;
	return 0;
}
