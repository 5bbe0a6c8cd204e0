/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Partition tables in words. */
#include "partition_priv.h"

#include <base/bits.h>
#include <base/format.h>

const char *partition_fault_text(unsigned fault)
{
	static const char *const texts[PARTITION_FAULTS] = {
		"the primary GPT is damaged; its backup is used",
		"the backup of the GPT is damaged",
		"the backup of the GPT is not at the end of the disk",
		"the GPT and its backup differ; the backup is not used",
		"both copies of the GPT are damaged",
		"partitions that lie outside of the disk were left out",
		"partitions that overlap others were left out",
		"there are more partitions than can be shown",
		"the chain of logical partitions is damaged",
	};
	const unsigned index = fault ? bit_lowest(fault) : PARTITION_FAULTS;

	return index < PARTITION_FAULTS ? texts[index] : "";
}

const char *partition_kind_name(enum partition_kind kind)
{
	if (kind == PARTITION_GPT)
		return "gpt";
	return kind == PARTITION_MBR ? "dos" : NULL;
}

/* The first three fields are little-endian numbers, the rest are bytes (UEFI 2.10, appendix A). */
void partition_guid_text(const uint8_t guid[PARTITION_GUID_SIZE], char text[PARTITION_GUID_TEXT])
{
	static const int8_t order[] = { 3,  2, 1, 0,  -1, 5,  4,  -1, 7,  6,
					-1, 8, 9, -1, 10, 11, 12, 13, 14, 15 };

	for (unsigned i = 0; i < array_length(order); i++) {
		if (order[i] < 0)
			*text++ = '-';
		else
			text += snprintf(text, 3, "%02x", guid[order[i]]);
	}
}

void partition_identity_text(const uint8_t type[PARTITION_GUID_SIZE],
			     const uint8_t identity[PARTITION_GUID_SIZE],
			     char text[PARTITION_GUID_TEXT])
{
	bool is_mbr = true;

	for (unsigned i = 1; i < PARTITION_GUID_SIZE; i++)
		is_mbr = is_mbr && !type[i];
	if (is_mbr)
		snprintf(text, PARTITION_GUID_TEXT, "%02x%02x%02x%02x-%02x", identity[3],
			 identity[2], identity[1], identity[0], identity[4]);
	else
		partition_guid_text(identity, text);
}
