/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Devices at fixed places as firmware tells of them, by their Plug and Play ids: serial ports, and where keyboard and
 * mouse interrupt. What it says that cannot be is left out.
 */
#include "dev_priv.h"

#include <acpi/device.h>
#include <acpi/namespace.h>
#include <base/errno.h>
#include <base/format.h>
#include <base/string.h>
#include <core/log.h>

#define UART_REGISTERS 8
#define UART_MAX       8
#define ISA_LINES      16
#define NAME_SIZE      24

/* What of a device's resources counts here. */
struct found {
	struct {
		uint16_t first, count;
	} ports[ARCH_DEVICE_RANGE_MAX];
	unsigned port_count;
	unsigned line; /* ISA_LINES: none */
};

static const char *const uart_ids[] = { "PNP0501", "PNP0500", NULL };
static const char *const keyboard_ids[] = { "PNP0303", "PNP0300", "PNP0301", "PNP0302", "PNP0304",
					    "PNP0305", "PNP0306", "PNP0309", "PNP030A", "PNP030B",
					    "PNP0320", "PNP0343", "PNP0344", "PNP0345", NULL };
static const char *const mouse_ids[] = { "PNP0F13", "PNP0F03", "PNP0F0B", "PNP0F0E",
					 "PNP0F12", "PNP0F19", "PNP0F1C", NULL };

static struct arch_device uarts[UART_MAX];
static char uart_names[UART_MAX][NAME_SIZE];

static int take_resource(const struct aml_resource *resource, void *argument)
{
	struct found *found = argument;

	if (resource->type == AML_RESOURCE_IO && found->port_count < ARCH_DEVICE_RANGE_MAX &&
	    resource->io.length && resource->io.minimum &&
	    resource->io.minimum + resource->io.length <= UINT16_MAX) {
		found->ports[found->port_count].first = resource->io.minimum;
		found->ports[found->port_count++].count = resource->io.length;
	}
	if (resource->type == AML_RESOURCE_IRQ && found->line == ISA_LINES && resource->irq.count &&
	    aml_resource_number(resource, 0) < ISA_LINES)
		found->line = aml_resource_number(resource, 0);
	return 0;
}

static bool is_one_of(const struct acpi_device *device, const char *const *ids)
{
	for (; *ids; ids++)
		if (acpi_device_is(device, *ids))
			return true;
	return false;
}

/* The next such device that is there and enabled, and what it uses. */
static struct acpi_device *find_device(struct acpi_device *previous, const char *const *ids,
				       struct found *found)
{
	const unsigned wanted = ACPI_STATUS_PRESENT | ACPI_STATUS_ENABLED;

	while ((previous = acpi_device_next(previous)) != NULL) {
		if (!is_one_of(previous, ids) || (previous->status & wanted) != wanted)
			continue;
		*found = (struct found){ .line = ISA_LINES };
		if (!acpi_resources(previous->name, "_CRS", take_resource, found))
			return previous;
	}
	return NULL;
}

static bool is_known(const struct arch_device *known, const struct found *found)
{
	return known->port_ranges[0].first == found->ports[0].first;
}

static void set_uart(struct arch_device *uart, const struct arch_device *known,
		     const struct found *found)
{
	*uart = (struct arch_device){
		.driver = known->driver,
		.port_ranges = { { found->ports[0].first, UART_REGISTERS } },
		.port_range_count = 1,
		.lines = { (uint8_t)found->line },
		.line_count = 1,
	};
}

/* The known one is the first, as the log goes there. */
unsigned platform_find_uarts(const struct arch_device *known, const struct arch_device **all)
{
	struct acpi_device *device = NULL;
	unsigned count = 1;
	struct found found;

	uarts[0] = *known;
	while (acpi_aml() && (device = find_device(device, uart_ids, &found)) != NULL) {
		if (!found.port_count || found.ports[0].count < UART_REGISTERS ||
		    found.line == ISA_LINES)
			log_warning("dev", "%s: a serial port without registers or interrupt",
				    device->path);
		else if (is_known(known, &found))
			set_uart(&uarts[0], known, &found);
		else if (count < UART_MAX)
			set_uart(&uarts[count++], known, &found);
	}
	for (unsigned i = 0; i < count; i++) {
		snprintf(uart_names[i], NAME_SIZE, "serial port %u", i + 1);
		uarts[i].name = uart_names[i];
	}
	*all = uarts;
	return count;
}

void platform_find_keyboard(struct arch_device *controller)
{
	struct found found;

	if (!acpi_aml())
		return;
	if (find_device(NULL, keyboard_ids, &found)) {
		for (unsigned i = 0;
		     found.port_count == ARCH_DEVICE_RANGE_MAX && i < ARCH_DEVICE_RANGE_MAX; i++)
			controller->port_ranges[i].first = found.ports[i].first;
		if (found.line < ISA_LINES)
			controller->lines[0] = (uint8_t)found.line;
	}
	if (find_device(NULL, mouse_ids, &found) && found.line < ISA_LINES)
		controller->lines[1] = (uint8_t)found.line;
}
