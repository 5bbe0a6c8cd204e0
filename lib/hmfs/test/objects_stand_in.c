/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Weak stand-ins for what volumes call of objects and contents; the real ones take their place. */
#include "../src/volume_priv.h"

#include <base/errno.h>
#include <base/string.h>

#define stand_in __attribute__((weak))

stand_in void hmfs_held_end(struct hmfs_volume *volume)
{
	(void)volume;
}

stand_in void hmfs_contents_end(struct hmfs_volume *volume)
{
	(void)volume;
}

stand_in int hmfs_orphans_reap(struct hmfs_volume *volume, unsigned budget)
{
	(void)volume, (void)budget;
	return 0;
}

stand_in void hmfs_describe_locked(struct hmfs_volume *volume, struct hmfs_id id, char *buffer,
				   size_t size)
{
	(void)volume, (void)id;
	string_copy(buffer, "object", size);
}

stand_in int hmfs_chunk_decode(uint32_t hash, const void *value, size_t length,
			       struct hmfs_chunk *chunk)
{
	(void)hash, (void)value, (void)length, (void)chunk;
	return -EUCLEAN;
}
