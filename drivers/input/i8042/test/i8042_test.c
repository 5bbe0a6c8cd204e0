/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The driver with a controller and a keyboard in order, with none, and with anything at all. */
#include "../../../../ddk/mock/mock.h"

/* For its probe and remove. */
#include "../i8042.c"

#include <unit.h>

#include <string.h>

static struct device machine;

/* The controller: what it holds for us, and what the command that awaits a byte is. */
static struct {
	uint8_t output[16];
	bool from_mouse[16];
	unsigned count;
	uint8_t config, command;
	bool has_mouse;
	uint8_t leds, last; /* of the keyboard */
	uint8_t identity;   /* of the mouse; 4 only when asked again */
	unsigned asked;
} model;

static void put(uint8_t byte, bool mouse)
{
	EXPECT(model.count < sizeof(model.output));
	model.output[model.count] = byte;
	model.from_mouse[model.count++] = mouse;
	if (model.config & (mouse ? 2 : 1))
		mock_raise(mouse ? PORT_MOUSE : PORT_KEYBOARD);
}

static uint32_t model_read(struct device *device, unsigned bar, size_t offset, size_t size)
{
	uint8_t byte = model.output[0];

	(void)device;
	EXPECT(offset == 0 && size == 1);
	if (bar == REGION_COMMAND)
		return model.count ? STATUS_OUTPUT | (model.from_mouse[0] ? STATUS_MOUSE : 0) : 0;
	if (model.count) {
		model.count--;
		memmove(model.output, model.output + 1, model.count);
		memmove(model.from_mouse, model.from_mouse + 1, model.count);
	}
	return byte;
}

static void write_command_byte(uint8_t byte)
{
	model.command = byte;
	if (byte == COMMAND_READ_CONFIG)
		put(model.config, false);
	else if (byte == COMMAND_DISABLE_MOUSE && model.has_mouse)
		model.config |= CONFIG_MOUSE_OFF;
	else if (byte == COMMAND_ENABLE_MOUSE && model.has_mouse)
		model.config &= (uint8_t)~CONFIG_MOUSE_OFF;
}

static void model_write(struct device *device, unsigned bar, size_t offset, size_t size,
			uint32_t value)
{
	uint8_t byte = (uint8_t)value;

	(void)device;
	EXPECT(offset == 0 && size == 1);
	if (bar == REGION_COMMAND) {
		write_command_byte(byte);
		return;
	}
	if (model.command == COMMAND_WRITE_CONFIG) {
		model.config = byte;
	} else if (model.command == COMMAND_TO_MOUSE) {
		put(REPLY_ACKNOWLEDGE, true);
		if (byte == 0xf2)
			put(model.identity == 4 && !model.asked++ ? 3 : model.identity, true);
	} else {
		if (model.last == 0xed)
			model.leds = byte;
		model.last = byte;
		put(REPLY_ACKNOWLEDGE, false);
	}
	model.command = 0;
}

static void prepare(void)
{
	memset(&machine, 0, sizeof(machine));
	memset(&model, 0, sizeof(model));
	machine.fail_after = -1;
	machine.bar_sizes[REGION_DATA] = machine.bar_sizes[REGION_COMMAND] = 1;
	machine.read = model_read;
	machine.write = model_write;
	model.has_mouse = true;
	model.identity = 3; /* it has a wheel */
	mock_start(&machine);
}

UNIT_TEST(i8042, keyboard_and_mouse)
{
	struct controller *controller;
	struct ddk_input *keyboard, *mouse;

	prepare();
	EXPECT_EQUAL(probe(&machine), 0);
	controller = machine.state;
	keyboard = controller->ports[PORT_KEYBOARD].input;
	mouse = controller->ports[PORT_MOUSE].input;
	EXPECT(keyboard && mouse);
	EXPECT_EQUAL(model.config, CONFIG_INTERRUPTS | CONFIG_TRANSLATE);
	EXPECT_EQUAL(controller->ports[PORT_MOUSE].mouse.length, 4);
	put(0x1e, false);
	mock_run();
	EXPECT(keyboard->reports == 1 && keyboard->key == KEY_A && keyboard->down);
	/* A key comes while the lights are being set. */
	put(0x9e, false);
	keyboard->ops->set_leds(keyboard, DDK_LED_CAPS);
	EXPECT_EQUAL(model.leds, DDK_LED_CAPS);
	EXPECT(keyboard->reports == 2 && !keyboard->down);
	put(0x09, true);
	put(1, true);
	put(1, true);
	put(0, true);
	mock_run();
	EXPECT(mouse->reports == 2 && mouse->key == BUTTON_LEFT && mouse->down);
	remove(&machine);
	mock_finish();
}

UNIT_TEST(i8042, sleeps_and_wakes)
{
	struct controller *controller;
	struct ddk_input *keyboard, *mouse;

	prepare();
	EXPECT_EQUAL(probe(&machine), 0);
	controller = machine.state;
	keyboard = controller->ports[PORT_KEYBOARD].input;
	mouse = controller->ports[PORT_MOUSE].input;
	for (unsigned round = 1; round <= 5; round++) {
		/* A part of a code and of a packet. */
		put(0xe0, false);
		put(0x08, true);
		mock_run();
		EXPECT_EQUAL(suspend(&machine), 0);
		keyboard->ops->set_leds(keyboard, DDK_LED_NUM);
		EXPECT(model.leds != DDK_LED_NUM);
		/* As after power-on: interrupts come of what the driver asks for. */
		model.config = CONFIG_INTERRUPTS | CONFIG_MOUSE_OFF | CONFIG_KEYBOARD_OFF;
		model.count = 0;
		model.asked = 0;
		EXPECT_EQUAL(resume(&machine), 0);
		EXPECT_EQUAL(model.config, CONFIG_INTERRUPTS | CONFIG_TRANSLATE);
		EXPECT_EQUAL(keyboard->resumed, round);
		EXPECT_EQUAL(mouse->resumed, round);
		put(0x1e, false);
		mock_run();
		EXPECT(keyboard->key == KEY_A && keyboard->down);
		put(0x09, true);
		put(1, true);
		put(1, true);
		put(0, true);
		mock_run();
		EXPECT(mouse->key == BUTTON_LEFT && mouse->down);
		keyboard->ops->set_leds(keyboard, DDK_LED_CAPS);
		EXPECT_EQUAL(model.leds, DDK_LED_CAPS);
	}
	remove(&machine);
	mock_finish();
}

UNIT_TEST(i8042, does_not_wake)
{
	prepare();
	EXPECT_EQUAL(probe(&machine), 0);
	EXPECT_EQUAL(suspend(&machine), 0);
	model.has_mouse = false;
	model.config = 0;
	EXPECT_EQUAL(resume(&machine), -ENODEV);
	remove(&machine);
	mock_finish();
}

UNIT_TEST(i8042, without_mouse)
{
	prepare();
	model.has_mouse = false;
	EXPECT_EQUAL(probe(&machine), 0);
	EXPECT(!machine.handlers[PORT_MOUSE]);
	remove(&machine);
	mock_finish();
}

static uint32_t constant;
static uint64_t random_state = 17;

static uint32_t read_constant(struct device *device, unsigned bar, size_t offset, size_t size)
{
	(void)device;
	(void)bar;
	(void)offset;
	(void)size;
	return constant;
}

static uint32_t read_random(struct device *device, unsigned bar, size_t offset, size_t size)
{
	(void)device;
	(void)bar;
	(void)offset;
	(void)size;
	if (unit_random_below(&random_state, 8) == 0)
		mock_raise((unsigned)unit_random_below(&random_state, 2));
	return (uint8_t)unit_random(&random_state);
}

UNIT_TEST(i8042, absent)
{
	static const uint8_t values[] = { 0xff, 0x00, 0x01, 0x02, 0x7f };

	for (size_t i = 0; i < array_length(values); i++) {
		prepare();
		machine.read = read_constant;
		constant = values[i];
		EXPECT_EQUAL(probe(&machine), -ENODEV);
		mock_finish();
	}
}

UNIT_TEST(i8042, any_controller)
{
	for (int round = 0; round < 300; round++) {
		prepare();
		machine.read = read_random;
		if (!probe(&machine)) {
			for (int i = 0; i < 100; i++) {
				mock_raise(PORT_KEYBOARD);
				mock_run();
			}
			remove(&machine);
		}
		mock_finish();
	}
}

/* --- A virtual machine's pointer. --- */

static struct {
	uint32_t queue[64];
	unsigned count;
	bool absolute, wrong;
} monitor;

static void take_words(unsigned count, struct ddk_monitor_reply *reply)
{
	EXPECT(count >= 1 && count <= 4 && count <= monitor.count);
	memcpy(reply->words, monitor.queue, count * sizeof(uint32_t));
	monitor.count -= count;
	memmove(monitor.queue, monitor.queue + count, monitor.count * sizeof(uint32_t));
}

static void answer(enum ddk_monitor_command command, uint32_t argument,
		   struct ddk_monitor_reply *reply)
{
	switch (command) {
	case DDK_MONITOR_VERSION:
		*reply = (struct ddk_monitor_reply){ { 6, 0x564d5868 } };
		break;
	case DDK_MONITOR_POINTER_STATUS:
		reply->words[0] = monitor.wrong ? 0xffff0000 : monitor.count;
		break;
	case DDK_MONITOR_POINTER_DATA:
		take_words(argument, reply);
		break;
	case DDK_MONITOR_POINTER_COMMAND:
		monitor.absolute = argument == 0x53424152;
		if (argument != 0x45414552)
			break;
		monitor.queue[0] = 0x3442554a;
		monitor.count = 1;
		monitor.wrong = false;
		break;
	}
}

static void put_entry(uint32_t buttons, uint32_t x, uint32_t y, uint32_t wheel)
{
	const uint32_t words[] = { buttons, x, y, wheel };

	memcpy(monitor.queue + monitor.count, words, sizeof(words));
	monitor.count += 4;
}

/* A packet of a mouse with a wheel. */
static void put_packet(uint8_t right)
{
	put(0x08, true);
	put(right, true);
	put(0, true);
	put(0, true);
	mock_run();
}

UNIT_TEST(i8042, absolute_pointer)
{
	struct ddk_input *mouse;

	prepare();
	memset(&monitor, 0, sizeof(monitor));
	machine.monitor = answer;
	EXPECT_EQUAL(probe(&machine), 0);
	EXPECT(monitor.absolute && monitor.count == 0);
	mouse = ((struct controller *)machine.state)->ports[PORT_MOUSE].input;
	put_entry(0, 0x8000, 0xffff, 0);
	put_entry(0x20, 0x8000, 0xffff, 0xff);
	put_packet(1); /* of the first entry */
	EXPECT_EQUAL(mouse->across, 0x4000);
	EXPECT_EQUAL(mouse->place_down, 0x7fff);
	EXPECT(mouse->key == BUTTON_LEFT && mouse->down);
	EXPECT_EQUAL(mouse->right, 0);
	put_packet(1); /* of the second one */
	EXPECT_EQUAL(mouse->right, 0);
	put_packet(7); /* a mouse that moved */
	EXPECT_EQUAL(mouse->right, 7);
	put_entry(0, 0, 0, 0);
	put_packet(4);
	EXPECT_EQUAL(mouse->right, 3);
	EXPECT(mouse->key == BUTTON_LEFT && !mouse->down && mouse->across == 0);
	/* It lost its way: it is switched on again. */
	monitor.wrong = true;
	monitor.absolute = false;
	put_packet(0);
	EXPECT(monitor.absolute);
	remove(&machine);
	EXPECT(!monitor.absolute);
	mock_finish();
}

static void answer_anything(enum ddk_monitor_command command, uint32_t argument,
			    struct ddk_monitor_reply *reply)
{
	(void)argument;
	for (unsigned i = 0; i < 4; i++)
		reply->words[i] = (uint32_t)unit_random(&random_state);
	if (command == DDK_MONITOR_VERSION)
		reply->words[1] = 0x564d5868;
	if (command == DDK_MONITOR_POINTER_DATA && argument == 1)
		reply->words[0] = 0x3442554a;
}

UNIT_TEST(i8042, any_monitor)
{
	prepare();
	machine.monitor = answer_anything;
	EXPECT_EQUAL(probe(&machine), 0);
	for (int i = 0; i < 1000; i++)
		put_packet((uint8_t)unit_random(&random_state));
	remove(&machine);
	mock_finish();
}

UNIT_TEST(i8042, five_buttons)
{
	struct ddk_input *mouse;

	prepare();
	model.identity = 4;
	EXPECT_EQUAL(probe(&machine), 0);
	mouse = ((struct controller *)machine.state)->ports[PORT_MOUSE].input;
	put(0x08, true);
	put(0, true);
	put(0, true);
	put(0x2f, true);
	mock_run();
	EXPECT(mouse->key == BUTTON_EXTRA && mouse->down);
	EXPECT_EQUAL(mouse->wheel, 1);
	remove(&machine);
	mock_finish();
}
