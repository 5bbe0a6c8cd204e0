/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The font of the kernel's console: a PSF file that is part of the kernel image. */
#pragma once

#include <base/types.h>

extern const uint8_t console_font_start[];
extern const uint8_t console_font_end[];
