/* SPDX-License-Identifier: GPL-3.0-or-later */
/* File systems that are mounted from the start, and unmounted at the end. */
#pragma once

/* Mounts what /etc/fstab lists, if it is there, but for what says noauto. A line names a device, by
 * path or as LABEL=, UUID=, PARTLABEL= or PARTUUID=, a directory, which is made, a type or "auto",
 * and options. What goes wrong is said on stderr. */
void mount_file_systems(void);
/* Unmounts all that is on devices, so that it is written and in order. What programs still use is
 * unmounted for all others. */
void unmount_file_systems(void);
