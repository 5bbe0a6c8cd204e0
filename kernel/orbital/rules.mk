# SPDX-License-Identifier: GPL-3.0-or-later

# The pixels of programs' windows.
kernel-sources += kernel/desktop/pixels.c
kernel-sources += kernel/desktop/pixels_ktest.c
