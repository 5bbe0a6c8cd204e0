/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scan codes and mouse packets, good and bad. */
#include "../decode.h"

#include <ddk/keys.h>
#include <unit.h>

static struct scancode_decoder decoder;
static struct scancode_event event;

static bool feed(uint8_t byte)
{
	return scancode_decode(&decoder, byte, &event);
}

UNIT_TEST(i8042, plain_keys)
{
	decoder = (struct scancode_decoder){ 0 };
	EXPECT(feed(0x1e) && event.key == KEY_A && event.down && !event.up);
	EXPECT(feed(0x9e) && event.key == KEY_A && !event.down && event.up);
	EXPECT(feed(0x57) && event.key == KEY_F11);
	EXPECT(feed(0x56) && event.key == KEY_102ND);
	/* Print, with alt. */
	EXPECT(feed(0x54) && event.key == KEY_PRINT && event.down);
	EXPECT(!feed(0x55));
	EXPECT(!feed(0x00));
	EXPECT(!feed(0x7f));
}

UNIT_TEST(i8042, extended_keys)
{
	decoder = (struct scancode_decoder){ 0 };
	EXPECT(!feed(0xe0));
	EXPECT(feed(0x48) && event.key == KEY_UP && event.down);
	EXPECT(!feed(0xe0));
	EXPECT(feed(0xc8) && event.key == KEY_UP && !event.down);
	/* Print comes with a shift that nobody has pressed. */
	EXPECT(!feed(0xe0));
	EXPECT(!feed(0x2a));
	EXPECT(!feed(0xe0));
	EXPECT(feed(0x37) && event.key == KEY_PRINT);
	EXPECT(feed(0x1d) && event.key == KEY_LEFT_CTRL);
}

UNIT_TEST(i8042, pause)
{
	static const uint8_t bytes[] = { 0xe1, 0x1d, 0x45, 0xe1, 0x9d, 0xc5 };
	unsigned events = 0;

	decoder = (struct scancode_decoder){ 0 };
	for (size_t i = 0; i < sizeof(bytes); i++) {
		if (!feed(bytes[i]))
			continue;
		events++;
		EXPECT(event.key == KEY_PAUSE && event.down && event.up);
	}
	EXPECT_EQUAL(events, 1);
	EXPECT(feed(0x1e) && event.key == KEY_A);
}

UNIT_TEST(i8042, any_bytes)
{
	struct mouse_decoder mouse = { .length = 4, .five_buttons = true };
	struct mouse_event moved;
	uint64_t random = 3;

	decoder = (struct scancode_decoder){ 0 };
	for (int i = 0; i < 1000000; i++) {
		uint8_t byte = (uint8_t)unit_random(&random);

		if (feed(byte))
			EXPECT(event.key > 0 && event.key < KEY_COUNT);
		if (mouse_decode(&mouse, byte, &moved))
			EXPECT(moved.right >= -256 && moved.down <= 256 && moved.wheel >= -8 &&
			       moved.wheel <= 8 && moved.buttons < 32);
	}
}

UNIT_TEST(i8042, mouse)
{
	struct mouse_decoder mouse = { .length = 3 };
	struct mouse_event moved;

	EXPECT(!mouse_decode(&mouse, 0x00, &moved)); /* out of step */
	EXPECT(!mouse_decode(&mouse, 0x09, &moved));
	EXPECT(!mouse_decode(&mouse, 5, &moved));
	EXPECT(mouse_decode(&mouse, 7, &moved));
	EXPECT_EQUAL(moved.right, 5);
	EXPECT_EQUAL(moved.down, -7);
	EXPECT_EQUAL(moved.buttons, 1);
	EXPECT(!mouse_decode(&mouse, 0x38, &moved));
	EXPECT(!mouse_decode(&mouse, 0xff, &moved));
	EXPECT(mouse_decode(&mouse, 0xfe, &moved));
	EXPECT_EQUAL(moved.right, -1);
	EXPECT_EQUAL(moved.down, 2);
	mouse = (struct mouse_decoder){ .length = 4 };
	EXPECT(!mouse_decode(&mouse, 0x08, &moved));
	EXPECT(!mouse_decode(&mouse, 0, &moved));
	EXPECT(!mouse_decode(&mouse, 0, &moved));
	EXPECT(mouse_decode(&mouse, 0xff, &moved));
	EXPECT_EQUAL(moved.wheel, 1);
}
