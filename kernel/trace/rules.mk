# SPDX-License-Identifier: GPL-3.0-or-later

kernel-sources += kernel/trace/trace.c kernel/trace/trace_ktest.c
