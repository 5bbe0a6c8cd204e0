/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checksums, of the kind that a volume was made with. */
#include <base/string.h>
#include <hash/sha3.h>
#include <hash/xxh3.h>
#include <hmfs/volume.h>

size_t hmfs_sum_size(uint32_t hash)
{
	switch (hash) {
	case HMFS_HASH_SHA3_256:
		return SHA3_256_SIZE;
	case HMFS_HASH_SHA3_512:
		return SHA3_512_SIZE;
	default:
		return XXH3_128_SIZE;
	}
}

void hmfs_sum(uint32_t hash, const void *bytes, size_t length, uint8_t sum[HMFS_SUM_MAX])
{
	const size_t size = hmfs_sum_size(hash);

	switch (hash) {
	case HMFS_HASH_SHA3_256:
		sha3_256(bytes, length, sum);
		break;
	case HMFS_HASH_SHA3_512:
		sha3_512(bytes, length, sum);
		break;
	default:
		xxh3_128(bytes, length, 0, sum);
	}
	memset(sum + size, 0, HMFS_SUM_MAX - size);
}
