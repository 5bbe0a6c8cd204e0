/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <ddk/display.h>
#include <unit.h>

#include <string.h>

/* As a monitor of 1920x1080 has it, as far as we look. */
static void make_edid(uint8_t *edid, unsigned width, unsigned height)
{
	static const uint8_t magic[8] = { 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00 };
	uint8_t sum = 0;

	memset(edid, 0, 128);
	memcpy(edid, magic, sizeof(magic));
	edid[54] = 0x02;
	edid[55] = 0x3a;
	edid[56] = (uint8_t)width;
	edid[58] = (uint8_t)(width >> 8 << 4 | 0x01);
	edid[59] = (uint8_t)height;
	edid[61] = (uint8_t)(height >> 8 << 4 | 0x02);
	for (unsigned i = 0; i < 127; i++)
		sum += edid[i];
	edid[127] = (uint8_t)-sum;
}

UNIT_TEST(display_modes, edid)
{
	struct ddk_display_mode mode = { 0 };
	uint8_t edid[128];

	make_edid(edid, 1920, 1080);
	EXPECT(ddk_display_read_edid(edid, &mode));
	EXPECT_EQUAL(mode.width, 1920);
	EXPECT_EQUAL(mode.height, 1080);
	edid[20]++;
	EXPECT(!ddk_display_read_edid(edid, &mode));
	make_edid(edid, 0, 1080);
	EXPECT(!ddk_display_read_edid(edid, &mode));
	make_edid(edid, 800, 600);
	edid[54] = edid[55] = 0;
	edid[127] = (uint8_t)(edid[127] + 0x3c);
	EXPECT(!ddk_display_read_edid(edid, &mode));
	memset(edid, 0xff, sizeof(edid));
	EXPECT(!ddk_display_read_edid(edid, &mode));
	memset(edid, 0, sizeof(edid));
	EXPECT(!ddk_display_read_edid(edid, &mode));
}

UNIT_TEST(display_modes, usual)
{
	struct ddk_display_mode modes[DDK_DISPLAY_MODES_MAX];
	struct ddk_display_mode largest = { 1920, 1080 };
	unsigned count = ddk_display_usual_modes(modes, UINT64_MAX, NULL);

	EXPECT(count > 10 && count <= DDK_DISPLAY_MODES_MAX - 4);
	EXPECT_EQUAL(ddk_display_usual_modes(modes, 0, NULL), 0);
	count = ddk_display_usual_modes(modes, 1024 * 768 * 4, NULL);
	EXPECT_EQUAL(count, 3);
	EXPECT_EQUAL(modes[count - 1].width, 1024);
	count = ddk_display_usual_modes(modes, UINT64_MAX, &largest);
	for (unsigned i = 0; i < count; i++)
		EXPECT(modes[i].width <= 1920 && modes[i].height <= 1080);
	EXPECT_EQUAL(modes[count - 1].width, 1920);
}

UNIT_TEST(display_modes, add)
{
	struct ddk_display_mode modes[DDK_DISPLAY_MODES_MAX];
	unsigned count = 0;

	for (uint32_t i = 0; i < DDK_DISPLAY_MODES_MAX; i++)
		EXPECT_EQUAL(ddk_display_add_mode(modes, &count,
						  (struct ddk_display_mode){ 640 + i, 480 }),
			     i);
	EXPECT_EQUAL(ddk_display_add_mode(modes, &count, (struct ddk_display_mode){ 642, 480 }), 2);
	EXPECT_EQUAL(count, DDK_DISPLAY_MODES_MAX);
	EXPECT_EQUAL(ddk_display_add_mode(modes, &count, (struct ddk_display_mode){ 1, 1 }), count);
	EXPECT_EQUAL(count, DDK_DISPLAY_MODES_MAX);
}
