/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The loader's voice (console.h). */
#include "console.h"

#include "firmware.h"

#include <base/format.h>

#define LINE_MAX            256
#define POLLS_PER_SECOND    10
#define MICROSECONDS_SECOND 1000000

void console_print(const char *format, ...)
{
	SIMPLE_TEXT_OUTPUT_INTERFACE *output = firmware.system->ConOut;
	char text[LINE_MAX];
	CHAR16 wide[2 * LINE_MAX]; /* every byte may become CR LF */
	size_t length = 0;
	va_list arguments;

	if (!output)
		return;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);

	for (const char *next = text; *next; next++) {
		if (*next == '\n')
			wide[length++] = '\r';
		wide[length++] = (CHAR16)(unsigned char)*next;
	}
	wide[length] = 0;
	output->OutputString(output, wide);
}

void console_wait_key(unsigned seconds)
{
	SIMPLE_INPUT_INTERFACE *input = firmware.system->ConIn;
	EFI_INPUT_KEY key;

	for (unsigned i = 0; i < seconds * POLLS_PER_SECOND; i++) {
		if (input && input->ReadKeyStroke(input, &key) == EFI_SUCCESS)
			return;
		firmware.boot->Stall(MICROSECONDS_SECOND / POLLS_PER_SECOND);
	}
}
