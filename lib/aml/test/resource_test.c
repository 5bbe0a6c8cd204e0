/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Resource templates as iasl writes them, and damaged ones. */
#include "fixture.h"

#include <aml/resource.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unit.h>

static struct aml_resource resource;

/* Reads the one descriptor; the buffer is as long as that, so that a sanitizer sees what is read beyond. */
static int decode(const void *bytes, size_t size)
{
	uint8_t *copy = malloc(size);
	size_t at = 0;
	int error;

	memcpy(copy, bytes, size);
	error = aml_resource_next(copy, size, &at, &resource);
	if (error == 0)
		EXPECT_EQUAL(at, size);
	/* What points into the copy is used up here. */
	for (unsigned index = 0; error == 0 && index < 3; index++)
		aml_resource_number(&resource, index);
	free(copy);
	return error;
}

#define DECODE(...)                                                                       \
	do {                                                                              \
		static const uint8_t bytes[] = { __VA_ARGS__ };                           \
		size_t at = 0;                                                            \
		EXPECT_EQUAL(-decode(bytes, sizeof(bytes)), 0);                           \
		EXPECT_EQUAL(aml_resource_next(bytes, sizeof(bytes), &at, &resource), 0); \
	} while (0)

static uint32_t number(unsigned index)
{
	return aml_resource_number(&resource, index);
}

static const char *source(void)
{
	static char path[64];

	snprintf(path, sizeof(path), "%u %.*s", resource.source.index, (int)resource.source.length,
		 resource.source.length == 0 ? "" : resource.source.path);
	return path;
}

UNIT_TEST(aml_resource, interrupts)
{
	/* IRQ (Level, ActiveLow, Shared) {3, 9, 15} */
	DECODE(0x23, 0x08, 0x82, 0x18);
	EXPECT_EQUAL(resource.type, AML_RESOURCE_IRQ);
	EXPECT_EQUAL(resource.irq.count, 3);
	EXPECT_EQUAL(number(0), 3);
	EXPECT_EQUAL(number(1), 9);
	EXPECT_EQUAL(number(2), 15);
	EXPECT_EQUAL(number(3), 0);
	EXPECT(!resource.irq.edge && resource.irq.active_low && resource.irq.shared);
	/* IRQNoFlags () {5} */
	DECODE(0x22, 0x20, 0x00);
	EXPECT_EQUAL(resource.irq.count, 1);
	EXPECT_EQUAL(number(0), 5);
	EXPECT(resource.irq.edge && !resource.irq.active_low && !resource.irq.shared);
	/* Interrupt (ResourceConsumer, Level, ActiveLow, Shared, 2, "\\_SB.GSI") {16, 0x11223344, 18} */
	DECODE(0x89, 0x18, 0x00, 0x0d, 0x03, 0x10, 0x00, 0x00, 0x00, 0x44, 0x33, 0x22, 0x11, 0x12,
	       0x00, 0x00, 0x00, 0x02, 0x5c, 0x5f, 0x53, 0x42, 0x2e, 0x47, 0x53, 0x49, 0x00);
	EXPECT_EQUAL(resource.irq.count, 3);
	EXPECT_EQUAL(number(0), 16);
	EXPECT_EQUAL(number(1), 0x11223344);
	EXPECT_EQUAL(number(2), 18);
	EXPECT(!resource.irq.edge && resource.irq.active_low && resource.irq.shared);
	EXPECT(resource.consumer && !resource.irq.wake);
	EXPECT_STRING(source(), "2 \\_SB.GSI");
	/* Interrupt (ResourceConsumer, Edge, ActiveHigh, ExclusiveAndWake) {5} */
	DECODE(0x89, 0x06, 0x00, 0x13, 0x01, 0x05, 0x00, 0x00, 0x00);
	EXPECT(resource.irq.edge && !resource.irq.active_low && resource.irq.wake);
	EXPECT_STRING(source(), "0 ");
	/* It claims 200 interrupts, and has one. */
	DECODE(0x89, 0x06, 0x00, 0x13, 0xc8, 0x05, 0x00, 0x00, 0x00);
	EXPECT_EQUAL(resource.irq.count, 1);
}

UNIT_TEST(aml_resource, dma_and_choices)
{
	/* DMA (TypeB, BusMaster, Transfer8_16) {1, 3} */
	DECODE(0x2a, 0x0a, 0x45);
	EXPECT_EQUAL(resource.type, AML_RESOURCE_DMA);
	EXPECT_EQUAL(resource.dma.count, 2);
	EXPECT_EQUAL(number(0), 1);
	EXPECT_EQUAL(number(1), 3);
	EXPECT(resource.dma.bus_master && resource.dma.width == 1 && resource.dma.speed == 2);
	/* FixedDMA (0x11, 2, Width32bit) */
	DECODE(0x55, 0x11, 0x00, 0x02, 0x00, 0x02);
	EXPECT_EQUAL(resource.type, AML_RESOURCE_FIXED_DMA);
	EXPECT_EQUAL(resource.fixed_dma.request, 0x11);
	EXPECT_EQUAL(resource.fixed_dma.channel, 2);
	/* StartDependentFn (1, 2), StartDependentFnNoPri, EndDependentFn */
	DECODE(0x31, 0x09);
	EXPECT_EQUAL(resource.type, AML_RESOURCE_DEPENDENT);
	EXPECT_EQUAL(resource.dependent.compatibility, 1);
	EXPECT_EQUAL(resource.dependent.performance, 2);
	DECODE(0x30);
	EXPECT_EQUAL(resource.dependent.compatibility, 1);
	EXPECT_EQUAL(resource.dependent.performance, 1);
	DECODE(0x38);
	EXPECT_EQUAL(resource.type, AML_RESOURCE_DEPENDENT_END);
}

UNIT_TEST(aml_resource, ports_and_memory)
{
	/* IO (Decode16, 0x3f0, 0x3f8, 8, 6) */
	DECODE(0x47, 0x01, 0xf0, 0x03, 0xf8, 0x03, 0x08, 0x06);
	EXPECT_EQUAL(resource.type, AML_RESOURCE_IO);
	EXPECT_EQUAL(resource.io.minimum, 0x3f0);
	EXPECT_EQUAL(resource.io.maximum, 0x3f8);
	EXPECT_EQUAL(resource.io.alignment, 8);
	EXPECT_EQUAL(resource.io.length, 6);
	EXPECT(resource.io.decode16);
	/* FixedIO (0x60, 5) */
	DECODE(0x4b, 0x60, 0x00, 0x05);
	EXPECT_EQUAL(resource.io.minimum, 0x60);
	EXPECT_EQUAL(resource.io.maximum, 0x60);
	EXPECT_EQUAL(resource.io.length, 5);
	/* Memory24 (ReadWrite, 0x1000, 0x2000, 0x100, 0x30) */
	DECODE(0x81, 0x09, 0x00, 0x01, 0x00, 0x10, 0x00, 0x20, 0x00, 0x01, 0x30, 0x00);
	EXPECT_EQUAL(resource.type, AML_RESOURCE_MEMORY);
	EXPECT_EQUAL(resource.memory.minimum, 0x100000);
	EXPECT_EQUAL(resource.memory.maximum, 0x200000);
	EXPECT_EQUAL(resource.memory.alignment, 0x100);
	EXPECT_EQUAL(resource.memory.length, 0x3000);
	/* Memory32 (ReadOnly, 0x10000000, 0x20000000, 0x1000, 0x3000) */
	DECODE(0x85, 0x11, 0x00, 0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x00, 0x00, 0x20, 0x00, 0x10,
	       0x00, 0x00, 0x00, 0x30, 0x00, 0x00);
	EXPECT_EQUAL(resource.memory.minimum, 0x10000000);
	EXPECT_EQUAL(resource.memory.maximum, 0x20000000);
	EXPECT_EQUAL(resource.memory.length, 0x3000);
	EXPECT(!resource.memory.writable);
	/* Memory32Fixed (ReadWrite, 0xfed00000, 0x400) */
	DECODE(0x86, 0x09, 0x00, 0x01, 0x00, 0x00, 0xd0, 0xfe, 0x00, 0x04, 0x00, 0x00);
	EXPECT_EQUAL(resource.memory.minimum, 0xfed00000);
	EXPECT_EQUAL(resource.memory.maximum, 0xfed00000);
	EXPECT_EQUAL(resource.memory.length, 0x400);
	EXPECT(resource.memory.writable);
	/* Register (SystemIO, 8, 0, 0xb2, 1) */
	DECODE(0x82, 0x0c, 0x00, 0x01, 0x08, 0x00, 0x01, 0xb2, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	       0x00);
	EXPECT_EQUAL(resource.type, AML_RESOURCE_REGISTER);
	EXPECT_EQUAL(resource.reg.space, AML_SPACE_IO);
	EXPECT_EQUAL(resource.reg.width, 8);
	EXPECT_EQUAL(resource.reg.access, 1);
	EXPECT_EQUAL(resource.reg.address, 0xb2);
}

UNIT_TEST(aml_resource, address_spaces)
{
	/* WordBusNumber (ResourceProducer, MinFixed, MaxFixed, PosDecode, 0, 0, 0xff, 0, 0x100) */
	DECODE(0x88, 0x0d, 0x00, 0x02, 0x0c, 0x00, 0x00, 0x00, 0x00, 0x00, 0xff, 0x00, 0x00, 0x00,
	       0x00, 0x01);
	EXPECT_EQUAL(resource.type, AML_RESOURCE_ADDRESS);
	EXPECT_EQUAL(resource.address.kind, AML_ADDRESS_BUS);
	EXPECT(!resource.consumer && resource.address.minimum_fixed &&
	       resource.address.maximum_fixed);
	EXPECT_EQUAL(resource.address.maximum, 0xff);
	EXPECT_EQUAL(resource.address.length, 0x100);
	EXPECT_STRING(source(), "0 ");
	/* DWordMemory (ResourceProducer, SubDecode, MinNotFixed, MaxFixed, Cacheable, ReadWrite, 0,
	 * 0xe0000000, 0xefffffff, 0x10, 0x10000000, 3, "\\_SB.PCI0") */
	DECODE(0x87, 0x22, 0x00, 0x00, 0x0a, 0x03, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xe0,
	       0xff, 0xff, 0xff, 0xef, 0x10, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x10, 0x03, 0x5c,
	       0x5f, 0x53, 0x42, 0x2e, 0x50, 0x43, 0x49, 0x30, 0x00);
	EXPECT_EQUAL(resource.address.kind, AML_ADDRESS_MEMORY);
	EXPECT(resource.address.subtractive && !resource.address.minimum_fixed);
	EXPECT_EQUAL(resource.address.specific, 3);
	EXPECT_EQUAL(resource.address.minimum, 0xe0000000);
	EXPECT_EQUAL(resource.address.maximum, 0xefffffff);
	EXPECT_EQUAL(resource.address.translation, 0x10);
	EXPECT_EQUAL(resource.address.length, 0x10000000);
	EXPECT_STRING(source(), "3 \\_SB.PCI0");
	/* QWordMemory (ResourceConsumer, PosDecode, MinFixed, MaxFixed, NonCacheable, ReadOnly, 0,
	 * 0x800000000, 0x8ffffffff, 0, 0x100000000) */
	DECODE(0x8a, 0x2b, 0x00, 0x00, 0x0d, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	       0x00, 0x00, 0x00, 0x00, 0x08, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0x08, 0x00,
	       0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	       0x01, 0x00, 0x00, 0x00);
	EXPECT(resource.consumer);
	EXPECT_EQUAL(resource.address.minimum, 0x800000000);
	EXPECT_EQUAL(resource.address.maximum, 0x8ffffffff);
	EXPECT_EQUAL(resource.address.length, 0x100000000);
	/* ExtendedMemory (ResourceProducer, PosDecode, MinFixed, MaxFixed, Cacheable, ReadWrite, 0,
	 * 0x100000, 0x1fffff, 0, 0x100000, 0x8) */
	DECODE(0x8b, 0x35, 0x00, 0x00, 0x0c, 0x03, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	       0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0x1f, 0x00,
	       0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	       0x10, 0x00, 0x00, 0x00, 0x00, 0x00, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00);
	EXPECT_EQUAL(resource.address.minimum, 0x100000);
	EXPECT_EQUAL(resource.address.length, 0x100000);
	EXPECT_EQUAL(resource.address.attributes, 8);
}

UNIT_TEST(aml_resource, connections)
{
	/* GpioInt (Edge, ActiveLow, SharedAndWake, PullUp, 250, "\\_SB.GPI0", 0, ResourceConsumer, ,
	 * RawDataBuffer () {0xaa}) {5} */
	DECODE(0x8c, 0x21, 0x00, 0x01, 0x00, 0x01, 0x00, 0x1b, 0x00, 0x01, 0x00, 0x00, 0xfa, 0x00,
	       0x17, 0x00, 0x00, 0x19, 0x00, 0x23, 0x00, 0x01, 0x00, 0x05, 0x00, 0x5c, 0x5f, 0x53,
	       0x42, 0x2e, 0x47, 0x50, 0x49, 0x30, 0x00, 0xaa);
	EXPECT_EQUAL(resource.type, AML_RESOURCE_GPIO);
	EXPECT_EQUAL(resource.gpio.count, 1);
	EXPECT_EQUAL(number(0), 5);
	EXPECT(resource.gpio.interrupt && resource.gpio.edge && resource.gpio.shared);
	EXPECT(resource.gpio.wake && resource.consumer);
	EXPECT_EQUAL(resource.gpio.polarity, 1);
	EXPECT_EQUAL(resource.gpio.pull, 1);
	EXPECT_EQUAL(resource.gpio.debounce, 250);
	EXPECT_STRING(source(), "0 \\_SB.GPI0");
	/* GpioIo (Exclusive, PullDown, 10, 20, IoRestrictionOutputOnly, "\\_SB.GPI1") {7, 9} */
	DECODE(0x8c, 0x22, 0x00, 0x01, 0x01, 0x01, 0x00, 0x02, 0x00, 0x02, 0x14, 0x00, 0x0a, 0x00,
	       0x17, 0x00, 0x00, 0x1b, 0x00, 0x25, 0x00, 0x00, 0x00, 0x07, 0x00, 0x09, 0x00, 0x5c,
	       0x5f, 0x53, 0x42, 0x2e, 0x47, 0x50, 0x49, 0x31, 0x00);
	EXPECT_EQUAL(resource.gpio.count, 2);
	EXPECT_EQUAL(number(1), 9);
	EXPECT_EQUAL(resource.gpio.restriction, 2);
	EXPECT_EQUAL(resource.gpio.drive, 20);
	EXPECT_STRING(source(), "0 \\_SB.GPI1");
	/* I2cSerialBusV2 (0x50, ControllerInitiated, 400000, AddressingMode10Bit, "\\_SB.I2C0", 1,
	 * ResourceConsumer, , Exclusive, RawDataBuffer () {1, 2}) */
	DECODE(0x8e, 0x1b, 0x00, 0x02, 0x01, 0x01, 0x02, 0x01, 0x00, 0x01, 0x08, 0x00, 0x80, 0x1a,
	       0x06, 0x00, 0x50, 0x00, 0x01, 0x02, 0x5c, 0x5f, 0x53, 0x42, 0x2e, 0x49, 0x32, 0x43,
	       0x30, 0x00);
	EXPECT_EQUAL(resource.type, AML_RESOURCE_SERIAL);
	EXPECT_EQUAL(resource.serial.kind, AML_SERIAL_I2C);
	EXPECT_EQUAL(resource.serial.speed, 400000);
	EXPECT_EQUAL(resource.serial.address, 0x50);
	EXPECT(resource.serial.ten_bits && !resource.serial.slave && resource.consumer);
	EXPECT_STRING(source(), "1 \\_SB.I2C0");
	/* SpiSerialBusV2 (2, PolarityLow, FourWireMode, 8, ControllerInitiated, 1000000, ...) */
	DECODE(0x8e, 0x1c, 0x00, 0x02, 0x00, 0x02, 0x02, 0x00, 0x00, 0x01, 0x09, 0x00, 0x40, 0x42,
	       0x0f, 0x00, 0x08, 0x00, 0x00, 0x02, 0x00, 0x5c, 0x5f, 0x53, 0x42, 0x2e, 0x53, 0x50,
	       0x49, 0x30, 0x00);
	EXPECT_EQUAL(resource.serial.kind, AML_SERIAL_SPI);
	EXPECT_EQUAL(resource.serial.speed, 1000000);
	EXPECT_EQUAL(resource.serial.address, 2);
	EXPECT_STRING(source(), "0 \\_SB.SPI0");
	/* UartSerialBusV2 (115200, ...) */
	DECODE(0x8e, 0x1d, 0x00, 0x02, 0x00, 0x03, 0x02, 0x34, 0x00, 0x01, 0x0a, 0x00, 0x00, 0xc2,
	       0x01, 0x00, 0x10, 0x00, 0x10, 0x00, 0x00, 0x00, 0x5c, 0x5f, 0x53, 0x42, 0x2e, 0x55,
	       0x41, 0x52, 0x30, 0x00);
	EXPECT_EQUAL(resource.serial.kind, AML_SERIAL_UART);
	EXPECT_EQUAL(resource.serial.speed, 115200);
	EXPECT_STRING(source(), "0 \\_SB.UAR0");
}

UNIT_TEST(aml_resource, damaged)
{
	static const uint8_t nothing[] = { 0x22 };
	static const uint8_t reserved[] = { 0x08, 0, 0, 0, 0 };
	static const uint8_t large_reserved[] = { 0x83, 0, 0 };
	static const uint8_t beyond[] = { 0xff, 0, 0 };
	static const uint8_t short_irq[] = { 0x21, 0 };
	static const uint8_t cut_head[] = { 0x86, 9 };
	static const uint8_t cut[] = { 0x86, 9, 0, 0, 0, 0 };
	static const uint8_t bus_type[] = { 0x8e, 9, 0, 1, 0, 7, 0, 0, 0, 1, 0, 0 };
	/* Offsets that lead nowhere. */
	static const uint8_t gpio[] = { 0x8c, 0x14, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0,
					0,    0,    9, 9, 0, 8, 8, 7, 7, 6, 6 };

	EXPECT_ERROR(decode(nothing, sizeof(nothing)), NO_RESOURCE_END_TAG);
	EXPECT_ERROR(decode(reserved, sizeof(reserved)), INVALID_RESOURCE_TYPE);
	EXPECT_ERROR(decode(large_reserved, sizeof(large_reserved)), INVALID_RESOURCE_TYPE);
	EXPECT_ERROR(decode(beyond, sizeof(beyond)), INVALID_RESOURCE_TYPE);
	EXPECT_ERROR(decode(short_irq, sizeof(short_irq)), BAD_RESOURCE_LENGTH);
	EXPECT_ERROR(decode(cut_head, sizeof(cut_head)), NO_RESOURCE_END_TAG);
	EXPECT_ERROR(decode(cut, sizeof(cut)), NO_RESOURCE_END_TAG);
	EXPECT_ERROR(decode(bus_type, sizeof(bus_type)), INVALID_RESOURCE_TYPE);
	EXPECT_EQUAL(decode(gpio, sizeof(gpio)), 0);
	EXPECT_EQUAL(resource.gpio.count, 0);
	EXPECT_EQUAL(resource.source.length, 0);
}

UNIT_TEST(aml_resource, end)
{
	static const uint8_t good[] = { 0x22, 8, 0, 0x86, 9, 0, 0,    0, 0,
					0,    0, 0, 0,    0, 0, 0x79, 0, 1 };
	size_t end;

	EXPECT_EQUAL(aml_resource_end(good, sizeof(good), &end), 0);
	EXPECT_EQUAL(end, 15);
	for (size_t size = 0; size < 17; size++)
		EXPECT_ERROR(aml_resource_end(good, size, &end), NO_RESOURCE_END_TAG);
}

/* Nothing that random bytes say makes it read beyond them or stay where it is. */
UNIT_TEST(aml_resource, random)
{
	uint64_t state = 42;

	for (unsigned round = 0; round < 20000; round++) {
		size_t size = unit_random_below(&state, 80) + 1, at = 0, before;
		uint8_t *bytes = malloc(size);

		for (size_t index = 0; index < size; index++)
			bytes[index] = (uint8_t)unit_random(&state);
		bytes[0] = (uint8_t)(0x80 | unit_random_below(&state, 0x14));
		if (size > 3) {
			bytes[1] = (uint8_t)unit_random_below(&state, size);
			bytes[2] = 0;
		}
		do {
			before = at;
			if (aml_resource_next(bytes, size, &at, &resource) != 0)
				break;
			EXPECT(at > before && at <= size);
			for (unsigned index = 0; index < 40; index++)
				aml_resource_number(&resource, index);
			EXPECT(resource.source.length == 0 ||
			       strnlen(resource.source.path, resource.source.length) ==
				       resource.source.length);
		} while (resource.type != AML_RESOURCE_END);
		free(bytes);
	}
}

static struct aml_object *entry(uint64_t address, uint64_t pin, uint64_t link, uint64_t index)
{
	uint64_t numbers[] = { address, pin, link, index };
	struct aml_object *package = aml_make_package(aml, 4);

	for (unsigned at = 0; at < 4; at++)
		aml_set_element(aml, package, at, aml_make_integer(aml, numbers[at]));
	return package;
}

UNIT_TEST(aml_resource, routes)
{
	struct aml_object *table, *swapped, *reference;
	struct aml_route route;

	fixture_start(64);
	table = fixture_keep(aml_make_package(aml, 5));
	aml_set_element(aml, table, 0, entry(0x2ffff, 3, 0, 19));
	aml_set_element(aml, table, 1, aml_make_integer(aml, 1));
	aml_set_element(aml, table, 2, entry(0x30001, 4, 0, 19));
	/* Source and index the wrong way round. */
	swapped = entry(0x30001, 0, 7, 0);
	reference = aml_object_create(aml, AML_REFERENCE);
	reference->reference.kind = AML_REF_NAME;
	reference->reference.node = aml_find(aml, NULL, "\\_SB");
	aml_node_get(reference->reference.node);
	aml_set_element(aml, swapped, 3, reference);
	aml_set_element(aml, table, 3, swapped);
	EXPECT_EQUAL(aml_route_at(table, 0, &route), 0);
	EXPECT_EQUAL(route.device, 2);
	EXPECT_EQUAL(route.function, 0xffff);
	EXPECT_EQUAL(route.pin, 3);
	EXPECT_EQUAL(route.interrupt, 19);
	EXPECT(route.link == NULL);
	EXPECT_ERROR(aml_route_at(table, 1, &route), OPERAND_TYPE);
	EXPECT_ERROR(aml_route_at(table, 2, &route), OPERAND_VALUE);
	EXPECT_EQUAL(aml_route_at(table, 3, &route), 0);
	EXPECT(route.link == aml_find(aml, NULL, "\\_SB"));
	EXPECT_EQUAL(route.interrupt, 7);
	EXPECT_ERROR(aml_route_at(table, 4, &route), OPERAND_TYPE);
	EXPECT_ERROR(aml_route_at(table, 5, &route), NOT_FOUND);
	fixture_end();
}
