/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The loader's voice: short lines on the firmware's console, until boot services end. */
#pragma once

#include <base/types.h>

/* Prints formatted ASCII text (base/format.h); "\n" starts a new line. What exceeds one
 * line of a terminal or two is cut. */
void console_print(const char *format, ...) printf_like(1, 2);

/* Waits until a key is pressed, at most `seconds`. */
void console_wait_key(unsigned seconds);
