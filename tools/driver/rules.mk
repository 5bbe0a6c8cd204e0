# SPDX-License-Identifier: GPL-3.0-or-later
#
# driver-check, which `./cryptos driver check` runs: build/host/bin/driver-check. And what that needs to compile
# drivers elsewhere: `make -s driver-flags` (build/driver.mk).

driver-check-sources := tools/driver/check.c lib/base/src/string.c $(filter lib/drv/src/%,$(kernel-sources))
driver-check-out := $(HOST_OUT)/driver-check-obj
driver-check-objects := $(patsubst %,$(driver-check-out)/%.o,$(driver-check-sources))
driver-check-compile := $(HOST_CC) -std=gnu11 -O2 -g $(warnings) -Wno-redundant-decls -Iddk/include \
	$(addprefix -Ilib/,$(addsuffix /include,base drv elf))
driver-check-stamp := $(call stamp,$(driver-check-out)/flags,$(driver-check-compile))
driver-check-link-stamp := $(call stamp,$(driver-check-out)/link,$(driver-check-sources))

# The C library has functions of these names.
$(driver-check-out)/lib/base/src/string.c.o: driver-check-more = -ffreestanding $(host-base-renames)

$(driver-check-out)/%.c.o: %.c $(driver-check-stamp)
	@mkdir -p $(@D)
	$(call say,TOOLCC,$@)$(driver-check-compile) $(driver-check-more) -MMD -MP -MF $(@:.o=.d) -c $< -o $@

$(HOST_OUT)/bin/driver-check: $(driver-check-objects) $(driver-check-link-stamp)
	@mkdir -p $(@D)
	$(call say,TOOLLD,$@)$(HOST_CC) $(filter %.o,$^) -o $@

-include $(driver-check-objects:.o=.d)

.PHONY: driver-check
driver-check: $(HOST_OUT)/bin/driver-check
