# SPDX-License-Identifier: GPL-3.0-or-later
#
# The kernel's folders; each lists its sources in its own rules.mk.

kernel-folders := core main sync trace mm/phys irq time sched mm/vm scheme proc pool tty input gfx acpi block cache fs \
	dev power display compositor desktop orbital user_scheme abi/linux abi/redox net/unix arch/$(ARCH)
kernel-folders += driver
kernel-folders += iommu
kernel-folders += host

kernel-folders += net

include $(wildcard $(patsubst %,kernel/%/rules.mk,$(kernel-folders)))
include $(wildcard ddk/*/rules.mk drivers/*/rules.mk drivers/*/*/rules.mk)
