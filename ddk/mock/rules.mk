# SPDX-License-Identifier: GPL-3.0-or-later

unit-sources += ddk/mock/mock.c ddk/mock/pci.c
