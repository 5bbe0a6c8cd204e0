/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Resource templates (ACPI 6.5, 6.4), the buffers that _CRS and _PRS give, and entries of _PRT.
 *
 *	for (size_t at = 0;;) {
 *		error = aml_resource_next(bytes, length, &at, &resource);
 *		if (error != 0 || resource.type == AML_RESOURCE_END)
 *			break;
 *		...
 *	}
 *
 * Templates are input from outside: each descriptor is checked against its length and the buffer's.
 * Records point into the buffer, and are good as long as that is.
 */
#pragma once

#include <aml/aml.h>

enum aml_resource_type {
	AML_RESOURCE_END,
	AML_RESOURCE_IRQ, /* IRQ and Interrupt */
	AML_RESOURCE_DMA, /* ISA's */
	AML_RESOURCE_FIXED_DMA,
	AML_RESOURCE_DEPENDENT, /* a choice begins */
	AML_RESOURCE_DEPENDENT_END,
	AML_RESOURCE_IO,      /* IO and FixedIO */
	AML_RESOURCE_MEMORY,  /* Memory24, Memory32, Memory32Fixed */
	AML_RESOURCE_ADDRESS, /* address spaces of all widths */
	AML_RESOURCE_REGISTER,
	AML_RESOURCE_GPIO,
	AML_RESOURCE_SERIAL,
	AML_RESOURCE_VENDOR, /* `data` */
	AML_RESOURCE_OTHER,  /* pins, clocks: valid, but not taken apart; `data` */
};

enum aml_address_kind {
	AML_ADDRESS_MEMORY = 0,
	AML_ADDRESS_IO = 1,
	AML_ADDRESS_BUS = 2,
	AML_ADDRESS_VENDOR = 192, /* and above */
};

enum aml_serial_kind {
	AML_SERIAL_I2C = 1,
	AML_SERIAL_SPI = 2,
	AML_SERIAL_UART = 3,
	AML_SERIAL_CSI2 = 4,
};

/* A device by its path; not terminated. Length 0: none is named. */
struct aml_resource_source {
	const char *path;
	size_t length;
	uint8_t index;
};

struct aml_resource {
	enum aml_resource_type type;
	uint8_t tag;         /* the descriptor's first byte */
	const uint8_t *data; /* behind its head, `length` bytes */
	size_t length;
	struct aml_resource_source source; /* ADDRESS, IRQ, GPIO, SERIAL */
	bool consumer; /* ADDRESS, IRQ, GPIO, SERIAL: not handed on to children */
	union {
		struct {
			unsigned count; /* aml_resource_number() has the numbers */
			bool edge, active_low, shared, wake;
		} irq;
		struct {
			unsigned count;       /* aml_resource_number() has the channels */
			uint8_t width, speed; /* as in the descriptor's flags */
			bool bus_master;
		} dma;
		struct {
			uint16_t request, channel;
			uint8_t width;
		} fixed_dma;
		struct {
			uint8_t compatibility, performance; /* 0 good, 1 acceptable, 2 bad */
		} dependent;
		struct {
			uint16_t minimum, maximum, length;
			uint8_t alignment;
			bool decode16;
		} io;
		struct {
			uint32_t minimum, maximum, alignment, length;
			bool writable;
		} memory;
		struct {
			enum aml_address_kind kind;
			bool minimum_fixed, maximum_fixed, subtractive;
			uint8_t specific; /* flags of its kind */
			uint64_t granularity, minimum, maximum, translation, length;
			uint64_t attributes; /* of ExtendedSpace */
		} address;
		struct {
			enum aml_space space;
			uint8_t width, offset, access; /* bits, bits, 0-4 */
			uint64_t address;
		} reg;
		struct {
			unsigned count; /* aml_resource_number() has the pins */
			bool interrupt; /* else I/O */
			bool shared, wake, edge;
			uint8_t polarity;    /* 0 high, 1 low, 2 both */
			uint8_t restriction; /* of I/O: 0 none, 1 in, 2 out, 3 preserve */
			uint8_t pull;
			uint16_t drive, debounce;
		} gpio;
		struct {
			enum aml_serial_kind kind;
			bool slave, shared;
			uint32_t speed;   /* Hz, or baud */
			uint16_t address; /* I2C's; SPI's device selection */
			bool ten_bits;    /* I2C's addresses */
			uint16_t flags;   /* of its kind */
		} serial;
	};
};

/* The descriptor at *at, which is moved behind it. The end tag is a record, too. 0, or
 * -AML_E_NO_RESOURCE_END_TAG where the buffer ends before, -AML_E_INVALID_RESOURCE_TYPE,
 * -AML_E_BAD_RESOURCE_LENGTH. */
int must_check aml_resource_next(const void *bytes, size_t size, size_t *at,
				 struct aml_resource *resource);
/* Interrupt, channel or pin `index` below the record's count. */
uint32_t aml_resource_number(const struct aml_resource *resource, unsigned index);
/* Where the end tag is; the descriptors before are checked. */
int must_check aml_resource_end(const void *bytes, size_t size, size_t *end);

/* An entry of _PRT. */
struct aml_route {
	uint16_t device;
	uint16_t function;     /* 0xffff: all */
	uint8_t pin;           /* 0: INTA */
	struct aml_node *link; /* the link device; NULL: `interrupt` is a global system interrupt */
	uint32_t interrupt;    /* or the index in the link's resources */
};

/* Entry `index` of what _PRT gave. 0, -AML_E_NOT_FOUND (beyond the last), -AML_E_OPERAND_TYPE or
 * -AML_E_OPERAND_VALUE (no entry; others may be good). */
int must_check aml_route_at(const struct aml_object *table, unsigned index,
			    struct aml_route *route);
