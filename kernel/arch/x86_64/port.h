/* SPDX-License-Identifier: GPL-3.0-or-later */
/* I/O ports and device registers in memory. */
#pragma once

#include <base/types.h>

static inline void port_write8(uint16_t port, uint8_t value)
{
	asm volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline void port_write16(uint16_t port, uint16_t value)
{
	asm volatile("outw %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint8_t port_read8(uint16_t port)
{
	uint8_t value;

	asm volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline uint16_t port_read16(uint16_t port)
{
	uint16_t value;

	asm volatile("inw %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline uint32_t port_read32(uint16_t port)
{
	uint32_t value;

	asm volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline uint32_t register_read32(const volatile void *base, size_t offset)
{
	return *(const volatile uint32_t *)((const volatile char *)base + offset);
}

static inline void register_write32(volatile void *base, size_t offset, uint32_t value)
{
	*(volatile uint32_t *)((volatile char *)base + offset) = value;
}

static inline uint64_t register_read64(const volatile void *base, size_t offset)
{
	return *(const volatile uint64_t *)((const volatile char *)base + offset);
}
