/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A menu beside the pointer; the compositor's lock is held, as everywhere in the desktop. */
#pragma once

#include "desktop_priv.h"

#define MENU_ITEMS_MAX 12

struct menu_item {
	char text[32];
	bool chosen; /* gets a mark */
	bool has_symbol;
	enum symbol symbol; /* in the mark's place */
};

/* The user chose an item, of the menu of `window` (or NULL). */
typedef void menu_choice(unsigned index, struct window *window);

/* Opens one at (x, y) of the plane, with copies of the items, in place of the one that is open. Boot
 * thread. */
void menu_open(const struct menu_item *items, unsigned count, int32_t x, int32_t y,
	       struct window *window, menu_choice *choose);
void menu_close(void);
bool menu_is_open(void);
/* The window goes. */
void menu_forget(const struct window *window);
void menu_update(void);

bool menu_contains(int32_t x, int32_t y);
void menu_hover(int32_t x, int32_t y);
void menu_press(int32_t x, int32_t y);
/* True if it took the key. */
bool menu_key(const struct input_event *event);

/* The menus that there are (menus.c). */
void menu_open_of_window(struct window *window, int32_t x, int32_t y);
void menu_open_of_background(int32_t x, int32_t y);
void menu_open_of_layouts(int32_t x, int32_t y);
/* What the machine as a whole can do: suspend, restart, switch off. */
void menu_open_of_power(int32_t x, int32_t y);
/* At start. */
void menus_init(void);
