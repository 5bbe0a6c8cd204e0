/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The classes of PCI functions in words (PCI Code and ID Assignment 1.11, 1). */
#include <base/types.h>
#include <dev/pci.h>

#define ANY 0xff

static const struct {
	uint8_t class, subclass, interface;
	const char *name;
} names[] = {
	{ 0x00, 0x01, ANY, "VGA compatible unclassified device" },
	{ 0x00, ANY, ANY, "Unclassified device" },
	{ 0x01, 0x00, ANY, "SCSI storage controller" },
	{ 0x01, 0x01, ANY, "IDE interface" },
	{ 0x01, 0x02, ANY, "Floppy disk controller" },
	{ 0x01, 0x04, ANY, "RAID bus controller" },
	{ 0x01, 0x05, ANY, "ATA controller" },
	{ 0x01, 0x06, 0x01, "SATA controller (AHCI)" },
	{ 0x01, 0x06, ANY, "SATA controller" },
	{ 0x01, 0x07, ANY, "Serial Attached SCSI controller" },
	{ 0x01, 0x08, 0x02, "NVM Express controller" },
	{ 0x01, 0x08, ANY, "Non-volatile memory controller" },
	{ 0x01, ANY, ANY, "Mass storage controller" },
	{ 0x02, 0x00, ANY, "Ethernet controller" },
	{ 0x02, ANY, ANY, "Network controller" },
	{ 0x03, 0x00, ANY, "VGA compatible controller" },
	{ 0x03, 0x02, ANY, "3D controller" },
	{ 0x03, ANY, ANY, "Display controller" },
	{ 0x04, 0x01, ANY, "Multimedia audio controller" },
	{ 0x04, 0x03, ANY, "Audio device" },
	{ 0x04, ANY, ANY, "Multimedia controller" },
	{ 0x05, 0x00, ANY, "RAM memory" },
	{ 0x05, ANY, ANY, "Memory controller" },
	{ 0x06, 0x00, ANY, "Host bridge" },
	{ 0x06, 0x01, ANY, "ISA bridge" },
	{ 0x06, 0x04, ANY, "PCI bridge" },
	{ 0x06, 0x07, ANY, "CardBus bridge" },
	{ 0x06, ANY, ANY, "Bridge" },
	{ 0x07, 0x00, ANY, "Serial controller" },
	{ 0x07, 0x01, ANY, "Parallel controller" },
	{ 0x07, ANY, ANY, "Communication controller" },
	{ 0x08, 0x00, ANY, "Interrupt controller" },
	{ 0x08, 0x05, ANY, "SD host controller" },
	{ 0x08, 0x06, ANY, "IOMMU" },
	{ 0x08, ANY, ANY, "System peripheral" },
	{ 0x09, ANY, ANY, "Input device controller" },
	{ 0x0b, ANY, ANY, "Processor" },
	{ 0x0c, 0x03, 0x00, "USB controller (UHCI)" },
	{ 0x0c, 0x03, 0x10, "USB controller (OHCI)" },
	{ 0x0c, 0x03, 0x20, "USB controller (EHCI)" },
	{ 0x0c, 0x03, 0x30, "USB controller (xHCI)" },
	{ 0x0c, 0x03, 0x40, "USB controller (USB4)" },
	{ 0x0c, 0x03, ANY, "USB controller" },
	{ 0x0c, 0x05, ANY, "SMBus" },
	{ 0x0c, ANY, ANY, "Serial bus controller" },
	{ 0x0d, ANY, ANY, "Wireless controller" },
	{ 0x0f, ANY, ANY, "Satellite communications controller" },
	{ 0x10, ANY, ANY, "Encryption controller" },
	{ 0x11, ANY, ANY, "Signal processing controller" },
	{ 0x12, ANY, ANY, "Processing accelerator" },
	{ 0x40, ANY, ANY, "Coprocessor" },
};

const char *pci_class_name(uint32_t class_code)
{
	uint8_t class = (uint8_t)(class_code >> 16), subclass = (uint8_t)(class_code >> 8);

	for (size_t i = 0; i < array_length(names); i++)
		if (names[i].class == class &&
		    (names[i].subclass == ANY || names[i].subclass == subclass) &&
		    (names[i].interface == ANY || names[i].interface == (uint8_t)class_code))
			return names[i].name;
	return "Unknown device";
}
