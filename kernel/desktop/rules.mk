# SPDX-License-Identifier: GPL-3.0-or-later
kernel-sources += $(addprefix kernel/desktop/, \
	desktop.c window.c events.c clipboard.c place.c stack.c frame.c drag.c input.c keys.c pointer.c \
	session.c panel.c launcher.c switcher.c background.c theme.c draw.c symbols.c icons.c)
kernel-sources += kernel/desktop/menu.c kernel/desktop/menus.c
kernel-sources += kernel/desktop/desktop_ktest.c kernel/desktop/desktop_ktest_support.c
kernel-sources += kernel/desktop/supply.c kernel/desktop/notice.c kernel/desktop/popup.c
