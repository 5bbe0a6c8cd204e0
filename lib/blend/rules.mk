# SPDX-License-Identifier: GPL-3.0-or-later

blend-sources := $(addprefix lib/blend/src/,best.c scalar.c \
	region.c surface.c scale.c round.c line.c polygon.c shadow.c)

kernel-sources += $(blend-sources)
