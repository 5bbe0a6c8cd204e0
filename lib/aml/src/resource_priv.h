/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What takes descriptors apart: resource.c has the small ones, resource_large.c the others. */
#pragma once

#include <aml/resource.h>
#include <base/bits.h>

static inline uint16_t aml_le16(const uint8_t *bytes)
{
	return (uint16_t)(bytes[0] | bytes[1] << 8);
}

static inline uint32_t aml_le32(const uint8_t *bytes)
{
	return aml_le16(bytes) | (uint32_t)aml_le16(bytes + 2) << 16;
}

static inline uint64_t aml_le64(const uint8_t *bytes)
{
	return aml_le32(bytes) | (uint64_t)aml_le32(bytes + 4) << 32;
}

static inline unsigned aml_mask_count(uint16_t mask)
{
	return bit_count(mask);
}

/* Each is given `tag`, and `data` of as many bytes as the table of resource.c says, or more. */
void aml_decode_memory24(struct aml_resource *resource);
void aml_decode_memory32(struct aml_resource *resource);
void aml_decode_fixed_memory(struct aml_resource *resource);
void aml_decode_register(struct aml_resource *resource);
void aml_decode_address(struct aml_resource *resource);
void aml_decode_interrupts(struct aml_resource *resource);
void aml_decode_gpio(struct aml_resource *resource);
void aml_decode_serial(struct aml_resource *resource);
void aml_decode_other(struct aml_resource *resource);
