/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys: the desktop's own short cuts, and what goes to the window that has the focus. */
#include <base/bits.h>
#include <ddk/keys.h>
#include <keymap/keymap.h>
#include <redox/orbital_keys.h>

#include "menu.h"

/* The keys that the window with the focus was told are down. */
static uint64_t told_down[BITMAP_WORDS(KEY_COUNT)];
/* Super was pressed, and nothing else since. */
static bool super_alone;

unsigned orbital_key_of(unsigned key)
{
	/* Where orbclient does not count as the keys of a PC's keyboard do. */
	static const uint8_t others[KEYMAP_KEYS] = {
		[KEY_PAD_0] = ORBITAL_KEY_PAD_0,
		[KEY_PAD_1] = ORBITAL_KEY_PAD_1,
		[KEY_PAD_2] = ORBITAL_KEY_PAD_2,
		[KEY_PAD_3] = ORBITAL_KEY_PAD_3,
		[KEY_PAD_4] = ORBITAL_KEY_PAD_4,
		[KEY_PAD_5] = ORBITAL_KEY_PAD_5,
		[KEY_PAD_6] = ORBITAL_KEY_PAD_6,
		[KEY_PAD_7] = ORBITAL_KEY_PAD_7,
		[KEY_PAD_8] = ORBITAL_KEY_PAD_8,
		[KEY_PAD_9] = ORBITAL_KEY_PAD_9,
		[KEY_PAD_DOT] = ORBITAL_KEY_PAD_PERIOD,
		[KEY_PAD_PLUS] = ORBITAL_KEY_PAD_PLUS,
		[KEY_PAD_MINUS] = ORBITAL_KEY_PAD_MINUS,
		[KEY_PAD_ASTERISK] = ORBITAL_KEY_PAD_ASTERISK,
		[KEY_PAD_SLASH] = ORBITAL_KEY_PAD_SLASH,
		[KEY_PAD_ENTER] = ORBITAL_KEY_PAD_ENTER,
		[KEY_RIGHT_CTRL] = ORBITAL_KEY_CONTROL,
		[KEY_RIGHT_ALT] = ORBITAL_KEY_ALT_GR,
		[KEY_PRINT] = ORBITAL_KEY_PRINT,
		[KEY_HOME] = ORBITAL_KEY_HOME,
		[KEY_UP] = ORBITAL_KEY_UP,
		[KEY_PAGE_UP] = ORBITAL_KEY_PAGE_UP,
		[KEY_LEFT] = ORBITAL_KEY_LEFT,
		[KEY_RIGHT] = ORBITAL_KEY_RIGHT,
		[KEY_END] = ORBITAL_KEY_END,
		[KEY_DOWN] = ORBITAL_KEY_DOWN,
		[KEY_PAGE_DOWN] = ORBITAL_KEY_PAGE_DOWN,
		[KEY_INSERT] = ORBITAL_KEY_INSERT,
		[KEY_DELETE] = ORBITAL_KEY_DELETE,
		[KEY_LEFT_META] = ORBITAL_KEY_LEFT_SUPER,
		[KEY_RIGHT_META] = ORBITAL_KEY_RIGHT_SUPER,
		[KEY_MENU] = ORBITAL_KEY_MENU,
		[KEY_POWER] = ORBITAL_KEY_POWER,
		[KEY_MUTE] = ORBITAL_KEY_VOLUME_MUTE,
		[KEY_VOLUME_DOWN] = ORBITAL_KEY_VOLUME_DOWN,
		[KEY_VOLUME_UP] = ORBITAL_KEY_VOLUME_UP,
	};

	if (key < KEYMAP_KEYS && others[key])
		return others[key];
	return key <= KEY_F12 ? key : 0;
}

static void tell_key(struct window *window, unsigned key, bool down, uint32_t character)
{
	unsigned code = orbital_key_of(key);

	if (down) {
		bitmap_set(told_down, key);
		window->used = true;
	} else {
		bitmap_clear(told_down, key);
	}
	if (code)
		window_post(window, ORBITAL_EVENT_KEY, character, code | (unsigned)down << 8);
}

void keys_release_all(struct window *window)
{
	for (size_t key = 0; (key = bitmap_find_set(told_down, KEY_COUNT, key)) < KEY_COUNT; key++)
		tell_key(window, (unsigned)key, false, 0);
}

void keys_forget(void)
{
	super_alone = false;
	desktop.modifiers = 0;
	switcher_end(false);
	if (desktop.focused)
		keys_release_all(desktop.focused);
}

/* Text is what is typed without control and alt; with them, the key tells the character. */
static void tell_window(struct window *window, const struct input_event *event)
{
	unsigned held = event->modifiers & (KEYMAP_CONTROL | KEYMAP_ALT | KEYMAP_SUPER);
	uint32_t character = held && event->character_count ? event->characters[0] : 0;

	if (event->value == 0) {
		if (bitmap_test(told_down, event->code))
			tell_key(window, event->code, false, 0);
		return;
	}
	tell_key(window, event->code, true, character);
	for (unsigned i = 0; i < event->character_count && !held; i++)
		if (event->characters[i] >= ' ' && event->characters[i] != 0x7f)
			window_post(window, ORBITAL_EVENT_TEXT_INPUT, event->characters[i], 0);
}

static void start_program(const char *icon)
{
	const struct session_entry *entry = session_entry_of_icon(icon);

	if (entry)
		session_post(entry->command);
}

/* The window that stands at this place of the panel's list, from 0. */
static void activate_listed(unsigned index)
{
	struct list_node *node;

	list_for_each (node, &desktop.windows) {
		struct window *window = container_of(node, struct window, made_node);

		if (window_is_listed(window) && index-- == 0) {
			window_activate(window);
			return;
		}
	}
}

static void clipboard_request(int64_t what)
{
	if (!desktop.focused)
		return;
	desktop.focused->used = true;
	window_post(desktop.focused, ORBITAL_EVENT_CLIPBOARD, what,
		    what == ORBITAL_CLIPBOARD_PASTE ? clipboard_size() : 0);
}

/* Super and another key, of the window in front. */
static void handle_super_of_window(struct window *window, unsigned key)
{
	switch (key) {
	case KEY_UP:
	case KEY_DOWN:
	case KEY_LEFT:
	case KEY_RIGHT:
		window_tile_step(window, key);
		break;
	case KEY_M:
		window_set_tile(window,
				window->tile == TILE_MAXIMIZED ? TILE_NONE : TILE_MAXIMIZED);
		break;
	case KEY_F:
		window_set_tile(window, window->tile == TILE_FULL ? TILE_NONE : TILE_FULL);
		break;
	case KEY_H:
		window_minimize(window);
		break;
	case KEY_Q:
		window_ask_close(window);
		break;
	}
}

/* Super and another key. */
static void handle_super(unsigned key)
{
	if (key >= KEY_1 && key <= KEY_9) {
		activate_listed(key - KEY_1);
		return;
	}
	switch (key) {
	case KEY_D:
		stack_show_background();
		return;
	case KEY_T:
	case KEY_ENTER:
		start_program("terminal");
		return;
	case KEY_E:
		start_program("files");
		return;
	case KEY_L:
		desktop_set_theme(!desktop.dark);
		return;
	case KEY_C:
		clipboard_request(ORBITAL_CLIPBOARD_COPY);
		return;
	case KEY_V:
		clipboard_request(ORBITAL_CLIPBOARD_PASTE);
		return;
	case KEY_X:
		clipboard_request(ORBITAL_CLIPBOARD_CUT);
		return;
	}
	if (desktop.focused)
		handle_super_of_window(desktop.focused, key);
}

static bool is_super(unsigned key)
{
	return key == KEY_LEFT_META || key == KEY_RIGHT_META;
}

static bool is_alt(unsigned key)
{
	return key == KEY_LEFT_ALT;
}

/* Super by itself opens the launcher, when it is let go of. True: the key is used up. */
static bool take_super(const struct input_event *event)
{
	if (is_super(event->code)) {
		if (event->value == 1)
			super_alone = true;
		if (event->value == 0 && super_alone)
			launcher_toggle();
		if (event->value == 0 && switcher_is_open())
			switcher_end(true);
		return true;
	}
	if (event->value == 0)
		return false;
	super_alone = false;
	if (!(event->modifiers & KEYMAP_SUPER))
		return false;
	if (event->code == KEY_TAB)
		switcher_step(event->modifiers & KEYMAP_SHIFT);
	else if (event->value == 1)
		handle_super(event->code);
	return true;
}

static bool take_switcher(const struct input_event *event)
{
	if (event->value && event->code == KEY_TAB && event->modifiers & KEYMAP_ALT) {
		switcher_step(event->modifiers & KEYMAP_SHIFT);
		return true;
	}
	if (!switcher_is_open())
		return false;
	if (event->value == 0) {
		if (is_alt(event->code))
			switcher_end(true);
		return false;
	}
	if (event->code == KEY_ESCAPE)
		switcher_end(false);
	else if (event->code == KEY_LEFT || event->code == KEY_UP)
		switcher_step(true);
	else if (event->code == KEY_RIGHT || event->code == KEY_DOWN)
		switcher_step(false);
	return true;
}

static bool take_shortcut(const struct input_event *event)
{
	if (take_super(event) || take_switcher(event))
		return true;
	if (menu_is_open())
		return menu_key(event);
	if (launcher_is_open())
		return launcher_key(event);
	if (event->value != 1 || !(event->modifiers & KEYMAP_ALT) || !desktop.focused)
		return false;
	if (event->code == KEY_F4)
		window_ask_close(desktop.focused);
	else if (event->code == KEY_F10)
		handle_super(KEY_M);
	else if (event->code == KEY_F11)
		handle_super(KEY_F);
	else
		return false;
	return true;
}

void desktop_handle_key(const struct input_event *event)
{
	desktop.modifiers = event->modifiers;
	if (event->code >= KEY_COUNT || take_shortcut(event))
		return;
	if (desktop.focused)
		tell_window(desktop.focused, event);
}
