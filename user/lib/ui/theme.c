/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The theme: colours, and fonts as files that are mapped. See paint.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ui_priv.h"

#ifndef UI_FONT_FOLDER
#define UI_FONT_FOLDER "/usr/share/fonts/cryptos"
#endif

static const uint32_t light[UI_COLOURS] = {
	[UI_COLOUR_WINDOW] = 0xfff5f6f8,
	[UI_COLOUR_VIEW] = 0xffffffff,
	[UI_COLOUR_BAR] = 0xffeceef1,
	[UI_COLOUR_CARD] = 0xffffffff,
	[UI_COLOUR_TEXT] = 0xff1c2027,
	[UI_COLOUR_TEXT_DIM] = 0xff626b78,
	[UI_COLOUR_TEXT_DISABLED] = 0xffa6adb8,
	[UI_COLOUR_BORDER] = 0xffd2d6dd,
	[UI_COLOUR_BUTTON] = 0xffffffff,
	[UI_COLOUR_BUTTON_HOVER] = 0xfff3f5f8,
	[UI_COLOUR_BUTTON_PRESSED] = 0xffdfe3e9,
	[UI_COLOUR_HOVER] = 0x12000000,
	[UI_COLOUR_ACCENT_TEXT] = 0xffffffff,
	[UI_COLOUR_SELECTION_DIM] = 0xffe1e4e9,
	[UI_COLOUR_RED] = 0xffd0342c,
	[UI_COLOUR_GREEN] = 0xff2a8f47,
	[UI_COLOUR_YELLOW] = 0xffb07d00,
	[UI_COLOUR_BLUE] = 0xff2f6fe0,
	[UI_COLOUR_PURPLE] = 0xff8a4fd0,
	[UI_COLOUR_ORANGE] = 0xffd9660a,
	[UI_COLOUR_CYAN] = 0xff0e8aa0,
	[UI_COLOUR_SHADOW] = 0x40000000,
};

static const uint32_t dark[UI_COLOURS] = {
	[UI_COLOUR_WINDOW] = 0xff1f2228,
	[UI_COLOUR_VIEW] = 0xff181a1f,
	[UI_COLOUR_BAR] = 0xff272b32,
	[UI_COLOUR_CARD] = 0xff2b2f37,
	[UI_COLOUR_TEXT] = 0xffe7e9ee,
	[UI_COLOUR_TEXT_DIM] = 0xff9ba3b0,
	[UI_COLOUR_TEXT_DISABLED] = 0xff5d6570,
	[UI_COLOUR_BORDER] = 0xff3b4049,
	[UI_COLOUR_BUTTON] = 0xff343942,
	[UI_COLOUR_BUTTON_HOVER] = 0xff3e444f,
	[UI_COLOUR_BUTTON_PRESSED] = 0xff2a2e35,
	[UI_COLOUR_HOVER] = 0x14141414,
	[UI_COLOUR_ACCENT_TEXT] = 0xffffffff,
	[UI_COLOUR_SELECTION_DIM] = 0xff363b45,
	[UI_COLOUR_RED] = 0xfff0706a,
	[UI_COLOUR_GREEN] = 0xff5cc77c,
	[UI_COLOUR_YELLOW] = 0xffe5c04e,
	[UI_COLOUR_BLUE] = 0xff6aa5ff,
	[UI_COLOUR_PURPLE] = 0xffb98cf0,
	[UI_COLOUR_ORANGE] = 0xfff29a52,
	[UI_COLOUR_CYAN] = 0xff4fc3d6,
	[UI_COLOUR_SHADOW] = 0x80000000,
};

#define ACCENT 0xff3273e6

uint32_t ui_mix(uint32_t from, uint32_t to, unsigned part)
{
	uint32_t mixed = 0xff000000;

	for (unsigned shift = 0; shift < 24; shift += 8) {
		uint32_t a = from >> shift & 0xff, b = to >> shift & 0xff;

		mixed |= (a * (256 - part) + b * part) / 256 << shift;
	}
	return mixed;
}

void ui_theme_set(struct ui *ui, bool is_dark, uint32_t accent)
{
	struct ui_theme *theme = &ui->theme;
	uint32_t *colours = theme->colours;

	accent = (accent & 0xffffff) ? accent | 0xff000000 : ACCENT;
	theme->dark = is_dark;
	memcpy(colours, is_dark ? dark : light, sizeof(theme->colours));
	colours[UI_COLOUR_ACCENT] = accent;
	colours[UI_COLOUR_ACCENT_HOVER] = ui_mix(accent, is_dark ? 0xffffffff : 0xff000000, 28);
	colours[UI_COLOUR_SELECTION] = ui_mix(colours[UI_COLOUR_VIEW], accent, is_dark ? 112 : 52);
}

static void open_font(struct ui *ui, enum ui_font font, const char *name)
{
	char path[128];
	struct stat information;
	void *bytes;
	int fd;

	snprintf(path, sizeof(path), UI_FONT_FOLDER "/%s-%dx.atlas", name, ui->scale);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &information) < 0)
		ui_fail(path);
	bytes = mmap(NULL, (size_t)information.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (bytes == MAP_FAILED)
		ui_fail(path);
	errno = EINVAL;
	if (font_atlas_open(&ui->fonts[font], bytes, (size_t)information.st_size) < 0)
		ui_fail(path);
}

void ui_theme_fini(struct ui *ui)
{
	for (enum ui_font font = 0; font < UI_FONTS; font++)
		munmap((void *)(uintptr_t)ui->fonts[font].header, ui->fonts[font].header->size);
}

static void open_fonts(struct ui *ui)
{
	static const char *const names[UI_FONTS] = {
		[UI_FONT_NORMAL] = "sans",
		[UI_FONT_BOLD] = "sans-bold",
		[UI_FONT_MONO] = "mono",
		[UI_FONT_HEADING] = "heading",
	};

	for (enum ui_font font = 0; font < UI_FONTS; font++)
		open_font(ui, font, names[font]);
}

void ui_theme_init(struct ui *ui)
{
	open_fonts(ui);
	ui_theme_set(ui, false, 0);
}

void ui_theme_set_scale(struct ui *ui, int scale)
{
	ui_theme_fini(ui);
	ui->scale = scale;
	open_fonts(ui);
}

uint32_t ui_colour(const struct ui *ui, enum ui_colour colour)
{
	return ui->theme.colours[colour];
}

bool ui_is_dark(const struct ui *ui)
{
	return ui->theme.dark;
}

const struct font_atlas *ui_font(const struct ui *ui, enum ui_font font)
{
	return &ui->fonts[font];
}
