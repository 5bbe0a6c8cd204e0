/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dialogs: cards above the rest of the window. See dialog.h. */
#include <stdlib.h>
#include <string.h>

#include "dialog_priv.h"

#define DIALOG_RADIUS 12 /* points, as all below */
#define DIALOG_PAD    20
#define DIALOG_WIDTH  380
#define LINE_COLUMNS  52 /* characters of a message's line, about */
#define BUTTONS_MAX   4

struct dialog {
	struct ui_widget widget;
	struct ui_widget *column; /* its only child */
	int least_width, least_height;
	ui_action closed;
	void *argument;
};

static void dialog_layout(struct ui_widget *widget)
{
	struct dialog *dialog = (struct dialog *)widget;
	struct ui *ui = widget->ui;
	int margin = ui_pixels(ui, 12), room_x = ui_width(widget) - 2 * margin;
	int room_y = ui_height(widget) - 2 * margin;
	int width = ui_pixels(ui, dialog->least_width),
	    height = ui_pixels(ui, dialog->least_height);

	width = dialog->column->need_width > width ? dialog->column->need_width : width;
	height = dialog->column->need_height > height ? dialog->column->need_height : height;
	width = width < room_x ? width : room_x;
	height = height < room_y ? height : room_y;
	ui_widget_place(dialog->column,
			blend_rectangle(widget->area.left + (ui_width(widget) - width) / 2,
					widget->area.top + (ui_height(widget) - height) * 2 / 5,
					width, height));
}

static void dialog_draw(struct ui_widget *widget, struct ui_painter *painter)
{
	const struct dialog *dialog = (const struct dialog *)widget;
	struct ui *ui = widget->ui;
	int radius = ui_pixels(ui, DIALOG_RADIUS), line = ui_pixels(ui, 1);
	struct blend_rectangle card = dialog->column->area;

	ui_paint_fill(painter, widget->area, 0x60000000);
	ui_paint_shadow(painter, card);
	ui_paint_round(painter, card, radius, ui_colour(ui, UI_COLOUR_BORDER));
	ui_paint_round(painter, ui_inset(card, line, line), radius - line,
		       ui_colour(ui, UI_COLOUR_CARD));
}

static void close_dialog(struct dialog *dialog)
{
	ui_action closed = dialog->closed;
	void *argument = dialog->argument;

	dialog->closed = NULL;
	ui_widget_destroy(&dialog->widget);
	if (closed)
		closed(argument);
}

/* The program ends while it is open. */
static void dialog_destroy(struct ui_widget *widget)
{
	struct dialog *dialog = (struct dialog *)widget;

	if (dialog->closed)
		dialog->closed(dialog->argument);
}

static bool dialog_event(struct ui_widget *widget, const struct ui_event *event)
{
	if (event->type == UI_EVENT_KEY && event->key == ORBITAL_KEY_TAB)
		return false;
	if (event->type == UI_EVENT_KEY && event->key == ORBITAL_KEY_ESCAPE)
		close_dialog((struct dialog *)widget);
	return true; /* nothing reaches what is below */
}

struct ui_widget *ui_dialog_open(struct ui *ui, const char *title, int width, int height,
				 ui_action closed, void *argument)
{
	static const struct ui_class dialog_class = {
		.name = "dialog",
		.layout = dialog_layout,
		.draw = dialog_draw,
		.event = dialog_event,
		.destroy = dialog_destroy,
	};
	struct dialog *dialog =
		(struct dialog *)ui_layer_create(ui, &dialog_class, sizeof(*dialog));

	dialog->least_width = width;
	dialog->least_height = height;
	dialog->closed = closed;
	dialog->argument = argument;
	dialog->column = ui_column(&dialog->widget);
	ui_box_set_padding(dialog->column, DIALOG_PAD, DIALOG_PAD);
	ui_box_set_spacing(dialog->column, 12);
	if (title)
		ui_label_set_style(ui_label(dialog->column, title), UI_FONT_HEADING, UI_COLOUR_TEXT,
				   UI_ALIGN_LEFT);
	ui_damage(ui, blend_surface_bounds(&ui->surface));
	return dialog->column;
}

void ui_dialog_close(struct ui_widget *column)
{
	close_dialog((struct dialog *)column->parent);
}

/* Breaks lines between words. */
static char *wrap_text(const char *text)
{
	char *copy = ui_copy_text(text);
	size_t column = 0, blank = 0;

	for (size_t i = 0; copy[i]; i++) {
		if (copy[i] == ' ')
			blank = i;
		column = copy[i] == '\n' ? 0 : column + 1;
		if (column > LINE_COLUMNS && blank > 0) {
			copy[blank] = '\n';
			column = i - blank;
			blank = 0;
		}
	}
	return copy;
}

struct ui_widget *dialog_buttons(struct ui_widget *column)
{
	struct ui_widget *row = ui_row(column);

	ui_spacer(row);
	return row;
}

struct question;

struct question_button {
	struct question *question;
	int index;
};

/* A question that is asked. */
struct question {
	struct ui_widget *column;
	struct question_button buttons[BUTTONS_MAX];
	int answer;
	void (*answered)(void *argument, int button);
	void *argument;
};

static void question_closed(void *argument)
{
	struct question *question = argument;

	if (question->answered)
		question->answered(question->argument, question->answer);
	free(question);
}

static void answer_question(void *argument)
{
	struct question_button *button = argument;

	button->question->answer = button->index;
	ui_dialog_close(button->question->column);
}

static void add_message(struct ui_widget *column, enum ui_icon icon, const char *title,
			const char *text)
{
	struct ui_widget *row = ui_row(column), *texts, *label;
	char *wrapped = wrap_text(text);

	ui_box_set_spacing(row, 16);
	if (icon) {
		label = dialog_icon(row, icon);
		ui_widget_set_minimum(label, 36, 36);
	}
	texts = ui_column(row);
	ui_widget_set_grow(texts, 1);
	ui_box_set_spacing(texts, 6);
	ui_label_set_style(ui_label(texts, title), UI_FONT_BOLD, UI_COLOUR_TEXT, UI_ALIGN_LEFT);
	if (wrapped[0])
		ui_label(texts, wrapped);
	free(wrapped);
}

void ui_dialog_question(struct ui *ui, enum ui_icon icon, const char *title, const char *text,
			const char *const *buttons, unsigned count,
			void (*answered)(void *argument, int button), void *argument)
{
	struct question *question = ui_allocate(sizeof(*question));
	struct ui_widget *row, *button = NULL;

	question->answered = answered;
	question->argument = argument;
	question->answer = UI_DIALOG_CANCELLED;
	question->column = ui_dialog_open(ui, NULL, DIALOG_WIDTH, 0, question_closed, question);
	add_message(question->column, icon, title, text);
	row = dialog_buttons(question->column);
	for (unsigned i = 0; i < count && i < BUTTONS_MAX; i++) {
		button = ui_button(row, buttons[i], UI_ICON_NONE);
		question->buttons[i] = (struct question_button){ question, (int)i };
		ui_on_action(button, answer_question, &question->buttons[i]);
	}
	if (button) {
		ui_button_set_primary(button, true);
		ui_widget_focus(button);
	}
}

void ui_dialog_message(struct ui *ui, enum ui_icon icon, const char *title, const char *text)
{
	static const char *const buttons[] = { "Close" };

	ui_dialog_question(ui, icon, title, text, buttons, 1, NULL, NULL);
}

/* A line of text that is asked for. */
struct prompt {
	struct ui_widget *column, *field, *button;
	char *text; /* NULL: the user did not agree */
	void (*answered)(void *argument, const char *text);
	void *argument;
};

static void prompt_closed(void *argument)
{
	struct prompt *prompt = argument;

	if (prompt->text)
		prompt->answered(prompt->argument, prompt->text);
	free(prompt->text);
	free(prompt);
}

static void prompt_agree(void *argument)
{
	struct prompt *prompt = argument;

	if (!ui_text_field_text(prompt->field)[0])
		return;
	prompt->text = ui_copy_text(ui_text_field_text(prompt->field));
	ui_dialog_close(prompt->column);
}

static void prompt_cancel(void *argument)
{
	ui_dialog_close(((struct prompt *)argument)->column);
}

static void prompt_changed(void *argument)
{
	struct prompt *prompt = argument;

	ui_widget_enable(prompt->button, ui_text_field_text(prompt->field)[0] != '\0');
}

void ui_dialog_text(struct ui *ui, const char *title, const char *label, const char *text,
		    const char *button, void (*answered)(void *argument, const char *text),
		    void *argument)
{
	struct prompt *prompt = ui_allocate(sizeof(*prompt));
	struct ui_widget *row;

	prompt->answered = answered;
	prompt->argument = argument;
	prompt->column = ui_dialog_open(ui, title, DIALOG_WIDTH, 0, prompt_closed, prompt);
	if (label)
		ui_label_set_style(ui_label(prompt->column, label), UI_FONT_NORMAL,
				   UI_COLOUR_TEXT_DIM, UI_ALIGN_LEFT);
	prompt->field = ui_text_field(prompt->column, text);
	ui_text_field_select(prompt->field, 0, strlen(text ? text : ""));
	ui_on_action(prompt->field, prompt_changed, prompt);
	ui_text_field_on_enter(prompt->field, prompt_agree, prompt);
	row = dialog_buttons(prompt->column);
	ui_on_action(ui_button(row, "Cancel", UI_ICON_NONE), prompt_cancel, prompt);
	prompt->button = ui_button(row, button, UI_ICON_NONE);
	ui_button_set_primary(prompt->button, true);
	ui_on_action(prompt->button, prompt_agree, prompt);
	prompt_changed(prompt);
	ui_widget_focus(prompt->field);
}

struct icon_view {
	struct ui_widget widget;
	enum ui_icon icon;
};

static void icon_draw(struct ui_widget *widget, struct ui_painter *painter)
{
	enum ui_icon icon = ((struct icon_view *)widget)->icon;
	enum ui_colour colour = icon == UI_ICON_ERROR     ? UI_COLOUR_RED
				: icon == UI_ICON_WARNING ? UI_COLOUR_YELLOW
							  : UI_COLOUR_ACCENT;
	struct blend_rectangle area = widget->area;

	area.bottom = area.top + ui_pixels(widget->ui, 36);
	ui_paint_icon(painter, area, icon, 36, ui_colour(widget->ui, colour));
}

struct ui_widget *dialog_icon(struct ui_widget *parent, enum ui_icon icon)
{
	static const struct ui_class icon_class = { .name = "icon", .draw = icon_draw };
	struct icon_view *view =
		(struct icon_view *)ui_widget_create(parent, &icon_class, sizeof(*view));

	view->icon = icon;
	return &view->widget;
}
