/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The memory of a window's pixels, which its program maps and the compositor reads.
 *
 * All frames are there from the beginning and stay until the last reference goes, whatever the
 * program does: it may unmap them, draw while they are read, or die. They count for the process
 * that made them (proc/charge.h) as long as they exist, also when the window has others by then and
 * only a mapping is left.
 */
#pragma once

#include <base/types.h>

struct process;
struct vm_object;

/* width * height pixels of 4 bytes, all 0, rows without gaps; one reference. Both sizes are at least
 * 1, and their product is bounded by the caller. NULL: out of memory, or too much for the process.
 * Thread context. */
struct vm_object *pixels_create(int32_t width, int32_t height);
/* Where the kernel sees them, as long as the object exists. */
uint32_t *pixels_address(const struct vm_object *pixels);
/* Who pays for them, or NULL. */
struct process *pixels_payer(const struct vm_object *pixels);
