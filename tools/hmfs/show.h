/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What commands print of volumes, mounted or not. */
#pragma once

#include <base/types.h>
#include <native/hmfs.h>

struct call;
struct tool_volume;

/* What the ioctl would say of a volume of this process's. */
void gather_info(const struct tool_volume *volume, struct hmfs_ioctl_info *info);
void show_info(const char *path, const struct hmfs_ioctl_info *info);
void show_space(const struct call *call, const struct hmfs_ioctl_info *info);
void show_dataset(const struct call *call, const char *name, bool read_only, uint64_t created,
		  uint64_t objects);
void show_scrub(const char *path, uint64_t blocks, uint64_t problems, uint64_t healed);
