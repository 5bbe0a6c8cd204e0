/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Labels: lines of text that nobody changes. See controls.h. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui_priv.h"

#define FORMATTED_MAX 512

struct label {
	struct ui_widget widget;
	char *text;
	enum ui_font font;
	enum ui_colour colour;
	enum ui_align align;
};

/* The number of lines, and the width of the longest. */
static int count_lines(const struct label *label, int *width)
{
	const char *line = label->text;
	int count = 0;

	*width = 0;
	for (;;) {
		size_t length = strcspn(line, "\n");
		int this_width = ui_text_width(label->widget.ui, label->font, line, length);

		*width = this_width > *width ? this_width : *width;
		count++;
		if (!line[length])
			return count;
		line += length + 1;
	}
}

static void label_measure(struct ui_widget *widget, int *width, int *height)
{
	const struct label *label = (const struct label *)widget;

	*height = count_lines(label, width) * ui_line_height(widget->ui, label->font);
}

static void label_draw(struct ui_widget *widget, struct ui_painter *painter)
{
	const struct label *label = (const struct label *)widget;
	enum ui_colour colour = widget->disabled ? UI_COLOUR_TEXT_DISABLED : label->colour;
	int width, line_height = ui_line_height(widget->ui, label->font);
	int height = count_lines(label, &width) * line_height;
	struct blend_rectangle area = widget->area;
	const char *line = label->text;

	area.top += (ui_height(widget) - height) / 2;
	for (;;) {
		char text[FORMATTED_MAX];
		size_t length = strcspn(line, "\n");

		snprintf(text, sizeof(text), "%.*s", (int)length, line);
		area.bottom = area.top + line_height;
		ui_paint_text(painter, area, label->font, label->align, text,
			      ui_colour(widget->ui, colour));
		if (!line[length])
			return;
		line += length + 1;
		area.top = area.bottom;
	}
}

static void label_destroy(struct ui_widget *widget)
{
	free(((struct label *)widget)->text);
}

struct ui_widget *ui_label(struct ui_widget *parent, const char *text)
{
	static const struct ui_class label_class = {
		.name = "label",
		.measure = label_measure,
		.draw = label_draw,
		.destroy = label_destroy,
	};
	struct label *label =
		(struct label *)ui_widget_create(parent, &label_class, sizeof(*label));

	label->text = ui_copy_text(text);
	label->colour = UI_COLOUR_TEXT;
	return &label->widget;
}

void ui_label_set_text(struct ui_widget *widget, const char *text)
{
	struct label *label = (struct label *)widget;
	int width, height;

	if (strcmp(label->text, text) == 0)
		return;
	free(label->text);
	label->text = ui_copy_text(text);
	ui_widget_damage(widget);
	/* A clock's text that needs no more room moves nothing. */
	label_measure(widget, &width, &height);
	if (width > ui_width(widget) || width > widget->need_width ||
	    height != widget->need_height || 2 * width < widget->need_width)
		ui_widget_relayout(widget);
}

void ui_label_format(struct ui_widget *label, const char *format, ...)
{
	char text[FORMATTED_MAX];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	ui_label_set_text(label, text);
}

void ui_label_set_style(struct ui_widget *widget, enum ui_font font, enum ui_colour colour,
			enum ui_align align)
{
	struct label *label = (struct label *)widget;

	label->font = font;
	label->colour = colour;
	label->align = align;
	ui_widget_damage(widget);
	ui_widget_relayout(widget);
}
