# SPDX-License-Identifier: GPL-3.0-or-later

kernel-sources += $(addprefix lib/keymap/src/,compose.c names.c parse.c press.c)

unit-sources += lib/keymap/test/keymap_test.c lib/keymap/test/layout_test.c
