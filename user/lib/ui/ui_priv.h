/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the toolkit's parts share. See ui.h. */
#pragma once

#include <redox/orbital.h>
#include <ui/app.h>
#include <ui/controls.h>
#include <ui/paint.h>
#include <ui/widget.h>
#include <window.h>

#define UI_DAMAGE_MAX 8
#define UI_TIP_MAX    128

struct ui_theme {
	bool dark;
	uint32_t colours[UI_COLOURS];
};

struct ui_shortcut {
	struct ui_shortcut *next;
	unsigned modifiers, key;
	uint32_t letter; /* instead of the key, unless 0 */
	ui_action action;
	void *argument;
};

struct ui_timer {
	struct ui_timer *next;
	struct ui *ui;
	uint64_t due_ms;
	unsigned period_ms; /* 0: once */
	bool stopped;       /* freed at the end of the round */
	ui_action action;
	void *argument;
};

struct ui_watch {
	struct ui_watch *next;
	struct ui *ui;
	int fd; /* -1: removed, freed at the end of the round */
	short events;
	void (*ready)(void *argument, int fd, short events);
	void *argument;
};

/* What a press begins with, to tell double clicks. */
struct ui_click {
	uint64_t time_ms;
	int x, y;
	unsigned button, count;
};

struct ui {
	struct window *window;
	/* Drawn here, and copied to the window's pixels when it is whole. */
	struct blend_surface surface;
	int scale;
	int minimum_width, minimum_height; /* points */
	struct ui_theme theme;
	struct font_atlas fonts[UI_FONTS];

	/* Its children are layers, of which each fills the window: the content, menus, dialogs. The
	 * uppermost gets the input. */
	struct ui_widget *layers;
	struct ui_widget *content; /* the column of the lowest layer */
	struct ui_widget *dead;    /* destroyed, to be freed when nobody is called */
	struct ui_widget *focus, *hover, *grab;
	unsigned layer_changes;          /* how often one was opened or closed */
	struct ui_widget *content_focus; /* gets it back when the last dialog closes */
	bool needs_layout;
	unsigned damage_count;
	struct blend_rectangle damage[UI_DAMAGE_MAX];

	bool active;
	unsigned modifiers;       /* enum ui_modifiers */
	unsigned held;            /* buttons */
	unsigned held_key;        /* went down last; 0: none is */
	unsigned held_key_layers; /* `layer_changes` when it did */
	int pointer_x, pointer_y;
	unsigned pointer; /* what it looks like, enum orbital_pointer */
	struct ui_click click;

	char tip[UI_TIP_MAX]; /* shown, unless empty */
	struct blend_rectangle tip_area;
	struct ui_timer *tip_timer;

	struct ui_timer *timers;
	struct ui_watch *watches;
	struct ui_shortcut *shortcuts;
	bool quits;
	int status;
	bool (*may_close)(void *argument);
	void *close_argument;
	ui_action theme_changed;
	void *theme_argument;
};

/* app.c */
uint64_t ui_now_ms(void);
/* Zeroed memory; ends the program where there is none. */
void *ui_allocate(size_t size);
void *ui_reallocate(void *memory, size_t size);
char *ui_copy_text(const char *text);
/* Makes a size smaller until a window of it fits onto the display. */
void ui_limit_size(const struct ui *ui, int *width, int *height);
_Noreturn void ui_fail(const char *what);

/* frame.c */
void ui_damage(struct ui *ui, struct blend_rectangle area);
/* Places what has to be placed, draws what is damaged, and shows it. */
void ui_update(struct ui *ui);
/* The window has another size: new memory to draw in. */
void ui_resized(struct ui *ui);

/* input.c */
void ui_handle_event(struct ui *ui, const struct orbital_event *event);
/* The pointer may be over something else now. */
void ui_update_hover(struct ui *ui);
void ui_hide_tip(struct ui *ui);
void ui_draw_tip(struct ui *ui, struct ui_painter *painter);

/* theme.c */
void ui_theme_init(struct ui *ui);
/* Opens the fonts of another scale. */
void ui_theme_set_scale(struct ui *ui, int scale);
void ui_theme_fini(struct ui *ui);
void ui_theme_set(struct ui *ui, bool dark, uint32_t accent);

/* icon.c */
/* The number of parts of an icon, and the coverage of one in a square of `side` pixels; *colour: 0
 * if it is drawn in the one that is asked for. */
unsigned ui_icon_parts(enum ui_icon icon);
const uint8_t *ui_icon_mask(enum ui_icon icon, unsigned part, int side, uint32_t *colour);

/* icon_data.c */
struct ui_icon_part {
	uint32_t colour;
	const char *path; /* NULL: the end */
};
#define UI_ICON_PARTS_MAX 5
extern const struct ui_icon_part ui_icon_shapes[UI_ICONS][UI_ICON_PARTS_MAX];

/* widget.c */
void ui_widget_free_dead(struct ui *ui);
struct ui_widget *ui_widget_at(struct ui_widget *widget, int x, int y);
bool ui_widget_is_within(const struct ui_widget *widget, const struct ui_widget *ancestor);
/* The lowest layer, with the program's column. */
void ui_layers_init(struct ui *ui);
/* Adds a layer above all others; input goes to it alone. */
struct ui_widget *ui_layer_create(struct ui *ui, const struct ui_class *class, size_t size);
struct ui_widget *ui_top_layer(const struct ui *ui);
/* The focusable widget after (or before) the one that has the focus, within the uppermost layer. */
void ui_focus_next(struct ui *ui, bool backwards);
void ui_set_focus(struct ui *ui, struct ui_widget *widget);

/* layout.c */
void ui_measure(struct ui_widget *widget);

/* What a line of text is drawn with by fields and labels. */
static inline struct blend_rectangle ui_inset(struct blend_rectangle area, int x, int y)
{
	return (struct blend_rectangle){ area.left + x, area.top + y, area.right - x,
					 area.bottom - y };
}
