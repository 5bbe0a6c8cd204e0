/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The protocol of windows, Redox's: scheme `orbital:`, as its library orbclient speaks it.
 * docs/abi/orbital.md tells it whole.
 *
 *	open("orbital:FLAGS/X/Y/WIDTH/HEIGHT/TITLE")	makes a window; FLAGS are letters
 *	read	gives events (struct orbital_event), whole ones only
 *	mmap	maps the pixels, WIDTH * HEIGHT of 0xAARRGGBB, rows without gaps
 *	fsync	shows what was drawn; a write of "Y,x,y,w,h..." shows these rectangles
 *	write	"T,title", "P,x,y", "S,w,h", "A,0|1", "F,flags,0|1", "M,C|G|R,0|1", "C,n", "D,..."
 *	fpath	"FLAGS/X/Y/WIDTH/HEIGHT/TITLE"
 *	dup("clipboard")	the clipboard, to read and write
 *	open("orbital:99.N")	display N: fpath is "orbital:99.N/WIDTH/HEIGHT/SCALE"
 */
#pragma once

#include <stdint.h>

struct orbital_event {
	int64_t code, a, b;
};
_Static_assert(sizeof(struct orbital_event) == 24, "an event's size");

enum orbital_event_code {
	ORBITAL_EVENT_NONE = 0,
	ORBITAL_EVENT_KEY = 1,        /* a: character (0); b: key (orbital_keys) | down << 8 */
	ORBITAL_EVENT_MOUSE = 2,      /* a, b: x, y in the window */
	ORBITAL_EVENT_BUTTON = 3,     /* a: 1 left, 2 middle, 4 right: those that are down */
	ORBITAL_EVENT_SCROLL = 4,     /* a, b: steps right and up */
	ORBITAL_EVENT_QUIT = 5,       /* the user wants it closed */
	ORBITAL_EVENT_FOCUS = 6,      /* a: 1 has it, 0 lost it */
	ORBITAL_EVENT_MOVE = 7,       /* a, b: new x, y */
	ORBITAL_EVENT_RESIZE = 8,     /* a, b: the size it is to have: "S,w,h" and map again */
	ORBITAL_EVENT_SCREEN = 9,     /* a, b: the display's size changed */
	ORBITAL_EVENT_CLIPBOARD = 10, /* a: enum orbital_clipboard: asked for; b: bytes to paste */
	ORBITAL_EVENT_MOUSE_RELATIVE = 11,
	ORBITAL_EVENT_DROP = 12,
	ORBITAL_EVENT_TEXT_INPUT = 13, /* a: a character, as the layout gives it */
	ORBITAL_EVENT_CLIPBOARD_UPDATE = 14,
	ORBITAL_EVENT_HOVER = 15, /* a: 1 the pointer came in, 0 it left */
	ORBITAL_EVENT_SCALE = 16, /* a: the scale of the display the window is on */
	/* Ours, for windows that are SCALABLE: a: 1 the theme is dark, 0 light; b: the accent colour,
	 * 0xRRGGBB. Sent when the window is made, and when it changes. */
	ORBITAL_EVENT_THEME = 64,
};

/* What a program is asked to do with the clipboard. */
enum orbital_clipboard {
	ORBITAL_CLIPBOARD_COPY = 1,
	ORBITAL_CLIPBOARD_CUT = 2,
	ORBITAL_CLIPBOARD_PASTE = 3,
};

/* Ours: what the pointer looks like over a window, "C,N". */
enum orbital_pointer {
	ORBITAL_POINTER_ARROW = 0,
	ORBITAL_POINTER_TEXT = 1,
	ORBITAL_POINTER_HAND = 2,
	ORBITAL_POINTER_MOVE = 3,
	ORBITAL_POINTER_RESIZE_HORIZONTAL = 4,
	ORBITAL_POINTER_RESIZE_VERTICAL = 5,
	ORBITAL_POINTER_RESIZE_FALLING = 6, /* from the upper left to the lower right */
	ORBITAL_POINTER_RESIZE_RISING = 7,
	ORBITAL_POINTER_WAIT = 8,
};

enum orbital_flags {
	ORBITAL_ASYNC = 1 << 0,       /* 'a' read does not wait */
	ORBITAL_BACK = 1 << 1,        /* 'b' below all others */
	ORBITAL_FRONT = 1 << 2,       /* 'f' above all others */
	ORBITAL_RESIZABLE = 1 << 3,   /* 'r' */
	ORBITAL_UNCLOSABLE = 1 << 4,  /* 'u' */
	ORBITAL_BORDERLESS = 1 << 5,  /* 'l' no title bar */
	ORBITAL_TRANSPARENT = 1 << 6, /* 't' alpha counts */
	ORBITAL_MAXIMIZED = 1 << 7,   /* 'm' */
	ORBITAL_FULLSCREEN = 1 << 8,  /* 'M' */
	ORBITAL_HIDDEN = 1 << 9,      /* 'h' */
	ORBITAL_SCALABLE = 1 << 10, /* 's' knows of the scale: without it, it is enlarged for it */
};
