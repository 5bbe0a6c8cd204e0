# SPDX-License-Identifier: GPL-3.0-or-later

kernel-sources += ddk/common/display_modes.c

unit-sources += ddk/common/display_modes.c ddk/common/test/display_modes_test.c
