/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Boot: what of the memory map goes to the frame allocator, and when. */
#pragma once

struct boot_info;

/* Gives the usable memory to the frame allocator, but for what is in use. */
void boot_memory_init(const struct boot_info *info);
/* Gives it the rest, when boot data and ACPI tables have been read. */
void boot_memory_reclaim(const struct boot_info *info);
