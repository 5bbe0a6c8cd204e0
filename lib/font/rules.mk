# SPDX-License-Identifier: GPL-3.0-or-later

kernel-sources += lib/font/src/font.c lib/font/src/console_font.S

# The console's font: Debian's console-setup-linux, or where Arch and Fedora keep theirs.
CONSOLE_FONT ?= $(firstword $(wildcard /usr/share/consolefonts/Uni2-Terminus16.psf.gz \
	/usr/share/kbd/consolefonts/ter-u16n.psf.gz \
	/usr/share/kbd/consolefonts/default8x16.psfu.gz \
	/usr/lib/kbd/consolefonts/default8x16.psfu.gz))

console-font-stamp := $(call stamp,$(OUT)/console-font-path,$(CONSOLE_FONT))

$(OUT)/console-font.psf: $(CONSOLE_FONT) $(console-font-stamp)
	@test -n '$(CONSOLE_FONT)' || \
		{ echo 'no console font here: install console-setup-linux, or set CONSOLE_FONT' >&2; exit 1; }
	$(call say,GEN,$@)gzip -dcf '$(CONSOLE_FONT)' > $@

$(OUT)/obj/lib/font/src/console_font.S.o: $(OUT)/console-font.psf
$(OUT)/obj/lib/font/src/console_font.S.o: kernel-flags += -Wa,-I,$(OUT)

unit-sources += lib/font/test/font_test.c

# Atlases, and those of the desktop (tools/font/rules.mk makes them).
kernel-sources += lib/font/src/atlas.c lib/font/src/text.c lib/font/src/utf8.c
kernel-sources += lib/font/src/ui_fonts.S
ui-font-files := $(addprefix $(HOST_OUT)/fonts/,sans-1x.letters sans-2x.letters \
	sans-bold-1x.letters sans-bold-2x.letters)
$(OUT)/obj/lib/font/src/ui_fonts.S.o: $(ui-font-files)
$(OUT)/obj/lib/font/src/ui_fonts.S.o: kernel-flags += -Wa,-I,$(HOST_OUT)/fonts
unit-sources += lib/font/test/atlas_test.c lib/font/test/text_test.c lib/font/test/small_atlas.c
unit unit-build: fonts
