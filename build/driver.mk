# SPDX-License-Identifier: GPL-3.0-or-later
#
# Drivers as objects: each is compiled against the kit's headers alone and becomes one relocatable file,
# build/ARCH/MODE/drivers/NAME.drv, which the kernel's image holds and driver hosts are given. A driver's rules.mk says
#
#	drivers += NAME
#	driver-sources-NAME += drivers/CLASS/NAME/FILE.c ...
#
# `make drivers` makes them all. The runner compiles with the same flags what lies elsewhere
# (`make -s driver-flags` tells them).

driver-includes := ddk/include lib/base/include drivers/virtio/include
driver-flags := -std=gnu11 -O2 -g -ffreestanding -fno-strict-aliasing -fno-common -fno-stack-protector \
	-fno-omit-frame-pointer -fno-asynchronous-unwind-tables -fno-delete-null-pointer-checks \
	-fvisibility=hidden -fdebug-prefix-map=$(CURDIR)=. $(arch-driver-flags)
driver-compile := $(CC) $(driver-flags) $(warnings) $(addprefix -I,$(driver-includes))
driver-script := build/driver.ld

driver-out := $(OUT)/drivers
driver-files := $(patsubst %,$(driver-out)/%.drv,$(drivers))
# The kernel's link needs none of them yet where it links the drivers themselves.
driver-sources := $(sort $(foreach driver,$(drivers),$(driver-sources-$(driver))))
driver-objects := $(patsubst %,$(driver-out)/obj/%.o,$(driver-sources))

driver-stamp := $(call stamp,$(driver-out)/flags,$(driver-compile))
driver-list-stamp := $(call stamp,$(driver-out)/list,$(foreach driver,$(drivers),$(driver): $(driver-sources-$(driver))))

$(driver-out)/obj/%.c.o: %.c $(driver-stamp)
	@mkdir -p $(@D)
	$(call say,DRVCC,$<)$(driver-compile) -MMD -MP -MF $(@:.o=.d) -c $< -o $@

-include $(driver-objects:.o=.d)

# NAME.debug is for people; of that, debug information goes, and the names of functions stay, for backtraces.
define driver-rule
$(driver-out)/$(1).debug: $(patsubst %,$(driver-out)/obj/%.o,$(driver-sources-$(1))) $(driver-script) $(driver-list-stamp)
	$$(call say,LD,$$@)$$(LD) -r -T $(driver-script) $$(filter %.o,$$^) -o $$@
endef
$(foreach driver,$(drivers),$(eval $(call driver-rule,$(driver))))

$(driver-out)/%.drv: $(driver-out)/%.debug
	$(call say,DRV,$@)$(OBJCOPY) --strip-debug $< $@

# What the kernel's image holds (kernel/include/driver/image.h).
$(OUT)/driver_images.S: build/driver-images.sh $(driver-list-stamp)
	$(call say,GEN,$@)sh build/driver-images.sh $(driver-files) > $@

$(OUT)/driver_images.o: $(OUT)/driver_images.S $(driver-files)
	$(call say,AS,$<)$(CC) $(arch-flags) -c $< -o $@

.PHONY: drivers driver-flags
drivers: $(driver-files)
driver-flags:
	@printf '%s\n' '$(driver-flags)'

# The unit tests have them all too, and drivers of their own, from both compilers (lib/drv/test).
test-driver-out := $(HOST_OUT)/unit/drivers
test-driver-sources-small := lib/drv/test/objects/small.c lib/drv/test/objects/more.c
test-driver-sources-unlicensed := lib/drv/test/objects/unlicensed.c
test-driver-flags := $(driver-flags) $(warnings) $(addprefix -I,$(driver-includes))
test-driver-stamp := $(call stamp,$(test-driver-out)/flags,$(test-driver-flags))

$(test-driver-out)/%.gcc.o: %.c $(test-driver-stamp)
	@mkdir -p $(@D)
	$(call say,DRVCC,$<)$(HOST_CC) $(test-driver-flags) -MMD -MP -MF $(@:.o=.d) -c $< -o $@
$(test-driver-out)/%.clang.o: %.c $(test-driver-stamp)
	@mkdir -p $(@D)
	$(call say,DRVCC,$<)$(CLANG) $(test-driver-flags) -MMD -MP -MF $(@:.o=.d) -c $< -o $@

define test-driver-rule
$(test-driver-out)/$(1)-$(2).drv: $(patsubst %.c,$(test-driver-out)/%.$(2).o,$(test-driver-sources-$(1))) $(driver-script)
	$$(call say,DRV,$$@)$$(LD) -r $(3) $$(filter %.o,$$^) -o $$@ && $$(OBJCOPY) --strip-debug $$@
-include $(patsubst %.c,$(test-driver-out)/%.$(2).d,$(test-driver-sources-$(1)))
endef
$(eval $(call test-driver-rule,small,gcc,-T $(driver-script)))
# One that the linker's own script has joined.
$(eval $(call test-driver-rule,small,clang,))
$(eval $(call test-driver-rule,unlicensed,gcc,-T $(driver-script)))
test-driver-files := $(patsubst %,$(test-driver-out)/%.drv,small-gcc small-clang unlicensed-gcc)

$(test-driver-out)/images.S: build/driver-images.sh $(driver-list-stamp) $(test-driver-stamp)
	$(call say,GEN,$@)sh build/driver-images.sh $(test-driver-files) $(driver-files) > $@
$(test-driver-out)/images.o: $(test-driver-out)/images.S $(test-driver-files) $(driver-files)
	$(call say,AS,$<)$(HOST_CC) -c $< -o $@
