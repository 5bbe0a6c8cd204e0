# SPDX-License-Identifier: GPL-3.0-or-later

drivers += ns16550
driver-sources-ns16550 += drivers/uart/ns16550/ns16550.c
