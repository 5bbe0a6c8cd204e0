/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What libvterm reads in the program's output is done to the grid. */
#include "terminal.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

/* So many bytes between two looks at the clock. */
#define SLICE 256

static uint32_t cell_colour(const VTermColor *colour)
{
	if (VTERM_COLOR_IS_DEFAULT_FG(colour) || VTERM_COLOR_IS_DEFAULT_BG(colour))
		return COLOUR_DEFAULT;
	if (VTERM_COLOR_IS_INDEXED(colour))
		return COLOUR_INDEXED | colour->indexed.idx;
	return COLOUR_RGB | (uint32_t)colour->rgb.red << 16 | (uint32_t)colour->rgb.green << 8 |
	       colour->rgb.blue;
}

static struct grid_area rect_area(VTermRect rect)
{
	return (struct grid_area){ rect.start_row, rect.start_col, rect.end_row, rect.end_col };
}

/* What erased cells look like: the pen's background. */
static struct cell blank_cell(const struct terminal *terminal)
{
	return (struct cell){ .background = terminal->pen.background, .width = 1 };
}

static int on_glyph(VTermGlyphInfo *info, VTermPos at, void *user)
{
	struct terminal *terminal = user;
	struct cell cell = terminal->pen;
	int columns = grid_columns(terminal->grid);

	cell.character = info->chars[0] == ' ' ? 0 : info->chars[0];
	cell.width = info->width == 2 ? 2 : 1;
	terminal->feed.last = info->chars[0];
	terminal->feed.last_width = info->width;
	if (at.col == 0 && terminal->edge.row >= 0 && terminal->edge.row >= at.row - 1 &&
	    at.row > 0)
		grid_set_wrapped(terminal->grid, at.row - 1, true);
	grid_put(terminal->grid, at.row, at.col, &cell);
	terminal->edge.row = at.col + cell.width >= columns ? at.row : -1;
	terminal->edge.col = at.col;
	if (at.col + cell.width >= columns)
		grid_set_wrapped(terminal->grid, at.row, false);
	return 1;
}

static int on_cursor(VTermPos at, VTermPos old, int visible, void *user)
{
	struct terminal *terminal = user;

	(void)old;
	(void)visible;
	if (at.row != terminal->edge.row || at.col < terminal->edge.col)
		terminal->edge.row = -1;
	terminal->cursor.at = at;
	return 1;
}

static int on_scroll(VTermRect rect, int down, int right, void *user)
{
	struct terminal *terminal = user;
	struct cell blank = blank_cell(terminal);
	int64_t top = grid_top(terminal->grid);

	grid_scroll(terminal->grid, rect_area(rect), down, right, &blank);
	/* Who looks at the past goes on to see the same lines. */
	if (terminal->view > 0)
		terminal->view += grid_top(terminal->grid) - top;
	return 1;
}

static int on_move(VTermRect to, VTermRect from, void *user)
{
	struct terminal *terminal = user;

	grid_move(terminal->grid, rect_area(to), rect_area(from));
	return 1;
}

static int on_erase(VTermRect rect, int selective, void *user)
{
	struct terminal *terminal = user;
	struct cell blank = blank_cell(terminal);

	(void)selective;
	grid_erase(terminal->grid, rect_area(rect), &blank);
	return 1;
}

static int on_pen_start(void *user)
{
	struct terminal *terminal = user;

	terminal->pen = (struct cell){ .width = 1 };
	return 1;
}

static void pen_set(struct cell *pen, uint16_t attribute, bool on)
{
	pen->attributes =
		(uint16_t)(on ? pen->attributes | attribute : pen->attributes & ~attribute);
}

static int on_pen(VTermAttr attribute, VTermValue *value, void *user)
{
	struct terminal *terminal = user;
	struct cell *pen = &terminal->pen;

	switch (attribute) {
	case VTERM_ATTR_BOLD:
		pen_set(pen, CELL_BOLD, value->boolean);
		return 1;
	case VTERM_ATTR_UNDERLINE:
		pen_set(pen, CELL_UNDERLINE, value->number == VTERM_UNDERLINE_SINGLE);
		pen_set(pen, CELL_DOUBLE_UNDERLINE, value->number == VTERM_UNDERLINE_DOUBLE);
		pen_set(pen, CELL_CURLY_UNDERLINE, value->number == VTERM_UNDERLINE_CURLY);
		return 1;
	case VTERM_ATTR_ITALIC:
		pen_set(pen, CELL_ITALIC, value->boolean);
		return 1;
	case VTERM_ATTR_REVERSE:
		pen_set(pen, CELL_REVERSE, value->boolean);
		return 1;
	case VTERM_ATTR_STRIKE:
		pen_set(pen, CELL_STRIKE, value->boolean);
		return 1;
	case VTERM_ATTR_FOREGROUND:
		pen->foreground = cell_colour(&value->color);
		return 1;
	case VTERM_ATTR_BACKGROUND:
		pen->background = cell_colour(&value->color);
		return 1;
	default:
		return 0;
	}
}

static int on_property(VTermProp property, VTermValue *value, void *user)
{
	struct terminal *terminal = user;

	switch (property) {
	case VTERM_PROP_CURSORVISIBLE:
		terminal->cursor.visible = value->boolean;
		return 1;
	case VTERM_PROP_CURSORSHAPE:
		terminal->cursor.shape = value->number;
		return 1;
	case VTERM_PROP_ALTSCREEN:
		grid_set_alternate(terminal->grid, value->boolean);
		selection_clear(terminal);
		terminal->view = 0;
		return 1;
	case VTERM_PROP_REVERSE:
		terminal->screen_reversed = value->boolean;
		terminal->redraw_all = true;
		return 1;
	case VTERM_PROP_MOUSE:
		terminal->mouse_mode = value->number;
		return 1;
	case VTERM_PROP_CURSORBLINK: /* nothing moves here unless something happens */
		return 1;
	default:
		return 0;
	}
}

static int on_resize(int rows, int columns, VTermPos *delta, void *user)
{
	struct terminal *terminal = user;
	int moved = grid_resize(terminal->grid, rows, columns, terminal->cursor.at.row);

	if (moved == INT_MIN)
		terminal_fail("no memory");
	delta->row = moved;
	terminal->edge.row = -1;
	return 1;
}

static const VTermStateCallbacks callbacks = {
	.putglyph = on_glyph,
	.movecursor = on_cursor,
	.scrollrect = on_scroll,
	.moverect = on_move,
	.erase = on_erase,
	.initpen = on_pen_start,
	.setpenattr = on_pen,
	.settermprop = on_property,
	.resize = on_resize,
};

/* Clears the history (CSI 3 J), which libvterm leaves to us. */
static int on_unknown_csi(const char *leader, const long arguments[], int count,
			  const char *intermediate, char command, void *user)
{
	struct terminal *terminal = user;

	if (command != 'J' || (leader && *leader) || (intermediate && *intermediate) ||
	    count != 1 || CSI_ARG(arguments[0]) != 3)
		return 0;
	grid_clear_history(terminal->grid);
	terminal->view = 0;
	selection_clear(terminal);
	return 1;
}

static const VTermParserCallbacks unknown = { .csi = on_unknown_csi };

static void on_output(const char *bytes, size_t length, void *user)
{
	child_send(user, bytes, length);
}

void emulator_start(struct terminal *terminal, int rows, int columns)
{
	terminal->grid = grid_create(rows, columns);
	terminal->vterm = vterm_new(rows, columns);
	if (!terminal->grid || !terminal->vterm)
		terminal_fail("no memory");
	vterm_set_utf8(terminal->vterm, 1);
	vterm_output_set_callback(terminal->vterm, on_output, terminal);
	terminal->state = vterm_obtain_state(terminal->vterm);
	vterm_state_set_callbacks(terminal->state, &callbacks, terminal);
	vterm_state_set_unrecognised_fallbacks(terminal->state, &unknown, terminal);
	vterm_state_set_bold_highbright(terminal->state, 0);
	terminal->edge.row = -1;
	terminal->drawn_cursor.row = -1;
	vterm_state_reset(terminal->state, 1);
}

size_t emulator_read(struct terminal *terminal, const char *bytes, size_t length, int64_t deadline)
{
	size_t done = 0;

	while (done < length) {
		size_t slice = length - done < SLICE ? length - done : SLICE;

		feed_write(terminal, bytes + done, slice);
		done += slice;
		if (clock_ms() >= deadline)
			break;
	}
	return done;
}

/* libvterm (0.1) moves lines outside of its memory if the scroll region begins below the last row. It
 * is reset, as a real terminal would do; the sequence that is just being read (if any) is lost. */
static void reset_region(struct terminal *terminal)
{
	char bytes[48];
	int length = snprintf(bytes, sizeof(bytes), "\033[r\033[%d;%dH",
			      terminal->cursor.at.row + 1, terminal->cursor.at.col + 1);

	feed_cancel(terminal);
	vterm_input_write(terminal->vterm, bytes, (size_t)length);
}

void emulator_resize(struct terminal *terminal, int rows, int columns)
{
	if (rows == grid_rows(terminal->grid) && columns == grid_columns(terminal->grid))
		return;
	if (rows < grid_rows(terminal->grid))
		reset_region(terminal);
	vterm_set_size(terminal->vterm, rows, columns);
	selection_clear(terminal);
	child_resize(terminal);
}

void emulator_focus(struct terminal *terminal, bool focused)
{
	if (focused)
		vterm_state_focus_in(terminal->state);
	else
		vterm_state_focus_out(terminal->state);
}
