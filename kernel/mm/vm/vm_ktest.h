/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the self tests of mm/vm share: programs' accesses without a program, and objects to map.
 */
#pragma once

#include <core/ktest.h>
#include <mm/phys/frame.h>
#include <mm/vm/aspace.h>

#define VM_RW          (VM_READ | VM_WRITE)
#define TEST_FILE_SEED 0x5eed0000u /* page n of a test file begins with this + n */

/* Reads or writes a word as a program would: by the translation that is there, and by faults
 * until there is one. 0, or what the fault said. */
int test_load(struct aspace *aspace, uintptr_t address, uint32_t *value);
int test_store(struct aspace *aspace, uintptr_t address, uint32_t value);
/* The word at `address`; a failure is recorded and is 0. */
uint32_t test_word(struct aspace *aspace, uintptr_t address);

/* Maps anonymous or the object's memory at any place, or fails the test and returns 0. */
uintptr_t test_map(struct aspace *aspace, size_t pages, unsigned flags, struct vm_object *object);

size_t test_count_areas(struct aspace *aspace);
/* Frames in use but by the heap, whose caches keep some. */
uint64_t test_frames_in_use(void);

/* A file of `size` bytes; vm_object_put() frees it. */
struct vm_object *test_file_create(uint64_t size);
/* How often a page of a test file was about to become writable. */
unsigned test_file_writes(void);
