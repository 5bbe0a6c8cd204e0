# SPDX-License-Identifier: GPL-3.0-or-later
kernel-sources += $(addprefix kernel/user_scheme/, \
	socket.c \
	provider.c \
	request.c \
	buffer.c \
	open.c \
	file.c \
	attributes.c \
	ready.c \
	listing.c \
	map.c)
