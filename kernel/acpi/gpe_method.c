/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which events firmware has methods for (\_GPE._Lxx and _Exx; ACPI 6.5, 5.6.4.1), and which wake the machine
 * (_PRW, 7.3.13).
 */
#include "event_priv.h"

#include "acpi_priv.h"

#include <acpi/namespace.h>
#include <core/log.h>

/* Value of a capital hexadecimal digit; -1: none. */
static int digit_value(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	if (digit >= 'A' && digit <= 'F')
		return digit - 'A' + 10;
	return -1;
}

static void add_method(struct aml_node *method)
{
	char name[5];
	int high, low;

	aml_node_name(method, name);
	high = digit_value(name[2]);
	low = digit_value(name[3]);
	if (name[0] != '_' || (name[1] != 'L' && name[1] != 'E') || high < 0 || low < 0)
		return;
	if (aml_node_type(method) != AML_METHOD || aml_node_arguments(method) != 0)
		return;
	if (acpi_gpe_set_method((unsigned)(high << 4 | low), name[1] == 'E', method))
		aml_node_hold(acpi_aml(), method);
}

/* Those whose table was unloaded. */
static void forget_methods(void)
{
	for (unsigned gpe = 0; gpe < ACPI_GPE_MAX; gpe++) {
		struct aml_node *method = acpi_gpe_method(gpe);

		if (!method || !aml_node_is_gone(acpi_aml(), method))
			continue;
		acpi_gpe_forget_method(gpe);
		aml_node_release(acpi_aml(), method);
	}
}

static void find_methods(void)
{
	struct aml *aml = acpi_aml();
	struct aml_node *scope, *node = NULL;

	aml_lock(aml);
	scope = aml_find(aml, NULL, "\\_GPE");
	while (scope && (node = aml_child(aml, scope, node)) != NULL)
		add_method(node);
	aml_unlock(aml);
}

/* The first element is the event's number, or a package of the block device that has it, and the number
 * there. Those of block devices are not the chipset's. */
static void read_wake(struct acpi_device *device, const struct aml_object *wake)
{
	bool runtime = acpi_device_is(device, "PNP0C0C") || acpi_device_is(device, "PNP0C0D") ||
		       acpi_device_is(device, "PNP0C0E");
	uint64_t gpe, deepest;

	if (aml_object_type(wake) != AML_PACKAGE || !acpi_element_integer(wake, 0, &gpe) ||
	    !acpi_element_integer(wake, 1, &deepest))
		return;
	if (gpe < ACPI_GPE_MAX && deepest <= 5)
		acpi_gpe_set_wake((unsigned)gpe, device->name, (unsigned)deepest, runtime);
}

static void find_wakers(void)
{
	struct acpi_device *device = NULL;

	while ((device = acpi_device_next(device)) != NULL) {
		struct aml_object *wake = NULL;

		if (!device->gone && acpi_call(device->name, "_PRW", NULL, 0, &wake) == 0 && wake)
			read_wake(device, wake);
		aml_put(acpi_aml(), wake);
	}
}

void acpi_events_rescan(void)
{
	if (!acpi_aml())
		return;
	forget_methods();
	find_methods();
	find_wakers();
	acpi_gpe_enable_methods();
}
