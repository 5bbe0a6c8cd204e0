# SPDX-License-Identifier: GPL-3.0-or-later

kernel-sources += $(foreach file,control csi grid mode parser print resize style term width,\
	lib/term/src/$(file).c)

unit-sources += $(foreach test,damage programs style term,lib/term/test/$(test)_test.c) \
	lib/term/test/screen.c
