/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The launcher: programs with their icons above the panel's left end, a field that searches among
 * them, and what concerns the whole machine below.
 */
#include <base/string.h>
#include <ddk/keys.h>

#include "menu.h"

#define COLUMNS      4
#define ROWS         4 /* at most that are seen */
#define CELL_WIDTH   112
#define CELL_HEIGHT  96
#define PADDING      16
#define FIELD_HEIGHT 38
#define FOOTER       52
#define ICON_SIDE    48
#define GAP          8 /* to the panel and the edge */
#define SEARCH_MAX   48

enum footer_button {
	FOOTER_THEME,
	FOOTER_POWER,
	FOOTER_COUNT,
};

static bool is_open, is_stale;
static struct sheet sheet;
static struct canvas canvas;
static char search[SEARCH_MAX + 1]; /* UTF-8 */
static unsigned found[SESSION_ENTRIES_MAX], found_count;
static unsigned selected; /* in `found` */
static unsigned first_row;
static int hot_footer = -1;

void launcher_mark_stale(void)
{
	is_stale = true;
	compositor_wake();
}

bool launcher_is_open(void)
{
	return is_open;
}

static void find(void)
{
	found_count = 0;
	for (unsigned i = 0; i < session_entry_count(); i++)
		if (session_text_contains(session_entry(i)->name, search))
			found[found_count++] = i;
	if (selected >= found_count)
		selected = found_count ? found_count - 1 : 0;
}

static void keep_selected_seen(void)
{
	unsigned row = selected / COLUMNS;

	if (row < first_row)
		first_row = row;
	if (row >= first_row + ROWS)
		first_row = row - ROWS + 1;
}

void launcher_toggle(void)
{
	is_open = !is_open;
	search[0] = '\0';
	selected = 0;
	first_row = 0;
	hot_footer = -1;
	launcher_mark_stale();
	panel_mark_launcher_stale();
	desktop_mark_pointer_stale();
}

void launcher_close(void)
{
	if (is_open)
		launcher_toggle();
}

static void start(unsigned position)
{
	if (position < found_count)
		session_post(session_entry(found[position])->command);
	launcher_close();
}

/* --- where things are, in the popup --- */

/* Rows that are seen: as many as all entries need, whatever is searched for. */
static int32_t row_count(void)
{
	unsigned rows = (session_entry_count() + COLUMNS - 1) / COLUMNS;

	if (rows < 1)
		rows = 1;
	return (int32_t)(rows > ROWS ? ROWS : rows);
}

static int32_t popup_width(void)
{
	return scaled(COLUMNS * CELL_WIDTH + 2 * PADDING);
}

static int32_t popup_height(void)
{
	return scaled(PADDING + FIELD_HEIGHT + PADDING / 2 + FOOTER) +
	       row_count() * scaled(CELL_HEIGHT);
}

static struct blend_rectangle field_area(void)
{
	return blend_rectangle(scaled(PADDING), scaled(PADDING),
			       popup_width() - 2 * scaled(PADDING), scaled(FIELD_HEIGHT));
}

/* Empty if it is scrolled away. */
static struct blend_rectangle cell_area(unsigned position)
{
	int32_t row = (int32_t)(position / COLUMNS) - (int32_t)first_row;
	int32_t column = (int32_t)(position % COLUMNS);

	if (row < 0 || row >= row_count())
		return blend_rectangle(0, 0, 0, 0);
	return blend_rectangle(scaled(PADDING) + column * scaled(CELL_WIDTH),
			       scaled(PADDING + FIELD_HEIGHT + PADDING / 2) +
				       row * scaled(CELL_HEIGHT),
			       scaled(CELL_WIDTH), scaled(CELL_HEIGHT));
}

static struct blend_rectangle footer_button_area(int button)
{
	int32_t side = scaled(34);
	int32_t right =
		popup_width() - scaled(PADDING) - (FOOTER_COUNT - 1 - button) * (side + scaled(6));

	return blend_rectangle(right - side,
			       popup_height() - scaled(FOOTER) + (scaled(FOOTER) - side) / 2, side,
			       side);
}

static struct blend_rectangle popup_area(void)
{
	struct blend_rectangle display = compositor_display_area(0);

	return blend_rectangle(display.left + scaled(GAP),
			       panel_area().top - scaled(GAP) - popup_height(), popup_width(),
			       popup_height());
}

/* --- how it looks --- */

static void draw_field(void)
{
	struct blend_rectangle area = field_area(), text = area;
	int32_t side = scaled(15), middle = (area.top + area.bottom) / 2;
	int32_t caret;

	draw_round(&sheet.surface, area, scaled(8), desktop.theme.popup_field);
	draw_symbol(&sheet.surface,
		    blend_rectangle(area.left + scaled(12), middle - side / 2, side, side),
		    SYMBOL_SEARCH, desktop.theme.popup_dim);
	text.left += scaled(38);
	text.right -= scaled(12);
	if (search[0])
		draw_text(&sheet.surface, text, UI_FONT_SANS, search, desktop.theme.popup_text);
	else
		draw_text(&sheet.surface, text, UI_FONT_SANS, "Type to search",
			  desktop.theme.popup_dim);
	caret = text.left +
		(search[0] ? draw_text_width(UI_FONT_SANS, search) + scaled(1) : -scaled(4));
	if (caret < text.right)
		draw_fill(&sheet.surface,
			  blend_rectangle(caret, middle - scaled(9), scaled(1), scaled(18)),
			  desktop.accent);
}

static void draw_cell(unsigned position)
{
	const struct session_entry *entry = session_entry(found[position]);
	struct blend_rectangle area = cell_area(position), text = area, icon;
	int32_t side = scaled(ICON_SIDE), margin = scaled(3);

	if (blend_rectangle_is_empty(&area))
		return;
	if (position == selected) {
		struct blend_rectangle tile = { area.left + margin, area.top + margin,
						area.right - margin, area.bottom - margin };

		draw_round(&sheet.surface, tile, scaled(10), desktop.theme.popup_hover);
	}
	icon = blend_rectangle((area.left + area.right - side) / 2, area.top + scaled(12), side,
			       side);
	draw_icon(&sheet.surface, icon, entry->icon);
	text.top = icon.bottom + scaled(2);
	text.bottom = area.bottom - scaled(8);
	text.left += scaled(4);
	text.right -= scaled(4);
	draw_text_centered(&sheet.surface, text, UI_FONT_SANS, entry->name,
			   desktop.theme.popup_text);
}

static void draw_footer(void)
{
	struct blend_rectangle area = { 0, popup_height() - scaled(FOOTER), popup_width(),
					popup_height() };
	struct blend_rectangle text = area;

	draw_fill(&sheet.surface,
		  blend_rectangle(scaled(PADDING), area.top, popup_width() - 2 * scaled(PADDING),
				  scaled(1)),
		  desktop.theme.popup_border);
	text.left += scaled(PADDING + 4);
	text.right -= scaled(160);
	draw_text(&sheet.surface, text, UI_FONT_BOLD, "CryptOS", desktop.theme.popup_dim);
	for (int button = 0; button < FOOTER_COUNT; button++) {
		static const enum symbol symbols[] = { SYMBOL_SUN, SYMBOL_POWER };
		struct blend_rectangle square = footer_button_area(button);
		enum symbol symbol = symbols[button];
		int32_t inset = scaled(9);

		if (button == FOOTER_THEME && !desktop.dark)
			symbol = SYMBOL_MOON;
		if (button == hot_footer)
			draw_round(&sheet.surface, square, scaled(8), desktop.theme.popup_hover);
		square.left += inset;
		square.top += inset;
		square.right -= inset;
		square.bottom -= inset;
		draw_symbol(&sheet.surface, square, symbol, desktop.theme.popup_text);
	}
}

static void draw(void)
{
	struct blend_rectangle all = blend_surface_bounds(&sheet.surface);

	draw_fill(&sheet.surface, all, desktop.theme.popup);
	draw_field();
	for (unsigned i = 0; i < found_count; i++)
		draw_cell(i);
	if (!found_count) {
		struct blend_rectangle area = cell_area(0);

		area.left = 0;
		area.right = popup_width();
		draw_text_centered(&sheet.surface, area, UI_FONT_SANS,
				   search[0] ? "Nothing of that name" : "No programs yet",
				   desktop.theme.popup_dim);
	}
	draw_footer();
	blend_surface_outline(&sheet.surface, all, all, (unsigned)scaled(FRAME_RADIUS),
			      (unsigned)scaled(1), blend_premultiply(desktop.theme.popup_border));
}

void launcher_update(void)
{
	struct blend_rectangle area;

	if (!is_stale)
		return;
	is_stale = false;
	if (canvas.shown && !is_open)
		canvas_hide(&canvas);
	if (!is_open || !sheet_resize(&sheet, popup_width(), popup_height()))
		return;
	find();
	keep_selected_seen();
	draw();
	area = popup_area();
	popup_show(&canvas, &sheet, area.left, area.top, &desktop.shadow, 6);
}

/* --- the pointer --- */

bool launcher_contains(int32_t x, int32_t y)
{
	struct blend_rectangle area = popup_area();

	return is_open && rectangle_contains(&area, x, y);
}

static int cell_at(int32_t x, int32_t y)
{
	for (unsigned i = 0; i < found_count; i++) {
		struct blend_rectangle area = cell_area(i);

		if (rectangle_contains(&area, x, y))
			return (int)i;
	}
	return -1;
}

static int footer_button_at(int32_t x, int32_t y)
{
	for (int button = 0; button < FOOTER_COUNT; button++) {
		struct blend_rectangle area = footer_button_area(button);

		if (rectangle_contains(&area, x, y))
			return button;
	}
	return -1;
}

void launcher_hover(int32_t x, int32_t y)
{
	struct blend_rectangle area = popup_area();
	int cell = cell_at(x - area.left, y - area.top);
	int footer = footer_button_at(x - area.left, y - area.top);

	if (footer != hot_footer || (cell >= 0 && (unsigned)cell != selected))
		launcher_mark_stale();
	hot_footer = footer;
	if (cell >= 0)
		selected = (unsigned)cell;
}

void launcher_press(int32_t x, int32_t y)
{
	struct blend_rectangle area = popup_area();
	int cell = cell_at(x - area.left, y - area.top);

	if (cell >= 0) {
		start((unsigned)cell);
		return;
	}
	switch (footer_button_at(x - area.left, y - area.top)) {
	case FOOTER_THEME:
		desktop_set_theme(!desktop.dark);
		break;
	case FOOTER_POWER:
		launcher_close();
		menu_open_of_power(x, y);
		break;
	}
}

void launcher_wheel(int32_t steps)
{
	unsigned rows = (found_count + COLUMNS - 1) / COLUMNS;

	if (steps > 0 && first_row > 0)
		first_row--;
	else if (steps < 0 && first_row + ROWS < rows)
		first_row++;
	else
		return;
	/* The selected one comes along, so that it is seen. */
	if (selected < first_row * COLUMNS)
		selected = first_row * COLUMNS;
	if (selected >= (first_row + ROWS) * COLUMNS)
		selected = (first_row + ROWS) * COLUMNS - 1;
	launcher_mark_stale();
}

/* --- the keyboard --- */

static void search_append(uint32_t character)
{
	char bytes[4];
	size_t length = strlen(search), count = 0;

	if (character < ' ' || character == 0x7f)
		return;
	if (character < 0x80) {
		bytes[count++] = (char)character;
	} else if (character < 0x800) {
		bytes[count++] = (char)(0xc0 | character >> 6);
		bytes[count++] = (char)(0x80 | (character & 0x3f));
	} else if (character < 0x10000) {
		bytes[count++] = (char)(0xe0 | character >> 12);
		bytes[count++] = (char)(0x80 | (character >> 6 & 0x3f));
		bytes[count++] = (char)(0x80 | (character & 0x3f));
	}
	if (length + count > SEARCH_MAX)
		return;
	memcpy(search + length, bytes, count);
	search[length + count] = '\0';
	selected = 0;
}

static void search_remove(void)
{
	size_t length = strlen(search);

	while (length > 0 && ((uint8_t)search[--length] & 0xc0) == 0x80)
		;
	search[length] = '\0';
	selected = 0;
}

static void select_step(int step)
{
	int wanted = (int)selected + step;

	if (wanted >= 0 && wanted < (int)found_count)
		selected = (unsigned)wanted;
}

bool launcher_key(const struct input_event *event)
{
	if (!event->value)
		return false;
	switch (event->code) {
	case KEY_ESCAPE:
		launcher_close();
		return true;
	case KEY_ENTER:
	case KEY_PAD_ENTER:
		start(selected);
		return true;
	case KEY_BACKSPACE:
		search_remove();
		break;
	case KEY_LEFT:
		select_step(-1);
		break;
	case KEY_RIGHT:
	case KEY_TAB:
		select_step(1);
		break;
	case KEY_UP:
		select_step(-COLUMNS);
		break;
	case KEY_DOWN:
		select_step(COLUMNS);
		break;
	default:
		for (unsigned i = 0; i < event->character_count; i++)
			search_append(event->characters[i]);
	}
	launcher_mark_stale();
	return true;
}
