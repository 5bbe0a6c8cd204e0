/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * "Physical memory" of the tests of tables: an array. What is mapped or allocated is a copy, so that the
 * sanitizers see every access beyond its length.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define TEST_MEMORY_SIZE 0x20000
/* What is said to be memory of the kernel. */
#define TEST_KERNEL_START 0x18000
#define TEST_KERNEL_END   0x1a000

extern uint8_t test_memory[TEST_MEMORY_SIZE];

/* Frees what the parser keeps for ever, and clears the memory. */
void test_memory_reset(void);
/* How many mappings there are. */
unsigned test_memory_mapped(void);

/* Where test_make_tables() puts them. */
#define RSDP  0x100
#define RSDT  0x1000
#define XSDT  0x2000
#define MADT  0x3001 /* tables lie at any address */
#define FADT  0x4003
#define DSDT  0x5000
#define HPET  0x6000
#define MCFG  0x7000
#define SPARE 0x8000 /* nothing is from there on */

/* A sound set of tables, alone in the memory. */
void test_make_tables(void);
/* Stores the lowest bytes of a value. */
void test_put(size_t at, uint64_t value, size_t size);
/* Makes `length` bytes add up to 0, by the one at `checksum`. */
void test_seal(size_t at, size_t length, size_t checksum);
/* Fills in what all headers have. */
void test_finish_table(size_t at, const char *signature, size_t length);
