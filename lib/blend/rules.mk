# SPDX-License-Identifier: GPL-3.0-or-later

blend-sources := $(addprefix lib/blend/src/,best.c scalar.c \
	region.c surface.c scale.c round.c line.c polygon.c shadow.c)

# What a file is compiled with beside the usual flags.
blend-flags = $(blend-flags-$(notdir $(1)))

kernel-sources += $(blend-sources)

unit-sources += $(foreach test,region surface shape,lib/blend/test/$(test)_test.c)
