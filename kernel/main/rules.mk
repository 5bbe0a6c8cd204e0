# SPDX-License-Identifier: GPL-3.0-or-later
kernel-sources += kernel/main/main.c kernel/main/memory.c
kernel-sources += kernel/main/nodes.c
