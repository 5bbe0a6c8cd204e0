/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A volume that is mounted, asked through a folder in it by ioctl (abi/native/hmfs.h). */
#pragma once

#include <base/types.h>
#include <native/hmfs.h>

struct call;

/* Whether the operand means a mounted volume: it is a folder. */
bool is_mounted(const char *path);
/* The descriptor of that folder; ends the program if it is in no HMFS volume. */
int mounted_open(const char *path, struct hmfs_ioctl_info *info);
/* The request: 0, or an error that was complained of ("PATH: why"). */
int mounted_request(int folder, const char *path, uint32_t request, void *argument);
/* The dataset of that name: 0 or -ENOENT. */
int mounted_find_dataset(int folder, const char *path, const char *name,
			 struct hmfs_ioctl_dataset *dataset);

/* The commands on mounted volumes, each as the one of its name. */
int mounted_info(const struct call *call);
int mounted_df(const struct call *call);
int mounted_label(const struct call *call);
int mounted_grow(const struct call *call);
int mounted_trim(const struct call *call, uint64_t minimum);
int mounted_scrub(const struct call *call);
int mounted_find(const struct call *call, const char *name, const char *value);
int mounted_snapshot(const struct call *call, const char *of, const char *name, bool writable);
int mounted_snapshot_list(const struct call *call);
int mounted_snapshot_delete(const struct call *call);
int mounted_send(const struct call *call, int file);
int mounted_receive(const struct call *call, int file);
