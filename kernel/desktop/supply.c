/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "supply.h"

#include <base/format.h>
#include <power/supply.h>

#include "desktop_priv.h"

/* Sizes at scale 1. */
#define BATTERY_WIDTH  25
#define BATTERY_HEIGHT 13
#define NUB_WIDTH      2
#define NUB_HEIGHT     5
#define INSET          2 /* between its edge and what is in it */
#define TEXT_GAP       7
#define TEXT_WIDTH     38
#define PLUG_SIDE      16
#define SIGN_HEIGHT    18

#define RED 0xffe5484d

/* Changes come from the thread that asks firmware. */
static _Atomic bool changed;
static struct supply_summary shown = { .percent = SUPPLY_UNKNOWN, .minutes = SUPPLY_UNKNOWN };

static void take_change(const struct supply_summary *summary)
{
	(void)summary;
	changed = true;
	compositor_wake();
}

void supply_view_start(void)
{
	supply_set_listener(take_change);
	/* Batteries have been found before there is a desktop. */
	changed = true;
}

/* --- In words. --- */

static void print_time(char *text, size_t size, const char *what)
{
	if (shown.minutes == SUPPLY_UNKNOWN)
		text[0] = '\0';
	else
		snprintf(text, size, ", %u:%02u h %s", shown.minutes / 60, shown.minutes % 60,
			 what);
}

static void print_state(char *text, size_t size)
{
	char percent[24] = "", time[40] = "";
	const char *state = shown.online ? "On mains" : "On battery";

	if (shown.percent != SUPPLY_UNKNOWN)
		snprintf(percent, sizeof(percent), ", %u %%", shown.percent);
	if (shown.charging) {
		state = "Charging";
		print_time(time, sizeof(time), "until full");
	} else if (shown.discharging) {
		print_time(time, sizeof(time), "left");
	}
	snprintf(text, size, "%s%s%s", state, percent, time);
}

static void show_notice(bool urgent)
{
	char text[96];

	print_state(text, sizeof(text));
	notice_show(urgent            ? "The battery runs low"
		    : shown.batteries ? "Battery"
				      : "Power",
		    text, urgent);
}

void supply_view_press(void)
{
	if (notice_is_shown())
		notice_hide();
	else
		show_notice(false);
}

bool supply_view_update(void)
{
	bool was_low = shown.low;

	if (!atomic_exchange(&changed, false))
		return false;
	supply_get_summary(&shown);
	if (shown.low && !was_low)
		show_notice(true);
	else if (was_low && !shown.low)
		notice_hide();
	return true;
}

/* --- As a picture. --- */

int32_t supply_view_width(void)
{
	if (shown.batteries)
		return scaled(BATTERY_WIDTH + NUB_WIDTH + TEXT_GAP + TEXT_WIDTH);
	return shown.adapters ? scaled(PLUG_SIDE) : 0;
}

/* A polygon of points in sixteenths of the square's height, from its upper left corner. */
static void draw_shape(const struct blend_surface *to, int32_t left, int32_t top, int32_t height,
		       const int8_t (*points)[2], unsigned count, uint32_t colour)
{
	struct blend_point places[16];

	for (unsigned i = 0; i < count; i++)
		places[i] = (struct blend_point){ left * 16 + points[i][0] * height,
						  top * 16 + points[i][1] * height };
	blend_surface_polygon(to, blend_surface_bounds(to), places, count,
			      blend_premultiply(colour));
}

static void draw_bolt(const struct blend_surface *to, int32_t middle_x, int32_t middle_y,
		      int32_t height, uint32_t colour)
{
	static const int8_t points[][2] = { { 7, 0 },  { 0, 9 },  { 4, 9 },
					    { 3, 16 }, { 10, 6 }, { 6, 6 } };

	draw_shape(to, middle_x - height * 5 / 16, middle_y - height / 2, height, points,
		   array_length(points), colour);
}

static void draw_plug(const struct blend_surface *to, int32_t middle_x, int32_t middle_y,
		      int32_t height, uint32_t colour)
{
	static const int8_t left_pin[][2] = { { 4, 0 }, { 6, 0 }, { 6, 5 }, { 4, 5 } };
	static const int8_t right_pin[][2] = { { 10, 0 }, { 12, 0 }, { 12, 5 }, { 10, 5 } };
	static const int8_t body[][2] = { { 2, 4 },  { 14, 4 }, { 14, 7 }, { 12, 10 }, { 9, 11 },
					  { 9, 16 }, { 7, 16 }, { 7, 11 }, { 4, 10 },  { 2, 7 } };
	int32_t left = middle_x - height / 2, top = middle_y - height / 2;

	draw_shape(to, left, top, height, left_pin, array_length(left_pin), colour);
	draw_shape(to, left, top, height, right_pin, array_length(right_pin), colour);
	draw_shape(to, left, top, height, body, array_length(body), colour);
}

/* How full it is, as a bar in it; red when that is little. */
static void draw_bar(const struct blend_surface *to, struct blend_rectangle body)
{
	int32_t inset = scaled(INSET + 1), room;

	body = (struct blend_rectangle){ body.left + inset, body.top + inset, body.right - inset,
					 body.bottom - inset };
	room = rectangle_width(&body);
	if (shown.percent == SUPPLY_UNKNOWN)
		return;
	body.right = body.left + (int32_t)(((uint32_t)room * shown.percent + 99) / 100);
	draw_round(to, body, scaled(1), shown.low ? RED : desktop.theme.meter);
}

static void draw_battery(const struct blend_surface *to, struct blend_rectangle area)
{
	int32_t middle = (area.top + area.bottom) / 2, height = scaled(BATTERY_HEIGHT);
	struct blend_rectangle body =
		blend_rectangle(area.left, middle - height / 2, scaled(BATTERY_WIDTH), height);
	uint32_t edge = shown.low ? RED : desktop.theme.panel_text;

	blend_surface_outline(to, blend_surface_bounds(to), body, (unsigned)scaled(4),
			      (unsigned)scaled(1), blend_premultiply(edge));
	draw_round(to,
		   blend_rectangle(body.right + scaled(1), middle - scaled(NUB_HEIGHT) / 2,
				   scaled(NUB_WIDTH), scaled(NUB_HEIGHT)),
		   scaled(1), edge);
	draw_bar(to, body);
	if (!shown.online)
		return;
	/* With an edge, to be seen on the bar and beside it. */
	if (shown.charging) {
		draw_bolt(to, (body.left + body.right) / 2, middle, scaled(SIGN_HEIGHT + 4),
			  desktop.theme.panel);
		draw_bolt(to, (body.left + body.right) / 2, middle, scaled(SIGN_HEIGHT),
			  desktop.theme.panel_text);
	} else {
		draw_plug(to, (body.left + body.right) / 2, middle, scaled(SIGN_HEIGHT),
			  desktop.theme.panel);
		draw_plug(to, (body.left + body.right) / 2, middle, scaled(SIGN_HEIGHT - 4),
			  desktop.theme.panel_text);
	}
}

void supply_view_draw(const struct blend_surface *to, struct blend_rectangle area)
{
	char text[16];

	if (!shown.batteries) {
		if (shown.adapters)
			draw_plug(to, (area.left + area.right) / 2, (area.top + area.bottom) / 2,
				  scaled(PLUG_SIDE),
				  shown.online ? desktop.theme.panel_text
					       : desktop.theme.panel_dim);
		return;
	}
	draw_battery(to, area);
	if (shown.percent == SUPPLY_UNKNOWN)
		return;
	area.left += scaled(BATTERY_WIDTH + NUB_WIDTH + TEXT_GAP);
	snprintf(text, sizeof(text), "%u%%", shown.percent);
	draw_text(to, area, UI_FONT_SANS, text, shown.low ? RED : desktop.theme.panel_text);
}
