/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is to be known of a PCI function, in words: for people, and for programs that show it. */
#include "pci_bus.h"
#include "pci_priv.h"

#include <scheme/text.h>

#define CAPABILITY_MAX 48
#define EXTENDED_MAX   64
#define SPEED_MASK     0xfu
#define WIDTH_SHIFT    4
#define WIDTH_MASK     0x3fu

typedef unsigned long long llu;

/* PCI Code and ID Assignment 1.11, 2 and 3. */
static const char *const capability_names[] = {
	[0x01] = "Power Management",
	[0x02] = "AGP",
	[0x03] = "Vital Product Data",
	[0x04] = "Slot Identification",
	[0x05] = "MSI",
	[0x07] = "PCI-X",
	[0x08] = "HyperTransport",
	[0x09] = "Vendor Specific",
	[0x0a] = "Debug Port",
	[0x0c] = "Hot-Plug",
	[0x0d] = "Subsystem",
	[0x10] = "Express",
	[0x11] = "MSI-X",
	[0x12] = "SATA",
	[0x13] = "Advanced Features",
	[0x14] = "Enhanced Allocation",
};

static const char *const extended_names[] = {
	[0x01] = "Advanced Error Reporting",
	[0x02] = "Virtual Channel",
	[0x03] = "Device Serial Number",
	[0x04] = "Power Budgeting",
	[0x09] = "Virtual Channel",
	[0x0b] = "Vendor Specific",
	[0x0d] = "Access Control Services",
	[0x0e] = "Alternative Routing-ID",
	[0x0f] = "Address Translation Service",
	[0x10] = "Single Root I/O Virtualization",
	[0x13] = "Page Request Interface",
	[0x15] = "Resizable BAR",
	[0x16] = "Dynamic Power Allocation",
	[0x17] = "TPH Requester",
	[0x18] = "Latency Tolerance Reporting",
	[0x19] = "Secondary PCI Express",
	[0x1b] = "Process Address Space ID",
	[0x1d] = "Downstream Port Containment",
	[0x1e] = "L1 PM Substates",
	[0x1f] = "Precision Time Measurement",
	[0x23] = "Designated Vendor-Specific",
	[0x25] = "Data Link Feature",
	[0x26] = "Physical Layer 16.0 GT/s",
	[0x27] = "Lane Margining",
	[0x2e] = "Data Object Exchange",
};

static void print_name(struct text *text, const char *const *names, size_t count, unsigned id)
{
	if (id < count && names[id])
		text_print(text, "%s", names[id]);
	else
		text_print(text, "Capability %02x", id);
}

static void describe_express(struct text *text, const struct pci_function *pci, unsigned at)
{
	static const char *const types[] = {
		[0] = "Endpoint",
		[1] = "Legacy Endpoint",
		[4] = "Root Port",
		[5] = "Upstream Port",
		[6] = "Downstream Port",
		[7] = "Bridge to PCI",
		[8] = "Bridge to PCI Express",
		[9] = "Root Complex Endpoint",
		[10] = "Event Collector",
	};
	uint32_t flags = pci_read_config(pci, at + PCI_EXPRESS_FLAGS, 2);
	uint32_t link = pci_read_config(pci, at + PCI_EXPRESS_LINK_STATUS, 2);
	uint32_t device = pci_read_config(pci, at + PCI_EXPRESS_DEVICE, 4);
	unsigned type = flags >> PCI_EXPRESS_TYPE_SHIFT & PCI_EXPRESS_TYPE_MASK;

	text_print(text, ", %s", type < array_length(types) && types[type] ? types[type] : "?");
	if (flags & PCI_EXPRESS_SLOT)
		text_print(text, ", slot");
	if (pci->behind && pci->behind->hotplug)
		text_print(text, " for hotplug");
	text_print(text, ", link generation %u x%u%s", link & SPEED_MASK,
		   link >> WIDTH_SHIFT & WIDTH_MASK,
		   device & PCI_EXPRESS_DEVICE_RESETS ? ", function-level reset" : "");
}

static void describe_capability(struct text *text, const struct pci_function *pci, unsigned at)
{
	unsigned id = pci_read_config(pci, at, 1);
	uint32_t control = pci_read_config(pci, at + 2, 2);

	text_print(text, "\tCapability [%02x] ", at);
	print_name(text, capability_names, array_length(capability_names), id);
	if (id == PCI_CAPABILITY_MSIX)
		text_print(text, ", %u entries, %s", (control & PCI_MSIX_ENTRIES) + 1,
			   control & PCI_MSIX_ENABLE ? "on" : "off");
	else if (id == PCI_CAPABILITY_MSI)
		text_print(text, ", %s", control & PCI_MSI_ENABLE ? "on" : "off");
	else if (id == PCI_CAPABILITY_POWER)
		text_print(text, ", D%u",
			   pci_read_config(pci, at + PCI_POWER_CONTROL, 2) & PCI_POWER_STATE);
	else if (id == PCI_CAPABILITY_EXPRESS)
		describe_express(text, pci, at);
	text_print(text, "\n");
}

static void describe_range(struct text *text, unsigned index, const struct device_range *range)
{
	if (range->kind == DEVICE_RANGE_NONE)
		return;
	text_print(text, "\tBAR %u: ", index);
	if (range->kind == DEVICE_RANGE_PORTS)
		text_print(text, "ports");
	else
		text_print(text, "memory, %u bits%s", range->wide ? 64 : 32,
			   range->prefetchable ? ", prefetchable" : "");
	if (range->base)
		text_print(text, ", at %llx", (llu)range->base);
	else
		text_print(text, ", without an address");
	text_print(text, ", %llu bytes\n", (llu)range->size);
}

static void describe_bridge(struct text *text, const struct pci_bus *behind)
{
	static const char *const names[PCI_WINDOW_COUNT] = { "ports", "memory",
							     "prefetchable memory" };

	text_print(text, "\tBus %02x behind, the last %02x\n", behind->number, behind->last);
	for (unsigned i = 0; i < PCI_WINDOW_COUNT; i++) {
		const struct pci_window *window = &behind->windows[i];

		if (window->size)
			text_print(text, "\tWindow: %s, %llx-%llx\n", names[i], (llu)window->base,
				   (llu)(window->base + window->size - 1));
	}
}

void pci_describe(struct text *text, const struct device *device)
{
	const struct pci_function *pci = &device->pci;
	const struct driver *driver = device->driver;
	unsigned at = 0;

	text_print(text, "%s [%06x]: %04x:%04x, revision %02x\n", pci_class_name(pci->class_code),
		   pci->class_code, pci->vendor, pci->device, pci->revision);
	if (pci->subsystem_vendor)
		text_print(text, "\tSubsystem %04x:%04x\n", pci->subsystem_vendor, pci->subsystem);
	if (pci->pin)
		text_print(text, "\tPin %c\n", 'A' + pci->pin - 1);
	if (pci->behind)
		describe_bridge(text, pci->behind);
	for (unsigned i = 0; i < DEVICE_RANGE_MAX; i++)
		describe_range(text, i, &device->ranges[i]);
	for (unsigned i = 0; i < CAPABILITY_MAX && (at = pci_next_capability(pci, at)) != 0; i++)
		describe_capability(text, pci, at);
	at = 0;
	for (unsigned i = 0; i < EXTENDED_MAX && (at = pci_next_extended(pci, at)) != 0; i++) {
		text_print(text, "\tCapability [%03x] ", at);
		print_name(text, extended_names, array_length(extended_names),
			   pci_read_config(pci, at, 4) & UINT16_MAX);
		text_print(text, "\n");
	}
	if (driver)
		text_print(text, "\tDriver %s\n", driver->name);
}
