# SPDX-License-Identifier: GPL-3.0-or-later

kernel-sources += kernel/irq/irq.c

# The controller is the test's own.
sim-test-sources += kernel/irq/irq.c kernel/irq/test/irq_test.c
