# SPDX-License-Identifier: GPL-3.0-or-later
#
# What the sessions of tests/drivers take into the guest.

drivers-test-out := $(OUT)/driver-tests

$(drivers-test-out)/%: tests/drivers/%.c $(user-flags-stamp)
	@mkdir -p $(@D)
	$(call say,USERCC,$@)$(MUSL_CC) $(user-flags) -static -pthread $< -o $@

.PHONY: drivers-tests
drivers-tests: $(addprefix $(drivers-test-out)/,verify)

# A driver that is compiled against the first version of the driver kit, whatever it is now (lasting.c).
lasting-include := -Itests/drivers/ddk-1.0
lasting-objects := $(addprefix $(drivers-test-out)/,lasting.o lasting_disk.o)

$(drivers-test-out)/%.o: tests/drivers/%.c tests/drivers/lasting.h \
		$(wildcard tests/drivers/ddk-1.0/*/*)
	@mkdir -p $(@D)
	$(call say,DRVCC,$<)$(CC) $(driver-flags) $(warnings) $(lasting-include) -c $< -o $@
$(drivers-test-out)/lasting.drv: $(lasting-objects) build/driver.ld
	$(call say,DRV,$@)$(LD) -r -T build/driver.ld $(lasting-objects) -o $@ && $(OBJCOPY) --strip-debug $@

drivers-tests: $(drivers-test-out)/lasting.drv
drivers-tests: $(drivers-test-out)/frames

# Objects that the sessions load. The hostile driver also sees what hosts and kernel say to each other.
drivers-test-objects := hostile licensed
drivers-test-sources-hostile := $(addprefix tests/drivers/,hostile.c hostile_class.c hostile_device.c \
	hostile_memory.c hostile_process.c hostile_wait.c)
drivers-test-sources-licensed := tests/drivers/licensed.c
drivers-test-compile := $(CC) $(driver-flags) $(warnings) $(addprefix -I,$(driver-includes)) -Iabi
drivers-test-stamp := $(call stamp,$(drivers-test-out)/object-flags,$(drivers-test-compile))

$(drivers-test-out)/obj/%.c.o: %.c $(drivers-test-stamp)
	@mkdir -p $(@D)
	$(call say,DRVCC,$<)$(drivers-test-compile) -MMD -MP -MF $(@:.o=.d) -c $< -o $@

define drivers-test-object
$(drivers-test-out)/$(1).drv: $(patsubst %,$(drivers-test-out)/obj/%.o,$(drivers-test-sources-$(1))) build/driver.ld
	$$(call say,DRV,$$@)$$(LD) -r -T build/driver.ld $$(filter %.o,$$^) -o $$@ && $$(OBJCOPY) --strip-debug $$@
-include $(patsubst %,$(drivers-test-out)/obj/%.d,$(drivers-test-sources-$(1)))
endef
$(foreach object,$(drivers-test-objects),$(eval $(call drivers-test-object,$(object))))

drivers-tests: $(drivers-test-objects:%=$(drivers-test-out)/%.drv)
