/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Walks resource templates (ACPI 6.5, 6.4): the head and the length of each descriptor are checked here, by
 * a table; then a small function takes it apart, which may read what the table says is there at least.
 */
#include "resource_priv.h"

#include <base/string.h>

/* --- The small descriptors (6.4.2): up to 7 bytes --- */

static void decode_irq(struct aml_resource *resource)
{
	/* Without the third byte: edge, active high, exclusive. */
	uint8_t flags = resource->length > 2 ? resource->data[2] : 1;

	resource->type = AML_RESOURCE_IRQ;
	resource->irq.count = aml_mask_count(aml_le16(resource->data));
	resource->irq.edge = (flags & 1) != 0;
	resource->irq.active_low = (flags & 8) != 0;
	resource->irq.shared = (flags & 0x10) != 0;
	resource->irq.wake = (flags & 0x20) != 0;
	resource->consumer = true;
}

static void decode_dma(struct aml_resource *resource)
{
	resource->type = AML_RESOURCE_DMA;
	resource->dma.count = aml_mask_count(resource->data[0]);
	resource->dma.width = resource->data[1] & 3;
	resource->dma.bus_master = (resource->data[1] & 4) != 0;
	resource->dma.speed = resource->data[1] >> 5 & 3;
}

static void decode_dependent(struct aml_resource *resource)
{
	uint8_t priority = resource->length > 0 ? resource->data[0] : 5;

	resource->type = AML_RESOURCE_DEPENDENT;
	resource->dependent.compatibility = priority & 3;
	resource->dependent.performance = priority >> 2 & 3;
}

static void decode_dependent_end(struct aml_resource *resource)
{
	resource->type = AML_RESOURCE_DEPENDENT_END;
}

static void decode_io(struct aml_resource *resource)
{
	const uint8_t *data = resource->data;

	resource->type = AML_RESOURCE_IO;
	resource->io.decode16 = (data[0] & 1) != 0;
	resource->io.minimum = aml_le16(data + 1);
	resource->io.maximum = aml_le16(data + 3);
	resource->io.alignment = data[5];
	resource->io.length = data[6];
}

static void decode_fixed_io(struct aml_resource *resource)
{
	resource->type = AML_RESOURCE_IO;
	resource->io.minimum = aml_le16(resource->data) & 0x3ff;
	resource->io.maximum = resource->io.minimum;
	resource->io.alignment = 1;
	resource->io.length = resource->data[2];
}

static void decode_fixed_dma(struct aml_resource *resource)
{
	resource->type = AML_RESOURCE_FIXED_DMA;
	resource->fixed_dma.request = aml_le16(resource->data);
	resource->fixed_dma.channel = aml_le16(resource->data + 2);
	resource->fixed_dma.width = resource->data[4];
}

static void decode_vendor(struct aml_resource *resource)
{
	resource->type = AML_RESOURCE_VENDOR;
}

static void decode_end(struct aml_resource *resource)
{
	resource->type = AML_RESOURCE_END;
}

/* --- The table --- */

/* By how much the length may differ from the least. */
enum slack { EXACT, ONE_LESS, MORE };

struct form {
	void (*decode)(struct aml_resource *resource); /* NULL: there is no such descriptor */
	uint8_t length;                                /* without the head */
	uint8_t slack;                                 /* enum slack */
};

static const struct form small_forms[16] = {
	[0x4] = { decode_irq, 3, ONE_LESS },       [0x5] = { decode_dma, 2, EXACT },
	[0x6] = { decode_dependent, 1, ONE_LESS }, [0x7] = { decode_dependent_end, 0, EXACT },
	[0x8] = { decode_io, 7, EXACT },           [0x9] = { decode_fixed_io, 3, EXACT },
	[0xa] = { decode_fixed_dma, 5, EXACT },    [0xe] = { decode_vendor, 0, MORE },
	[0xf] = { decode_end, 1, EXACT },
};

static const struct form large_forms[] = {
	[0x01] = { aml_decode_memory24, 9, EXACT },
	[0x02] = { aml_decode_register, 12, EXACT },
	[0x04] = { decode_vendor, 0, MORE },
	[0x05] = { aml_decode_memory32, 17, EXACT },
	[0x06] = { aml_decode_fixed_memory, 9, EXACT },
	[0x07] = { aml_decode_address, 23, MORE },
	[0x08] = { aml_decode_address, 13, MORE },
	[0x09] = { aml_decode_interrupts, 6, MORE },
	[0x0a] = { aml_decode_address, 43, MORE },
	[0x0b] = { aml_decode_address, 53, EXACT },
	[0x0c] = { aml_decode_gpio, 20, MORE },
	[0x0d] = { aml_decode_other, 15, MORE }, /* pin function */
	[0x0e] = { aml_decode_serial, 9, MORE },
	[0x0f] = { aml_decode_other, 17, MORE }, /* pin configuration */
	[0x10] = { aml_decode_other, 11, MORE }, /* pin group */
	[0x11] = { aml_decode_other, 14, MORE }, /* its function */
	[0x12] = { aml_decode_other, 17, MORE }, /* its configuration */
	[0x13] = { aml_decode_other, 9, MORE },  /* clock input */
};

static const struct form *find_form(uint8_t tag)
{
	const struct form *form;

	if ((tag & 0x80) == 0)
		form = &small_forms[tag >> 3];
	else if ((tag & 0x7f) < array_length(large_forms))
		form = &large_forms[tag & 0x7f];
	else
		return NULL;
	return form->decode == NULL ? NULL : form;
}

static bool length_is_good(const struct form *form, size_t length)
{
	switch (form->slack) {
	case EXACT:
		return length == form->length;
	case ONE_LESS:
		return length == form->length || length + 1u == form->length;
	default:
		return length >= form->length;
	}
}

/* Finds head and length of the descriptor at `at`, all of which lies in the buffer. */
static int open_descriptor(const uint8_t *bytes, size_t size, size_t at,
			   struct aml_resource *resource, const struct form **form)
{
	size_t head = 1;

	if (at >= size)
		return -AML_E_NO_RESOURCE_END_TAG;
	memset(resource, 0, sizeof(*resource));
	resource->tag = bytes[at];
	*form = find_form(resource->tag);
	if (*form == NULL)
		return -AML_E_INVALID_RESOURCE_TYPE;
	resource->length = resource->tag & 7;
	if ((resource->tag & 0x80) != 0) {
		head = 3;
		if (size - at < head)
			return -AML_E_NO_RESOURCE_END_TAG;
		resource->length = aml_le16(bytes + at + 1);
	}
	if (!length_is_good(*form, resource->length))
		return -AML_E_BAD_RESOURCE_LENGTH;
	if (size - at - head < resource->length)
		return -AML_E_NO_RESOURCE_END_TAG;
	resource->data = bytes + at + head;
	return 0;
}

int aml_resource_next(const void *bytes, size_t size, size_t *at, struct aml_resource *resource)
{
	const struct form *form;
	int error = open_descriptor(bytes, size, *at, resource, &form);

	if (error != 0)
		return error;
	form->decode(resource);
	if (resource->type == AML_RESOURCE_SERIAL &&
	    (resource->serial.kind < AML_SERIAL_I2C || resource->serial.kind > AML_SERIAL_CSI2))
		return -AML_E_INVALID_RESOURCE_TYPE;
	*at = (size_t)(resource->data + resource->length - (const uint8_t *)bytes);
	return 0;
}

int aml_resource_end(const void *bytes, size_t size, size_t *end)
{
	struct aml_resource resource;
	size_t at = 0;
	int error;

	do {
		*end = at;
		error = aml_resource_next(bytes, size, &at, &resource);
	} while (error == 0 && resource.type != AML_RESOURCE_END);
	return error;
}
