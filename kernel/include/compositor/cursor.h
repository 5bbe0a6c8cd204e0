/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the pointer looks like: black shapes with a white outline, which are seen on any ground. */
#pragma once

#include <compositor/compositor.h>

enum cursor_kind {
	CURSOR_ARROW,
	CURSOR_TEXT,
	CURSOR_HAND,
	CURSOR_MOVE,
	CURSOR_RESIZE_HORIZONTAL,
	CURSOR_RESIZE_VERTICAL,
	CURSOR_RESIZE_FALLING, /* from the upper left to the lower right */
	CURSOR_RESIZE_RISING,
	CURSOR_WAIT,
	CURSOR_KINDS,
};

#define CURSOR_SCALE_MAX 2

/* The shape for a scale of 1 or 2, which stays for ever; drawn when it is first asked for. With the
 * compositor's lock held. NULL: out of memory. */
const struct compositor_cursor *cursor_shape(enum cursor_kind kind, unsigned scale);
