/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The layout of keyboards in the United States. */
#include "keymap.h"

#include <ddk/keys.h>

#define PLAIN(character)                     \
	{                                    \
		{                            \
			(character), 0, 0, 0 \
		}                            \
	}
#define PAIR(plain, shifted)                     \
	{                                        \
		{                                \
			(plain), (shifted), 0, 0 \
		}                                \
	}

const struct keymap_entry keymap_us[KEYMAP_KEYS] = {
	[KEY_1] = PAIR('1', '!'),
	[KEY_2] = PAIR('2', '@'),
	[KEY_3] = PAIR('3', '#'),
	[KEY_4] = PAIR('4', '$'),
	[KEY_5] = PAIR('5', '%'),
	[KEY_6] = PAIR('6', '^'),
	[KEY_7] = PAIR('7', '&'),
	[KEY_8] = PAIR('8', '*'),
	[KEY_9] = PAIR('9', '('),
	[KEY_0] = PAIR('0', ')'),
	[KEY_MINUS] = PAIR('-', '_'),
	[KEY_EQUAL] = PAIR('=', '+'),
	[KEY_Q] = PAIR('q', 'Q'),
	[KEY_W] = PAIR('w', 'W'),
	[KEY_E] = PAIR('e', 'E'),
	[KEY_R] = PAIR('r', 'R'),
	[KEY_T] = PAIR('t', 'T'),
	[KEY_Y] = PAIR('y', 'Y'),
	[KEY_U] = PAIR('u', 'U'),
	[KEY_I] = PAIR('i', 'I'),
	[KEY_O] = PAIR('o', 'O'),
	[KEY_P] = PAIR('p', 'P'),
	[KEY_LEFT_BRACKET] = PAIR('[', '{'),
	[KEY_RIGHT_BRACKET] = PAIR(']', '}'),
	[KEY_A] = PAIR('a', 'A'),
	[KEY_S] = PAIR('s', 'S'),
	[KEY_D] = PAIR('d', 'D'),
	[KEY_F] = PAIR('f', 'F'),
	[KEY_G] = PAIR('g', 'G'),
	[KEY_H] = PAIR('h', 'H'),
	[KEY_J] = PAIR('j', 'J'),
	[KEY_K] = PAIR('k', 'K'),
	[KEY_L] = PAIR('l', 'L'),
	[KEY_SEMICOLON] = PAIR(';', ':'),
	[KEY_APOSTROPHE] = PAIR('\'', '"'),
	[KEY_GRAVE] = PAIR('`', '~'),
	[KEY_BACKSLASH] = PAIR('\\', '|'),
	[KEY_Z] = PAIR('z', 'Z'),
	[KEY_X] = PAIR('x', 'X'),
	[KEY_C] = PAIR('c', 'C'),
	[KEY_V] = PAIR('v', 'V'),
	[KEY_B] = PAIR('b', 'B'),
	[KEY_N] = PAIR('n', 'N'),
	[KEY_M] = PAIR('m', 'M'),
	[KEY_COMMA] = PAIR(',', '<'),
	[KEY_DOT] = PAIR('.', '>'),
	[KEY_SLASH] = PAIR('/', '?'),
	[KEY_SPACE] = PLAIN(' '),
	[KEY_102ND] = PAIR('<', '>'),
};
