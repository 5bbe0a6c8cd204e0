/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an open volume answers to the requests of abi/native/hmfs.h, for hmfs and hmfs-fuse. */
#pragma once

#include <hmfs/volume.h>
#include <native/hmfs.h>

void volume_info(struct hmfs_volume *volume, uint32_t dataset, struct hmfs_ioctl_info *info);
