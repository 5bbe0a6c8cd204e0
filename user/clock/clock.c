/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A clock: hands, digits, the date. It wakes when the second changes, and for nothing else. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <ui.h>

#define TURN       6.2831853f
#define FACE_MARKS 60

struct face {
	struct ui_widget widget;
	struct tm time;
};

struct program {
	struct ui *ui;
	struct face *face;
	struct ui_widget *digits, *date;
};

/* A place on the face, in 1/16 pixel: `part` of a turn from the top, and how far out. */
static struct blend_point place(struct blend_point middle, float part, float distance)
{
	return (struct blend_point){
		.x = middle.x + (int32_t)lroundf(sinf(part * TURN) * distance * 16),
		.y = middle.y - (int32_t)lroundf(cosf(part * TURN) * distance * 16),
	};
}

static void draw_hand(struct ui_painter *painter, struct blend_point middle, float part, float from,
		      float to, float width, uint32_t colour)
{
	struct blend_point start = place(middle, part, from), end = place(middle, part, to);

	ui_paint_stroke(painter, start.x, start.y, end.x, end.y, (int)lroundf(width * 16), colour);
}

static void draw_marks(struct ui_painter *painter, struct blend_point middle, float radius)
{
	struct ui *ui = painter->ui;

	for (int i = 0; i < FACE_MARKS; i++) {
		bool hour = i % 5 == 0;

		draw_hand(painter, middle, (float)i / FACE_MARKS, radius * (hour ? 0.84f : 0.90f),
			  radius * 0.93f, radius * (hour ? 0.022f : 0.010f),
			  ui_colour(ui, hour ? UI_COLOUR_TEXT : UI_COLOUR_TEXT_DISABLED));
	}
}

static void face_draw(struct ui_widget *widget, struct ui_painter *painter)
{
	const struct face *face = (const struct face *)widget;
	struct ui *ui = widget->ui;
	int side = ui_width(widget) < ui_height(widget) ? ui_width(widget) : ui_height(widget);
	float radius = (float)side / 2 - (float)ui_pixels(ui, 4);
	float seconds = (float)face->time.tm_sec / 60;
	float minutes = ((float)face->time.tm_min + seconds) / 60;
	float hours = ((float)(face->time.tm_hour % 12) + minutes) / 12;
	struct blend_point middle = { (widget->area.left + widget->area.right) * 8,
				      (widget->area.top + widget->area.bottom) * 8 };
	uint32_t text = ui_colour(ui, UI_COLOUR_TEXT), accent = ui_colour(ui, UI_COLOUR_ACCENT);

	if (radius < 10)
		return;
	ui_paint_disc(painter, middle.x, middle.y, (int)(radius * 16),
		      ui_colour(ui, UI_COLOUR_BORDER));
	ui_paint_disc(painter, middle.x, middle.y, (int)((radius - (float)ui_pixels(ui, 1)) * 16),
		      ui_colour(ui, UI_COLOUR_VIEW));
	draw_marks(painter, middle, radius);
	draw_hand(painter, middle, hours, 0, radius * 0.50f, radius * 0.050f, text);
	draw_hand(painter, middle, minutes, 0, radius * 0.74f, radius * 0.034f, text);
	draw_hand(painter, middle, seconds, -radius * 0.14f, radius * 0.82f, radius * 0.014f,
		  accent);
	ui_paint_disc(painter, middle.x, middle.y, (int)(radius * 0.045f * 16), accent);
	ui_paint_disc(painter, middle.x, middle.y, (int)(radius * 0.018f * 16),
		      ui_colour(ui, UI_COLOUR_VIEW));
}

static void tick(void *argument)
{
	struct program *program = argument;
	struct timespec now;
	char text[64];

	clock_gettime(CLOCK_REALTIME, &now);
	localtime_r(&now.tv_sec, &program->face->time);
	strftime(text, sizeof(text), "%H:%M:%S", &program->face->time);
	ui_label_set_text(program->digits, text);
	strftime(text, sizeof(text), "%A, %-d %B %Y", &program->face->time);
	ui_label_set_text(program->date, text);
	ui_widget_damage(&program->face->widget);
	/* A little behind the change: a wake-up in front of it would need another one. */
	ui_timer_start(program->ui, (unsigned)((1001000000 - now.tv_nsec) / 1000000 + 1), false,
		       tick, program);
}

int main(void)
{
	static const struct ui_class face_class = { .name = "face", .draw = face_draw };
	struct program program = { 0 };
	struct ui_widget *root;
	int status;

	program.ui = ui_open(&(struct ui_options){ .title = "Clock", .width = 300, .height = 380 });
	root = ui_root(program.ui);
	ui_box_set_padding(root, 20, 18);
	ui_box_set_spacing(root, 6);
	program.face = (struct face *)ui_widget_create(root, &face_class, sizeof(*program.face));
	ui_widget_set_grow(&program.face->widget, 1);
	program.digits = ui_label(root, "00:00:00");
	ui_label_set_style(program.digits, UI_FONT_HEADING, UI_COLOUR_TEXT, UI_ALIGN_CENTRE);
	program.date = ui_label(root, "");
	ui_label_set_style(program.date, UI_FONT_NORMAL, UI_COLOUR_TEXT_DIM, UI_ALIGN_CENTRE);
	tick(&program);
	status = ui_run(program.ui);
	ui_close(program.ui);
	return status;
}
