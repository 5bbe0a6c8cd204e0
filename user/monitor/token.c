/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The path of the token. */
#include "token.h"

#include "graph.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define TURN        6.2831853f
#define FIRST_SHOWN 8  /* the bucket of 256 ns to 512 ns */
#define LAST_SHOWN  27 /* that of 128 ms */
#define BARS        (LAST_SHOWN - FIRST_SHOWN + 1)

struct view {
	struct ui_widget widget;
	const struct token_state *state;
};

/* The circle of CPUs, 1/16 pixel. */
struct circle {
	struct blend_point middle;
	float radius;
	float node; /* radius of a CPU */
	unsigned cpus;
};

static struct circle circle_in(const struct ui *ui, struct blend_rectangle area, unsigned cpus)
{
	int side = area.right - area.left < area.bottom - area.top ? area.right - area.left
								   : area.bottom - area.top;
	struct circle circle = { .cpus = cpus };
	float distance;

	circle.middle.x = (area.left + area.right) * 8;
	circle.middle.y = (area.top + area.bottom) * 8;
	circle.node = (float)ui_pixels(ui, 15) * 16;
	circle.radius = (float)side * 8 - circle.node - (float)ui_pixels(ui, 2) * 16;
	distance = circle.radius * TURN / (float)(cpus ? cpus : 1);
	if (circle.node > distance * 0.38f)
		circle.node = distance * 0.38f;
	return circle;
}

static struct blend_point circle_place(const struct circle *circle, float index)
{
	float turn = index / (float)circle->cpus * TURN;

	return (struct blend_point){
		circle->middle.x + (int32_t)lroundf(sinf(turn) * circle->radius),
		circle->middle.y - (int32_t)lroundf(cosf(turn) * circle->radius),
	};
}

/* The arc from one CPU to the next: the more often the token goes there, the stronger. */
static void arc_draw(struct ui_painter *painter, const struct circle *circle, unsigned cpu,
		     uint64_t forwarded, uint64_t most)
{
	struct ui *ui = painter->ui;
	unsigned steps = 2 + 48 / circle->cpus;
	int width = ui_pixels(ui, 2) * 16;
	uint32_t colour = ui_colour(ui, UI_COLOUR_BORDER);

	if (forwarded && most) {
		colour = ui_mix(colour, ui_colour(ui, UI_COLOUR_ACCENT),
				80 + (unsigned)(176 * forwarded / most));
		width += (int)((uint64_t)ui_pixels(ui, 3) * 16 * forwarded / most);
	}
	for (unsigned i = 0; i < steps; i++) {
		struct blend_point from =
			circle_place(circle, (float)cpu + (float)i / (float)steps);
		struct blend_point to =
			circle_place(circle, (float)cpu + (float)(i + 1) / (float)steps);

		ui_paint_stroke(painter, from.x, from.y, to.x, to.y, width, colour);
	}
}

static void cpu_draw(struct ui_painter *painter, const struct circle *circle, unsigned cpu,
		     unsigned busy)
{
	struct ui *ui = painter->ui;
	struct blend_point place = circle_place(circle, (float)cpu);
	int radius = (int)circle->node, half = radius / 16, edge = ui_pixels(ui, 2) * 16;
	uint32_t accent = ui_colour(ui, UI_COLOUR_ACCENT);
	uint32_t fill = ui_mix(ui_colour(ui, UI_COLOUR_VIEW), accent, busy * 256 / 1000);
	struct blend_rectangle area = { place.x / 16 - half, place.y / 16 - half,
					place.x / 16 + half, place.y / 16 + half };
	char text[16];

	ui_paint_disc(painter, place.x, place.y, radius,
		      ui_mix(ui_colour(ui, UI_COLOUR_BORDER), accent, 64 + busy * 192 / 1000));
	ui_paint_disc(painter, place.x, place.y, radius - edge, fill);
	if (half < ui_line_height(ui, UI_FONT_NORMAL) / 2)
		return;
	snprintf(text, sizeof(text), "%u", cpu);
	ui_paint_text(painter, area, UI_FONT_BOLD, UI_ALIGN_CENTRE, text,
		      ui_colour(ui, busy > 500 ? UI_COLOUR_ACCENT_TEXT : UI_COLOUR_TEXT));
}

static void middle_draw(struct ui_painter *painter, const struct circle *circle, uint64_t laps)
{
	struct ui *ui = painter->ui;
	int x = circle->middle.x / 16, y = circle->middle.y / 16;
	int half = (int)(circle->radius - circle->node) / 16;
	int large = ui_line_height(ui, UI_FONT_HEADING), line = ui_line_height(ui, UI_FONT_NORMAL);
	char text[24];

	if (half < ui_pixels(ui, 30))
		return;
	snprintf(text, sizeof(text), "%llu", (unsigned long long)laps);
	ui_paint_text(painter, (struct blend_rectangle){ x - half, y - large, x + half, y },
		      UI_FONT_HEADING, UI_ALIGN_CENTRE, text, ui_colour(ui, UI_COLOUR_TEXT));
	ui_paint_text(painter, (struct blend_rectangle){ x - half, y, x + half, y + line },
		      UI_FONT_NORMAL, UI_ALIGN_CENTRE, "laps/s", ui_colour(ui, UI_COLOUR_TEXT_DIM));
}

static void circle_draw(struct ui_painter *painter, struct blend_rectangle area,
			const struct token_state *state)
{
	struct circle circle = circle_in(painter->ui, area, state->cpus);
	uint64_t most = 0;

	if (!state->cpus || circle.radius <= circle.node)
		return;
	for (unsigned i = 0; i < state->cpus; i++)
		most = state->forwarded[i] > most ? state->forwarded[i] : most;
	for (unsigned i = 0; i < state->cpus; i++)
		arc_draw(painter, &circle, i, state->forwarded[i], most);
	for (unsigned i = 0; i < state->cpus; i++)
		cpu_draw(painter, &circle, i, state->busy[i]);
	middle_draw(painter, &circle, state->laps);
}

static void bars_draw(struct ui_painter *painter, struct blend_rectangle area,
		      const struct token_state *state)
{
	struct ui *ui = painter->ui;
	static const struct {
		unsigned bar;
		const char *text;
	} marks[] = { { 2, "1 µs" }, { 12, "1 ms" }, { BARS - 1, "100 ms" } };
	int line = ui_line_height(ui, UI_FONT_NORMAL), width = area.right - area.left;
	int bottom = area.bottom - line - ui_pixels(ui, 4), top = area.top + line;
	uint64_t most = 0;

	ui_paint_text(painter,
		      (struct blend_rectangle){ area.left, area.top, area.right, area.top + line },
		      UI_FONT_NORMAL, UI_ALIGN_LEFT, "How long laps take",
		      ui_colour(ui, UI_COLOUR_TEXT_DIM));
	for (unsigned i = 0; i < BARS; i++)
		most = state->buckets[FIRST_SHOWN + i] > most ? state->buckets[FIRST_SHOWN + i]
							      : most;
	if (!most) {
		ui_paint_text(painter,
			      (struct blend_rectangle){ area.left, top, area.right, bottom },
			      UI_FONT_NORMAL, UI_ALIGN_CENTRE, "The token rests",
			      ui_colour(ui, UI_COLOUR_TEXT_DISABLED));
		most = 1;
	}
	for (unsigned i = 0; i < BARS; i++) {
		uint64_t count = state->buckets[FIRST_SHOWN + i];
		int left = area.left + (int)i * width / BARS;
		int right = area.left + (int)(i + 1) * width / BARS - ui_pixels(ui, 2);
		int height = (int)((uint64_t)(bottom - top) * count / most);

		if (count && height < ui_pixels(ui, 2))
			height = ui_pixels(ui, 2);
		ui_paint_round(painter,
			       (struct blend_rectangle){ left, bottom - height, right, bottom },
			       ui_pixels(ui, 2), ui_colour(ui, UI_COLOUR_ACCENT));
	}
	ui_paint_fill(painter,
		      (struct blend_rectangle){ area.left, bottom, area.right, bottom + 1 },
		      ui_colour(ui, UI_COLOUR_BORDER));
	for (unsigned i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		int x = area.left + (int)marks[i].bar * width / BARS;
		struct blend_rectangle place = { x, bottom + ui_pixels(ui, 4), area.right,
						 area.bottom };

		if (i == 2)
			place.left = area.left;
		ui_paint_text(painter, place, UI_FONT_NORMAL,
			      i == 2 ? UI_ALIGN_RIGHT : UI_ALIGN_LEFT, marks[i].text,
			      ui_colour(ui, UI_COLOUR_TEXT_DIM));
	}
}

static void view_draw(struct ui_widget *widget, struct ui_painter *painter)
{
	const struct token_state *state = ((const struct view *)widget)->state;
	struct blend_rectangle inside, left, right;
	struct ui_painter within;
	char value[96];

	snprintf(value, sizeof(value), "%llu hops/s, %llu handed on/s, %llu lost",
		 (unsigned long long)state->hops, (unsigned long long)state->donations,
		 (unsigned long long)state->lost);
	inside = card_draw(painter, widget->area, UI_ICON_REFRESH, "Token", value);
	if (blend_rectangle_is_empty(&inside))
		return;
	within = ui_painter_within(painter, inside);
	left = right = inside;
	left.right = left.left + (inside.right - inside.left) * 9 / 20;
	right.left = left.right + ui_pixels(widget->ui, 10);
	circle_draw(&within, left, state);
	bars_draw(&within, right, state);
}

static void view_measure(struct ui_widget *widget, int *width, int *height)
{
	*width = ui_pixels(widget->ui, 300);
	*height = ui_pixels(widget->ui, 160);
}

struct ui_widget *token_view(struct ui_widget *parent, const struct token_state *state)
{
	static const struct ui_class class = { .name = "token",
					       .measure = view_measure,
					       .draw = view_draw };
	struct view *view = (struct view *)ui_widget_create(parent, &class, sizeof(*view));

	view->state = state;
	ui_widget_set_grow(&view->widget, 1);
	return &view->widget;
}
