# SPDX-License-Identifier: GPL-3.0-or-later

drivers += bochs_display
driver-sources-bochs_display += drivers/gpu/bochs_display/bochs_display.c
unit-sources += drivers/gpu/bochs_display/test/bochs_display_test.c
