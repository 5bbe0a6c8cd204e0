/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "decode.h"

#include <ddk/keys.h>

#define PREFIX_EXTENDED     0xe0
#define PREFIX_PAUSE        0xe1
#define RELEASED            0x80
#define CODE_PRINT_WITH_ALT 0x54 /* the key has another code while alt is held */
#define CODE_PAUSE_TAIL     2    /* e1 1d 45, and e1 9d c5 at once */

#define MOUSE_ALWAYS       0x08
#define MOUSE_BUTTONS      0x07
#define MOUSE_NEGATIVE_X   0x10
#define MOUSE_NEGATIVE_Y   0x20
#define MOUSE_OVERFLOW     0xc0
#define MOUSE_MORE_BUTTONS 0x30 /* of the fourth byte */

/* Codes without a prefix are numbered as the keys are, but for a gap. */
static unsigned plain_key(uint8_t code)
{
	if (code == CODE_PRINT_WITH_ALT)
		return KEY_PRINT;
	if (code <= KEY_PAD_DOT || (code >= KEY_102ND && code <= KEY_F12))
		return code;
	return KEY_NONE;
}

static unsigned extended_key(uint8_t code)
{
	static const uint16_t keys[RELEASED] = {
		[0x1c] = KEY_PAD_ENTER,   [0x1d] = KEY_RIGHT_CTRL, [0x20] = KEY_MUTE,
		[0x2e] = KEY_VOLUME_DOWN, [0x30] = KEY_VOLUME_UP,  [0x35] = KEY_PAD_SLASH,
		[0x37] = KEY_PRINT,       [0x38] = KEY_RIGHT_ALT,  [0x46] = KEY_PAUSE,
		[0x47] = KEY_HOME,        [0x48] = KEY_UP,         [0x49] = KEY_PAGE_UP,
		[0x4b] = KEY_LEFT,        [0x4d] = KEY_RIGHT,      [0x4f] = KEY_END,
		[0x50] = KEY_DOWN,        [0x51] = KEY_PAGE_DOWN,  [0x52] = KEY_INSERT,
		[0x53] = KEY_DELETE,      [0x5b] = KEY_LEFT_META,  [0x5c] = KEY_RIGHT_META,
		[0x5d] = KEY_MENU,        [0x5e] = KEY_POWER,      [0x5f] = KEY_SLEEP,
	};

	/* The shifts that keyboards send around some of these for old programs are not here. */
	return keys[code];
}

bool scancode_decode(struct scancode_decoder *decoder, uint8_t byte, struct scancode_event *event)
{
	uint8_t code = byte & (uint8_t)~RELEASED;
	bool extended = decoder->prefix == PREFIX_EXTENDED;

	if (decoder->skip) {
		decoder->skip--;
		/* Pause comes as if pressed and released; the first half ends with 0x45. */
		*event = (struct scancode_event){ .key = KEY_PAUSE, .down = true, .up = true };
		return decoder->skip == 0 && byte == KEY_NUM_LOCK;
	}
	if (byte == PREFIX_PAUSE) {
		decoder->skip = CODE_PAUSE_TAIL;
		decoder->prefix = 0;
		return false;
	}
	if (byte == PREFIX_EXTENDED) {
		decoder->prefix = byte;
		return false;
	}
	decoder->prefix = 0;
	event->key = extended ? extended_key(code) : plain_key(code);
	event->down = !(byte & RELEASED);
	event->up = !event->down;
	return event->key != KEY_NONE;
}

bool mouse_decode(struct mouse_decoder *decoder, uint8_t byte, struct mouse_event *event)
{
	const uint8_t *bytes = decoder->bytes;

	/* The first byte of a packet can be told, as a rule: so we get into step. */
	if (decoder->count == 0 && !(byte & MOUSE_ALWAYS))
		return false;
	decoder->bytes[decoder->count++] = byte;
	if (decoder->count < decoder->length)
		return false;
	decoder->count = 0;
	*event = (struct mouse_event){ .buttons = bytes[0] & MOUSE_BUTTONS };
	if (!(bytes[0] & MOUSE_OVERFLOW)) {
		event->right = bytes[1] - (bytes[0] & MOUSE_NEGATIVE_X ? 256 : 0);
		event->down = (bytes[0] & MOUSE_NEGATIVE_Y ? 256 : 0) - bytes[2];
	}
	/* Four bits, signed; towards the user is positive. */
	if (decoder->length == 4)
		event->wheel = -(int)((int8_t)(uint8_t)(bytes[3] << 4) >> 4);
	if (decoder->length == 4 && decoder->five_buttons)
		event->buttons |= (unsigned)(bytes[3] & MOUSE_MORE_BUTTONS) >> 1;
	return true;
}
