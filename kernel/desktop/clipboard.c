/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The clipboard: bytes that the window with the focus left for the next one. A window has the focus as
 * soon as it is opened, so only one in which the user did something since may look at it.
 */
#include <base/errno.h>
#include <base/string.h>
#include <mm/phys/kernel_map.h>

#include "desktop_priv.h"

/* Protected by the compositor's lock. */
static void *clipboard_bytes;
static size_t clipboard_length;

static bool may_use(const struct window *window)
{
	return window == desktop.focused && window->used;
}

int clipboard_set(struct window *window, void *bytes, size_t length)
{
	void *old;

	mutex_lock(&compositor_lock);
	if (!may_use(window)) {
		mutex_unlock(&compositor_lock);
		return -EACCES;
	}
	old = clipboard_bytes;
	clipboard_bytes = bytes;
	clipboard_length = bytes ? length : 0;
	mutex_unlock(&compositor_lock);
	kernel_vfree(old);
	return 0;
}

int64_t clipboard_size(void)
{
	/* The first byte says of what kind the others are. */
	return clipboard_length ? (int64_t)clipboard_length - 1 : 0;
}

ssize_t clipboard_read(struct window *window, void *to, size_t length, size_t offset)
{
	ssize_t result = -EACCES;

	mutex_lock(&compositor_lock);
	if (may_use(window)) {
		size_t left = offset < clipboard_length ? clipboard_length - offset : 0;

		if (length > left)
			length = left;
		if (length)
			memcpy(to, (const char *)clipboard_bytes + offset, length);
		result = (ssize_t)length;
	}
	mutex_unlock(&compositor_lock);
	return result;
}
