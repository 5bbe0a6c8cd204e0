/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Icons: shapes in a square of 24 x 24 units (icon_data.c), drawn as coverage in any size.
 *
 * A path is made of commands, each a letter and numbers:
 *	W w		lines are so wide from here on (1.75 at first)
 *	M x y x y ...	a line through these points; its ends and bends are round
 *	Z x y x y ...	the same, closed
 *	P x y x y ...	a filled polygon
 *	C x y r		a circle, O x y r: a disc
 *	A x y r a b	an arc, from angle a to b (degrees, 0: right, 90: down)
 *	R x y w h r	a rectangle with round corners, F: a filled one
 * Coverage comes from the distance to what a command draws, so that all of it is smooth.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ui_priv.h"

#define UNITS       24.0f
#define LINE_WIDTH  1.75f
#define NUMBERS_MAX 48
#define MASKS_MAX   192 /* kept */
#define DEGREE      0.017453292f

struct command {
	char letter;
	unsigned count;
	float numbers[NUMBERS_MAX];
};

struct mask {
	enum ui_icon icon;
	unsigned part;
	int side;
	uint8_t *coverage;
};

/* Takes the next command off a path; NULL at its end. */
static const char *next_command(const char *path, struct command *command)
{
	while (*path == ' ')
		path++;
	if (!*path)
		return NULL;
	command->letter = *path++;
	command->count = 0;
	for (;;) {
		char *end;
		float number = strtof(path, &end);

		if (end == path || command->count == NUMBERS_MAX)
			return path;
		command->numbers[command->count++] = number;
		path = end;
	}
}

static float distance_to_segment(float x, float y, const float *from, const float *to)
{
	float dx = to[0] - from[0], dy = to[1] - from[1];
	float length = dx * dx + dy * dy;
	float at = length > 0 ? ((x - from[0]) * dx + (y - from[1]) * dy) / length : 0;

	at = at < 0 ? 0 : at > 1 ? 1 : at;
	return hypotf(x - from[0] - at * dx, y - from[1] - at * dy);
}

static float distance_to_lines(float x, float y, const struct command *command, bool closed)
{
	const float *points = command->numbers;
	unsigned count = command->count / 2;
	float best = hypotf(x - points[0], y - points[1]);

	for (unsigned i = 0; i + 1 < count + closed; i++) {
		unsigned next = (i + 1) % count;
		float distance = distance_to_segment(x, y, points + (size_t)2 * i,
						     points + (size_t)2 * next);

		best = distance < best ? distance : best;
	}
	return best;
}

/* Negative inside. */
static float distance_to_polygon(float x, float y, const struct command *command)
{
	const float *points = command->numbers;
	unsigned count = command->count / 2;
	float distance = distance_to_lines(x, y, command, true);
	bool inside = false;

	for (unsigned i = 0, j = count - 1; i < count; j = i++) {
		const float *a = points + (size_t)2 * i, *b = points + (size_t)2 * j;

		if ((a[1] > y) != (b[1] > y) &&
		    x < (b[0] - a[0]) * (y - a[1]) / (b[1] - a[1]) + a[0])
			inside = !inside;
	}
	return inside ? -distance : distance;
}

static float distance_to_arc(float x, float y, const float *arc)
{
	float angle = atan2f(y - arc[1], x - arc[0]) / DEGREE, from = arc[3], to = arc[4];
	float ends[2];

	while (angle < from)
		angle += 360;
	if (angle <= to)
		return fabsf(hypotf(x - arc[0], y - arc[1]) - arc[2]);
	for (int i = 0; i < 2; i++) {
		float end = (i ? to : from) * DEGREE;

		ends[i] = hypotf(x - arc[0] - arc[2] * cosf(end), y - arc[1] - arc[2] * sinf(end));
	}
	return ends[0] < ends[1] ? ends[0] : ends[1];
}

/* Negative inside. */
static float distance_to_round(float x, float y, const float *box)
{
	float radius = box[4];
	float dx = fabsf(x - box[0] - box[2] / 2) - box[2] / 2 + radius;
	float dy = fabsf(y - box[1] - box[3] / 2) - box[3] / 2 + radius;
	float outside = hypotf(dx > 0 ? dx : 0, dy > 0 ? dy : 0);
	float inside = dx > dy ? dx : dy;

	return outside + (inside < 0 ? inside : 0) - radius;
}

/* How far a place is outside of what the command draws, negative inside. */
static float distance_to_command(float x, float y, const struct command *command, float width)
{
	const float *numbers = command->numbers;

	switch (command->letter) {
	case 'M':
		return distance_to_lines(x, y, command, false) - width / 2;
	case 'Z':
		return distance_to_lines(x, y, command, true) - width / 2;
	case 'P':
		return distance_to_polygon(x, y, command);
	case 'C':
		return fabsf(hypotf(x - numbers[0], y - numbers[1]) - numbers[2]) - width / 2;
	case 'O':
		return hypotf(x - numbers[0], y - numbers[1]) - numbers[2];
	case 'A':
		return distance_to_arc(x, y, numbers) - width / 2;
	case 'R':
		return fabsf(distance_to_round(x, y, numbers)) - width / 2;
	case 'F':
		return distance_to_round(x, y, numbers);
	}
	return UNITS;
}

static void draw_command(uint8_t *coverage, int side, const struct command *command, float width)
{
	float unit = UNITS / (float)side;

	for (int y = 0; y < side; y++)
		for (int x = 0; x < side; x++) {
			float distance =
				distance_to_command(((float)x + 0.5f) * unit,
						    ((float)y + 0.5f) * unit, command, width) /
				unit;
			float part = 0.5f - distance;
			uint8_t value = part <= 0 ? 0 : part >= 1 ? 255 : (uint8_t)(part * 255);

			if (value > coverage[y * side + x])
				coverage[y * side + x] = value;
		}
}

static uint8_t *draw_path(const char *path, int side)
{
	uint8_t *coverage = ui_allocate((size_t)side * (size_t)side);
	float width = LINE_WIDTH;
	struct command command;

	while ((path = next_command(path, &command)))
		if (command.letter == 'W')
			width = command.numbers[0];
		else
			draw_command(coverage, side, &command, width);
	return coverage;
}

unsigned ui_icon_parts(enum ui_icon icon)
{
	unsigned count = 0;

	while (count < UI_ICON_PARTS_MAX && ui_icon_shapes[icon][count].path)
		count++;
	return count;
}

const uint8_t *ui_icon_mask(enum ui_icon icon, unsigned part, int side, uint32_t *colour)
{
	static struct mask masks[MASKS_MAX];
	static unsigned next;
	struct mask *mask;

	*colour = ui_icon_shapes[icon][part].colour;
	for (unsigned i = 0; i < MASKS_MAX; i++)
		if (masks[i].icon == icon && masks[i].part == part && masks[i].side == side)
			return masks[i].coverage;
	mask = &masks[next];
	next = (next + 1) % MASKS_MAX;
	free(mask->coverage);
	*mask = (struct mask){ icon, part, side, draw_path(ui_icon_shapes[icon][part].path, side) };
	return mask->coverage;
}
