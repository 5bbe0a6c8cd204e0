/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The large descriptors (ACPI 6.5, 6.4.3). Offsets in the specification count from the head's 3 bytes; here
 * they count from behind it.
 */
#include "resource_priv.h"

#include <base/string.h>

void aml_decode_memory24(struct aml_resource *resource)
{
	const uint8_t *data = resource->data;

	resource->type = AML_RESOURCE_MEMORY;
	resource->memory.writable = (data[0] & 1) != 0;
	resource->memory.minimum = (uint32_t)aml_le16(data + 1) << 8;
	resource->memory.maximum = (uint32_t)aml_le16(data + 3) << 8;
	/* 0 stands for 64 KiB; the length counts 256 bytes. */
	resource->memory.alignment = aml_le16(data + 5) == 0 ? 65536 : aml_le16(data + 5);
	resource->memory.length = (uint32_t)aml_le16(data + 7) << 8;
}

void aml_decode_memory32(struct aml_resource *resource)
{
	const uint8_t *data = resource->data;

	resource->type = AML_RESOURCE_MEMORY;
	resource->memory.writable = (data[0] & 1) != 0;
	resource->memory.minimum = aml_le32(data + 1);
	resource->memory.maximum = aml_le32(data + 5);
	resource->memory.alignment = aml_le32(data + 9);
	resource->memory.length = aml_le32(data + 13);
}

void aml_decode_fixed_memory(struct aml_resource *resource)
{
	const uint8_t *data = resource->data;

	resource->type = AML_RESOURCE_MEMORY;
	resource->memory.writable = (data[0] & 1) != 0;
	resource->memory.minimum = aml_le32(data + 1);
	resource->memory.maximum = resource->memory.minimum;
	resource->memory.alignment = 1;
	resource->memory.length = aml_le32(data + 5);
}

void aml_decode_register(struct aml_resource *resource)
{
	const uint8_t *data = resource->data;

	resource->type = AML_RESOURCE_REGISTER;
	resource->reg.space = (enum aml_space)data[0];
	resource->reg.width = data[1];
	resource->reg.offset = data[2];
	resource->reg.access = data[3];
	resource->reg.address = aml_le64(data + 4);
}

/* A path that lasts up to its terminator, or the descriptor's end. */
static void find_path(struct aml_resource *resource, size_t at)
{
	const char *path = (const char *)resource->data + at;

	if (at < resource->length) {
		resource->source.path = path;
		resource->source.length = strnlen(path, resource->length - at);
	}
}

/* An index and a path, which may be left out, at `at`. */
static void find_source(struct aml_resource *resource, size_t at)
{
	if (at >= resource->length)
		return;
	resource->source.index = resource->data[at];
	find_path(resource, at + 1);
}

/* The five numbers of an address space, each of `width` bytes, from `at` on. */
static void read_address(struct aml_resource *resource, size_t at, unsigned width)
{
	uint64_t numbers[5];

	for (unsigned index = 0; index < array_length(numbers); index++, at += width) {
		const uint8_t *data = resource->data + at;

		numbers[index] = width == 2   ? aml_le16(data)
				 : width == 4 ? aml_le32(data)
					      : aml_le64(data);
	}
	resource->address.granularity = numbers[0];
	resource->address.minimum = numbers[1];
	resource->address.maximum = numbers[2];
	resource->address.translation = numbers[3];
	resource->address.length = numbers[4];
}

void aml_decode_address(struct aml_resource *resource)
{
	const uint8_t *data = resource->data;

	resource->type = AML_RESOURCE_ADDRESS;
	resource->address.kind = (enum aml_address_kind)data[0];
	resource->consumer = (data[1] & 1) != 0;
	resource->address.subtractive = (data[1] & 2) != 0;
	resource->address.minimum_fixed = (data[1] & 4) != 0;
	resource->address.maximum_fixed = (data[1] & 8) != 0;
	resource->address.specific = data[2];
	switch (resource->tag & 0x7f) {
	case 0x08:
		read_address(resource, 3, 2);
		find_source(resource, 13);
		break;
	case 0x07:
		read_address(resource, 3, 4);
		find_source(resource, 23);
		break;
	case 0x0a:
		read_address(resource, 3, 8);
		find_source(resource, 43);
		break;
	default: /* extended: a revision and a reserved byte come first */
		read_address(resource, 5, 8);
		resource->address.attributes = aml_le64(data + 45);
		break;
	}
}

void aml_decode_interrupts(struct aml_resource *resource)
{
	uint8_t flags = resource->data[0];
	size_t room = (resource->length - 2) / 4;

	resource->type = AML_RESOURCE_IRQ;
	resource->consumer = (flags & 1) != 0;
	resource->irq.edge = (flags & 2) != 0;
	resource->irq.active_low = (flags & 4) != 0;
	resource->irq.shared = (flags & 8) != 0;
	resource->irq.wake = (flags & 0x10) != 0;
	resource->irq.count = (unsigned)min_size(resource->data[1], room);
	find_source(resource, 2 + 4 * (size_t)resource->irq.count);
}

/* Where an offset of the specification, which counts from the descriptor's beginning, leads; 0: nowhere. */
static size_t inner_offset(const struct aml_resource *resource, size_t at)
{
	size_t offset = aml_le16(resource->data + at);

	return offset < 3 || offset - 3 > resource->length ? 0 : offset - 3;
}

void aml_decode_gpio(struct aml_resource *resource)
{
	const uint8_t *data = resource->data;
	uint16_t flags = aml_le16(data + 4);
	size_t pins = inner_offset(resource, 11);
	size_t source = inner_offset(resource, 14);
	size_t end = source > pins ? source : resource->length;

	resource->type = AML_RESOURCE_GPIO;
	resource->consumer = (data[2] & 1) != 0;
	resource->gpio.interrupt = data[1] == 0;
	resource->gpio.edge = (flags & 1) != 0;
	resource->gpio.polarity = flags >> 1 & 3;
	resource->gpio.restriction = flags & 3;
	resource->gpio.shared = (flags & 8) != 0;
	resource->gpio.wake = (flags & 0x10) != 0;
	resource->gpio.pull = data[6];
	resource->gpio.drive = aml_le16(data + 7);
	resource->gpio.debounce = aml_le16(data + 9);
	resource->gpio.count = pins == 0 ? 0 : (unsigned)((end - pins) / 2);
	resource->source.index = data[13];
	if (source != 0)
		find_path(resource, source);
}

void aml_decode_serial(struct aml_resource *resource)
{
	const uint8_t *data = resource->data;
	size_t own = aml_le16(data + 7);

	resource->type = AML_RESOURCE_SERIAL;
	resource->source.index = data[1];
	resource->serial.kind = (enum aml_serial_kind)data[2];
	resource->serial.slave = (data[3] & 1) != 0;
	resource->consumer = (data[3] & 2) != 0;
	resource->serial.shared = (data[3] & 4) != 0;
	resource->serial.flags = aml_le16(data + 4);
	own = min_size(own, resource->length - 9);
	if (own >= 4)
		resource->serial.speed = aml_le32(data + 9);
	if (resource->serial.kind == AML_SERIAL_I2C && own >= 6) {
		resource->serial.address = aml_le16(data + 13);
		resource->serial.ten_bits = (resource->serial.flags & 1) != 0;
	}
	if (resource->serial.kind == AML_SERIAL_SPI && own >= 9)
		resource->serial.address = aml_le16(data + 16);
	find_path(resource, 9 + own);
}

void aml_decode_other(struct aml_resource *resource)
{
	resource->type = AML_RESOURCE_OTHER;
}

/* --- Numbers --- */

static uint32_t masked_number(uint16_t mask, unsigned index)
{
	for (; index > 0; index--)
		mask &= (uint16_t)(mask - 1);
	return mask == 0 ? 0 : bit_lowest(mask);
}

uint32_t aml_resource_number(const struct aml_resource *resource, unsigned index)
{
	const uint8_t *data = resource->data;

	switch (resource->type) {
	case AML_RESOURCE_IRQ:
		if (index >= resource->irq.count)
			return 0;
		return (resource->tag & 0x80) != 0 ? aml_le32(data + 2 + 4 * (size_t)index)
						   : masked_number(aml_le16(data), index);
	case AML_RESOURCE_DMA:
		return index < resource->dma.count ? masked_number(data[0], index) : 0;
	case AML_RESOURCE_GPIO:
		if (index >= resource->gpio.count)
			return 0;
		return aml_le16(data + inner_offset(resource, 11) + 2 * (size_t)index);
	default:
		return 0;
	}
}
