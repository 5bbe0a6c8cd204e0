/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lists of modes, and what an EDID says: the same code for all back ends of the driver kit. */
#include <base/types.h>
#include <ddk/display.h>

#define BYTES_PER_PIXEL 4
#define EDID_SIZE       128
#define EDID_TIMING     54 /* the first detailed timing */

/* Ascending. */
static const struct ddk_display_mode usual_modes[] = {
	{ 640, 480 },   { 800, 600 },   { 1024, 768 },  { 1280, 720 },  { 1280, 800 },
	{ 1280, 1024 }, { 1366, 768 },  { 1440, 900 },  { 1600, 900 },  { 1680, 1050 },
	{ 1920, 1080 }, { 1920, 1200 }, { 2560, 1440 }, { 2560, 1600 }, { 3840, 2160 },
};

unsigned ddk_display_usual_modes(struct ddk_display_mode *modes, uint64_t bytes,
				 const struct ddk_display_mode *largest)
{
	unsigned count = 0;

	for (size_t i = 0; i < array_length(usual_modes); i++) {
		struct ddk_display_mode mode = usual_modes[i];

		if ((uint64_t)mode.width * mode.height * BYTES_PER_PIXEL <= bytes &&
		    (!largest || (mode.width <= largest->width && mode.height <= largest->height)))
			modes[count++] = mode;
	}
	return count;
}

unsigned ddk_display_add_mode(struct ddk_display_mode *modes, unsigned *count,
			      struct ddk_display_mode mode)
{
	for (unsigned i = 0; i < *count; i++)
		if (modes[i].width == mode.width && modes[i].height == mode.height)
			return i;
	if (*count == DDK_DISPLAY_MODES_MAX)
		return *count;
	modes[*count] = mode;
	return (*count)++;
}

bool ddk_display_read_edid(const uint8_t *edid, struct ddk_display_mode *mode)
{
	static const uint8_t magic[8] = { 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00 };
	const uint8_t *timing = edid + EDID_TIMING;
	uint8_t sum = 0;

	for (size_t i = 0; i < EDID_SIZE; i++)
		sum += edid[i];
	for (size_t i = 0; i < sizeof(magic); i++)
		if (edid[i] != magic[i])
			return false;
	/* A descriptor without a pixel clock is no timing. */
	if (sum != 0 || (timing[0] == 0 && timing[1] == 0))
		return false;
	mode->width = timing[2] | (uint32_t)(timing[4] & 0xf0) << 4;
	mode->height = timing[5] | (uint32_t)(timing[7] & 0xf0) << 4;
	return mode->width > 0 && mode->height > 0;
}
