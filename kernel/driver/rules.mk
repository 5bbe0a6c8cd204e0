# SPDX-License-Identifier: GPL-3.0-or-later

kernel-sources += kernel/driver/holding.c
