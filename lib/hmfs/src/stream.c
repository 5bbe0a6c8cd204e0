/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What sending and receiving share: checksums of records, and who a dataset is. */
#include "stream_priv.h"

#include <base/string.h>

static void sum_of(const struct hmfs_stream_header *header, const void *payload,
		   uint8_t sum[HMFS_STREAM_SUM])
{
	struct hmfs_stream_header clear = *header;
	struct xxh3_stream stream;

	memset(clear.sum, 0, sizeof(clear.sum));
	xxh3_128_begin(&stream, 0);
	xxh3_128_add(&stream, &clear, sizeof(clear));
	xxh3_128_add(&stream, payload, header->length);
	xxh3_128_end(&stream, sum);
}

void hmfs_stream_seal(struct hmfs_stream_header *header, const void *payload)
{
	uint8_t sum[HMFS_STREAM_SUM];

	sum_of(header, payload, sum);
	memcpy(header->sum, sum, sizeof(sum));
}

bool hmfs_stream_intact(const struct hmfs_stream_header *header, const void *payload)
{
	uint8_t sum[HMFS_STREAM_SUM];

	sum_of(header, payload, sum);
	return memcmp(header->sum, sum, sizeof(sum)) == 0;
}

bool hmfs_identity_is_none(const struct hmfs_identity *identity)
{
	static const struct hmfs_identity none;

	return memcmp(identity, &none, sizeof(none)) == 0;
}

void hmfs_identity_of(const struct hmfs_volume *volume, uint32_t number,
		      const struct hmfs_dataset_record *record, struct hmfs_identity *identity)
{
	*identity = record->origin;
	if (!hmfs_identity_is_none(identity))
		return;
	memcpy(identity->uuid, volume->super.uuid, sizeof(identity->uuid));
	identity->dataset = number;
	identity->created = record->created;
}
