/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Input events as bytes of PS/2 devices. */
#include "serio.h"

#include <ddk/keys.h>

#define RELEASED     0x80
#define EXTENDED     0xe0
#define MOUSE_ALWAYS 0x08
#define MOUSE_LEFT   0x10 /* the ninth bit of the movement to the right */
#define MOUSE_DOWN   0x20 /* the same upwards */
#define MOVEMENT_MAX 255

/* Keys whose codes follow EXTENDED; the others have the code that is their number. */
static const struct {
	uint16_t key;
	uint8_t code;
} extended_keys[] = {
	{ KEY_PAD_ENTER, 0x1c },   { KEY_RIGHT_CTRL, 0x1d }, { KEY_MUTE, 0x20 },
	{ KEY_VOLUME_DOWN, 0x2e }, { KEY_VOLUME_UP, 0x30 },  { KEY_PAD_SLASH, 0x35 },
	{ KEY_PRINT, 0x37 },       { KEY_RIGHT_ALT, 0x38 },  { KEY_HOME, 0x47 },
	{ KEY_UP, 0x48 },          { KEY_PAGE_UP, 0x49 },    { KEY_LEFT, 0x4b },
	{ KEY_RIGHT, 0x4d },       { KEY_END, 0x4f },        { KEY_DOWN, 0x50 },
	{ KEY_PAGE_DOWN, 0x51 },   { KEY_INSERT, 0x52 },     { KEY_DELETE, 0x53 },
	{ KEY_LEFT_META, 0x5b },   { KEY_RIGHT_META, 0x5c }, { KEY_MENU, 0x5d },
	{ KEY_POWER, 0x5e },       { KEY_SLEEP, 0x5f },
};

/* It sends its release with its press. */
static size_t encode_pause(bool down, uint8_t *bytes)
{
	static const uint8_t sequence[] = { 0xe1, 0x1d, 0x45, 0xe1, 0x9d, 0xc5 };

	for (size_t i = 0; down && i < sizeof(sequence); i++)
		bytes[i] = sequence[i];
	return down ? sizeof(sequence) : 0;
}

static size_t encode_key(unsigned key, bool down, uint8_t *bytes)
{
	const uint8_t released = down ? 0 : RELEASED;

	if (key == KEY_PAUSE)
		return encode_pause(down, bytes);
	for (size_t i = 0; i < array_length(extended_keys); i++) {
		if (extended_keys[i].key != key)
			continue;
		bytes[0] = EXTENDED;
		bytes[1] = extended_keys[i].code | released;
		return 2;
	}
	if (key == KEY_NONE || key > KEY_F12)
		return 0;
	bytes[0] = (uint8_t)(key | released);
	return 1;
}

/* The part of a movement that one packet can tell. */
static int clip(int movement)
{
	if (movement > MOVEMENT_MAX)
		return MOVEMENT_MAX;
	return movement < -MOVEMENT_MAX ? -MOVEMENT_MAX : movement;
}

static size_t encode_move(const struct serio_mouse *mouse, int right, int down, uint8_t *bytes)
{
	size_t length = 0;

	do {
		int across = clip(right), up = -clip(down);

		bytes[length++] =
			(uint8_t)(MOUSE_ALWAYS | mouse->buttons | (across < 0 ? MOUSE_LEFT : 0) |
				  (up < 0 ? MOUSE_DOWN : 0));
		bytes[length++] = (uint8_t)across;
		bytes[length++] = (uint8_t)up;
		right -= across;
		down += up;
	} while ((right || down) && length < SERIO_BYTES_MAX);
	return length;
}

static size_t encode_button(struct serio_mouse *mouse, unsigned button, bool down, uint8_t *bytes)
{
	unsigned bit;

	if (button == BUTTON_LEFT)
		bit = 1;
	else if (button == BUTTON_RIGHT)
		bit = 2;
	else
		bit = 4;
	mouse->buttons = down ? mouse->buttons | bit : mouse->buttons & ~bit;
	return encode_move(mouse, 0, 0, bytes);
}

size_t serio_encode(struct serio_mouse *mouse, const struct input_event *event, uint8_t *bytes,
		    enum serio_port *port)
{
	*port = SERIO_MOUSE;
	if (event->kind == INPUT_MOVE)
		return encode_move(mouse, event->value, event->value2, bytes);
	if (event->kind != INPUT_KEY)
		return 0;
	if (event->code >= BUTTON_LEFT && event->code <= BUTTON_MIDDLE)
		return encode_button(mouse, event->code, event->value != 0, bytes);
	*port = SERIO_KEYBOARD;
	return encode_key(event->code, event->value != 0, bytes);
}
