# SPDX-License-Identifier: GPL-3.0-or-later

kernel-sources += kernel/input/input.c kernel/input/keymap.c kernel/input/keymap_us.c

unit-sources += kernel/input/keymap.c kernel/input/keymap_us.c kernel/input/test/keymap_test.c
