/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The desktop: windows' frames, the panel, the launcher; what the compositor's loop works for.
 * desktop/window.h is for those who provide windows to programs, desktop/session.h for the program
 * that fills the launcher.
 */
#pragma once

#include <compositor/compositor.h>

/* Prepares the desktop, if one is wanted: from then on there may be windows. After compositor_init() and
 * the displays, before the first program. Thread context. */
void desktop_start(void);

/* For compositor_run(). */
extern const struct compositor_host desktop_host;
