/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Filters: which keys a segment surely has not.
 *
 * A filter node is Bloom filters of one cache line each; a key's hash chooses the line and six
 * bits of it. With ten bits for each key, about one in a hundred keys that are not there seems to
 * be.
 */
#include <base/string.h>

#include "map_priv.h"

#define PROBES 6u

uint64_t hmfs_filter_hash(const struct hmfs_key *key)
{
	uint64_t hash = key->object * 0x9e3779b97f4a7c15u;

	hash = (hash ^ hash >> 32 ^ key->place) * 0xd6e8feb86659fd93u;
	hash = (hash ^ hash >> 32 ^ key->minor) * 0xd6e8feb86659fd93u;
	hash = (hash ^ hash >> 32) * 0x9e3779b97f4a7c15u;
	return hash ^ hash >> 29;
}

static unsigned line_of(uint64_t hash, unsigned lines)
{
	return (unsigned)((hash >> 32) * lines >> 32);
}

/* Nine bits for each probe. */
static uint64_t bits_of(uint64_t hash)
{
	return (hash * 0xa0761d6478bd642fu) >> (64 - 9 * PROBES);
}

unsigned hmfs_filter_lines(unsigned count)
{
	const size_t bits = (size_t)count * HMFS_FILTER_BITS;

	return (unsigned)min_size(bits / (HMFS_FILTER_LINE * 8) + 1, HMFS_FILTER_LINES);
}

void hmfs_filter_make(const uint64_t *hashes, unsigned count, unsigned made, uint8_t *lines)
{
	for (unsigned i = 0; i < count; i++) {
		uint8_t *line = lines + line_of(hashes[i], made) * (size_t)HMFS_FILTER_LINE;
		uint64_t probes = bits_of(hashes[i]);

		for (unsigned probe = 0; probe < PROBES; probe++, probes >>= 9)
			line[probes >> 3 & 63] |= (uint8_t)(1u << (probes & 7));
	}
}

bool hmfs_filter_has(const struct hmfs_node *node, uint64_t hash)
{
	const uint8_t *line = node->rest + line_of(hash, node->count) * (size_t)HMFS_FILTER_LINE;
	uint64_t probes = bits_of(hash);

	for (unsigned probe = 0; probe < PROBES; probe++, probes >>= 9)
		if (!(line[probes >> 3 & 63] >> (probes & 7) & 1))
			return false;
	return true;
}
