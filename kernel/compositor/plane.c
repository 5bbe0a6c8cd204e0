/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The plane: displays beside each other, and what of it each of them does not show yet.
 */
#include "compositor_priv.h"

#include <display/display.h>

struct place {
	unsigned number; /* of the display */
	struct blend_rectangle area;
	struct blend_region damage;
};

/* Under compositor_lock, all of it. */
static struct place places[DISPLAY_MAX];
static unsigned place_count;
static bool visible;

unsigned compositor_display_count(void)
{
	return place_count;
}

struct blend_rectangle compositor_display_area(unsigned index)
{
	if (index >= place_count)
		return (struct blend_rectangle){ 0, 0, 0, 0 };
	return places[index].area;
}

struct blend_rectangle compositor_plane(void)
{
	struct blend_rectangle all = { 0, 0, 0, 0 };

	for (unsigned i = 0; i < place_count; i++)
		all = blend_rectangle_unite(all, places[i].area);
	return all;
}

/* Makes a rectangle that lies in the display begin and end with cache lines of its frame buffer. */
static struct blend_rectangle whole_lines(struct blend_rectangle part, struct blend_rectangle area)
{
	int32_t right = (part.right - area.left + STREAM_PIXELS - 1) & ~(STREAM_PIXELS - 1);

	part.left = area.left + ((part.left - area.left) & ~(STREAM_PIXELS - 1));
	part.right = area.left + right;
	return blend_rectangle_intersect(part, area);
}

void plane_damage(struct blend_rectangle area)
{
	if (!visible)
		return;
	for (unsigned i = 0; i < place_count; i++) {
		struct blend_rectangle part = blend_rectangle_intersect(area, places[i].area);

		if (!blend_rectangle_is_empty(&part))
			blend_region_add(&places[i].damage, whole_lines(part, places[i].area));
	}
}

void plane_damage_all(void)
{
	for (unsigned i = 0; i < place_count; i++) {
		blend_region_clear(&places[i].damage);
		plane_damage(places[i].area);
	}
}

bool plane_is_damaged(void)
{
	for (unsigned i = 0; i < place_count; i++)
		if (places[i].damage.count > 0)
			return true;
	return false;
}

void plane_set_visible(bool is_visible)
{
	visible = is_visible;
	for (unsigned i = 0; i < place_count; i++)
		blend_region_clear(&places[i].damage);
	plane_damage_all();
}

void compositor_read_displays(void)
{
	int32_t right = 0;

	place_count = 0;
	for (unsigned number = 0; number < DISPLAY_MAX; number++) {
		struct display *display = display_get(number);
		int32_t width, height;

		if (!display)
			continue;
		mutex_lock(&display->lock);
		width = display->lost ? 0 : (int32_t)display->framebuffer.width;
		height = display->lost ? 0 : (int32_t)display->framebuffer.height;
		mutex_unlock(&display->lock);
		display_put(display);
		if (width < 1 || height < 1)
			continue;
		places[place_count].number = number;
		places[place_count++].area = blend_rectangle(right, 0, width, height);
		right += width;
	}
	plane_damage_all();
}

/* The display's lock is held. */
static void draw_place(const struct place *place, const struct display *display,
		       const struct blend_ops *ops)
{
	struct painter painter = {
		.ops = ops,
		.to = &display->framebuffer,
		.x = place->area.left,
		.y = place->area.top,
	};

	paint_region(&painter, &place->damage);
	compositor_statistics.pixels_damaged += blend_region_area(&place->damage);
	compositor_statistics.pixels_written += painter.written;
	compositor_statistics.pixels_blended += painter.blended;
}

/* What the display calls its own pixels, instead of the plane's. */
static void flush_place(const struct place *place, struct display *display)
{
	struct blend_rectangle areas[BLEND_REGION_MAX];

	for (unsigned i = 0; i < place->damage.count; i++) {
		areas[i] = place->damage.rectangles[i];
		areas[i].left -= place->area.left;
		areas[i].right -= place->area.left;
		areas[i].top -= place->area.top;
		areas[i].bottom -= place->area.top;
	}
	display->ops->flush(display, areas, place->damage.count);
}

void plane_draw(const struct blend_ops *ops)
{
	for (unsigned i = 0; i < place_count; i++) {
		struct place *place = &places[i];
		struct display *display;

		if (place->damage.count == 0)
			continue;
		display = display_get(place->number);
		if (display) {
			mutex_lock(&display->lock);
			/* If it has another mode by now, the loop is about to hear of it. */
			if (!display->lost &&
			    display->framebuffer.width ==
				    (uint32_t)(place->area.right - place->area.left) &&
			    display->framebuffer.height ==
				    (uint32_t)(place->area.bottom - place->area.top)) {
				draw_place(place, display, ops);
				if (display->ops->flush)
					flush_place(place, display);
			}
			mutex_unlock(&display->lock);
			display_put(display);
		}
		blend_region_clear(&place->damage);
	}
}
