# SPDX-License-Identifier: GPL-3.0-or-later

blend-sources := $(addprefix lib/blend/src/,best.c scalar.c)

kernel-sources += $(blend-sources)
