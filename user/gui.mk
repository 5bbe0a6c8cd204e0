# SPDX-License-Identifier: GPL-3.0-or-later
#
# Programs with windows: on the Linux ABI, with musl, over the toolkit of user/lib/ui.
#
# $(call gui-program,NAME,SOURCES[,FLAGS[,LIBRARIES]]) builds $(OUT)/user/NAME. FLAGS are for all of
# its sources. The toolkit, its drawing and its text are a library, of which a program gets what it
# uses; lib/blend chooses by the CPU which instructions it draws with.

gui-flags := $(user-flags) -ffunction-sections -fdata-sections
gui-library-sources := user/lib/window.c $(wildcard user/lib/ui/*.c) $(blend-sources) \
	$(addprefix lib/font/src/,atlas.c text.c utf8.c)
gui-flags-stamp := $(call stamp,$(OUT)/gui-flags,$(MUSL_CC) $(gui-flags) $(gui-library-sources))
gui-library := $(OUT)/user/libui.a
gui-object = $(OUT)/obj-gui/$(1).o

$(OUT)/obj-gui/%.c.o: %.c $(gui-flags-stamp)
	@mkdir -p $(@D)
	$(call say,USERCC,$@)$(MUSL_CC) $(gui-flags) $(call blend-flags,$<) $(gui-program-flags) \
		-MMD -MP -MF $(@:.o=.d) -c $< -o $@

$(gui-library): $(foreach source,$(gui-library-sources),$(call gui-object,$(source)))
	@mkdir -p $(@D)
	$(call say,AR,$@)rm -f $@ && ar rcsD $@ $^
-include $(gui-library-sources:%.c=$(OUT)/obj-gui/%.c.d)

define gui-program
user-programs += $(OUT)/user/$(1)
$(foreach source,$(2),$(call gui-object,$(source))): gui-program-flags := $(3)
$(OUT)/user/$(1): $(foreach source,$(2),$(call gui-object,$(source))) $(gui-library) \
		$(call stamp,$(OUT)/user/$(1).list,$(2) $(3) $(4))
	@mkdir -p $$(@D)
	$$(call say,USERLD,$$@)$(MUSL_CC) -static -Wl,--gc-sections \
		$(foreach source,$(2),$(call gui-object,$(source))) $(gui-library) $(4) -lm -o $$@
	@printf '\003' | dd of=$$@ bs=1 seek=7 conv=notrunc status=none
-include $(2:%.c=$(OUT)/obj-gui/%.c.d)
endef

# The toolkit's own tests, on the host: with windows that are memory, and the same fonts.
unit-sources += $(wildcard user/lib/ui/*.c user/lib/ui/test/*.c user/viewer/test/*.c)
unit-sources += $(addprefix user/viewer/,decode.c image.c picture_view.c)
unit-libraries += -lm
$(HOST_OUT)/unit/obj/user/%.c.o: unit-flags += -D_GNU_SOURCE -Iuser/lib -idirafter abi \
	-DUI_FONT_FOLDER='"$(HOST_OUT)/fonts"' -DDECODE_MEMORY_MAX=RLIM_INFINITY
