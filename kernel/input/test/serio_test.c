/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Input events as bytes of PS/2 devices. */
#include "../serio.h"

#include <ddk/keys.h>
#include <unit.h>

#include <string.h>

static size_t encode(struct serio_mouse *mouse, enum input_kind kind, unsigned code, int value,
		     int value2, uint8_t *bytes, enum serio_port *port)
{
	const struct input_event event = {
		.kind = kind, .code = code, .value = value, .value2 = value2
	};

	memset(bytes, 0, SERIO_BYTES_MAX);
	return serio_encode(mouse, &event, bytes, port);
}

UNIT_TEST(serio, keys)
{
	struct serio_mouse mouse = { 0 };
	uint8_t bytes[SERIO_BYTES_MAX];
	enum serio_port port;

	EXPECT_EQUAL(encode(&mouse, INPUT_KEY, KEY_A, 1, 0, bytes, &port), 1);
	EXPECT(port == SERIO_KEYBOARD && bytes[0] == 0x1e);
	EXPECT_EQUAL(encode(&mouse, INPUT_KEY, KEY_A, 2, 0, bytes, &port), 1);
	EXPECT_EQUAL(bytes[0], 0x1e);
	EXPECT_EQUAL(encode(&mouse, INPUT_KEY, KEY_A, 0, 0, bytes, &port), 1);
	EXPECT_EQUAL(bytes[0], 0x9e);
	EXPECT_EQUAL(encode(&mouse, INPUT_KEY, KEY_UP, 1, 0, bytes, &port), 2);
	EXPECT(bytes[0] == 0xe0 && bytes[1] == 0x48);
	EXPECT_EQUAL(encode(&mouse, INPUT_KEY, KEY_UP, 0, 0, bytes, &port), 2);
	EXPECT(bytes[0] == 0xe0 && bytes[1] == 0xc8);
	EXPECT_EQUAL(encode(&mouse, INPUT_KEY, KEY_PAUSE, 1, 0, bytes, &port), 6);
	EXPECT_EQUAL(encode(&mouse, INPUT_KEY, KEY_PAUSE, 0, 0, bytes, &port), 0);
	EXPECT_EQUAL(encode(&mouse, INPUT_KEY, 0x2ff, 1, 0, bytes, &port), 0);
	EXPECT_EQUAL(encode(&mouse, INPUT_KEY, KEY_NONE, 1, 0, bytes, &port), 0);
}

/* Where packets lead; each must be one that a driver understands. */
static void follow(const uint8_t *bytes, size_t length, int *right, int *down)
{
	*right = *down = 0;
	EXPECT_EQUAL(length % 3, 0);
	for (size_t i = 0; i < length; i += 3) {
		EXPECT(bytes[i] & 8);
		*right += bytes[i + 1] - (bytes[i] & 0x10 ? 256 : 0);
		*down -= bytes[i + 2] - (bytes[i] & 0x20 ? 256 : 0);
	}
}

UNIT_TEST(serio, movements)
{
	static const int distances[] = { 0, 1, -1, 127, -128, 255, -255, 256, -256, 1000, -1000 };
	struct serio_mouse mouse = { 0 };
	uint8_t bytes[SERIO_BYTES_MAX];
	enum serio_port port;

	for (size_t i = 0; i < array_length(distances); i++) {
		for (size_t j = 0; j < array_length(distances); j++) {
			size_t length = encode(&mouse, INPUT_MOVE, 0, distances[i], distances[j],
					       bytes, &port);
			int right, down;

			EXPECT_EQUAL(port, SERIO_MOUSE);
			follow(bytes, length, &right, &down);
			EXPECT_EQUAL(right, distances[i]);
			EXPECT_EQUAL(down, distances[j]);
		}
	}
	EXPECT_EQUAL(encode(&mouse, INPUT_MOVE, 0, INT32_MAX, INT32_MIN, bytes, &port),
		     SERIO_BYTES_MAX);
}

UNIT_TEST(serio, buttons)
{
	struct serio_mouse mouse = { 0 };
	uint8_t bytes[SERIO_BYTES_MAX];
	enum serio_port port;

	EXPECT_EQUAL(encode(&mouse, INPUT_KEY, BUTTON_LEFT, 1, 0, bytes, &port), 3);
	EXPECT(port == SERIO_MOUSE && bytes[0] == 9 && bytes[1] == 0 && bytes[2] == 0);
	EXPECT_EQUAL(encode(&mouse, INPUT_KEY, BUTTON_MIDDLE, 1, 0, bytes, &port), 3);
	EXPECT_EQUAL(bytes[0], 13);
	EXPECT_EQUAL(encode(&mouse, INPUT_MOVE, 0, 2, 3, bytes, &port), 3);
	EXPECT(bytes[0] == (13 | 0x20) && bytes[1] == 2 && bytes[2] == 0xfd);
	EXPECT_EQUAL(encode(&mouse, INPUT_KEY, BUTTON_LEFT, 0, 0, bytes, &port), 3);
	EXPECT_EQUAL(bytes[0], 12);
	EXPECT_EQUAL(encode(&mouse, INPUT_WHEEL, 0, 1, 0, bytes, &port), 0);
	EXPECT_EQUAL(encode(&mouse, INPUT_PLACE, 0, 1, 1, bytes, &port), 0);
}
