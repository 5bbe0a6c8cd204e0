/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The frame buffer that firmware's graphics output protocol (GOP) leaves to the kernel. */
#pragma once

#include <base/types.h>
#include <native/boot_info.h>

/*
 * Chooses a mode and describes it: `width` x `height` where there is such a mode, else the one
 * in force, else the first, of those with a linear frame buffer and 32 bits a pixel. Where
 * there is none, the frame buffer stays BOOT_PIXEL_NONE, which is no error.
 */
void graphics_start(uint32_t width, uint32_t height, struct boot_framebuffer *framebuffer);
