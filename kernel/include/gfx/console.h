/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The console on the screen: a terminal (/dev/tty1) that shows what programs write to it and
 * the kernel's log, with colours and lines to scroll back to.
 */
#pragma once

#include <base/types.h>

struct display_owner;

/* Makes the console the owner of the displays that come, the first of which shows it, with the log so
 * far. After display_init(); once. -ENOMEM, -EINVAL (no font). */
int must_check console_start(void);
/* True if there is a console on a screen. */
bool console_present(void);
/* Registers /dev/tty1, makes it /dev/console and connects the keyboard, as soon as there is a screen.
 * After tty_init(). -ENOMEM. */
int must_check console_add_terminal(void);

/* For display_set_owner(): shows the console again. In a panic it takes the screen by itself. */
extern const struct display_owner console_display_owner;
