# SPDX-License-Identifier: GPL-3.0-or-later
kernel-sources += $(addprefix kernel/net/unix/,socket.c name.c connect.c packet.c send.c receive.c)
