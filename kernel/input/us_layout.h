/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The layout of keyboards in the United States: text that is part of the kernel image. */
#pragma once

extern const char input_us_layout_start[];
extern const char input_us_layout_end[];
