# SPDX-License-Identifier: GPL-3.0-or-later

kernel-sources += kernel/time/clock.c kernel/time/timer.c kernel/time/time_ktest.c
