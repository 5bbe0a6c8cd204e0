# SPDX-License-Identifier: GPL-3.0-or-later

e1000e-sources := $(addprefix drivers/net/e1000e/,e1000e.c hardware.c rings.c run.c)

drivers += e1000e
driver-sources-e1000e += $(e1000e-sources)
