/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The whole driver, with an adapter that behaves, and with others. */
#include "../../../../ddk/mock/display.h"

/* For its probe and remove. */
#include "../bochs_display.c"

#include <unit.h>

#include <string.h>

#define MEMORY (16u << 20)

static struct {
	struct device device;
	uint16_t registers[11];
	uint8_t edid[EDID_SIZE];
	uint16_t widest;         /* wider modes are not taken */
	uint64_t random;         /* what is read is anything; 0: not */
	unsigned enabled, shown; /* how often */
} adapter;

static uint32_t adapter_read(struct device *device, unsigned bar, size_t offset, size_t size)
{
	(void)device;
	EXPECT_EQUAL(bar, BAR_REGISTERS);
	if (adapter.random) {
		adapter.random = adapter.random * 6364136223846793005ull + 1442695040888963407ull;
		return (uint32_t)(adapter.random >> 33);
	}
	if (offset < EDID_SIZE)
		return adapter.edid[offset];
	EXPECT_EQUAL(size, 2);
	EXPECT(offset >= REGISTERS_OFFSET && offset < REGISTERS_LENGTH);
	return adapter.registers[(offset - REGISTERS_OFFSET) / 2];
}

static void adapter_write(struct device *device, unsigned bar, size_t offset, size_t size,
			  uint32_t value)
{
	unsigned number = (unsigned)(offset - REGISTERS_OFFSET) / 2;

	(void)device;
	EXPECT_EQUAL(bar, BAR_REGISTERS);
	if (offset == VGA_ATTRIBUTE) {
		adapter.shown++;
		return;
	}
	EXPECT_EQUAL(size, 2);
	EXPECT(offset >= REGISTERS_OFFSET && offset < REGISTERS_LENGTH);
	/* The size is fixed while it is on. */
	if (number == REGISTER_WIDTH || number == REGISTER_HEIGHT)
		EXPECT(!(adapter.registers[REGISTER_ENABLE] & ENABLE_ON));
	if (number == REGISTER_WIDTH && value > adapter.widest)
		return;
	if (number != REGISTER_ID)
		adapter.registers[number] = (uint16_t)value;
	adapter.enabled += number == REGISTER_ENABLE && (value & ENABLE_ON);
}

static void put_edid(unsigned width, unsigned height)
{
	uint8_t sum = 0;

	memset(adapter.edid, 0, EDID_SIZE);
	memset(adapter.edid + 1, 0xff, 6);
	adapter.edid[54] = 1;
	adapter.edid[56] = (uint8_t)width;
	adapter.edid[58] = (uint8_t)(width >> 8 << 4);
	adapter.edid[59] = (uint8_t)height;
	adapter.edid[61] = (uint8_t)(height >> 8 << 4);
	for (size_t i = 0; i < EDID_SIZE - 1; i++)
		sum = (uint8_t)(sum + adapter.edid[i]);
	adapter.edid[EDID_SIZE - 1] = (uint8_t)-sum;
}

static void prepare(void)
{
	memset(&adapter, 0, sizeof(adapter));
	adapter.registers[REGISTER_ID] = 0xb0c5;
	adapter.widest = UINT16_MAX;
	adapter.device.bar_sizes[BAR_PIXELS] = MEMORY;
	adapter.device.bar_sizes[BAR_REGISTERS] = 4096;
	adapter.device.read = adapter_read;
	adapter.device.write = adapter_write;
	adapter.device.fail_after = -1;
	mock_start(&adapter.device);
	mock_display_without_pixels = true;
}

static void finish(void)
{
	remove(&adapter.device);
	mock_finish();
}

static const struct ddk_framebuffer *framebuffer(void)
{
	return &mock_display(0)->description.framebuffer;
}

UNIT_TEST(bochs_display, takes_a_mode)
{
	prepare();
	EXPECT_EQUAL(probe(&adapter.device), 0);
	EXPECT_EQUAL(framebuffer()->width, default_mode.width);
	EXPECT_EQUAL(adapter.registers[REGISTER_HEIGHT], default_mode.height);
	EXPECT_EQUAL(adapter.registers[REGISTER_ENABLE], ENABLE_ON | ENABLE_LINEAR);
	EXPECT_EQUAL(adapter.shown, 1);
	finish();
	prepare();
	put_edid(1366, 768);
	EXPECT_EQUAL(probe(&adapter.device), 0);
	EXPECT_EQUAL(framebuffer()->width, 1366);
	EXPECT_EQUAL(framebuffer()->stride, 1376 * 4);
	EXPECT_EQUAL(adapter.registers[REGISTER_VIRTUAL_WIDTH], 1376);
	finish();
	prepare();
	put_edid(1366, 768);
	mock_display_wish = (struct ddk_display_mode){ 1000, 700 };
	EXPECT_EQUAL(probe(&adapter.device), 0);
	EXPECT_EQUAL(framebuffer()->width, 1000);
	finish();
}

UNIT_TEST(bochs_display, keeps_firmwares)
{
	prepare();
	mock_display_firmware =
		(struct ddk_framebuffer){ .width = 1024, .height = 600, .stride = 4160 };
	EXPECT_EQUAL(probe(&adapter.device), 0);
	EXPECT_EQUAL(framebuffer()->width, 1024);
	EXPECT_EQUAL(framebuffer()->stride, 4160);
	EXPECT_EQUAL(adapter.enabled, 0);
	finish();
	/* One that cannot be is set anew. */
	prepare();
	mock_display_firmware =
		(struct ddk_framebuffer){ .width = 8192, .height = 8192, .stride = 32768 };
	EXPECT_EQUAL(probe(&adapter.device), 0);
	EXPECT_EQUAL(framebuffer()->width, default_mode.width);
	EXPECT_EQUAL(adapter.enabled, 1);
	finish();
}

UNIT_TEST(bochs_display, changes_modes)
{
	struct ddk_display *display;

	prepare();
	EXPECT_EQUAL(probe(&adapter.device), 0);
	display = mock_display(0);
	for (unsigned i = 0; i < display->description.mode_count; i++) {
		struct ddk_display_mode mode = display->description.modes[i];

		EXPECT((uint64_t)mode.width * mode.height * 4 <= MEMORY);
		/* Some fit but for the ends of their lines. */
		if (!mock_display_set_mode(display, i))
			EXPECT_EQUAL(adapter.registers[REGISTER_WIDTH], mode.width);
	}
	EXPECT_EQUAL(mock_display_set_mode(display, 0), 0);
	adapter.widest = 1000;
	EXPECT_EQUAL(mock_display_set_mode(display, display->description.mode_count - 1), -EIO);
	EXPECT_EQUAL(adapter.registers[REGISTER_WIDTH], 640);
	EXPECT_EQUAL(adapter.registers[REGISTER_HEIGHT], 480);
	finish();
}

UNIT_TEST(bochs_display, sleeps_and_wakes)
{
	uint16_t before[array_length(adapter.registers)];

	prepare();
	mock_display_firmware =
		(struct ddk_framebuffer){ .width = 1024, .height = 600, .stride = 4160 };
	adapter.registers[REGISTER_WIDTH] = 1024;
	adapter.registers[REGISTER_HEIGHT] = 600;
	adapter.registers[REGISTER_DEPTH] = DEPTH;
	adapter.registers[REGISTER_VIRTUAL_WIDTH] = 1040;
	adapter.registers[REGISTER_OFFSET_Y] = 7;
	adapter.registers[REGISTER_ENABLE] = ENABLE_ON | ENABLE_LINEAR;
	EXPECT_EQUAL(probe(&adapter.device), 0);
	memcpy(before, adapter.registers, sizeof(before));
	for (unsigned round = 0; round < 3; round++) {
		EXPECT_EQUAL(suspend(&adapter.device), 0);
		EXPECT(mock_display(0)->suspended);
		memset(adapter.registers + 1, 0, sizeof(before) - 2);
		EXPECT_EQUAL(resume(&adapter.device), 0);
		EXPECT_BYTES(adapter.registers, before, sizeof(before));
		EXPECT_EQUAL(adapter.shown, round + 1);
	}
	/* It is not there any more. */
	EXPECT_EQUAL(suspend(&adapter.device), 0);
	adapter.registers[REGISTER_ID] = 0xffff;
	EXPECT_EQUAL(resume(&adapter.device), -ENODEV);
	finish();
}

UNIT_TEST(bochs_display, refuses_others)
{
	prepare();
	adapter.registers[REGISTER_ID] = 0xffff;
	EXPECT_EQUAL(probe(&adapter.device), -ENODEV);
	mock_finish();
	prepare();
	adapter.device.bar_sizes[BAR_PIXELS] = 65536;
	EXPECT_EQUAL(probe(&adapter.device), -ENODEV);
	mock_finish();
	prepare();
	adapter.device.bar_sizes[BAR_REGISTERS] = 16;
	EXPECT_EQUAL(probe(&adapter.device), -ENODEV);
	mock_finish();
	prepare();
	adapter.widest = 100;
	EXPECT_EQUAL(probe(&adapter.device), -EIO);
	mock_finish();
}

UNIT_TEST(bochs_display, out_of_memory)
{
	bool failed = true;

	for (int fail = 0; failed; fail++) {
		prepare();
		adapter.device.fail_after = fail;
		failed = probe(&adapter.device) != 0;
		if (!failed)
			remove(&adapter.device);
		mock_finish();
	}
}

UNIT_TEST(bochs_display, random_adapters)
{
	for (unsigned seed = 1; seed <= 1000; seed++) {
		prepare();
		adapter.random = seed;
		if (!probe(&adapter.device))
			remove(&adapter.device);
		mock_finish();
	}
}
