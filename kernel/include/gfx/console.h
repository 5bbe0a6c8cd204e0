/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The console on the screen: a terminal (/dev/tty1) that shows what programs write to it and
 * the kernel's log, with colours and lines to scroll back to.
 */
#pragma once

#include <base/types.h>

struct framebuffer;

/* Puts the console on `framebuffer`, which is copied, and shows the log so far. Thread context;
 * once. -ENOMEM, -EINVAL (too small, no font). */
int must_check console_start(const struct framebuffer *framebuffer);
/* True if there is a console on a screen. */
bool console_present(void);
/* Registers /dev/tty1, makes it /dev/console and connects the keyboard. After tty_init().
 * -ENOMEM. */
int must_check console_add_terminal(void);
