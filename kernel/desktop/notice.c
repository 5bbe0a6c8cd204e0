/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A few words above the panel, at the right, that go after a while. */
#include <base/string.h>
#include <time/clock.h>

#include "desktop_priv.h"
#include "supply.h"

#define WIDTH      300
#define HEIGHT     64
#define PADDING    14
#define GAP        8 /* to the panel and the edge */
#define MARK_WIDTH 4
#define SHOWN_NS   (6 * NS_PER_SECOND)
#define URGENT_NS  (30 * NS_PER_SECOND)

#define RED 0xffe5484d

static bool is_shown, is_stale, is_urgent;
static char title_text[64], body_text[96];
static uint64_t end_ns; /* when it goes */
static struct sheet sheet;
static struct canvas canvas;

void notice_show(const char *title, const char *text, bool urgent)
{
	string_copy(title_text, title, sizeof(title_text));
	string_copy(body_text, text, sizeof(body_text));
	is_shown = true;
	is_urgent = urgent;
	is_stale = true;
	end_ns = desktop.now_ns + (urgent ? URGENT_NS : SHOWN_NS);
	compositor_wake();
}

void notice_hide(void)
{
	is_stale = is_stale || is_shown;
	is_shown = false;
	compositor_wake();
}

void notice_mark_stale(void)
{
	is_stale = true;
}

bool notice_is_shown(void)
{
	return is_shown;
}

static void draw(void)
{
	struct blend_rectangle all = blend_surface_bounds(&sheet.surface), line = all;
	int32_t middle = scaled(HEIGHT / 2);

	draw_fill(&sheet.surface, all, desktop.theme.popup);
	draw_round(&sheet.surface,
		   blend_rectangle(scaled(PADDING), scaled(PADDING), scaled(MARK_WIDTH),
				   scaled(HEIGHT - 2 * PADDING)),
		   scaled(2), is_urgent ? RED : desktop.accent);
	line.left = scaled(2 * PADDING + MARK_WIDTH);
	line.right -= scaled(PADDING);
	line.top = scaled(PADDING - 4);
	line.bottom = middle;
	draw_text(&sheet.surface, line, UI_FONT_BOLD, title_text, desktop.theme.popup_text);
	line.top = middle;
	line.bottom = scaled(HEIGHT - PADDING + 4);
	draw_text(&sheet.surface, line, UI_FONT_SANS, body_text, desktop.theme.popup_dim);
	blend_surface_outline(&sheet.surface, all, all, (unsigned)scaled(FRAME_RADIUS),
			      (unsigned)scaled(1), blend_premultiply(desktop.theme.popup_border));
}

static void show(void)
{
	struct blend_rectangle panel = panel_area();
	int32_t width = scaled(WIDTH), height = scaled(HEIGHT);

	if (!sheet_resize(&sheet, width, height))
		return;
	draw();
	popup_show(&canvas, &sheet, panel.right - width - scaled(GAP),
		   panel.top - height - scaled(GAP), &desktop.shadow, 8);
}

uint64_t notice_update(void)
{
	if (is_shown && desktop.now_ns >= end_ns)
		notice_hide();
	if (is_stale) {
		is_stale = false;
		if (is_shown)
			show();
		else if (canvas.shown)
			canvas_hide(&canvas);
	}
	return is_shown ? end_ns : UINT64_MAX;
}
