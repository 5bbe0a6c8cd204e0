# SPDX-License-Identifier: GPL-3.0-or-later
#
# The UEFI loader, $(OUT)/BOOTX64.EFI. UEFI programs are Windows executables in form: clang
# compiles for that target directly and lld links it, so no conversion is needed. (The -gnu: the
# EFI headers define attributes away under Microsoft's dialect.)

LLD_LINK := lld-link
loader-efi := $(OUT)/BOOTX64.EFI
efi-include-flags := -isystem /usr/include/efi -isystem /usr/include/efi/x86_64

# These call no firmware, so they are tested on the host too.
loader-portable-sources := $(addprefix boot/uefi/,command_line.c identity_map.c kernel_image.c \
	memory_map.c)
loader-sources := $(loader-portable-sources) $(addprefix boot/uefi/,console.c file.c firmware.c \
	graphics.c handover.c main.c seed.c)
loader-sources += lib/base/src/format.c lib/base/src/string.c lib/elf/src/load.c

# Optimised in every mode, and in general registers alone: it copies and it waits.
loader-flags := -target x86_64-unknown-windows-gnu -std=gnu11 -ffreestanding -O2 \
	-fno-strict-aliasing -fno-common -fno-stack-protector -mno-red-zone -mgeneral-regs-only \
	-mno-stack-arg-probe $(warnings) -Iabi -Ilib/base/include -Ilib/elf/include \
	$(efi-include-flags)

# -brepro puts a hash where the time of linking would stand.
loader-link-flags := -subsystem:efi_application -entry:efi_main -nodefaultlib -brepro

loader-objects := $(patsubst %,$(OUT)/loader/%.o,$(loader-sources))
loader-stamp := $(call stamp,$(OUT)/loader/flags,$(CLANG) $(loader-flags))
loader-link-stamp := $(call stamp,$(OUT)/loader/link,$(loader-link-flags) $(loader-objects))

$(OUT)/loader/%.c.o: %.c $(loader-stamp)
	@mkdir -p $(@D)
	$(call say,EFICC,$<)$(CLANG) $(loader-flags) -MMD -MP -MF $(@:.o=.d) -c $< -o $@

-include $(loader-objects:.o=.d)

$(loader-efi): $(loader-objects) $(loader-link-stamp)
	$(call say,EFILD,$@)$(LLD_LINK) $(loader-link-flags) -out:$@ $(loader-objects)

loader-unit-sources := $(loader-portable-sources) $(foreach source,$(loader-portable-sources),\
	$(patsubst boot/uefi/%.c,boot/uefi/test/%_test.c,$(source)))
unit-sources += $(loader-unit-sources)

# Firmware's calling convention is an attribute here, not the target's own.
$(patsubst %,$(HOST_OUT)/unit/obj/%.o,$(loader-unit-sources)): \
	unit-flags += -Iabi -DGNU_EFI_USE_MS_ABI $(efi-include-flags)
