/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "map_priv.h"
int hmfs_map_merge_step(struct hmfs_map *map, uint64_t birth, bool free_lock,
			void (*dead)(void *context, const struct hmfs_segment_pointer *segment),
			void *context_of_dead)
{
	(void)map;
	(void)birth;
	(void)free_lock;
	(void)dead;
	(void)context_of_dead;
	return 0;
}
void hmfs_map_merge_stop(struct hmfs_map *map)
{
	(void)map;
}
