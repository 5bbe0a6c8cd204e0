/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The widget that shows a picture: zoom, panning, turning. */
#pragma once

#include <blend/surface.h>
#include <ui/widget.h>

struct ui_widget *picture_view_create(struct ui_widget *parent);
/* Shows a picture, which the view takes over (of malloc); fitted to its area. NULL: none. */
void picture_view_set_picture(struct ui_widget *view, uint32_t *pixels, int width, int height,
			      bool has_alpha);
/* Shown instead of a picture, where there is none. */
void picture_view_set_message(struct ui_widget *view, const char *message);
void picture_view_turn(struct ui_widget *view);
/* Larger or smaller by steps, around the middle. */
void picture_view_zoom_by(struct ui_widget *view, int steps);
/* One pixel for each of the picture's; or as large as the area. */
void picture_view_zoom_one(struct ui_widget *view);
void picture_view_zoom_fit(struct ui_widget *view);
/* Percent; 0: there is no picture. */
int picture_view_zoom(const struct ui_widget *view);
