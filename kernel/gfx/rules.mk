# SPDX-License-Identifier: GPL-3.0-or-later
kernel-sources += kernel/gfx/framebuffer.c kernel/gfx/console.c kernel/gfx/console_display.c kernel/gfx/paint.c
