/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The colours of the light and the dark theme. */
#include "desktop_priv.h"

static const struct theme dark = {
	.title = 0xff2b2f38,
	.title_idle = 0xff24272f,
	.title_text = 0xfff2f4f8,
	.title_text_idle = 0xff8a909d,
	.title_hover = 0xff434955,
	.border = 0xff474d5a,
	.border_idle = 0xff363b45,
	.close_hover = 0xffe5484d,
	.close_text = 0xffffffff,
	.panel = 0xff1b1d23,
	.panel_line = 0xff30343d,
	.panel_text = 0xfff2f4f8,
	.panel_dim = 0xff9aa1af,
	.panel_hover = 0xff2f333c,
	.panel_active = 0xff3a3f4a,
	.popup = 0xff23262d,
	.popup_border = 0xff3d424d,
	.popup_text = 0xfff2f4f8,
	.popup_dim = 0xff9aa1af,
	.popup_hover = 0xff363b45,
	.popup_field = 0xff17191e,
	.meter = 0xff4cc38a,
	.meter_track = 0xff343944,
	.shadow = 140,
	.shadow_idle = 90,
};

static const struct theme light = {
	.title = 0xfff3f4f6,
	.title_idle = 0xffe9ebee,
	.title_text = 0xff1f242d,
	.title_text_idle = 0xff868d99,
	.title_hover = 0xffdbdee4,
	.border = 0xffc3c8d0,
	.border_idle = 0xffd2d6dc,
	.close_hover = 0xffe5484d,
	.close_text = 0xffffffff,
	.panel = 0xfff6f7f9,
	.panel_line = 0xffd9dce2,
	.panel_text = 0xff1f242d,
	.panel_dim = 0xff6b7280,
	.panel_hover = 0xffe6e8ec,
	.panel_active = 0xffdadee5,
	.popup = 0xfffbfbfc,
	.popup_border = 0xffd0d4db,
	.popup_text = 0xff1f242d,
	.popup_dim = 0xff6b7280,
	.popup_hover = 0xffe9ebef,
	.popup_field = 0xffeceef1,
	.meter = 0xff2f9e6b,
	.meter_track = 0xffdcdfe5,
	.shadow = 90,
	.shadow_idle = 55,
};

void theme_choose(void)
{
	desktop.theme = desktop.dark ? dark : light;
}
