/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Input: the window's events become widgets' events. See ui_priv.h. */
#include <string.h>

#include "ui_priv.h"

#define DOUBLE_CLICK_MS       400
#define DOUBLE_CLICK_DISTANCE 4 /* points */
#define TIP_MS                600

static const struct {
	unsigned key, modifier;
} modifier_keys[] = {
	{ ORBITAL_KEY_LEFT_SHIFT, UI_SHIFT }, { ORBITAL_KEY_RIGHT_SHIFT, UI_SHIFT },
	{ ORBITAL_KEY_CONTROL, UI_CONTROL },  { ORBITAL_KEY_ALT, UI_ALT },
	{ ORBITAL_KEY_LEFT_SUPER, UI_SUPER }, { ORBITAL_KEY_RIGHT_SUPER, UI_SUPER },
	{ ORBITAL_KEY_ALT_GR, UI_ALT_GR },
};

/* The letter on an American keyboard: for events that do not tell it. */
static uint32_t letter_of_key(unsigned key)
{
	static const char rows[] = "qwertyuiop\0\0\0\0asdfghjkl\0\0\0\0\0zxcvbnm";

	if (key < ORBITAL_KEY_Q || key - ORBITAL_KEY_Q >= sizeof(rows) - 1)
		return 0;
	return (unsigned char)rows[key - ORBITAL_KEY_Q];
}

/* To the widget, and up from it until one is content; returns that one. */
static struct ui_widget *dispatch(struct ui_widget *widget, const struct ui_event *event)
{
	for (; widget; widget = widget->parent) {
		if (widget->disabled)
			return NULL;
		if (widget->class && widget->class->event && widget->class->event(widget, event))
			return widget;
	}
	return NULL;
}

static struct ui_event make_event(struct ui *ui, enum ui_event_type type)
{
	return (struct ui_event){ .type = type,
				  .modifiers = ui->modifiers,
				  .x = ui->pointer_x,
				  .y = ui->pointer_y,
				  .held = ui->held };
}

void ui_hide_tip(struct ui *ui)
{
	ui_timer_stop(ui->tip_timer);
	ui->tip_timer = NULL;
	if (ui->tip[0])
		ui_damage(ui, ui->tip_area);
	ui->tip[0] = '\0';
}

static void show_tip(void *argument)
{
	struct ui *ui = argument;
	int width, height, x = ui->pointer_x, y = ui->pointer_y + ui_pixels(ui, 20);

	ui->tip_timer = NULL; /* it was its only call */
	if (!ui->hover || !ui->hover->tip)
		return;
	strncpy(ui->tip, ui->hover->tip, UI_TIP_MAX - 1);
	width = ui_text_width(ui, UI_FONT_NORMAL, ui->tip, strlen(ui->tip)) + ui_pixels(ui, 16);
	height = ui_line_height(ui, UI_FONT_NORMAL) + ui_pixels(ui, 8);
	if (x + width > ui->surface.width)
		x = ui->surface.width - width;
	if (y + height > ui->surface.height)
		y = ui->pointer_y - height - ui_pixels(ui, 4);
	ui->tip_area = blend_rectangle(x > 0 ? x : 0, y > 0 ? y : 0, width, height);
	ui_damage(ui, ui->tip_area);
}

void ui_draw_tip(struct ui *ui, struct ui_painter *painter)
{
	int radius = ui_pixels(ui, 5);

	if (!ui->tip[0])
		return;
	ui_paint_round(painter, ui->tip_area, radius, ui_colour(ui, UI_COLOUR_BORDER));
	ui_paint_round(painter, ui_inset(ui->tip_area, ui->scale, ui->scale), radius - ui->scale,
		       ui_colour(ui, UI_COLOUR_CARD));
	ui_paint_text(painter, ui->tip_area, UI_FONT_NORMAL, UI_ALIGN_CENTRE, ui->tip,
		      ui_colour(ui, UI_COLOUR_TEXT));
}

static void set_pointer(struct ui *ui, const struct ui_widget *widget)
{
	unsigned pointer =
		widget && widget->class && !widget->disabled ? widget->class->pointer : 0;

	if (pointer == ui->pointer)
		return;
	ui->pointer = pointer;
	window_set_pointer(ui->window, pointer);
}

static void set_hover(struct ui *ui, struct ui_widget *widget)
{
	struct ui_widget *before = ui->hover;
	struct ui_event event;

	if (widget == before)
		return;
	ui_hide_tip(ui);
	ui->hover = widget;
	if (before) {
		before->hover = false;
		event = make_event(ui, UI_EVENT_LEAVE);
		if (before->class && before->class->event)
			before->class->event(before, &event);
	}
	if (widget && !widget->disabled) {
		widget->hover = true;
		event = make_event(ui, UI_EVENT_ENTER);
		if (widget->class && widget->class->event)
			widget->class->event(widget, &event);
	}
	set_pointer(ui, widget);
	if (widget && widget->tip)
		ui->tip_timer = ui_timer_start(ui, TIP_MS, false, show_tip, ui);
}

void ui_update_hover(struct ui *ui)
{
	if (!ui->grab)
		set_hover(ui, ui_widget_at(ui_top_layer(ui), ui->pointer_x, ui->pointer_y));
}

static void handle_move(struct ui *ui, int x, int y)
{
	struct ui_event event;

	ui->pointer_x = x;
	ui->pointer_y = y;
	ui_update_hover(ui);
	event = make_event(ui, UI_EVENT_MOVE);
	if (ui->grab)
		ui->grab->class->event(ui->grab, &event);
	else if (ui->hover)
		dispatch(ui->hover, &event);
}

static unsigned count_clicks(struct ui *ui, unsigned button)
{
	struct ui_click *click = &ui->click;
	uint64_t now = ui_now_ms();
	int dx = ui->pointer_x - click->x, dy = ui->pointer_y - click->y;
	int near = ui_pixels(ui, DOUBLE_CLICK_DISTANCE);

	if (click->button == button && now - click->time_ms <= DOUBLE_CLICK_MS &&
	    dx * dx <= near * near && dy * dy <= near * near)
		click->count = click->count % 3 + 1;
	else
		click->count = 1;
	click->time_ms = now;
	click->x = ui->pointer_x;
	click->y = ui->pointer_y;
	click->button = button;
	return click->count;
}

static void handle_press(struct ui *ui, unsigned button)
{
	struct ui_event event = make_event(ui, UI_EVENT_PRESS);
	struct ui_widget *widget = ui->grab;

	event.button = button;
	event.clicks = count_clicks(ui, button);
	ui_hide_tip(ui);
	if (widget) {
		widget->class->event(widget, &event);
		return;
	}
	widget = ui_widget_at(ui_top_layer(ui), ui->pointer_x, ui->pointer_y);
	for (struct ui_widget *up = widget; up; up = up->parent)
		if (up->class && up->class->focusable && !up->class->tab_only && !up->disabled) {
			ui_set_focus(ui, up);
			break;
		}
	widget = dispatch(widget, &event);
	/* It may have destroyed itself, or opened a layer that has the input now. */
	if (widget && ui_widget_is_within(widget, ui_top_layer(ui)) && ui->held) {
		ui->grab = widget;
		widget->pressed = true;
	}
}

static void handle_release(struct ui *ui, unsigned button)
{
	struct ui_event event = make_event(ui, UI_EVENT_RELEASE);
	struct ui_widget *widget = ui->grab;

	event.button = button;
	if (widget && ui->held == 0) {
		ui->grab = NULL;
		widget->pressed = false;
	}
	if (widget)
		widget->class->event(widget, &event);
	else if (ui_top_layer(ui) != ui->content) /* a menu that this press opened */
		dispatch(ui_top_layer(ui), &event);
	ui_update_hover(ui);
}

static void handle_buttons(struct ui *ui, unsigned held)
{
	unsigned before = ui->held;

	for (unsigned button = 1; button <= UI_BUTTON_RIGHT; button <<= 1) {
		if (((held ^ before) & button) == 0)
			continue;
		ui->held = (ui->held & ~button) | (held & button);
		if (held & button)
			handle_press(ui, button);
		else
			handle_release(ui, button);
	}
}

static void handle_wheel(struct ui *ui, int right, int up)
{
	struct ui_event event = make_event(ui, UI_EVENT_WHEEL);

	event.dx = right;
	event.dy = -up;
	ui_hide_tip(ui);
	dispatch(ui_widget_at(ui_top_layer(ui), ui->pointer_x, ui->pointer_y), &event);
}

static bool run_shortcut(struct ui *ui, const struct ui_event *event)
{
	/* Those of the program are not for its dialogs. */
	if (ui_top_layer(ui) != ui->content)
		return false;
	for (struct ui_shortcut *shortcut = ui->shortcuts; shortcut; shortcut = shortcut->next) {
		bool same = shortcut->letter ? shortcut->letter == event->character
					     : shortcut->key == event->key;

		if (same && shortcut->modifiers == event->modifiers) {
			shortcut->action(shortcut->argument);
			return true;
		}
	}
	return false;
}

static struct ui_widget *key_target(struct ui *ui)
{
	struct ui_widget *top = ui_top_layer(ui);

	return ui->focus && ui_widget_is_within(ui->focus, top) ? ui->focus : top;
}

/* The desktop's own keys for the clipboard mean what control means with these letters. */
static void handle_clipboard(struct ui *ui, int64_t action)
{
	static const struct {
		unsigned key;
		char letter;
	} keys[] = { { ORBITAL_KEY_C, 'c' }, { ORBITAL_KEY_X, 'x' }, { ORBITAL_KEY_V, 'v' } };
	struct ui_event event = make_event(ui, UI_EVENT_KEY);

	if (action < 1 || action > 3)
		return;
	event.modifiers = UI_CONTROL;
	event.key = keys[action - 1].key;
	event.character = (unsigned char)keys[action - 1].letter;
	if (!run_shortcut(ui, &event))
		dispatch(key_target(ui), &event);
}

/* A key that is held does not answer the question that it opened. */
static bool is_stale_repeat(struct ui *ui, unsigned key, bool down)
{
	if (down && key && key == ui->held_key)
		return ui->held_key_layers != ui->layer_changes;
	if (down) {
		ui->held_key = key;
		ui->held_key_layers = ui->layer_changes;
	} else if (key == ui->held_key) {
		ui->held_key = 0;
	}
	return false;
}

static void handle_key(struct ui *ui, unsigned key, uint32_t character, bool down)
{
	struct ui_event event;

	for (size_t i = 0; i < sizeof(modifier_keys) / sizeof(modifier_keys[0]); i++)
		if (modifier_keys[i].key == key) {
			ui->modifiers &= ~modifier_keys[i].modifier;
			ui->modifiers |= down ? modifier_keys[i].modifier : 0;
		}
	if (is_stale_repeat(ui, key, down))
		return;
	event = make_event(ui, down ? UI_EVENT_KEY : UI_EVENT_KEY_UP);
	event.key = key;
	event.character = character ? character : letter_of_key(key);
	if (event.character >= 'A' && event.character <= 'Z')
		event.character += 'a' - 'A';
	if (down)
		ui_hide_tip(ui);
	if (down && run_shortcut(ui, &event))
		return;
	if (!dispatch(key_target(ui), &event) && down && key == ORBITAL_KEY_TAB &&
	    (ui->modifiers & ~(unsigned)UI_SHIFT) == 0)
		ui_focus_next(ui, ui->modifiers & UI_SHIFT);
}

static void handle_text(struct ui *ui, uint32_t character)
{
	struct ui_event event = make_event(ui, UI_EVENT_TEXT);

	/* Enter, Tab and the like are keys. */
	if (character < ' ' || character == 0x7f ||
	    (ui->modifiers & (UI_CONTROL | UI_ALT | UI_SUPER)))
		return;
	event.character = character;
	dispatch(key_target(ui), &event);
}

static void handle_active(struct ui *ui, bool active)
{
	if (ui->active == active)
		return;
	ui->active = active;
	ui->modifiers = 0;
	ui->held_key = 0;
	if (ui->focus) {
		struct ui_event event = make_event(ui, active ? UI_EVENT_FOCUS : UI_EVENT_BLUR);

		if (ui->focus->class->event)
			ui->focus->class->event(ui->focus, &event);
		ui_widget_damage(ui->focus);
	}
}

static void handle_hover(struct ui *ui, bool inside)
{
	if (inside)
		return; /* a move follows */
	ui->pointer_x = ui->pointer_y = -1;
	ui_update_hover(ui);
}

static void handle_resize(struct ui *ui, int width, int height)
{
	if (width == ui->window->width && height == ui->window->height)
		return;
	window_set_size(ui->window, width, height);
	ui_resized(ui);
}

static void handle_quit(struct ui *ui)
{
	if (!ui->may_close || ui->may_close(ui->close_argument))
		ui_quit(ui, 0);
}

static void handle_theme(struct ui *ui, bool dark, uint32_t accent)
{
	ui_theme_set(ui, dark, accent);
	ui_damage(ui, blend_surface_bounds(&ui->surface));
	if (ui->theme_changed)
		ui->theme_changed(ui->theme_argument);
}

/* The window keeps its size in points. */
static void handle_scale(struct ui *ui, int scale)
{
	int before = ui->scale, width = ui->window->width * scale / before;
	int height = ui->window->height * scale / before;

	if (scale == before || scale < 1 || scale > 2)
		return;
	ui_hide_tip(ui);
	ui_theme_set_scale(ui, scale);
	ui_limit_size(ui, &width, &height);
	window_set_size(ui->window, width, height);
	ui_resized(ui);
	if (ui->theme_changed)
		ui->theme_changed(ui->theme_argument);
}

void ui_handle_event(struct ui *ui, const struct orbital_event *event)
{
	switch (event->code) {
	case ORBITAL_EVENT_KEY:
		handle_key(ui, event->b & ORBITAL_KEY_NUMBER, (uint32_t)event->a,
			   event->b & ORBITAL_KEY_PRESSED);
		break;
	case ORBITAL_EVENT_TEXT_INPUT:
		handle_text(ui, (uint32_t)event->a);
		break;
	case ORBITAL_EVENT_MOUSE:
		handle_move(ui, (int)event->a, (int)event->b);
		break;
	case ORBITAL_EVENT_BUTTON:
		handle_buttons(ui, (unsigned)event->a);
		break;
	case ORBITAL_EVENT_SCROLL:
		handle_wheel(ui, (int)event->a, (int)event->b);
		break;
	case ORBITAL_EVENT_QUIT:
		handle_quit(ui);
		break;
	case ORBITAL_EVENT_FOCUS:
		handle_active(ui, event->a != 0);
		break;
	case ORBITAL_EVENT_RESIZE:
		handle_resize(ui, (int)event->a, (int)event->b);
		break;
	case ORBITAL_EVENT_HOVER:
		handle_hover(ui, event->a != 0);
		break;
	case ORBITAL_EVENT_CLIPBOARD:
		handle_clipboard(ui, event->a);
		break;
	case ORBITAL_EVENT_SCALE:
		handle_scale(ui, (int)event->a);
		break;
	case ORBITAL_EVENT_THEME:
		handle_theme(ui, event->a != 0, (uint32_t)event->b);
		break;
	}
}
