# SPDX-License-Identifier: GPL-3.0-or-later
#
# Compiles and links the kernel: a position-independent ELF that relocates itself.

kernel-lib-includes := $(foreach lib,base hash hmfs partition elf cpio term font blend keymap aml drv,lib/$(lib)/include)
kernel-include-flags := $(addprefix -I,$(kernel-includes) $(kernel-lib-includes))

kernel-flags-common := -std=gnu11 -ffreestanding -fno-strict-aliasing -fno-common \
	-fno-stack-protector -fno-omit-frame-pointer -fno-asynchronous-unwind-tables \
	-fvisibility=hidden -ffunction-sections -fdata-sections -g -fno-delete-null-pointer-checks \
	-fdebug-prefix-map=$(CURDIR)=.
kernel-flags-release := -O2 -DCONFIG_DEBUG=0
kernel-flags-debug := -O1 -DCONFIG_DEBUG=1

include kernel/arch/$(ARCH)/flags.mk

kernel-flags := $(kernel-flags-common) $(kernel-flags-$(MODE)) $(arch-flags) $(warnings) \
	$(kernel-include-flags)

include build/driver.mk

kernel-objects := $(patsubst %,$(OUT)/obj/%.o,$(kernel-sources))

kernel-flags-stamp := $(call stamp,$(OUT)/kernel-flags,$(CC) $(kernel-flags))

$(OUT)/obj/%.c.o: %.c $(kernel-flags-stamp)
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(kernel-flags) -MMD -MP -MF $(@:.o=.d) -c $< -o $@

$(OUT)/obj/%.S.o: %.S $(kernel-flags-stamp)
	@mkdir -p $(@D)
	$(call say,AS,$<)$(CC) $(kernel-flags) -D__ASSEMBLER__ -MMD -MP -MF $(@:.o=.d) -c $< -o $@

kernel-objects += $(OUT)/driver_images.o

-include $(filter %.c.d %.S.d,$(kernel-objects:.o=.d))

kernel-script := kernel/arch/$(ARCH)/kernel.ld
kernel-link := $(CC) $(arch-link-flags) -nostdlib -static-pie -Wl,--no-dynamic-linker \
	-Wl,--gc-sections -Wl,-z,text -Wl,-z,max-page-size=4096 -Wl,--build-id=none \
	-Wl,-T,$(kernel-script)
kernel-link-stamp := $(call stamp,$(OUT)/kernel-link,$(kernel-link) $(kernel-objects))

# The symbol table that backtraces use is made from a first link, which holds an empty one. The
# real one stands last in the image, so that adding it moves no function; that is checked.
$(OUT)/symbols.empty.S: build/symbols.sh $(kernel-flags-stamp)
	$(call say,GEN,$@)sh build/symbols.sh > $@

$(OUT)/symbols.S: $(OUT)/kernel.first.elf build/symbols.sh
	$(call say,GEN,$@)sh build/symbols.sh $(NM) $< > $@

$(OUT)/symbols%.o: $(OUT)/symbols%.S
	$(call say,AS,$<)$(CC) $(arch-flags) -c $< -o $@

$(OUT)/symbols.o: $(OUT)/symbols.S
	$(call say,AS,$<)$(CC) $(arch-flags) -c $< -o $@

$(OUT)/kernel.first.elf: $(kernel-objects) $(OUT)/symbols.empty.o $(kernel-script) \
		$(kernel-link-stamp)
	$(call say,LD,$@)$(kernel-link) $(kernel-objects) $(OUT)/symbols.empty.o -o $@

$(OUT)/kernel.elf: $(OUT)/symbols.o $(kernel-objects) $(kernel-script) $(kernel-link-stamp)
	$(call say,LD,$@)$(kernel-link) $(kernel-objects) $(OUT)/symbols.o -o $@
	@sh build/symbols.sh $(NM) $@ | cmp -s - $(OUT)/symbols.S || \
		{ echo "$@: the symbol table moved the functions that it names" >&2; exit 1; }

$(OUT)/kernel: $(OUT)/kernel.elf
	$(call say,STRIP,$@)$(OBJCOPY) --strip-all $< $@

.PHONY: kernel kernel-objects
kernel: $(OUT)/kernel
kernel-objects: $(kernel-objects)
