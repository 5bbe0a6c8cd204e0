# SPDX-License-Identifier: GPL-3.0-or-later

kernel-sources += drivers/gpu/bochs_display/bochs_display.c
unit-sources += drivers/gpu/bochs_display/test/bochs_display_test.c
