/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The menus: of a window, of the background, of the keyboard's layouts, of the machine's power. */
#include <base/string.h>
#include <core/log.h>
#include <power/power.h>
#include <sched/work.h>

#include "menu.h"

/* --- a window's --- */

enum window_item {
	WINDOW_MINIMIZE,
	WINDOW_MAXIMIZE,
	WINDOW_FULL,
	WINDOW_CLOSE,
	WINDOW_ITEMS,
};

static void choose_of_window(unsigned index, struct window *window)
{
	switch (index) {
	case WINDOW_MINIMIZE:
		if (window->minimized)
			window_activate(window);
		else
			window_minimize(window);
		break;
	case WINDOW_MAXIMIZE:
		window_activate(window);
		window_set_tile(window, window->tile == TILE_NONE ? TILE_MAXIMIZED : TILE_NONE);
		break;
	case WINDOW_FULL:
		window_activate(window);
		window_set_tile(window, window->tile == TILE_FULL ? TILE_NONE : TILE_FULL);
		break;
	case WINDOW_CLOSE:
		window_ask_close(window);
		break;
	}
}

/* Of one whose size is fixed. */
static void choose_of_fixed(unsigned index, struct window *window)
{
	choose_of_window(index == 0 ? WINDOW_MINIMIZE : WINDOW_CLOSE, window);
}

void menu_open_of_window(struct window *window, int32_t x, int32_t y)
{
	struct menu_item items[WINDOW_ITEMS] = {
		[WINDOW_MINIMIZE] = { .text = "Minimise" },
		[WINDOW_MAXIMIZE] = { .text = "Maximise" },
		[WINDOW_FULL] = { .text = "Full screen", .chosen = window->tile == TILE_FULL },
		[WINDOW_CLOSE] = { .text = "Close" },
	};

	if (window->minimized)
		string_copy(items[WINDOW_MINIMIZE].text, "Bring back", sizeof(items->text));
	if (window->tile != TILE_NONE)
		string_copy(items[WINDOW_MAXIMIZE].text, "Restore the size", sizeof(items->text));
	if (window->flags & ORBITAL_RESIZABLE) {
		menu_open(items, WINDOW_ITEMS, x, y, window, choose_of_window);
	} else {
		items[1] = items[WINDOW_CLOSE];
		menu_open(items, 2, x, y, window, choose_of_fixed);
	}
}

/* --- the background's --- */

enum background_item {
	BACKGROUND_TERMINAL,
	BACKGROUND_FILES,
	BACKGROUND_THEME,
	BACKGROUND_ITEMS,
};

static void start_program(const char *icon)
{
	const struct session_entry *entry = session_entry_of_icon(icon);

	if (entry)
		session_post(entry->command);
}

static void choose_of_background(unsigned index, struct window *window)
{
	(void)window;
	if (index == BACKGROUND_TERMINAL)
		start_program("terminal");
	else if (index == BACKGROUND_FILES)
		start_program("files");
	else
		desktop_set_theme(!desktop.dark);
}

void menu_open_of_background(int32_t x, int32_t y)
{
	struct menu_item items[BACKGROUND_ITEMS] = {
		[BACKGROUND_TERMINAL] = { .text = "Open a terminal" },
		[BACKGROUND_FILES] = { .text = "Show the files" },
		[BACKGROUND_THEME] = { .text = "Light colours" },
	};

	if (!desktop.dark)
		string_copy(items[BACKGROUND_THEME].text, "Dark colours", sizeof(items->text));
	menu_open(items, BACKGROUND_ITEMS, x, y, NULL, choose_of_background);
}

/* --- the layouts' --- */

static const struct layout {
	const char *name, *text;
} layouts[] = {
	{ "us", "English (US)" },    { "gb", "English (UK)" },   { "de", "Deutsch" },
	{ "fr", "Fran\303\247ais" }, { "es", "Espa\303\261ol" }, { "it", "Italiano" },
	{ "se", "Svenska" },         { "ch", "Schweiz" },
};

/* Files are read by a thread that holds no lock of the desktop's. */
static struct work layout_work;
static const struct layout *_Atomic wanted_layout;

static void load_layout(struct work *work)
{
	const struct layout *layout = wanted_layout;
	int error = input_load_layout(layout->name);

	(void)work;
	if (error)
		log_warning("desktop", "cannot load the layout %s: error %d", layout->name, -error);
}

static void choose_of_layouts(unsigned index, struct window *window)
{
	(void)window;
	wanted_layout = &layouts[index];
	work_queue(&layout_work);
}

void menu_open_of_layouts(int32_t x, int32_t y)
{
	struct menu_item items[array_length(layouts)];

	for (unsigned i = 0; i < array_length(layouts); i++) {
		string_copy(items[i].text, layouts[i].text, sizeof(items[i].text));
		items[i].chosen = strcmp(layouts[i].name, desktop.layout) == 0;
	}
	menu_open(items, array_length(layouts), x, y, NULL, choose_of_layouts);
}

/* --- the machine's --- */

enum power_item {
	POWER_ITEM_SUSPEND, /* left out where that is not possible */
	POWER_ITEM_RESTART,
	POWER_ITEM_OFF,
	POWER_ITEMS,
};

static void choose_of_machine(unsigned item)
{
	switch (item) {
	case POWER_ITEM_SUSPEND:
		power_ask_suspend();
		break;
	case POWER_ITEM_RESTART:
		power_ask(POWER_RESTART);
		break;
	case POWER_ITEM_OFF:
		power_ask(POWER_OFF);
		break;
	}
}

static void choose_of_power(unsigned index, struct window *window)
{
	(void)window;
	choose_of_machine(index);
}

static void choose_of_power_without_suspend(unsigned index, struct window *window)
{
	(void)window;
	choose_of_machine(index + 1);
}

void menu_open_of_power(int32_t x, int32_t y)
{
	const struct menu_item items[POWER_ITEMS] = {
		[POWER_ITEM_SUSPEND] = { .text = "Suspend",
					 .has_symbol = true,
					 .symbol = SYMBOL_SLEEP },
		[POWER_ITEM_RESTART] = { .text = "Restart",
					 .has_symbol = true,
					 .symbol = SYMBOL_RESTART },
		[POWER_ITEM_OFF] = { .text = "Switch off",
				     .has_symbol = true,
				     .symbol = SYMBOL_POWER },
	};

	if (power_can_suspend())
		menu_open(items, POWER_ITEMS, x, y, NULL, choose_of_power);
	else
		menu_open(items + 1, POWER_ITEMS - 1, x, y, NULL, choose_of_power_without_suspend);
}

void menus_init(void)
{
	work_init(&layout_work, load_layout);
}
