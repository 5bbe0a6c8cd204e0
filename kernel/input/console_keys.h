/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From keys and what the layout makes of them to the characters and escape sequences that Linux's
 * console sends (terminfo's "linux"). Pure: no locks, no devices.
 */
#pragma once

#include <base/types.h>
#include <input/input.h>

#define CONSOLE_TEXT_MAX 16

struct console_keys_result {
	char text[CONSOLE_TEXT_MAX];
	size_t length;
	bool is_command;
	enum input_command command;
};

/* What pressing a key (an event INPUT_KEY) sends; `mode`: enum input_mode. */
void console_keys_translate(const struct input_event *event, unsigned mode,
			    struct console_keys_result *result);
