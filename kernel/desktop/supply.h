/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the machine runs on, in the panel: a battery with how full it is, or a plug where there is only an
 * adapter; nothing where there is neither. And the notice when it runs low.
 */
#pragma once

#include <blend/surface.h>

/* Has changes come here, and shows what is there already. Once. */
void supply_view_start(void);
/* Takes what changed since the last time; true if something did. Boot thread, as all below. */
bool supply_view_update(void);
/* How wide it is; 0: there is nothing to show. */
int32_t supply_view_width(void);
void supply_view_draw(const struct blend_surface *to, struct blend_rectangle area);
/* Shows in words how things stand, or no longer. */
void supply_view_press(void);

/* notice.c: a few words above the panel, at the right, that go after a while. */
void notice_show(const char *title, const char *text, bool urgent);
void notice_hide(void);
bool notice_is_shown(void);
void notice_mark_stale(void);
/* Draws it if it is stale. Returns when it wants to be called again. */
uint64_t notice_update(void);
