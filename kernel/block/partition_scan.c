/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading partition tables. Disks are used as a whole as yet. */
#include "block_priv.h"

void block_scan_partitions(struct block_disk *disk)
{
	(void)disk;
}
