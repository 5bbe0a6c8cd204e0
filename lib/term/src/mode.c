/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Setting and resetting modes, and the alternate screen. */
#include "term_priv.h"

struct mode {
	uint16_t number;
	uint16_t bit;
};

static const struct mode ansi_modes[] = {
	{ 4, TERM_MODE_INSERT },
	{ 20, TERM_MODE_NEW_LINE },
};

static const struct mode dec_modes[] = {
	{ 1, TERM_MODE_APPLICATION_CURSOR },
	{ 5, TERM_MODE_REVERSE_SCREEN },
	{ 6, TERM_MODE_ORIGIN },
	{ 7, TERM_MODE_WRAP },
	{ 25, TERM_MODE_CURSOR },
	{ 66, TERM_MODE_APPLICATION_KEYPAD },
};

static void set_bit(struct term *term, const struct mode *modes, size_t count, unsigned number,
		    bool on)
{
	for (size_t i = 0; i < count; i++) {
		if (modes[i].number != number)
			continue;
		if (on)
			term->modes |= modes[i].bit;
		else
			term->modes &= ~(uint32_t)modes[i].bit;
	}
}

static void screen_switch(struct term *term, struct term_screen *screen)
{
	if (term->screen == screen)
		return;
	term->screen = screen;
	term_damage_all(term);
}

/* 1049: the alternate screen begins clear, and leaving it brings the cursor back. */
static void screen_switch_saving(struct term *term, bool alternate)
{
	if (alternate) {
		if (term->screen == &term->primary)
			term_save_cursor(term);
		screen_switch(term, &term->alternate);
		term_erase_rows(term, 0, term->rows);
	} else if (term->screen == &term->alternate) {
		screen_switch(term, &term->primary);
		term_restore_cursor(term);
	}
}

static void set_dec_mode(struct term *term, unsigned number, bool on)
{
	set_bit(term, dec_modes, array_length(dec_modes), number, on);
	switch (number) {
	case 5:
		term_damage_all(term);
		break;
	case 6:
		term_move_to_origin(term, 0, 0);
		break;
	case 7:
		term->pen.wrap_pending = false;
		break;
	case 47:
		screen_switch(term, on ? &term->alternate : &term->primary);
		break;
	case 1047:
		if (!on && term->screen == &term->alternate)
			term_erase_rows(term, 0, term->rows);
		screen_switch(term, on ? &term->alternate : &term->primary);
		break;
	case 1048:
		if (on)
			term_save_cursor(term);
		else
			term_restore_cursor(term);
		break;
	case 1049:
		screen_switch_saving(term, on);
		break;
	}
}

void term_set_modes(struct term *term, bool on)
{
	const struct term_parser *parser = &term->parser;

	for (unsigned i = 0; i < parser->parameter_count; i++) {
		unsigned number = parser->parameters[i];

		if (parser->prefix == '?')
			set_dec_mode(term, number, on);
		else
			set_bit(term, ansi_modes, array_length(ansi_modes), number, on);
	}
}
