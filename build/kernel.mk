# SPDX-License-Identifier: GPL-3.0-or-later
#
# Compiles and links the kernel: a position-independent ELF that relocates itself.

kernel-lib-includes := $(foreach lib,base elf cpio term,lib/$(lib)/include)
kernel-include-flags := $(addprefix -I,$(kernel-includes) $(kernel-lib-includes))

kernel-flags-common := -std=gnu11 -ffreestanding -fno-strict-aliasing -fno-common \
	-fno-stack-protector -fno-omit-frame-pointer -fno-asynchronous-unwind-tables \
	-fvisibility=hidden -ffunction-sections -fdata-sections -g -fno-delete-null-pointer-checks
kernel-flags-release := -O2 -DCONFIG_DEBUG=0
kernel-flags-debug := -O1 -DCONFIG_DEBUG=1

include kernel/arch/$(ARCH)/flags.mk

kernel-flags := $(kernel-flags-common) $(kernel-flags-$(MODE)) $(arch-flags) $(warnings) \
	$(kernel-include-flags)

kernel-objects := $(patsubst %,$(OUT)/obj/%.o,$(kernel-sources))

$(OUT)/obj/%.c.o: %.c $(flag-files) build/kernel.mk
	@mkdir -p $(@D)
	$(CC) $(kernel-flags) -MMD -MP -MF $(@:.o=.d) -c $< -o $@

$(OUT)/obj/%.S.o: %.S $(flag-files) build/kernel.mk
	@mkdir -p $(@D)
	$(CC) $(kernel-flags) -D__ASSEMBLER__ -MMD -MP -MF $(@:.o=.d) -c $< -o $@

-include $(kernel-objects:.o=.d)

# The symbol table that backtraces use is made from a first link and put last in the image,
# so that adding it moves nothing.
kernel-link = $(CC) $(arch-link-flags) -nostdlib -static-pie -Wl,--no-dynamic-linker \
	-Wl,--gc-sections -Wl,-z,text -Wl,-z,max-page-size=4096 -Wl,--build-id=none \
	-Wl,-T,kernel/arch/$(ARCH)/kernel.ld

$(OUT)/kernel.first.elf: $(kernel-objects) kernel/arch/$(ARCH)/kernel.ld
	$(kernel-link) $(kernel-objects) -o $@

$(OUT)/symbols.S: $(OUT)/kernel.first.elf build/symbols.sh
	sh build/symbols.sh $(NM) $< > $@

$(OUT)/symbols.o: $(OUT)/symbols.S
	$(CC) $(arch-flags) -c $< -o $@

$(OUT)/kernel.elf: $(OUT)/symbols.o $(kernel-objects) kernel/arch/$(ARCH)/kernel.ld
	$(kernel-link) $(kernel-objects) $(OUT)/symbols.o -o $@

$(OUT)/kernel: $(OUT)/kernel.elf
	$(OBJCOPY) --strip-all $< $@

.PHONY: kernel
kernel: $(OUT)/kernel
