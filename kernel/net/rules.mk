# SPDX-License-Identifier: GPL-3.0-or-later
kernel-sources += $(addprefix kernel/net/,interface.c transmit.c receive.c scheme.c frames.c)
kernel-sources += kernel/net/net_ktest.c
