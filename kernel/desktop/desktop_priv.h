/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the files of the desktop share: its state, its windows, and who does what.
 *
 *	desktop.c	starts, follows displays and scale, the host of the compositor
 *	window.c	windows, for those who provide them	place.c	where they are
 *	frame.c		title bars, and what is shown		stack.c	order and focus
 *	events.c	events of windows, the clipboard		drag.c	move and resize by hand
 *	input.c		from interrupts to here			keys.c	short cuts, keys of windows
 *	pointer.c	what is under the pointer
 *	panel.c launcher.c switcher.c background.c theme.c icons.c draw.c	what one sees
 *	supply.c notice.c	batteries in the panel, words above it
 *	popup.c		what appears above the windows
 *
 * Rules: the compositor's lock is held in all functions here that do not say otherwise. Only the
 * boot thread owns vector registers, and so only desktop_prepare(), and what it calls, draws; others
 * mark what is stale (window_mark_stale(), panel_mark_stale(), ...), and wake it.
 */
#pragma once

#include <base/list.h>
#include <compositor/compositor.h>
#include <compositor/cursor.h>
#include <desktop/desktop.h>
#include <desktop/session.h>
#include <desktop/window.h>
#include <input/input.h>
#include <sync/spinlock.h>

#include "draw.h"

#define DESKTOP_WINDOWS_MAX 4096

/* Sizes in pixels at scale 1. */
#define TITLE_HEIGHT      32
#define TITLE_BUTTON      32 /* width of each button of a title bar */
#define BORDER_WIDTH      1
#define FRAME_RADIUS      10
#define EDGE_OUTSIDE      6  /* how far outside of a frame its edges can be taken */
#define EDGE_CORNER       16 /* from where on it is two edges at once */
#define PANEL_HEIGHT      42
#define WINDOW_SIDE_LEAST 64

#define DOUBLE_CLICK_NS  400000000ull
#define SHOW_PATIENCE_NS 150000000ull

enum tile {
	TILE_NONE,
	TILE_LEFT,
	TILE_RIGHT,
	TILE_TOP_LEFT,
	TILE_TOP_RIGHT,
	TILE_BOTTOM_LEFT,
	TILE_BOTTOM_RIGHT,
	TILE_MAXIMIZED,
	TILE_FULL,
};

enum edges {
	EDGE_LEFT = 1,
	EDGE_RIGHT = 2,
	EDGE_TOP = 4,
	EDGE_BOTTOM = 8,
};

enum title_button {
	TITLE_BUTTON_NONE,
	TITLE_BUTTON_CLOSE,
	TITLE_BUTTON_MAXIMIZE,
	TITLE_BUTTON_MINIMIZE,
};

struct window {
	struct list_node made_node;  /* in desktop.windows, the oldest first */
	struct list_node stack_node; /* in desktop.stack, the topmost first */
	struct list_node stale_node; /* in desktop.stale or .awaited, or detached */
	unsigned flags;              /* enum orbital_flags */
	char title[WINDOW_TITLE_MAX + 1];
	/* Where its pixels are shown, on the plane, which may be larger or smaller than these are. */
	struct blend_rectangle content;
	struct blend_rectangle restore; /* `content` when it was not tiled */
	enum tile tile;
	bool minimized;
	bool aside; /* minimized to show the background */
	bool used;  /* the user did something in it since it has the focus */
	/* What the program draws into, and what is shown: the same, once it has shown something there;
	 * `front` is NULL until it first does, or SHOW_PATIENCE_NS have passed. References each. */
	struct vm_object *pixels, *front;
	int32_t pixels_width, pixels_height, front_width, front_height;
	_Atomic bool fresh; /* `pixels` are not `front` yet */
	uint64_t made_ns;
	int32_t asked_width, asked_height; /* the size it was last asked to have; 0: none */
	struct canvas frame, client;
	struct sheet strip;          /* the title bar, while it is shown */
	struct process *strip_payer; /* whom its memory counts for; a reference, or NULL */
	size_t strip_pages;
	enum title_button hot_button; /* under the pointer */
	enum cursor_kind pointer;     /* its shape over the content */
	bool cursor_hidden, grabs_pointer, relative;
	/* Events that wait; under `events_lock`, RANK_INPUT. */
	struct spinlock events_lock;
	unsigned events_first, events_count;
	struct orbital_event events[WINDOW_EVENTS_MAX];
	struct wait_queue events_queue;
};

enum drag_kind {
	DRAG_NONE,
	DRAG_CONTENT, /* a button went down in the window: it gets what follows */
	DRAG_MOVE,
	DRAG_RESIZE,
	DRAG_BUTTON, /* of the title bar */
	DRAG_PANEL,  /* begun in the panel or a popup */
};

struct drag {
	enum drag_kind kind;
	struct window *window;
	unsigned edges;
	int32_t start_x, start_y;     /* the pointer's place when it began */
	struct blend_rectangle start; /* and the window's content's */
	bool moved;
	enum title_button button; /* of DRAG_BUTTON */
	enum tile snap;           /* where it would go if it were let go of now */
};

#define CURSOR_NONE ((enum cursor_kind)(-1)) /* it is not shown */

/* Colours are 0xAARRGGBB, not premultiplied. */
struct theme {
	uint32_t title, title_idle, title_text, title_text_idle, title_hover;
	uint32_t border, border_idle;
	uint32_t close_hover, close_text;
	uint32_t panel, panel_line, panel_text, panel_dim, panel_hover, panel_active;
	uint32_t popup, popup_border, popup_text, popup_dim, popup_hover, popup_field;
	uint32_t meter, meter_track;
	uint8_t shadow, shadow_idle; /* strength */
};

struct desktop {
	_Atomic bool running;  /* there is one; set once */
	_Atomic bool in_front; /* false: the console is shown */
	unsigned scale;
	unsigned wanted_scale; /* of the command line or the session; 0: as the display is */
	bool dark;
	uint32_t accent; /* 0xffRRGGBB */
	struct theme theme;
	struct blend_shadow shadow, shadow_idle;
	struct list windows, stack, stale;
	struct list awaited; /* stale windows in which nothing was drawn yet */
	unsigned window_count;
	bool order_stale; /* the canvases' order is not that of `stack` */
	struct window *focused;
	struct window *hovered; /* its content is under the pointer */
	int32_t pointer_x, pointer_y;
	unsigned buttons; /* 1 left, 2 middle, 4 right */
	enum cursor_kind shape;
	struct drag drag;
	unsigned modifiers; /* enum keymap_modifiers, after the last key */
	char layout[16];
	int32_t zone_minutes;
	uint64_t now_ns;
};
extern struct desktop desktop;

static inline int32_t scaled(int32_t length)
{
	return length * (int32_t)desktop.scale;
}

static inline bool rectangle_contains(const struct blend_rectangle *area, int32_t x, int32_t y)
{
	return x >= area->left && x < area->right && y >= area->top && y < area->bottom;
}

static inline int32_t rectangle_width(const struct blend_rectangle *area)
{
	return area->right - area->left;
}

static inline int32_t rectangle_height(const struct blend_rectangle *area)
{
	return area->bottom - area->top;
}

static inline bool window_is_shown(const struct window *window)
{
	return !(window->flags & ORBITAL_HIDDEN) && !window->minimized;
}

/* It has a title bar now. */
static inline bool window_has_frame(const struct window *window)
{
	return !(window->flags & ORBITAL_BORDERLESS) && window->tile != TILE_FULL;
}

/* How many pixels of the screen each of its own is wide and high. */
static inline unsigned window_scale(const struct window *window)
{
	return window->flags & ORBITAL_SCALABLE ? 1 : desktop.scale;
}

/* True if the user may choose it: in the panel, the switcher. */
static inline bool window_is_listed(const struct window *window)
{
	return !(window->flags & (ORBITAL_HIDDEN | ORBITAL_BACK)) && window->title[0] &&
	       !(window->flags & ORBITAL_BORDERLESS && window->flags & ORBITAL_FRONT);
}

/* desktop.c */
/* What of the display around (x, y) windows may fill: not the panel. */
struct blend_rectangle desktop_work_area(int32_t x, int32_t y);
struct blend_rectangle desktop_display_area(int32_t x, int32_t y);
/* The theme, accent or scale changed: everything is drawn anew. */
void desktop_refresh(void);
void desktop_set_theme(bool dark);
void desktop_set_scale(unsigned scale);
/* Shows the desktop, or the console. Any context. */
void desktop_set_front(bool desktop_in_front);

/* frame.c */
/* Makes a canvas as `wanted` says, and shows it, if it was not, right above `below`. */
void canvas_replace(struct canvas *canvas, const struct canvas *wanted, struct canvas *below);
/* It has to be laid out and drawn anew, before the next frame. */
void window_mark_stale(struct window *window);
/* Does so for all that are. Boot thread. */
void frames_update(void);
/* When it has to be called again at the latest. */
uint64_t frames_deadline(void);
/* What the program draws into is what is shown from now on; returns what was, for the caller to put
 * without the lock. */
struct vm_object *window_take_front(struct window *window);
/* The outer edges of what is shown of it. */
struct blend_rectangle frame_area(const struct window *window);
/* Where its buttons are, right to left; empty if it has not that one. */
struct blend_rectangle frame_button_area(const struct window *window, enum title_button button);
void frame_hide(struct window *window);
/* Only its place changed. */
void frame_moved(struct window *window);
/* Brings the canvas of its pixels up to date; draws nothing. */
void client_update(struct window *window);

/* place.c */
/* Chooses a place for a new window. */
void window_choose_place(struct window *window);
/* Moves its content and tells it; asks it to resize if the size is another. */
void window_set_content(struct window *window, struct blend_rectangle content);
void window_set_tile(struct window *window, enum tile tile);
/* The same on the display around (x, y), even if it has that tile already. */
void window_set_tile_at(struct window *window, enum tile tile, int32_t x, int32_t y);
/* Where a tile lies on the display around (x, y), frame included. */
struct blend_rectangle tile_area(enum tile tile, int32_t x, int32_t y);
/* After the displays changed: no window is where nobody can get it. */
void window_keep_reachable(struct window *window);
/* The tile to which Super and an arrow leads. */
void window_tile_step(struct window *window, unsigned key);

/* stack.c */
void stack_init(void);
enum canvas_layer window_layer(const struct window *window);
/* Gives it the focus, NULL: nobody. */
void window_focus(struct window *window);
/* Shows it if it was minimized, on top of its layer, with the focus. */
void window_activate(struct window *window);
void window_minimize(struct window *window);
/* The topmost that can have it gets the focus. */
void stack_focus_top(void);
/* Brings its canvases to the top of the layer where they belong now; all windows' in their order. */
void stack_restack(struct window *window);
void stack_restack_all(void);
/* Minimizes all, or brings back those that it minimized. */
void stack_show_background(void);
/* Asks a window to close. */
void window_ask_close(struct window *window);

/* events.c */
void window_post(struct window *window, int64_t code, int64_t a, int64_t b);
void window_events_init(struct window *window);
/* The window goes, or has lost the focus. */
void window_tell_looks(struct window *window);

/* clipboard.c */
/* How many bytes it has beside the one that tells their kind. */
int64_t clipboard_size(void);

/* input.c */
/* Takes events from the keyboard and pointers; any context from then on. */
void desktop_input_start(void);
/* Handles those that came. Boot thread. */
void desktop_input_handle(void);

/* keys.c */
void desktop_handle_key(const struct input_event *event);
/* The window with the focus loses it: keys that are down are up for it. */
void keys_release_all(struct window *window);
/* What is held now is forgotten: the console was in front meanwhile. */
void keys_forget(void);
/* The number that orbclient gives a key, 0: none. */
unsigned orbital_key_of(unsigned key);

/* pointer.c */
void pointer_moved(int32_t right, int32_t down);
void pointer_placed(int32_t x, int32_t y);
void pointer_button(unsigned button, bool down);
void pointer_wheel(int32_t steps);
/* Finds anew what is under it. */
void pointer_update(void);
void pointer_set_shape(enum cursor_kind shape);
/* pointer_update() is due; of those who are not the boot thread. */
void desktop_mark_pointer_stale(void);
void pointer_update_if_stale(void);
/* A window goes. */
void pointer_forget(struct window *window);

/* drag.c */
void drag_begin_move(struct window *window);
void drag_begin_resize(struct window *window, unsigned edges);
void drag_continue(void);
void drag_end(void);
/* The same, but the window stays where it is. */
void drag_cancel(void);

/* What belongs to the panel, the launcher and the switcher; `x`, `y` on the plane. */

/* panel.c */
void panel_mark_stale(void);
void panel_mark_launcher_stale(void);
void panel_layout(void); /* all of it, at a new place */
/* Draws what is stale. Returns when it wants to be called again. Boot thread. */
uint64_t panel_update(void);
bool panel_contains(int32_t x, int32_t y);
void panel_hover(int32_t x, int32_t y); /* (-1, -1): left it */
void panel_press(int32_t x, int32_t y, unsigned button);
void panel_forget(struct window *window);
struct blend_rectangle panel_area(void);

/* launcher.c */
void launcher_toggle(void);
void launcher_close(void);
bool launcher_is_open(void);
void launcher_update(void);
void launcher_mark_stale(void);
bool launcher_contains(int32_t x, int32_t y);
void launcher_hover(int32_t x, int32_t y);
void launcher_press(int32_t x, int32_t y);
void launcher_wheel(int32_t steps);
/* True if it took the key. */
bool launcher_key(const struct input_event *event);

/* popup.c */
/* Shows what was drawn in the sheet, with round corners and a shadow that falls `depth` pixels (at scale 1). Boot
 * thread. */
void popup_show(struct canvas *canvas, const struct sheet *sheet, int32_t x, int32_t y,
		const struct blend_shadow *shadow, int32_t depth);

/* theme.c */
/* Takes the colours of the theme that is set. */
void theme_choose(void);

/* session.c */
void session_init(void);
/* True if `part` is somewhere in `text`; Latin letters are the same in upper and lower case. */
bool session_text_contains(const char *text, const char *part);
struct session_entry {
	char name[SESSION_NAME_MAX + 1];
	char icon[16];
	char command[SESSION_LINE_MAX + 1];
};
unsigned session_entry_count(void);
const struct session_entry *session_entry(unsigned index);
/* Asks the session to start a program. */
void session_post(const char *command);
/* The first entry with that icon, or NULL. */
const struct session_entry *session_entry_of_icon(const char *icon);
/* The picture for a window of that title. */
const char *session_icon_of_title(const char *title);

/* switcher.c */
void switcher_step(bool back);
bool switcher_is_open(void);
/* Goes to the chosen window, or does not. */
void switcher_end(bool choose);
void switcher_update(void);
void switcher_forget(struct window *window);

/* background.c */
void background_mark_stale(void);
/* Draws it if it is stale. Boot thread. */
void background_update(void);
