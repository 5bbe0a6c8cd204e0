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
