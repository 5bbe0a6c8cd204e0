# SPDX-License-Identifier: GPL-3.0-or-later
#
# Native programs: C on the Redox ABI, over libcryptos and no C library.
#
# $(call native-program,NAME,SOURCES) builds $(OUT)/native/NAME, marked as a Redox program, for the
# image; $(call native-program-in,FILE,SOURCES) builds FILE, for other uses.

native-flags := -std=gnu11 -O2 -g -ffreestanding -fno-stack-protector -fno-pie \
	-fno-asynchronous-unwind-tables -fno-strict-aliasing -ffunction-sections -fdata-sections \
	-mno-red-zone -fno-toplevel-reorder $(warnings) -Iuser/libcryptos/include -Ilib/base/include -Iabi
native-link := -nostdlib -static -no-pie -Wl,--gc-sections -Wl,--build-id=none -Wl,-z,noexecstack \
	-Wl,-z,max-page-size=4096 -Wl,-Ttext-segment=0x200000
native-stamp := $(call stamp,$(OUT)/native-flags,$(HOST_CC) $(native-flags) $(native-link))

native-library-sources := $(addprefix user/libcryptos/src/,start.c file.c process.c signal.c \
	print.c memory.c scheme.c) lib/base/src/format.c lib/base/src/string.c
native-object = $(OUT)/obj-native/$(1).o
native-library := $(OUT)/native/libcryptos.a

$(OUT)/obj-native/%.c.o: %.c $(native-stamp)
	@mkdir -p $(@D)
	$(call say,NATIVECC,$@)$(HOST_CC) $(native-flags) -MMD -MP -MF $(@:.o=.d) -c $< -o $@

$(native-library): $(foreach source,$(native-library-sources),$(call native-object,$(source)))
	@mkdir -p $(@D)
	$(call say,AR,$@)rm -f $@ && ar rcsD $@ $^
-include $(native-library-sources:%=$(OUT)/obj-native/%.d)

# The mark: byte 7 of the file (EI_OSABI).
native-brand = printf '\122' | dd of=$(1) bs=1 seek=7 conv=notrunc status=none

define native-program-in
$(1): $(foreach source,$(2),$(call native-object,$(source))) $(native-library) \
		$(call stamp,$(1).list,$(2) $(native-link))
	@mkdir -p $$(@D)
	$$(call say,NATIVELD,$$@)$(HOST_CC) $(native-link) -Wl,-u,_start \
		$(foreach source,$(2),$(call native-object,$(source))) $(native-library) -o $$@ && \
		$$(call native-brand,$$@)
-include $(2:%=$(OUT)/obj-native/%.d)
endef

native-programs :=
define native-program
native-programs += $(OUT)/native/$(1)
$(call native-program-in,$(OUT)/native/$(1),$(2))
endef
