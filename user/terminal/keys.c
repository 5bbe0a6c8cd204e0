/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys: short cuts of the terminal itself, and what programs get for the others. */
#include "terminal.h"

#include <redox/orbital_keys.h>

#include <stdlib.h>
#include <string.h>

#define PAGE_KEEPS 1 /* lines of a page that the next one shows again */

struct key_meaning {
	uint8_t key;
	VTermKey meaning;
};

static const struct key_meaning meanings[] = {
	{ ORBITAL_KEY_ENTER, VTERM_KEY_ENTER },
	{ ORBITAL_KEY_PAD_ENTER, VTERM_KEY_KP_ENTER },
	{ ORBITAL_KEY_TAB, VTERM_KEY_TAB },
	{ ORBITAL_KEY_BACKSPACE, VTERM_KEY_BACKSPACE },
	{ ORBITAL_KEY_ESCAPE, VTERM_KEY_ESCAPE },
	{ ORBITAL_KEY_UP, VTERM_KEY_UP },
	{ ORBITAL_KEY_DOWN, VTERM_KEY_DOWN },
	{ ORBITAL_KEY_LEFT, VTERM_KEY_LEFT },
	{ ORBITAL_KEY_RIGHT, VTERM_KEY_RIGHT },
	{ ORBITAL_KEY_INSERT, VTERM_KEY_INS },
	{ ORBITAL_KEY_DELETE, VTERM_KEY_DEL },
	{ ORBITAL_KEY_HOME, VTERM_KEY_HOME },
	{ ORBITAL_KEY_END, VTERM_KEY_END },
	{ ORBITAL_KEY_PAGE_UP, VTERM_KEY_PAGEUP },
	{ ORBITAL_KEY_PAGE_DOWN, VTERM_KEY_PAGEDOWN },
	{ ORBITAL_KEY_F1, VTERM_KEY_FUNCTION(1) },
	{ ORBITAL_KEY_F2, VTERM_KEY_FUNCTION(2) },
	{ ORBITAL_KEY_F3, VTERM_KEY_FUNCTION(3) },
	{ ORBITAL_KEY_F4, VTERM_KEY_FUNCTION(4) },
	{ ORBITAL_KEY_F5, VTERM_KEY_FUNCTION(5) },
	{ ORBITAL_KEY_F6, VTERM_KEY_FUNCTION(6) },
	{ ORBITAL_KEY_F7, VTERM_KEY_FUNCTION(7) },
	{ ORBITAL_KEY_F8, VTERM_KEY_FUNCTION(8) },
	{ ORBITAL_KEY_F9, VTERM_KEY_FUNCTION(9) },
	{ ORBITAL_KEY_F10, VTERM_KEY_FUNCTION(10) },
	{ ORBITAL_KEY_F11, VTERM_KEY_FUNCTION(11) },
	{ ORBITAL_KEY_F12, VTERM_KEY_FUNCTION(12) },
};

static unsigned key_modifier(uint8_t key)
{
	switch (key) {
	case ORBITAL_KEY_LEFT_SHIFT:
	case ORBITAL_KEY_RIGHT_SHIFT:
		return VTERM_MOD_SHIFT;
	case ORBITAL_KEY_CONTROL:
		return VTERM_MOD_CTRL;
	case ORBITAL_KEY_ALT:
		return VTERM_MOD_ALT;
	default:
		return 0;
	}
}

void terminal_scroll(struct terminal *terminal, int64_t lines)
{
	int64_t most = grid_top(terminal->grid) - grid_first(terminal->grid);
	int64_t view = terminal->view + lines;

	terminal->view = view < 0 ? 0 : view > most ? most : view;
}

void terminal_copy(struct terminal *terminal)
{
	if (terminal->selection.active && terminal->selected)
		window_set_clipboard(terminal->window, terminal->selected,
				     terminal->selected_length);
}

/* Line ends become what the key Enter sends; other control characters could do harm. */
void terminal_paste_text(struct terminal *terminal, const char *text, size_t length)
{
	char *clean = malloc(length + 1);
	size_t count = 0;

	if (!clean)
		return;
	for (size_t i = 0; i < length; i++) {
		char byte = text[i];

		if (byte == '\n' && i > 0 && text[i - 1] == '\r')
			continue;
		if (byte == '\n')
			byte = '\r';
		if (((unsigned char)byte < ' ' && byte != '\r' && byte != '\t') || byte == 0x7f)
			continue;
		clean[count++] = byte;
	}
	terminal->view = 0;
	vterm_keyboard_start_paste(terminal->vterm);
	child_send(terminal, clean, count);
	vterm_keyboard_end_paste(terminal->vterm);
	free(clean);
}

void terminal_paste(struct terminal *terminal)
{
	size_t length;
	char *text = window_get_clipboard(terminal->window, &length);

	if (text)
		terminal_paste_text(terminal, text, length);
	free(text);
}

/* Shift and a key that moves: through the history. */
static bool shortcut_scroll(struct terminal *terminal, uint8_t key)
{
	int page = grid_rows(terminal->grid) - PAGE_KEEPS;

	if (grid_is_alternate(terminal->grid))
		return false;
	switch (key) {
	case ORBITAL_KEY_PAGE_UP:
		terminal_scroll(terminal, page);
		return true;
	case ORBITAL_KEY_PAGE_DOWN:
		terminal_scroll(terminal, -page);
		return true;
	case ORBITAL_KEY_HOME:
		terminal_scroll(terminal, GRID_HISTORY_MAX);
		return true;
	case ORBITAL_KEY_END:
		terminal_scroll(terminal, -GRID_HISTORY_MAX);
		return true;
	default:
		return false;
	}
}

/* The layout's letter if there is one, else the place on the keyboard. */
static bool is_letter(const struct orbital_event *event, char letter, uint8_t key)
{
	uint32_t character = (uint32_t)event->a;

	if (character >= 1 && character <= 26) /* as a control character */
		character += 'a' - 1;
	if (character == 0)
		return (event->b & ORBITAL_KEY_NUMBER) == key;
	return character == (uint32_t)letter || character == (uint32_t)letter - 'a' + 'A';
}

/* True if the key was meant for the terminal itself. */
static bool shortcut(struct terminal *terminal, const struct orbital_event *event)
{
	uint8_t key = event->b & ORBITAL_KEY_NUMBER;

	if (terminal->modifiers == (VTERM_MOD_CTRL | VTERM_MOD_SHIFT)) {
		if (is_letter(event, 'c', ORBITAL_KEY_C)) {
			terminal_copy(terminal);
			return true;
		}
		if (is_letter(event, 'v', ORBITAL_KEY_V)) {
			terminal_paste(terminal);
			return true;
		}
		if (is_letter(event, 'n', ORBITAL_KEY_N)) {
			terminal_start_other();
			return true;
		}
	}
	if (terminal->modifiers == VTERM_MOD_SHIFT && key == ORBITAL_KEY_INSERT) {
		terminal_paste(terminal);
		return true;
	}
	return terminal->modifiers == VTERM_MOD_SHIFT && shortcut_scroll(terminal, key);
}

static void send_character(struct terminal *terminal, uint32_t character, unsigned modifiers)
{
	terminal->view = 0;
	vterm_keyboard_unichar(terminal->vterm, character, (VTermModifier)modifiers);
}

void keys_text(struct terminal *terminal, uint32_t character)
{
	/* Those with a key of their own have come with that. */
	if (character >= ' ' && character != 0x7f)
		send_character(terminal, character, VTERM_MOD_NONE);
}

void keys_event(struct terminal *terminal, const struct orbital_event *event)
{
	uint8_t key = event->b & ORBITAL_KEY_NUMBER;
	uint32_t character = (uint32_t)event->a;
	bool down = (event->b & ORBITAL_KEY_PRESSED) != 0;
	unsigned modifier = key_modifier(key);

	if (modifier) {
		terminal->modifiers =
			down ? terminal->modifiers | modifier : terminal->modifiers & ~modifier;
		return;
	}
	if (!down || shortcut(terminal, event))
		return;
	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++) {
		if (meanings[i].key != key)
			continue;
		terminal->view = 0;
		vterm_keyboard_key(terminal->vterm, meanings[i].meaning,
				   (VTermModifier)terminal->modifiers);
		return;
	}
	if (character && terminal->modifiers & (VTERM_MOD_CTRL | VTERM_MOD_ALT)) {
		if (character >= 1 && character <= 26)
			character += 'a' - 1;
		/* Shift has made the character what it is already. */
		send_character(terminal, character,
			       terminal->modifiers & ~(unsigned)VTERM_MOD_SHIFT);
	}
}
