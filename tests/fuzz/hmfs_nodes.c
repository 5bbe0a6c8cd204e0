/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pieces of hmfs_nodes.h. The volume that they are gathered of is one that was just made, so
 * its structures are believed. */
#include "hmfs_nodes.h"

#include <stdlib.h>
#include <string.h>

#include "node_format.h"

static void gather_node(struct pieces *pieces, struct memory_device *device,
			const struct hmfs_pointer *pointer, unsigned parent, unsigned offset);

static struct piece *add(struct pieces *pieces, struct memory_device *device, uint64_t first,
			 uint64_t second, uint32_t blocks)
{
	struct piece *piece = &pieces->list[pieces->count];

	if (pieces->count == PIECES_MAX)
		abort();
	pieces->count++;
	*piece = (struct piece){ .address = { first, second }, .blocks = blocks };
	piece->bytes = malloc(blocks * (size_t)HMFS_BLOCK_SIZE);
	piece->now = malloc(blocks * (size_t)HMFS_BLOCK_SIZE);
	memory_device_peek(device, first, blocks, piece->bytes);
	return piece;
}

static void refer(struct pieces *pieces, unsigned child, unsigned parent, unsigned offset)
{
	if (pieces->reference_count == 2 * PIECES_MAX)
		abort();
	pieces->references[pieces->reference_count++] = (struct reference){ child, parent, offset };
}

static bool sum_right(const struct pieces *pieces, const struct piece *piece, const uint8_t *sum)
{
	uint8_t found[HMFS_SUM_MAX];

	hmfs_sum(pieces->hash, piece->bytes, piece->blocks * (size_t)HMFS_BLOCK_SIZE, found);
	return memcmp(found, sum, hmfs_sum_size(pieces->hash)) == 0;
}

/* A list of segments that lies at `offset` in `parent`. */
static void gather_map(struct pieces *pieces, struct memory_device *device, unsigned parent,
		       unsigned offset)
{
	struct hmfs_map_root root;

	memcpy(&root, pieces->list[parent].bytes + offset, sizeof(root));
	for (unsigned i = 0; i < root.count && i < HMFS_LIST_MAX; i++)
		gather_node(pieces, device, &root.segments[i].head, parent,
			    offset + (unsigned)(offsetof(struct hmfs_map_root, segments) +
						i * sizeof(root.segments[0]) +
						offsetof(struct hmfs_pointer, sum)));
}

static void gather_leaf(struct pieces *pieces, struct memory_device *device, unsigned number)
{
	const uint8_t *bytes = pieces->list[number].bytes;
	struct hmfs_node_header header;

	memcpy(&header, bytes, sizeof(header));
	for (unsigned i = 0; i < header.count; i++) {
		const size_t slots = sizeof(header) + header.count * sizeof(struct hmfs_key);
		struct hmfs_leaf_slot slot;
		struct hmfs_key key;

		memcpy(&key, bytes + sizeof(header) + i * sizeof(key), sizeof(key));
		memcpy(&slot, bytes + slots + i * sizeof(slot), sizeof(slot));
		if (key.place >> 56 == HMFS_KIND_DATASET &&
		    slot.length == sizeof(struct hmfs_dataset_record))
			gather_map(pieces, device, number,
				   (unsigned)(slots + header.count * sizeof(slot) + slot.start +
					      offsetof(struct hmfs_dataset_record, map)));
	}
}

static void gather_index(struct pieces *pieces, struct memory_device *device, unsigned number)
{
	const uint8_t *bytes = pieces->list[number].bytes;
	const size_t sum_size = hmfs_sum_size(pieces->hash);
	struct hmfs_index_node node;
	size_t slots, sums;

	memcpy(&node, bytes, sizeof(node));
	slots = sizeof(node) + node.header.count * sizeof(struct hmfs_key);
	sums = slots + node.header.count * sizeof(struct hmfs_index_slot);
	if (node.filter.blocks)
		gather_node(pieces, device, &node.filter, number,
			    (unsigned)(offsetof(struct hmfs_index_node, filter) +
				       offsetof(struct hmfs_pointer, sum)));
	for (unsigned i = 0; i < node.header.count; i++) {
		struct hmfs_pointer pointer = { 0 };
		struct hmfs_index_slot slot;

		memcpy(&slot, bytes + slots + i * sizeof(slot), sizeof(slot));
		pointer.address[0] = slot.address[0] & HMFS_SLOT_ADDRESS;
		pointer.address[1] = slot.address[1];
		pointer.blocks = (uint32_t)(slot.address[0] >> 56);
		memcpy(pointer.sum, bytes + sums + i * sum_size, sum_size);
		gather_node(pieces, device, &pointer, number, (unsigned)(sums + i * sum_size));
	}
}

static void gather_node(struct pieces *pieces, struct memory_device *device,
			const struct hmfs_pointer *pointer, unsigned parent, unsigned offset)
{
	const unsigned number = pieces->count;
	struct hmfs_node_header header;
	struct piece *piece;

	for (unsigned i = 1; i < number; i++) {
		if (pieces->list[i].address[0] == pointer->address[0]) {
			refer(pieces, i, parent, offset);
			return;
		}
	}
	piece = add(pieces, device, pointer->address[0], pointer->address[1], pointer->blocks);
	if (!sum_right(pieces, piece, pointer->sum)) {
		/* Of a record that is out of date: the node is not there any more. */
		free(piece->bytes);
		free(piece->now);
		pieces->count--;
		return;
	}
	refer(pieces, number, parent, offset);
	memcpy(&header, piece->bytes, sizeof(header));
	piece->used = header.used;
	if (header.kind == HMFS_NODE_INDEX)
		gather_index(pieces, device, number);
	else if (header.kind == HMFS_NODE_LEAF)
		gather_leaf(pieces, device, number);
}

/* Batches of the log, if it has any. */
static void gather_log(struct pieces *pieces, struct memory_device *device,
		       const struct hmfs_root *root)
{
	uint64_t address = root->log[0].address;
	const uint64_t end = address + root->log[0].blocks;

	while (address < end) {
		struct hmfs_log_header header;
		uint8_t block[HMFS_BLOCK_SIZE];
		struct piece *piece;

		memory_device_peek(device, address, 1, block);
		memcpy(&header, block, sizeof(header));
		if (header.magic != HMFS_LOG_MAGIC || header.nonce != root->log_nonce)
			return;
		piece = add(pieces, device, address, 0,
			    (header.bytes + HMFS_BLOCK_SIZE - 1) / HMFS_BLOCK_SIZE);
		piece->used = header.bytes;
		piece->own = offsetof(struct hmfs_log_header, sum);
		address += piece->blocks;
	}
}

void pieces_gather(struct pieces *pieces, struct memory_device *device)
{
	struct hmfs_root newest = { 0 }, root;
	uint64_t place = 0;

	memset(pieces, 0, sizeof(*pieces));
	memory_device_peek(device, 0, 1, &pieces->super);
	pieces->hash = pieces->super.hash;
	for (uint64_t i = 0; i < HMFS_RING_SLOTS; i++) {
		memory_device_peek(device, HMFS_RING_START + i, 1, &root);
		if (root.magic == HMFS_ROOT_MAGIC && root.commit > newest.commit) {
			newest = root;
			place = i;
		}
	}
	add(pieces, device, HMFS_RING_START + place, pieces->super.blocks - HMFS_RING_SLOTS + place,
	    1);
	pieces->list[0].used = HMFS_BLOCK_SIZE;
	pieces->list[0].own = offsetof(struct hmfs_root, sum);
	gather_map(pieces, device, 0, offsetof(struct hmfs_root, map));
	gather_log(pieces, device, &newest);
}

void pieces_reset(struct pieces *pieces)
{
	for (unsigned i = 0; i < pieces->count; i++) {
		struct piece *piece = &pieces->list[i];

		memcpy(piece->now, piece->bytes, piece->blocks * (size_t)HMFS_BLOCK_SIZE);
		piece->is_changed = false;
	}
}

/* --- Checksums --- */

/* Those that others have of what changed; true if that changed any. */
static bool fix_references(struct pieces *pieces)
{
	const size_t size = hmfs_sum_size(pieces->hash);
	bool changed = false;

	for (unsigned i = pieces->reference_count; i-- > 0;) {
		const struct reference *reference = &pieces->references[i];
		struct piece *child = &pieces->list[reference->child];
		struct piece *parent = &pieces->list[reference->parent];
		uint8_t sum[HMFS_SUM_MAX];

		if (!child->is_changed)
			continue;
		hmfs_sum(pieces->hash, child->now, child->blocks * (size_t)HMFS_BLOCK_SIZE, sum);
		if (memcmp(parent->now + reference->offset, sum, size) == 0)
			continue;
		memcpy(parent->now + reference->offset, sum, size);
		parent->is_changed = true;
		changed = true;
	}
	return changed;
}

static void fix_own(struct pieces *pieces, struct piece *piece)
{
	size_t length =
		piece->own == offsetof(struct hmfs_log_header, sum) ? piece->used : HMFS_BLOCK_SIZE;
	uint8_t sum[HMFS_SUM_MAX] = { 0 };

	memset(piece->now + piece->own, 0, HMFS_SUM_MAX);
	hmfs_sum(pieces->hash, piece->now, length, sum);
	memcpy(piece->now + piece->own, sum, HMFS_SUM_MAX);
}

void pieces_write(struct pieces *pieces, struct memory_device *device, bool one_copy)
{
	for (unsigned level = 0; level < HMFS_LEVELS + 2 && fix_references(pieces); level++)
		continue;
	for (unsigned i = 0; i < pieces->count; i++) {
		struct piece *piece = &pieces->list[i];

		if (!piece->is_changed)
			continue;
		if (piece->own)
			fix_own(pieces, piece);
		memory_device_poke(device, piece->address[0], piece->blocks, piece->now);
		if (piece->address[1] && (!one_copy || i == 0))
			memory_device_poke(device, piece->address[1], piece->blocks, piece->now);
	}
}
