/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Makes the tables of a small machine. */
#include <base/string.h>

#include "memory.h"

void test_put(size_t at, uint64_t value, size_t size)
{
	memcpy(test_memory + at, &value, size);
}

/* Makes the bytes of a table add up to 0. */
void test_seal(size_t at, size_t length, size_t checksum)
{
	uint8_t sum = 0;

	test_memory[at + checksum] = 0;
	for (size_t i = 0; i < length; i++)
		sum = (uint8_t)(sum + test_memory[at + i]);
	test_memory[at + checksum] = (uint8_t)-sum;
}

void test_finish_table(size_t at, const char *signature, size_t length)
{
	memcpy(test_memory + at, signature, 4);
	test_put(at + 4, length, 4);
	test_seal(at, length, 9);
}

static void make_madt(void)
{
	static const uint8_t entries[] = {
		0, 8,  0, 0,   1,  0, 0,    0,                              /* CPU 0 */
		0, 8,  1, 4,   1,  0, 0,    0,                              /* CPU 4 */
		0, 8,  2, 5,   0,  0, 0,    0,                              /* not enabled */
		9, 16, 0, 0,   4,  0, 0,    0,    1,   0, 0, 0, 1, 0, 0, 0, /* CPU 4 again */
		9, 16, 0, 0,   0,  1, 0,    0,    1,   0, 0, 0, 1, 0, 0, 0, /* CPU 256 */
		1, 12, 2, 0,   0,  0, 0xc0, 0xfe, 24,  0, 0, 0,             /* I/O APIC */
		2, 10, 0, 9,   20, 0, 0,    0,    0xf, 0,                   /* IRQ 9: low, level */
		2, 10, 0, 200, 20, 0, 0,    0,    0xf, 0,                   /* no such IRQ */
		5, 12, 0, 0,   0,  0, 0xe1, 0xfe, 1,   0, 0, 0,             /* local APICs */
		0, 3,  0,                                                   /* too short */
	};

	test_put(MADT + 0x24, 0xfee00000, 4);
	memcpy(test_memory + MADT + 0x2c, entries, sizeof(entries));
	test_finish_table(MADT, "APIC", 0x2c + sizeof(entries));
}

static void make_fadt(void)
{
	static const uint8_t soft_off[] = { 0x08, '_',  'S',  '5',  '_',  0x12, 0x06,
					    0x04, 0x0a, 0x05, 0x01, 0x00, 0x00 };

	test_put(FADT + 0x28, DSDT, 4);
	test_put(FADT + 0x30, 0xb2, 4);
	test_put(FADT + 0x34, 0xf0, 1);
	test_put(FADT + 0x40, 0x604, 4);
	test_put(FADT + 0x70, 1u << 8 | 1u << 10, 4);
	test_put(FADT + 0x74, 1, 1);
	test_put(FADT + 0x78, 0xcf9, 8);
	test_put(FADT + 0x80, 6, 1);
	test_put(FADT + 0xd0, 1, 1); /* the timer only in the wide field */
	test_put(FADT + 0xd4, 0x608, 8);
	test_finish_table(FADT, "FACP", 0xf4);
	memcpy(test_memory + DSDT + 0x24, soft_off, sizeof(soft_off));
	test_finish_table(DSDT, "DSDT", 0x24 + sizeof(soft_off));
}

static void make_others(void)
{
	test_put(HPET + 0x2c, 0xfed00000, 8);
	test_finish_table(HPET, "HPET", 0x38);
	test_put(MCFG + 0x2c, 0xa0000000, 8); /* another segment */
	test_put(MCFG + 0x34, 1, 2);
	test_put(MCFG + 0x3c, 0xb0000000, 8);
	test_memory[MCFG + 0x3c + 11] = 255;
	test_finish_table(MCFG, "MCFG", 0x4c);
}

void test_make_tables(void)
{
	static const uint32_t list[] = { MADT, FADT, 0, HPET, MCFG, 0x7fffff00 };

	test_memory_reset();
	make_madt();
	make_fadt();
	make_others();
	for (size_t i = 0; i < array_length(list); i++) {
		test_put(RSDT + 0x24 + 4 * i, list[i], 4);
		test_put(XSDT + 0x24 + 8 * i, list[i], 8);
	}
	test_finish_table(RSDT, "RSDT", 0x24 + 4 * array_length(list));
	test_finish_table(XSDT, "XSDT", 0x24 + 8 * array_length(list));
	memcpy(test_memory + RSDP, "RSD PTR ", 8);
	test_memory[RSDP + 0xf] = 2;
	test_put(RSDP + 0x10, RSDT, 4);
	test_put(RSDP + 0x14, 0x24, 4);
	test_put(RSDP + 0x18, XSDT, 8);
	test_seal(RSDP, 20, 8);
	test_seal(RSDP, 0x24, 0x20);
}
