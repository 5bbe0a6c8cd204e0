# SPDX-License-Identifier: GPL-3.0-or-later

kernel-sources += kernel/display/display.c kernel/display/firmware.c kernel/display/display_ktest.c
