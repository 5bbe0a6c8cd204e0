/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What programs write to their windows: a letter, and behind a comma what it is about. */
#include <base/errno.h>
#include <base/string.h>

#include "orbital_priv.h"

#define AREAS_AT_ONCE 16

/* A number that may be missing, and leaves *value as it is then. */
static bool take_number(struct orbital_words *words, int32_t *value)
{
	struct orbital_word word = orbital_next_word(words);

	return word.length == 0 || orbital_word_number(word, value);
}

static int take_switch(struct orbital_words *words, bool *on)
{
	struct orbital_word word = orbital_rest(words);

	*on = orbital_word_is(word, "1");
	return *on || orbital_word_is(word, "0") ? 0 : -EINVAL;
}

static void set_async(struct orbital_window *window, bool on)
{
	window->async = on;
	/* A reader that waits is not to do so any more. */
	wait_wake_all(window_event_queue(window->window));
}

static int command_async(struct orbital_window *window, struct orbital_words *words)
{
	bool on;
	int error = take_switch(words, &on);

	if (!error)
		set_async(window, on);
	return error;
}

/* Which edges a letter means: window_begin_resize(). */
static unsigned edges_of(char letter)
{
	switch (letter) {
	case 'L':
		return 1;
	case 'R':
		return 2;
	case 'T':
		return 4;
	case 'B':
		return 8;
	default:
		return 0;
	}
}

static int command_drag(struct orbital_window *window, struct orbital_words *words)
{
	struct orbital_word word = orbital_rest(words);

	if (word.length == 0 || orbital_word_is(word, "M")) {
		window_begin_drag(window->window);
		return 0;
	}
	/* A drag ends with the button: there is nothing to be done. */
	if (orbital_word_is(word, "0"))
		return 0;
	if (word.length != 1 || !edges_of(word.text[0]))
		return -EINVAL;
	window_begin_resize(window->window, edges_of(word.text[0]));
	return 0;
}

static int command_flags(struct orbital_window *window, struct orbital_words *words)
{
	struct orbital_word letters = orbital_next_word(words);
	bool on;
	int error = take_switch(words, &on);

	for (size_t i = 0; !error && i < letters.length; i++)
		error = orbital_flag_of(letters.text[i]) ? 0 : -EINVAL;
	for (size_t i = 0; !error && i < letters.length; i++) {
		unsigned flag = orbital_flag_of(letters.text[i]);

		if (flag == ORBITAL_ASYNC)
			set_async(window, on);
		else
			error = window_set_flag(window->window, flag, on);
	}
	return error;
}

static int command_pointer(struct orbital_window *window, struct orbital_words *words)
{
	struct orbital_word what = orbital_next_word(words);
	bool on;
	int error = take_switch(words, &on);

	if (error)
		return error;
	if (orbital_word_is(what, "C"))
		window_show_cursor(window->window, on);
	else if (orbital_word_is(what, "G"))
		window_grab_pointer(window->window, on);
	else if (orbital_word_is(what, "R"))
		window_set_relative(window->window, on);
	else
		return -EINVAL;
	return 0;
}

/* What the pointer looks like over the window: enum orbital_pointer. */
static int command_shape(struct orbital_window *window, struct orbital_words *words)
{
	int32_t shape;

	if (!orbital_word_number(orbital_rest(words), &shape) || shape < 0)
		return -EINVAL;
	return window_set_pointer(window->window, (unsigned)shape);
}

static int command_place(struct orbital_window *window, struct orbital_words *words)
{
	struct window_properties now;

	window_read_properties(window->window, &now);
	if (!take_number(words, &now.x) || !take_number(words, &now.y) || !words->over)
		return -EINVAL;
	window_move(window->window, now.x, now.y);
	return 0;
}

static int command_size(struct orbital_window *window, struct orbital_words *words)
{
	struct window_properties now;

	window_read_properties(window->window, &now);
	if (!take_number(words, &now.width) || !take_number(words, &now.height) || !words->over)
		return -EINVAL;
	return window_resize(window->window, now.width, now.height);
}

static int command_title(struct orbital_window *window, struct orbital_words *words)
{
	struct orbital_word text = orbital_rest(words);
	char title[WINDOW_TITLE_MAX + 1];
	size_t length = orbital_clean_title(text.text, text.length, title);

	window_set_title(window->window, title, length);
	return 0;
}

static int32_t limit(int32_t value, int32_t low, int32_t high)
{
	if (value < low)
		return low;
	return value > high ? high : value;
}

/* Four numbers; those that are none are 0. Far away is as good as farther. */
static struct blend_rectangle take_area(struct orbital_words *words)
{
	int32_t numbers[4] = { 0 };

	for (size_t i = 0; i < array_length(numbers); i++)
		orbital_word_number(orbital_next_word(words), &numbers[i]);
	return blend_rectangle(limit(numbers[0], -BLEND_COORDINATE_MAX / 2, WINDOW_SIDE_MAX),
			       limit(numbers[1], -BLEND_COORDINATE_MAX / 2, WINDOW_SIDE_MAX),
			       limit(numbers[2], 0, BLEND_COORDINATE_MAX / 2),
			       limit(numbers[3], 0, BLEND_COORDINATE_MAX / 2));
}

static int command_sync(struct orbital_window *window, struct orbital_words *words)
{
	struct blend_rectangle areas[AREAS_AT_ONCE];

	while (!words->over) {
		unsigned count = 0;

		while (!words->over && count < AREAS_AT_ONCE)
			areas[count++] = take_area(words);
		window_sync(window->window, areas, count);
	}
	return 0;
}

static int (*const commands[128])(struct orbital_window *window, struct orbital_words *words) = {
	['C'] = command_shape, ['A'] = command_async,   ['D'] = command_drag,
	['F'] = command_flags, ['M'] = command_pointer, ['P'] = command_place,
	['S'] = command_size,  ['T'] = command_title,   ['Y'] = command_sync,
};

int orbital_command(struct orbital_window *window, const char *text, size_t length)
{
	struct orbital_words words = orbital_words(text, length, ',');
	struct orbital_word name = orbital_next_word(&words);
	unsigned char letter = name.length == 1 ? (unsigned char)name.text[0] : 0;

	if (letter >= array_length(commands) || !commands[letter])
		return -EINVAL;
	return commands[letter](window, &words);
}
