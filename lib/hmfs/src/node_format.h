/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Nodes on disk, behind their header (hmfs/format.h).
 *
 *     leaf     struct hmfs_key keys[count], struct hmfs_leaf_slot slots[count], the values
 *     index    struct hmfs_pointer filter, struct hmfs_key keys[count],
 *              struct hmfs_index_slot slots[count], checksums of the children
 *     filter   struct hmfs_key first, 8 bytes of zeros, `count` lines of 64 bytes
 *
 * Keys ascend. An index node's keys are the first ones of its children, and its filter pointer is
 * that of the segment in the head, all zeros elsewhere and where there is none. The filter is a
 * tree of its own: filter nodes, each for the entries from its first key to the next one's, below
 * index nodes. Checksums have the length of the volume's kind. What is behind `used` is zeros.
 */
#pragma once

#include <hmfs/format.h>

#define HMFS_LEVELS 8u

struct hmfs_leaf_slot {
	uint16_t start;  /* of the value, from the end of the slots */
	uint16_t length; /* with HMFS_SLOT_REMOVED */
};
_Static_assert(sizeof(struct hmfs_leaf_slot) == 4, "part of the format");
#define HMFS_SLOT_REMOVED 0x8000u

#define HMFS_LEAF_ENTRY (sizeof(struct hmfs_key) + sizeof(struct hmfs_leaf_slot))
#define HMFS_LEAF_MOST  ((HMFS_NODE_SIZE - sizeof(struct hmfs_node_header)) / HMFS_LEAF_ENTRY)

struct hmfs_index_slot {
	uint64_t address[2]; /* of the copies; in the first one's upper 8 bits: blocks */
};
_Static_assert(sizeof(struct hmfs_index_slot) == 16, "part of the format");
#define HMFS_SLOT_ADDRESS (((uint64_t)1 << 56) - 1)

struct hmfs_index_node {
	struct hmfs_node_header header;
	struct hmfs_pointer filter;
};
_Static_assert(sizeof(struct hmfs_index_node) == 120, "part of the format");

struct hmfs_filter_node {
	struct hmfs_node_header header;
	struct hmfs_key first;
	uint64_t reserved;
};
_Static_assert(sizeof(struct hmfs_filter_node) == 64, "part of the format");

#define HMFS_FILTER_LINE  64u /* bytes */
#define HMFS_FILTER_LINES ((HMFS_NODE_SIZE - sizeof(struct hmfs_filter_node)) / HMFS_FILTER_LINE)
#define HMFS_FILTER_BITS  10u /* for each key */
#define HMFS_FILTER_KEYS  (HMFS_FILTER_LINES * HMFS_FILTER_LINE * 8 / HMFS_FILTER_BITS)
