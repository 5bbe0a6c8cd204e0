/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The panel at the bottom of the first display: the launcher's button, the windows, the load of each
 * CPU, what the machine runs on, the keyboard's layout, the clock. Its parts are drawn, and damaged, one by one.
 *
 * It wakes the compositor once a minute, for the clock; while CPUs are busy or something happens on the
 * screen, once a second, for the load.
 */
#include <base/format.h>
#include <base/string.h>
#include <sched/hotplug.h>
#include <sched/statistics.h>
#include <sync/cpu.h>
#include <time/clock.h>

#include "menu.h"
#include "supply.h"

#define MARGIN       6
#define BUTTON_WIDTH 180 /* of a window's, if there is room */
#define ICON_SIDE    20
#define CLOCK_WIDTH  108
#define LAYOUT_WIDTH 36
#define BAR_WIDTH    5
#define BAR_GAP      2
#define BARS_MAX     16
#define BAR_STEPS    22 /* how high a bar is, in pixels */
#define BUSY_LEAST   3  /* steps of load that are worth watching */

enum part {
	PART_LAUNCHER,
	PART_WINDOWS,
	PART_LOAD,
	PART_SUPPLY,
	PART_LAYOUT,
	PART_CLOCK,
	PART_COUNT,
};

static struct sheet sheet;
static struct canvas canvas;
static struct blend_rectangle parts[PART_COUNT]; /* in the panel */
static bool stale[PART_COUNT];
static bool layout_stale = true;
static int32_t hover_x = -1, hover_y = -1; /* in the panel */

static uint64_t load_read_ns; /* when idle_ns was read */
static uint64_t idle_ns[CPU_MAX];
static uint8_t load_steps[BARS_MAX];
static unsigned bars_placed; /* CPUs may come later */
static unsigned quiet_seconds;
static uint64_t asked_ns; /* when panel_update() wanted to be called again */
static uint64_t shown_minute;

static unsigned bar_count(void)
{
	return cpu_count() < BARS_MAX ? cpu_count() : BARS_MAX;
}

static void mark(enum part part)
{
	stale[part] = true;
	compositor_wake();
}

void panel_mark_stale(void)
{
	mark(PART_WINDOWS);
	mark(PART_LAYOUT);
	mark(PART_CLOCK);
}

struct blend_rectangle panel_area(void)
{
	struct blend_rectangle area = compositor_display_area(0);

	area.top = area.bottom - scaled(PANEL_HEIGHT);
	return area;
}

void panel_layout(void)
{
	layout_stale = true;
	compositor_wake();
}

/* --- where things are --- */

static void place_parts(int32_t width, int32_t height)
{
	int32_t right = width - scaled(MARGIN);
	int32_t supply = supply_view_width();
	int32_t bars = (int32_t)bar_count() * scaled(BAR_WIDTH + BAR_GAP) - scaled(BAR_GAP);

	bars_placed = bar_count();
	parts[PART_CLOCK] =
		(struct blend_rectangle){ right - scaled(CLOCK_WIDTH), 0, right, height };
	right -= scaled(CLOCK_WIDTH + MARGIN);
	parts[PART_LAYOUT] =
		(struct blend_rectangle){ right - scaled(LAYOUT_WIDTH), 0, right, height };
	right -= scaled(LAYOUT_WIDTH + 2 * MARGIN);
	parts[PART_SUPPLY] = (struct blend_rectangle){ right - supply, 0, right, height };
	right -= supply ? supply + scaled(3 * MARGIN) : 0;
	parts[PART_LOAD] = (struct blend_rectangle){ right - bars, 0, right, height };
	right -= bars + scaled(3 * MARGIN);
	parts[PART_LAUNCHER] =
		(struct blend_rectangle){ 0, 0, scaled(PANEL_HEIGHT + MARGIN), height };
	parts[PART_WINDOWS] =
		(struct blend_rectangle){ parts[PART_LAUNCHER].right, 0, right, height };
}

static bool lay_out(void)
{
	struct blend_rectangle area = panel_area();
	struct canvas wanted = {
		.layer = CANVAS_PANEL,
		.x = area.left,
		.y = area.top,
		.width = rectangle_width(&area),
		.height = rectangle_height(&area),
		.scale = 1,
		.opaque = true,
		.alpha = 255,
	};

	if (wanted.width < 1 || !sheet_resize(&sheet, wanted.width, wanted.height))
		return false;
	wanted.pixels = sheet.surface.pixels;
	wanted.pixels_width = wanted.width;
	wanted.pixels_height = wanted.height;
	wanted.stride = sheet.surface.stride;
	place_parts(wanted.width, wanted.height);
	draw_fill(&sheet.surface, blend_surface_bounds(&sheet.surface), desktop.theme.panel);
	draw_fill(&sheet.surface, blend_rectangle(0, 0, wanted.width, scaled(1)),
		  desktop.theme.panel_line);
	canvas_replace(&canvas, &wanted, NULL);
	memset(stale, true, sizeof(stale));
	return true;
}

static unsigned listed_count(void)
{
	struct list_node *node;
	unsigned count = 0;

	list_for_each (node, &desktop.windows)
		count += window_is_listed(container_of(node, struct window, made_node));
	return count;
}

/* The button of the window at `index` of `count`; empty where there is no room. */
static struct blend_rectangle button_area(unsigned index, unsigned count)
{
	const struct blend_rectangle *all = &parts[PART_WINDOWS];
	int32_t least = scaled(ICON_SIDE + 2 * MARGIN);
	int32_t width = rectangle_width(all) / (int32_t)(count ? count : 1);
	int32_t left;

	if (width > scaled(BUTTON_WIDTH))
		width = scaled(BUTTON_WIDTH);
	if (width < least)
		width = least;
	left = all->left + (int32_t)index * width;
	if (left + width > all->right)
		return blend_rectangle(0, 0, 0, 0);
	return (struct blend_rectangle){ left, scaled(MARGIN), left + width - scaled(4),
					 all->bottom - scaled(MARGIN - 1) };
}

static struct window *window_at(int32_t x, int32_t y)
{
	unsigned count = listed_count(), index = 0;
	struct list_node *node;

	list_for_each (node, &desktop.windows) {
		struct window *window = container_of(node, struct window, made_node);
		struct blend_rectangle area;

		if (!window_is_listed(window))
			continue;
		area = button_area(index++, count);
		if (rectangle_contains(&area, x, y))
			return window;
	}
	return NULL;
}

/* --- how they look --- */

static void clear(enum part part)
{
	struct blend_rectangle area = parts[part];

	area.top = scaled(1);
	draw_fill(&sheet.surface, area, desktop.theme.panel);
}

static void draw_launcher_button(void)
{
	struct blend_rectangle area = parts[PART_LAUNCHER];
	bool hot = rectangle_contains(&area, hover_x, hover_y);
	int32_t side = scaled(16);

	area.left += scaled(MARGIN);
	area.right = area.left + scaled(PANEL_HEIGHT - MARGIN);
	area.top += scaled(MARGIN);
	area.bottom -= scaled(MARGIN - 1);
	if (hot || launcher_is_open())
		draw_round(&sheet.surface, area, scaled(7),
			   launcher_is_open() ? desktop.theme.panel_active
					      : desktop.theme.panel_hover);
	draw_symbol(&sheet.surface,
		    blend_rectangle((area.left + area.right - side) / 2,
				    (area.top + area.bottom - side) / 2, side, side),
		    SYMBOL_LAUNCHER, desktop.accent);
}

static void draw_window_button(const struct window *window, struct blend_rectangle area)
{
	bool focused = desktop.focused == window;
	bool hot = rectangle_contains(&area, hover_x, hover_y);
	struct blend_rectangle text = area, icon, line;
	int32_t middle = (area.top + area.bottom) / 2, half = scaled(ICON_SIDE / 2);

	if (focused || hot)
		draw_round(&sheet.surface, area, scaled(7),
			   focused ? desktop.theme.panel_active : desktop.theme.panel_hover);
	icon = blend_rectangle(area.left + scaled(8), middle - half, 2 * half, 2 * half);
	if (rectangle_width(&area) < scaled(ICON_SIDE + 4 * MARGIN)) {
		icon.left = (area.left + area.right) / 2 - half;
		icon.right = icon.left + 2 * half;
	}
	draw_icon(&sheet.surface, icon, session_icon_of_title(window->title));
	text.left = icon.right + scaled(8);
	text.right -= scaled(10);
	if (text.right > text.left + scaled(10))
		draw_text(&sheet.surface, text, UI_FONT_SANS, window->title,
			  window->minimized ? desktop.theme.panel_dim : desktop.theme.panel_text);
	if (!focused)
		return;
	line = (struct blend_rectangle){ (area.left + area.right) / 2 - scaled(10),
					 area.bottom - scaled(3),
					 (area.left + area.right) / 2 + scaled(10), area.bottom };
	draw_round(&sheet.surface, line, scaled(1), desktop.accent);
}

static void draw_windows(void)
{
	unsigned count = listed_count(), index = 0;
	struct list_node *node;

	list_for_each (node, &desktop.windows) {
		struct window *window = container_of(node, struct window, made_node);
		struct blend_rectangle area;

		if (!window_is_listed(window))
			continue;
		area = button_area(index++, count);
		if (blend_rectangle_is_empty(&area))
			return;
		draw_window_button(window, area);
	}
}

static void draw_load(void)
{
	const struct blend_rectangle *area = &parts[PART_LOAD];
	int32_t bottom = (area->top + area->bottom + scaled(BAR_STEPS)) / 2;

	for (unsigned i = 0; i < bar_count(); i++) {
		int32_t left = area->left + (int32_t)i * scaled(BAR_WIDTH + BAR_GAP);
		int32_t height = scaled(load_steps[i]);

		draw_round(&sheet.surface,
			   blend_rectangle(left, bottom - scaled(BAR_STEPS), scaled(BAR_WIDTH),
					   scaled(BAR_STEPS)),
			   scaled(2), desktop.theme.meter_track);
		if (height)
			draw_round(
				&sheet.surface,
				blend_rectangle(left, bottom - height, scaled(BAR_WIDTH), height),
				scaled(height < scaled(4) ? 1 : 2), desktop.theme.meter);
	}
}

static void draw_supply(void)
{
	supply_view_draw(&sheet.surface, parts[PART_SUPPLY]);
}

static void draw_layout(void)
{
	char name[sizeof(desktop.layout)];
	size_t i;

	for (i = 0; desktop.layout[i]; i++)
		name[i] = desktop.layout[i] >= 'a' && desktop.layout[i] <= 'z'
				  ? (char)(desktop.layout[i] - 32)
				  : desktop.layout[i];
	name[i] = '\0';
	draw_text_centered(&sheet.surface, parts[PART_LAYOUT], UI_FONT_BOLD, name,
			   desktop.theme.panel_dim);
}

/* --- the clock --- */

struct date {
	unsigned year, month, day, weekday; /* month and day from 1; 0: Sunday */
};

/* The Gregorian calendar; years are counted from March, so that a leap day comes last. */
static struct date date_of_day(uint64_t day)
{
	uint64_t days = day + 719468;
	uint64_t era = days / 146097, of_era = days % 146097;
	uint64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	uint64_t of_year = of_era - (365 * year + year / 4 - year / 100);
	uint64_t month = (5 * of_year + 2) / 153;
	struct date date = {
		.day = (unsigned)(of_year - (153 * month + 2) / 5 + 1),
		.month = (unsigned)(month < 10 ? month + 3 : month - 9),
		.weekday = (unsigned)((day + 4) % 7),
	};

	date.year = (unsigned)(year + era * 400 + (date.month <= 2));
	return date;
}

static uint64_t local_minute(void)
{
	uint64_t minutes = clock_realtime_ns() / (60 * NS_PER_SECOND);

	return minutes + (uint64_t)desktop.zone_minutes;
}

static void draw_clock(void)
{
	static const char *const weekdays[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
					      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	struct blend_rectangle upper = parts[PART_CLOCK], lower = upper;
	uint64_t minute = local_minute();
	struct date date = date_of_day(minute / (24 * 60));
	char text[32];

	shown_minute = minute;
	upper.top += scaled(5);
	upper.bottom = (lower.top + lower.bottom) / 2 + scaled(1);
	lower.top = upper.bottom - scaled(1);
	lower.bottom -= scaled(3);
	snprintf(text, sizeof(text), "%02u:%02u", (unsigned)(minute / 60 % 24),
		 (unsigned)(minute % 60));
	draw_text_centered(&sheet.surface, upper, UI_FONT_BOLD, text, desktop.theme.panel_text);
	snprintf(text, sizeof(text), "%s %u %s", weekdays[date.weekday], date.day,
		 months[date.month - 1]);
	draw_text_centered(&sheet.surface, lower, UI_FONT_SANS, text, desktop.theme.panel_dim);
}

static void draw_part(enum part part)
{
	static void (*const draw[])(void) = {
		[PART_LAUNCHER] = draw_launcher_button,
		[PART_WINDOWS] = draw_windows,
		[PART_LOAD] = draw_load,
		[PART_SUPPLY] = draw_supply,
		[PART_LAYOUT] = draw_layout,
		[PART_CLOCK] = draw_clock,
	};

	stale[part] = false;
	clear(part);
	draw[part]();
	canvas_damage(&canvas, parts[part]);
}

/* --- the load --- */

/* Reads how busy the CPUs were since the last time; true if one was. */
static bool read_load(void)
{
	uint64_t elapsed = desktop.now_ns - load_read_ns;
	bool busy = false;

	if (bar_count() != bars_placed)
		panel_layout();
	for (unsigned i = 0; i < bar_count(); i++) {
		uint64_t idle = sched_idle_ns(i);
		uint64_t rested = idle - idle_ns[i];
		uint8_t steps = 0;

		if (rested < elapsed && elapsed && sched_cpus_online() >> i & 1)
			steps = (uint8_t)(((elapsed - rested) * BAR_STEPS + elapsed / 2) / elapsed);
		idle_ns[i] = idle;
		busy = busy || steps >= BUSY_LEAST;
		/* What is next to nothing looks like nothing, so that it need not be drawn. */
		if (steps < BUSY_LEAST)
			steps = 0;
		if (steps != load_steps[i])
			stale[PART_LOAD] = true;
		load_steps[i] = steps;
	}
	load_read_ns = desktop.now_ns;
	return busy;
}

/* Returns when to look again. */
static uint64_t follow_load(void)
{
	/* Something happens: it may keep the CPUs busy. The clock's own wake-up is nothing. */
	if (desktop.now_ns < asked_ns)
		quiet_seconds = 0;
	if (desktop.now_ns < load_read_ns + NS_PER_SECOND)
		return quiet_seconds < 2 ? load_read_ns + NS_PER_SECOND : UINT64_MAX;
	/* After a long time without anything it is not known when it was busy. */
	if (desktop.now_ns > load_read_ns + 4 * NS_PER_SECOND) {
		(void)read_load();
		memset(load_steps, 0, sizeof(load_steps));
	} else {
		quiet_seconds = read_load() ? 0 : quiet_seconds + 1;
	}
	return quiet_seconds < 2 ? desktop.now_ns + NS_PER_SECOND : UINT64_MAX;
}

static uint64_t follow_clock(void)
{
	uint64_t real = clock_realtime_ns();

	if (local_minute() != shown_minute)
		stale[PART_CLOCK] = true;
	return desktop.now_ns + 60 * NS_PER_SECOND - real % (60 * NS_PER_SECOND);
}

uint64_t panel_update(void)
{
	uint64_t next;

	if (supply_view_update()) {
		stale[PART_SUPPLY] = true;
		if (supply_view_width() != rectangle_width(&parts[PART_SUPPLY]))
			layout_stale = true;
	}
	if (layout_stale && !lay_out())
		return UINT64_MAX;
	layout_stale = false;
	next = min_u64(min_u64(follow_load(), follow_clock()), notice_update());
	asked_ns = next;
	for (enum part part = 0; part < PART_COUNT; part++)
		if (stale[part])
			draw_part(part);
	return next;
}

/* --- the pointer --- */

bool panel_contains(int32_t x, int32_t y)
{
	struct blend_rectangle area = panel_area();

	return canvas.shown && rectangle_contains(&area, x, y);
}

void panel_hover(int32_t x, int32_t y)
{
	struct blend_rectangle area = panel_area();
	int32_t inner_x = x < 0 ? -1 : x - area.left, inner_y = x < 0 ? -1 : y - area.top;
	const struct window *before = window_at(hover_x, hover_y);
	bool on_launcher = rectangle_contains(&parts[PART_LAUNCHER], hover_x, hover_y);

	if (inner_x == hover_x && inner_y == hover_y)
		return;
	hover_x = inner_x;
	hover_y = inner_y;
	if (before != window_at(hover_x, hover_y))
		mark(PART_WINDOWS);
	if (on_launcher != rectangle_contains(&parts[PART_LAUNCHER], hover_x, hover_y))
		mark(PART_LAUNCHER);
}

void panel_press(int32_t x, int32_t y, unsigned button)
{
	struct blend_rectangle area = panel_area();
	struct window *window = window_at(x - area.left, y - area.top);

	if (rectangle_contains(&parts[PART_LAUNCHER], x - area.left, y - area.top)) {
		launcher_toggle();
		return;
	}
	launcher_close();
	if (rectangle_contains(&parts[PART_SUPPLY], x - area.left, y - area.top)) {
		supply_view_press();
		return;
	}
	if (rectangle_contains(&parts[PART_LAYOUT], x - area.left, y - area.top)) {
		menu_open_of_layouts(area.left + parts[PART_LAYOUT].left,
				     area.top - scaled(MARGIN));
		return;
	}
	if (!window)
		return;
	if (button == 4)
		menu_open_of_window(window, x, area.top - scaled(MARGIN));
	else if (button == 2)
		window_ask_close(window);
	else if (window == desktop.focused)
		window_minimize(window);
	else
		window_activate(window);
}

void panel_forget(struct window *window)
{
	(void)window;
	panel_mark_stale();
}

void panel_mark_launcher_stale(void)
{
	mark(PART_LAUNCHER);
}
