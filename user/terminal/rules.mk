# SPDX-License-Identifier: GPL-3.0-or-later
#
# The terminal. It is built where the distribution has libvterm as a static library (Debian,
# Ubuntu); that was compiled against glibc, see fortify.c. Its header comes last, after musl's.

vterm-library := $(firstword $(wildcard /usr/lib/$(ARCH)-linux-gnu/libvterm.a /usr/lib64/libvterm.a \
	/usr/lib/libvterm.a))

ifneq ($(vterm-library),)
$(eval $(call gui-program,terminal,$(addprefix user/terminal/,main.c emulator.c feed.c grid.c grid_text.c \
	child.c keys.c pointer.c paint.c palette.c fonts.c fortify.c),-idirafter /usr/include,\
	$(vterm-library)))

unit-sources += $(addprefix user/terminal/,emulator.c feed.c keys.c pointer.c test/emulator_test.c)
unit-libraries += $(vterm-library)
endif

unit-sources += user/terminal/grid.c user/terminal/grid_text.c user/terminal/test/grid_test.c

# The check of headers sees what the program's own sources see.
$(OUT)/headers/user/user/terminal/%.ok: user-flags += -Ilib/blend/include -Ilib/font/include \
	-idirafter /usr/include
