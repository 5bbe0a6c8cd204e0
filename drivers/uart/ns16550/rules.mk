# SPDX-License-Identifier: GPL-3.0-or-later

kernel-sources += drivers/uart/ns16550/ns16550.c
