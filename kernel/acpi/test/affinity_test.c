/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of nodes: in order, with gaps, contradicting themselves, and of random bytes. */
#include <acpi/affinity.h>
#include <base/string.h>

#include "../acpi_priv.h"
#include "unit.h"

#include <stdlib.h>

#define TABLE_MAX 4096

static struct acpi_affinity affinity;
static uint8_t srat[TABLE_MAX], slit[TABLE_MAX];
static uint32_t length;

static void put(uint8_t *bytes, size_t at, uint64_t value, size_t size)
{
	memcpy(bytes + at, &value, size);
}

static void begin(unsigned revision)
{
	memset(srat, 0, sizeof(srat));
	memset(slit, 0, sizeof(slit));
	srat[8] = (uint8_t)revision;
	length = 0x30;
}

static void add_memory(uint32_t domain, uint64_t base, uint64_t size, uint32_t flags)
{
	srat[length] = 1;
	srat[length + 1] = 40;
	put(srat, length + 2, domain, 4);
	put(srat, length + 8, base, 8);
	put(srat, length + 16, size, 8);
	put(srat, length + 28, flags, 4);
	length += 40;
}

static void add_cpu(uint32_t domain, uint8_t id, uint32_t flags)
{
	srat[length + 1] = 16;
	srat[length + 2] = (uint8_t)domain;
	srat[length + 3] = id;
	put(srat, length + 4, flags, 4);
	put(srat, length + 9, domain >> 8, 3);
	length += 16;
}

static void add_x2apic(uint32_t domain, uint32_t id)
{
	srat[length] = 2;
	srat[length + 1] = 24;
	put(srat, length + 4, domain, 4);
	put(srat, length + 8, id, 4);
	put(srat, length + 12, 1, 4);
	length += 24;
}

static void parse(const uint8_t *distances)
{
	/* Exactly as long as they say, so that the sanitizers see what lies beyond. */
	uint8_t *copy = malloc(length), *other = NULL;
	uint32_t size = 0;

	put(srat, 4, length, 4);
	memcpy(copy, srat, length);
	if (distances) {
		memcpy(&size, slit + 4, 4);
		other = malloc(size);
		memcpy(other, slit, size);
	}
	acpi_affinity_parse((void *)copy, (void *)other, &affinity);
	free(copy);
	free(other);
}

static void make_distances(uint64_t count, const uint8_t *matrix, size_t size)
{
	put(slit, 4, 0x2c + size, 4);
	put(slit, 0x24, count, 8);
	memcpy(slit + 0x2c, matrix, size);
}

UNIT_TEST(acpi_affinity, two_nodes)
{
	static const uint8_t matrix[] = { 10, 21, 25, 10 };

	begin(3);
	add_cpu(1, 4, 1);
	add_cpu(0, 0, 1);
	add_cpu(1, 5, 0); /* not there */
	add_x2apic(1, 300);
	add_memory(1, 0x80000000, 0x40000000, 1);
	add_memory(0, 0, 0x80000000, 1);
	add_memory(1, 0x100000000, 0x40000000, 3);
	make_distances(2, matrix, sizeof(matrix));
	parse(slit);
	EXPECT_EQUAL(affinity.node_count, 2);
	EXPECT_EQUAL(affinity.cpu_count, 3);
	EXPECT(affinity.cpus[0].node == 1 && affinity.cpus[1].node == 0);
	EXPECT(affinity.cpus[2].hardware_id == 300 && affinity.cpus[2].node == 1);
	EXPECT_EQUAL(affinity.memory_count, 3);
	EXPECT(affinity.memories[0].base == 0 && affinity.memories[0].node == 0);
	EXPECT(affinity.memories[1].node == 1 && !affinity.memories[1].may_come);
	EXPECT(affinity.memories[2].may_come);
	EXPECT_BYTES(affinity.distances[0], matrix, 2);
	EXPECT_BYTES(affinity.distances[1], matrix + 2, 2);
}

UNIT_TEST(acpi_affinity, none)
{
	acpi_affinity_parse(NULL, NULL, &affinity);
	EXPECT_EQUAL(affinity.node_count, 1);
	EXPECT_EQUAL(affinity.distances[0][0], 10);
	begin(1);
	parse(NULL);
	EXPECT_EQUAL(affinity.node_count, 1);
	length = 0x28; /* ends before its entries begin */
	parse(NULL);
	EXPECT_EQUAL(affinity.node_count, 1);
}

/* Numbers with gaps, of which the oldest tables have 8 bits. */
UNIT_TEST(acpi_affinity, domains)
{
	begin(2);
	add_memory(0x10007, 0x1000, 0x1000, 1);
	add_memory(7, 0x2000, 0x1000, 1);
	add_cpu(0x10007, 1, 1);
	parse(NULL);
	EXPECT_EQUAL(affinity.node_count, 2);
	EXPECT(affinity.domains[0] == 7 && affinity.domains[1] == 0x10007);
	EXPECT_EQUAL(affinity.cpus[0].node, 1);
	EXPECT_EQUAL(affinity.distances[0][1], 20);
	srat[8] = 1;
	parse(NULL);
	EXPECT_EQUAL(affinity.node_count, 1);
	EXPECT_EQUAL(affinity.memory_count, 2);
}

UNIT_TEST(acpi_affinity, more_than_there_is_room_for)
{
	begin(3);
	for (unsigned i = 0; i < 70; i++)
		add_memory(69 - i, i * 0x10000ull, 0x10000, 1);
	parse(NULL);
	EXPECT_EQUAL(affinity.node_count, ACPI_NODE_MAX);
	for (unsigned i = 0; i < ACPI_NODE_MAX; i++)
		EXPECT_EQUAL(affinity.domains[i], i);
	EXPECT_EQUAL(affinity.memory_count, ACPI_NODE_MAX);
}

UNIT_TEST(acpi_affinity, contradictions)
{
	begin(3);
	add_memory(0, 0, 0x10000, 1);
	add_memory(1, 0x8000, 0x10000, 1); /* overlaps */
	add_memory(1, 0, 0x1000, 1);
	add_memory(1, UINT64_MAX - 0xfff, 0x1000, 1);
	add_memory(1, 0x20000, UINT64_MAX, 1);
	add_memory(1, 0x20000, 0, 1);
	add_memory(1, 0x20000, 0x1000, 0);
	add_cpu(0, 3, 1);
	add_cpu(1, 3, 1);
	add_memory(1, 0x40000, 0x1000, 1);
	parse(NULL);
	EXPECT_EQUAL(affinity.memory_count, 2);
	EXPECT_EQUAL(affinity.memories[1].base, 0x40000);
	EXPECT(affinity.cpu_count == 1 && affinity.cpus[0].node == 0);
}

/* What is said of distances is used where it makes sense. */
UNIT_TEST(acpi_affinity, odd_distances)
{
	static const uint8_t matrix[] = { 9, 10, 255, 20 };

	begin(3);
	add_memory(0, 0, 0x1000, 1);
	add_memory(1, 0x1000, 0x1000, 1);
	make_distances(2, matrix, sizeof(matrix));
	parse(slit);
	EXPECT(affinity.distances[0][0] == 10 && affinity.distances[0][1] == 20);
	EXPECT(affinity.distances[1][0] == 255 && affinity.distances[1][1] == 10);
	make_distances(UINT64_MAX, matrix, sizeof(matrix));
	parse(slit);
	make_distances(1u << 16, matrix, sizeof(matrix));
	parse(slit);
	make_distances(2, matrix, 1);
	parse(slit);
	EXPECT_EQUAL(affinity.distances[1][0], 20);
	put(slit, 4, 0x24, 4);
	parse(slit);
}

UNIT_TEST(acpi_affinity, random_bytes)
{
	uint64_t random = 5;

	for (int round = 0; round < 3000; round++) {
		begin((unsigned)unit_random_below(&random, 4));
		length += (uint32_t)unit_random_below(&random, 600);
		for (uint32_t i = 0x30; i < length; i++)
			srat[i] = unit_random_below(&random, 3)
					  ? (uint8_t)unit_random_below(&random, 64)
					  : (uint8_t)unit_random(&random);
		put(slit, 4, 0x2c + unit_random_below(&random, 100), 4);
		put(slit, 0x24, unit_random_below(&random, 20), 8);
		parse(slit);
		EXPECT(affinity.node_count >= 1 && affinity.node_count <= ACPI_NODE_MAX);
		for (unsigned i = 0; i + 1 < affinity.memory_count; i++)
			EXPECT(affinity.memories[i].base + affinity.memories[i].length <=
			       affinity.memories[i + 1].base);
	}
}
