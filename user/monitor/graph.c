/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Graphs. */
#include "graph.h"

#include <string.h>

#define GAP     10 /* points: between graphs, and inside of frames */
#define LINES   4  /* parts of the height, between lines; half as many where it is low */
#define LOW     90
#define SMALL_W 150
#define SMALL_H 64

struct view {
	struct ui_widget widget;
	struct graph *graphs;
	unsigned count;
};

void series_add(struct series *series, uint64_t value)
{
	memmove(series->values, series->values + 1, sizeof(series->values) - sizeof(value));
	series->values[GRAPH_SAMPLES - 1] = value;
	if (series->count < GRAPH_SAMPLES)
		series->count++;
}

/* `part` of 255 of a colour, premultiplied. */
static uint32_t faded(uint32_t colour, unsigned part)
{
	return blend_premultiply((colour & 0xffffff) | part << 24);
}

struct blend_rectangle card_draw(struct ui_painter *painter, struct blend_rectangle area,
				 enum ui_icon icon, const char *title, const char *value)
{
	struct ui *ui = painter->ui;
	int gap = ui_pixels(ui, GAP), line = ui_line_height(ui, UI_FONT_NORMAL);
	struct blend_rectangle head = { area.left + gap, area.top + ui_pixels(ui, 7),
					area.right - gap, 0 };

	head.bottom = head.top + line;
	ui_paint_round(painter, area, ui_pixels(ui, 8), ui_colour(ui, UI_COLOUR_BORDER));
	area.left += ui_pixels(ui, 1);
	area.top += ui_pixels(ui, 1);
	area.right -= ui_pixels(ui, 1);
	area.bottom -= ui_pixels(ui, 1);
	ui_paint_round(painter, area, ui_pixels(ui, 7), ui_colour(ui, UI_COLOUR_VIEW));
	ui_paint_text(painter, head, UI_FONT_NORMAL, UI_ALIGN_RIGHT, value,
		      ui_colour(ui, UI_COLOUR_TEXT_DIM));
	if (icon != UI_ICON_NONE) {
		struct blend_rectangle place = head;

		place.right = place.left + ui_pixels(ui, 16);
		ui_paint_icon(painter, place, icon, 16, ui_colour(ui, UI_COLOUR_TEXT_DIM));
		head.left = place.right + ui_pixels(ui, 7);
	}
	ui_paint_text(painter, head, UI_FONT_BOLD, UI_ALIGN_LEFT, title,
		      ui_colour(ui, UI_COLOUR_TEXT));
	return (struct blend_rectangle){ area.left + gap, head.bottom + ui_pixels(ui, 6),
					 area.right - gap, area.bottom - gap };
}

/* What the upper edge stands for: a bit more than the largest value. */
static uint64_t graph_full(const struct graph *graph)
{
	uint64_t most = 16;

	if (graph->full)
		return graph->full;
	for (unsigned i = 0; i < graph->series_count; i++) {
		for (unsigned at = 0; at < GRAPH_SAMPLES; at++) {
			if (graph->series[i].values[at] > most)
				most = graph->series[i].values[at];
		}
	}
	return most + most / 8;
}

static void series_draw(struct ui_painter *painter, struct blend_rectangle area,
			const struct series *series, uint64_t full, uint32_t colour)
{
	struct blend_point points[GRAPH_SAMPLES + 2];
	int width = (area.right - area.left) * 16, height = (area.bottom - area.top) * 16;
	int thick = ui_pixels(painter->ui, 1) * 16 + 6;
	unsigned first = GRAPH_SAMPLES - series->count;

	if (!series->count)
		return;
	for (unsigned i = 0; i < GRAPH_SAMPLES; i++) {
		uint64_t value = series->values[i] < full ? series->values[i] : full;
		int64_t up = (int64_t)(value * (uint64_t)(height - thick) / full);

		points[i].x = area.left * 16 + (int)i * width / (GRAPH_SAMPLES - 1);
		points[i].y = area.bottom * 16 - thick / 2 - (int)up;
	}
	points[GRAPH_SAMPLES] = (struct blend_point){ area.right * 16, area.bottom * 16 };
	points[GRAPH_SAMPLES + 1] = (struct blend_point){ points[first].x, area.bottom * 16 };
	ui_paint_polygon(painter, points + first, GRAPH_SAMPLES + 2 - first, faded(colour, 48));
	for (unsigned i = first; i + 1 < GRAPH_SAMPLES; i++)
		ui_paint_stroke(painter, points[i].x, points[i].y, points[i + 1].x, points[i + 1].y,
				thick, colour);
}

static void legend_draw(struct ui_painter *painter, struct blend_rectangle area,
			const struct graph *graph)
{
	struct ui *ui = painter->ui;
	int x = area.left + ui_pixels(ui, 4), line = ui_line_height(ui, UI_FONT_NORMAL);
	int middle = area.top + ui_pixels(ui, 4) + line / 2;

	for (unsigned i = 0; i < graph->series_count; i++) {
		const char *text = graph->legend[i];
		int radius = ui_pixels(ui, 4);

		if (!text)
			continue;
		ui_paint_disc(painter, (x + radius) * 16, middle * 16, radius * 16,
			      ui_colour(ui, graph->colours[i]));
		x = ui_paint_text_at(painter, x + 2 * radius + ui_pixels(ui, 5), middle - line / 2,
				     UI_FONT_NORMAL, text, strlen(text),
				     ui_colour(ui, UI_COLOUR_TEXT_DIM)) +
		    ui_pixels(ui, 14);
	}
}

static void graph_draw(struct ui_painter *painter, struct blend_rectangle area,
		       const struct graph *graph)
{
	struct ui *ui = painter->ui;
	struct blend_rectangle inside =
		card_draw(painter, area, graph->icon, graph->title, graph->value);
	struct ui_painter within = ui_painter_within(painter, inside);
	uint64_t full = graph_full(graph);
	int height = inside.bottom - inside.top;
	int lines = height < ui_pixels(ui, LOW) ? LINES / 2 : LINES;

	if (blend_rectangle_is_empty(&inside))
		return;
	for (int i = 0; i <= lines; i++) {
		int y = inside.top + (height - 1) * i / lines;

		ui_paint_fill(&within,
			      (struct blend_rectangle){ inside.left, y, inside.right, y + 1 },
			      faded(ui_colour(ui, UI_COLOUR_BORDER), i == lines ? 255 : 110));
	}
	/* The last series is in front. */
	for (unsigned i = 0; i < graph->series_count; i++)
		series_draw(&within, inside, &graph->series[i], full,
			    ui_colour(ui, graph->colours[i]));
	legend_draw(&within, inside, graph);
}

/* How many columns make graphs that are about twice as wide as high, and leave few gaps. */
static unsigned view_columns(const struct view *view)
{
	unsigned best = 1;
	int best_error = INT32_MAX;

	for (unsigned columns = 1; columns <= view->count; columns++) {
		unsigned rows = (view->count + columns - 1) / columns;
		int width = ui_width(&view->widget) / (int)columns;
		int height = ui_height(&view->widget) / (int)rows;
		int error = width > 2 * height ? width - 2 * height : 2 * height - width;

		error += (int)(columns * rows - view->count) * 100;

		if (error < best_error) {
			best_error = error;
			best = columns;
		}
	}
	return best;
}

static void view_draw(struct ui_widget *widget, struct ui_painter *painter)
{
	const struct view *view = (const struct view *)widget;
	int columns = (int)view_columns(view);
	int rows = ((int)view->count + columns - 1) / columns;
	int gap = ui_pixels(widget->ui, GAP);
	int width = ui_width(widget) + gap, height = ui_height(widget) + gap;

	for (int i = 0; i < (int)view->count; i++) {
		struct blend_rectangle area = {
			widget->area.left + i % columns * width / columns,
			widget->area.top + i / columns * height / rows,
			widget->area.left + (i % columns + 1) * width / columns - gap,
			widget->area.top + (i / columns + 1) * height / rows - gap,
		};

		graph_draw(painter, area, &view->graphs[i]);
	}
}

static void view_measure(struct ui_widget *widget, int *width, int *height)
{
	*width = ui_pixels(widget->ui, SMALL_W);
	*height = ui_pixels(widget->ui, SMALL_H);
}

struct ui_widget *graph_view(struct ui_widget *parent, struct graph *graphs, unsigned count)
{
	static const struct ui_class class = { .name = "graphs",
					       .measure = view_measure,
					       .draw = view_draw };
	struct view *view = (struct view *)ui_widget_create(parent, &class, sizeof(*view));

	view->graphs = graphs;
	view->count = count;
	ui_widget_set_grow(&view->widget, 1);
	return &view->widget;
}
