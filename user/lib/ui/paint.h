/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Drawing in the theme's colours, fonts and icons. See ui.h. Everything is cut at painter->clip. */
#pragma once

#include <blend/surface.h>
#include <font/atlas.h>
#include <ui/app.h>

/* Colours of the theme, light or dark. All are opaque but for those that say so. */
enum ui_colour {
	UI_COLOUR_WINDOW, /* behind everything */
	UI_COLOUR_VIEW,   /* behind lists, texts and fields */
	UI_COLOUR_BAR,    /* tool bars, heads of columns, status bars */
	UI_COLOUR_CARD,   /* dialogs, menus */
	UI_COLOUR_TEXT,
	UI_COLOUR_TEXT_DIM, /* less important */
	UI_COLOUR_TEXT_DISABLED,
	UI_COLOUR_BORDER, /* lines, edges of fields */
	UI_COLOUR_BUTTON,
	UI_COLOUR_BUTTON_HOVER,
	UI_COLOUR_BUTTON_PRESSED,
	UI_COLOUR_HOVER, /* translucent, over anything */
	UI_COLOUR_ACCENT,
	UI_COLOUR_ACCENT_HOVER,
	UI_COLOUR_ACCENT_TEXT,   /* text on the accent */
	UI_COLOUR_SELECTION,     /* behind selected text and rows of what has the focus */
	UI_COLOUR_SELECTION_DIM, /* of what has it not */
	UI_COLOUR_RED,           /* for text, lines and graphs: readable on VIEW and WINDOW */
	UI_COLOUR_GREEN,
	UI_COLOUR_YELLOW,
	UI_COLOUR_BLUE,
	UI_COLOUR_PURPLE,
	UI_COLOUR_ORANGE,
	UI_COLOUR_CYAN,
	UI_COLOUR_SHADOW, /* translucent */
	UI_COLOURS,
};

enum ui_font {
	UI_FONT_NORMAL,
	UI_FONT_BOLD,
	UI_FONT_MONO,
	UI_FONT_HEADING,
	UI_FONTS,
};

enum ui_icon {
	UI_ICON_NONE,
	UI_ICON_FOLDER, /* in colours of its own */
	UI_ICON_FILE,
	UI_ICON_TEXT_FILE,
	UI_ICON_IMAGE_FILE,
	UI_ICON_PROGRAM_FILE,
	UI_ICON_ARCHIVE_FILE,
	UI_ICON_LINK_FILE,
	UI_ICON_DEVICE_FILE,
	UI_ICON_BACK, /* from here on in the colour that is asked for */
	UI_ICON_FORWARD,
	UI_ICON_UP,
	UI_ICON_DOWN,
	UI_ICON_HOME,
	UI_ICON_REFRESH,
	UI_ICON_OPEN,
	UI_ICON_SAVE,
	UI_ICON_NEW,
	UI_ICON_NEW_FOLDER,
	UI_ICON_DELETE,
	UI_ICON_RENAME,
	UI_ICON_COPY,
	UI_ICON_CUT,
	UI_ICON_PASTE,
	UI_ICON_UNDO,
	UI_ICON_REDO,
	UI_ICON_SEARCH,
	UI_ICON_ZOOM_IN,
	UI_ICON_ZOOM_OUT,
	UI_ICON_ZOOM_FIT,
	UI_ICON_ZOOM_ONE,
	UI_ICON_ROTATE,
	UI_ICON_FULL_SCREEN,
	UI_ICON_MENU,
	UI_ICON_LIST,
	UI_ICON_GRID,
	UI_ICON_SETTINGS,
	UI_ICON_INFO,
	UI_ICON_WARNING,
	UI_ICON_ERROR,
	UI_ICON_QUESTION,
	UI_ICON_CHECK,
	UI_ICON_CLOSE,
	UI_ICON_PLUS,
	UI_ICON_MINUS,
	UI_ICON_PLAY,
	UI_ICON_PAUSE,
	UI_ICON_CHEVRON_UP,
	UI_ICON_CHEVRON_DOWN,
	UI_ICON_CHEVRON_LEFT,
	UI_ICON_CHEVRON_RIGHT,
	UI_ICON_CLOCK,
	UI_ICON_CPU,
	UI_ICON_MEMORY,
	UI_ICON_DISK,
	UI_ICONS,
};

/* That of a file, by its kind (st_mode) and its name's ending. */
enum ui_icon ui_icon_of_file(const char *name, unsigned mode);

enum ui_align {
	UI_ALIGN_LEFT,
	UI_ALIGN_CENTRE,
	UI_ALIGN_RIGHT,
};

struct ui_painter {
	struct ui *ui;
	const struct blend_surface *surface;
	struct blend_rectangle clip;
};

/* Premultiplied 0xAARRGGBB. */
uint32_t ui_colour(const struct ui *ui, enum ui_colour colour);
bool ui_is_dark(const struct ui *ui);
/* `part` of 256 of the colour `to`, the rest of `from`; opaque ones. */
uint32_t ui_mix(uint32_t from, uint32_t to, unsigned part);
const struct font_atlas *ui_font(const struct ui *ui, enum ui_font font);
/* Pixels. */
int ui_line_height(const struct ui *ui, enum ui_font font);
int ui_text_width(const struct ui *ui, enum ui_font font, const char *text, size_t length);

/* These take coordinates in pixels of the window and premultiplied colours. */
void ui_paint_fill(struct ui_painter *painter, struct blend_rectangle area, uint32_t colour);
void ui_paint_round(struct ui_painter *painter, struct blend_rectangle area, int radius,
		    uint32_t colour);
void ui_paint_outline(struct ui_painter *painter, struct blend_rectangle area, int radius,
		      int width, uint32_t colour);
/* In 1/16 pixel, but for the line's width: that is in pixels. */
void ui_paint_line(struct ui_painter *painter, int x1, int y1, int x2, int y2, unsigned width,
		   uint32_t colour);
void ui_paint_disc(struct ui_painter *painter, int x, int y, int radius, uint32_t colour);
/* All of it in 1/16 pixel, the width too; a filled polygon whose edges do not cross. */
void ui_paint_stroke(struct ui_painter *painter, int x1, int y1, int x2, int y2, int width,
		     uint32_t colour);
void ui_paint_polygon(struct ui_painter *painter, const struct blend_point *points, unsigned count,
		      uint32_t colour);
/* One line, in the middle of the area's height, cut with an ellipsis where it does not fit. */
void ui_paint_text(struct ui_painter *painter, struct blend_rectangle area, enum ui_font font,
		   enum ui_align align, const char *text, uint32_t colour);
/* From (x, y) on, which is the upper end of the line; not cut. Returns where it ends. */
int ui_paint_text_at(struct ui_painter *painter, int x, int y, enum ui_font font, const char *text,
		     size_t length, uint32_t colour);
/* In the middle of the area, `size` points wide and high. */
void ui_paint_icon(struct ui_painter *painter, struct blend_rectangle area, enum ui_icon icon,
		   int size, uint32_t colour);
/* A soft shadow around (and behind) an area. */
void ui_paint_shadow(struct ui_painter *painter, struct blend_rectangle area);
/* The same painter for a part of its clip. */
struct ui_painter ui_painter_within(const struct ui_painter *painter, struct blend_rectangle area);
