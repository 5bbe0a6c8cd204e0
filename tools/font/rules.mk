# SPDX-License-Identifier: GPL-3.0-or-later
#
# font-atlas, and the atlases that it makes of the host's fonts:
#
#   make fonts      build/host/fonts/NAME-1x.atlas, NAME-2x.atlas: those of the initramfs
#
# build/host/fonts/NAME-Nx.letters are smaller ones for the kernel (lib/font/src/ui_fonts.S). Where Inter
# or JetBrains Mono are missing, DejaVu takes their place.

# $(call font-file,NAME): where Debian, Arch and Fedora keep it.
font-folders := /usr/share/fonts/opentype/inter /usr/share/fonts/inter \
	/usr/share/fonts/rsms-inter-fonts /usr/share/fonts/truetype/jetbrains-mono \
	/usr/share/fonts/jetbrains-mono-fonts /usr/share/fonts/TTF /usr/share/fonts/OTF \
	/usr/share/fonts/truetype/dejavu /usr/share/fonts/dejavu-sans-fonts \
	/usr/share/fonts/dejavu-sans-mono-fonts
font-file = $(firstword $(wildcard $(foreach folder,$(font-folders),\
	$(folder)/$(1).otf $(folder)/$(1).ttf)))

font-fallback := $(call font-file,DejaVuSans)
font-files-sans := $(call font-file,Inter-Regular) $(font-fallback)
font-files-sans-bold := $(call font-file,Inter-SemiBold) $(call font-file,DejaVuSans-Bold)
font-files-heading := $(call font-file,Inter-SemiBold) $(call font-file,DejaVuSans-Bold)
font-files-mono := $(call font-file,JetBrainsMono-Regular) $(call font-file,DejaVuSansMono) \
	$(font-fallback)
font-files-mono-bold := $(call font-file,JetBrainsMono-Bold) \
	$(call font-file,DejaVuSansMono-Bold) $(font-fallback)
font-files-mono-italic := $(call font-file,JetBrainsMono-Italic) \
	$(call font-file,DejaVuSansMono-Oblique) $(font-fallback)
font-files-mono-bold-italic := $(call font-file,JetBrainsMono-BoldItalic) \
	$(call font-file,DejaVuSansMono-BoldOblique) $(font-fallback)

# Sizes in pixels per em. JetBrains Mono's letters are 0.6 em wide: 8 and 16 pixels. What has --letters
# lacks signs, which are taken from the plain face.
font-options-sans-1x := --pixels 13 --line-height 16 --phases 4
font-options-sans-2x := --pixels 26 --line-height 32 --phases 2
font-options-sans-bold-1x := --letters $(font-options-sans-1x)
font-options-sans-bold-2x := --letters $(font-options-sans-2x)
font-options-heading-1x := --letters --pixels 18 --line-height 22 --phases 2
font-options-heading-2x := --letters --pixels 36 --line-height 44
font-options-mono-1x := --mono --pixels 13.3333 --line-height 18
font-options-mono-2x := --mono --pixels 26.6667 --line-height 36
$(foreach face,mono-bold mono-italic mono-bold-italic,$(foreach scale,1x 2x,\
	$(eval font-options-$(face)-$(scale) := --letters $(font-options-mono-$(scale)))))

font-out := $(HOST_OUT)/fonts
font-faces := sans sans-bold heading mono mono-bold mono-italic mono-bold-italic
font-atlases := $(foreach face,$(font-faces),$(font-out)/$(face)-1x.atlas $(font-out)/$(face)-2x.atlas)

font-tool-sources := $(addprefix tools/font/,main.c subset.c raster.c boxes.c kerning.c output.c)
font-tool-flags = -std=gnu11 -O2 -g $(warnings) -Wno-redundant-decls -Itools/font -Ilib/font/include \
	-Ilib/base/include $(shell pkg-config --cflags freetype2)
$(HOST_OUT)/font-atlas: $(font-tool-sources) tools/font/font.h lib/font/include/font/atlas.h
	@mkdir -p $(@D)
	$(call say,HOSTCC,$@)$(HOST_CC) $(font-tool-flags) $(font-tool-sources) -o $@ \
		$$(pkg-config --libs freetype2) -lm

# $(call font-atlas-rules,FACE,SCALE)
define font-atlas-rules
$(font-out)/$(1)-$(2).%: $(HOST_OUT)/font-atlas $(font-files-$(1)) \
		$(call stamp,$(font-out)/options/$(1)-$(2),$(font-options-$(1)-$(2)) $(font-files-$(1)))
	@test -n '$(font-files-$(1))' || \
		{ echo 'no fonts here: install Inter and JetBrains Mono, or DejaVu' >&2; exit 1; }
	$$(call say,FONT,$$@)$(HOST_OUT)/font-atlas --output $$@ --name $(1) \
		$$(if $$(filter letters,$$*),--letters) $(font-options-$(1)-$(2)) $(font-files-$(1))
endef
$(foreach face,$(font-faces),$(foreach scale,1x 2x,$(eval $(call font-atlas-rules,$(face),$(scale)))))

initramfs-fonts := $(font-atlases)

.PHONY: fonts
fonts: $(font-atlases)
