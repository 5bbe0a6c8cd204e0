# SPDX-License-Identifier: GPL-3.0-or-later

e1000e-sources := $(addprefix drivers/net/e1000e/,e1000e.c hardware.c rings.c run.c)

drivers += e1000e
driver-sources-e1000e += $(e1000e-sources)

# The simulated controller includes e1000e.c.
unit-sources += $(filter-out %/e1000e.c,$(e1000e-sources))
unit-sources += $(addprefix drivers/net/e1000e/test/,card.c e1000e_test.c e1000e_random_test.c)
