# SPDX-License-Identifier: GPL-3.0-or-later
#
# The program of driver hosts: freestanding, linked alone, and held by the kernel's image.

host-program-sources := $(addprefix ddk/user/,channel.c device.c disk.c display.c dma.c driver.c entry.S exports.c \
	input.c irq.c load.c log.c main.c memory.c net.c object.c stream.c sync.c task.c thread.c \
	timer.c wait.c) ddk/common/display_modes.c $(wildcard lib/drv/src/*.c) \
	$(addprefix lib/base/src/,bitmap.c format.c rbtree.c ring.c string.c)

host-program-flags := -std=gnu11 -O2 -g -ffreestanding -fno-strict-aliasing -fno-common -fno-pie \
	-fno-stack-protector -fno-asynchronous-unwind-tables -fno-delete-null-pointer-checks \
	-fvisibility=hidden -ffunction-sections -fdata-sections -mgeneral-regs-only -fcf-protection=none \
	-fdebug-prefix-map=$(CURDIR)=. $(warnings) -Iddk/include -Iabi $(foreach lib,base drv elf,-Ilib/$(lib)/include)
host-program-link := -nostdlib -static -no-pie -Wl,--gc-sections -Wl,--build-id=none \
	-Wl,-z,noexecstack -Wl,-z,separate-code -Wl,-z,max-page-size=4096 -Wl,-Ttext-segment=0x200000
host-program-out := $(OUT)/driver-host
host-program-objects := $(host-program-sources:%=$(OUT)/obj-host/%.o)
host-program-stamp := $(call stamp,$(OUT)/driver-host.flags,$(CC) $(host-program-flags))

$(OUT)/obj-host/%.o: % $(host-program-stamp)
	@mkdir -p $(@D)
	$(call say,HOSTCC,$@)$(CC) $(host-program-flags) -MMD -MP -MF $(@:.o=.d) -c $< -o $@

-include $(host-program-objects:.o=.d)

$(host-program-out): $(host-program-objects) \
		$(call stamp,$(OUT)/driver-host.link,$(host-program-link) $(host-program-objects))
	$(call say,LD,$@)$(CC) $(host-program-link) $(host-program-objects) -o $@.elf && \
		$(OBJCOPY) --strip-all $@.elf $@

kernel-sources += ddk/user/embedded.S
$(OUT)/obj/ddk/user/embedded.S.o: $(host-program-out)
$(OUT)/obj/ddk/user/embedded.S.o: kernel-flags += -DHOST_PROGRAM='"$(host-program-out)"'
