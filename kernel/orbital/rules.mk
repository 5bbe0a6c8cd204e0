# SPDX-License-Identifier: GPL-3.0-or-later

# The pixels of programs' windows.
kernel-sources += kernel/desktop/pixels.c
kernel-sources += kernel/desktop/pixels_ktest.c

kernel-sources += $(addprefix kernel/orbital/,orbital.c window.c name.c words.c command.c)
kernel-sources += $(addprefix kernel/orbital/,clipboard.c session.c orbital_ktest.c)
