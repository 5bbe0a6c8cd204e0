# SPDX-License-Identifier: GPL-3.0-or-later

kernel-sources += kernel/driver/holding.c
# The gate, which tools on the host ask as well.
kernel-sources += lib/drv/src/licence.c lib/drv/src/licence_table.c
unit-sources += lib/drv/test/licence_test.c
kernel-sources += $(addprefix kernel/driver/,exports.c integrity.c manager.c module.c policy.c registry.c)
unit-sources += kernel/driver/policy.c kernel/driver/test/policy_test.c
$(HOST_OUT)/unit/obj/kernel/driver/%: unit-flags += $(unit-kernel-flags)
kernel-sources += $(addprefix kernel/driver/,command.c files.c text.c)
