/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A sparse array of pointers indexed by 64-bit numbers (the page tree of a file): a radix
 * tree of 64-way nodes that is as deep as its largest index needs. NULL means absent.
 *
 * The embedder supplies the memory of the nodes. Not locked: the caller serialises.
 */
#pragma once

#include <base/types.h>

struct radix_node;

struct radix {
	struct radix_node *root;
	unsigned height;
	/* Returns zeroed memory or NULL, and frees it. */
	void *(*allocate)(size_t size);
	void (*release)(void *memory);
};

void radix_init(struct radix *radix, void *(*allocate)(size_t), void (*release)(void *));

void *radix_get(const struct radix *radix, uint64_t index);
/* Stores `value` (not NULL). Returns 0 or -ENOMEM; replaces what was there. */
int must_check radix_set(struct radix *radix, uint64_t index, void *value);
/* Removes and returns what was at `index`, or NULL. Empty nodes are freed. */
void *radix_remove(struct radix *radix, uint64_t index);
/* The first present value at or after *index, whose index is stored; NULL if none. */
void *radix_next(const struct radix *radix, uint64_t *index);
/* Frees all nodes; what the values point to is the caller's. */
void radix_clear(struct radix *radix);
