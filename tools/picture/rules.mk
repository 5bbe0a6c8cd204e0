# SPDX-License-Identifier: GPL-3.0-or-later
#
# The pictures of the initramfs (/usr/share/pictures), made by a program for this machine.

picture-out := $(HOST_OUT)/pictures
initramfs-pictures := $(addprefix $(picture-out)/,Dawn.jpg Night.jpg Rings.png)

$(picture-out)/picture: tools/picture/picture.c
	@mkdir -p $(@D)
	$(call say,HOSTCC,$@)$(HOST_CC) -std=gnu11 -O2 $(warnings) $< -lm -o $@

$(picture-out)/Dawn.jpg: picture-name := dawn
$(picture-out)/Night.jpg: picture-name := night
$(picture-out)/Rings.png: picture-name := rings
$(initramfs-pictures): $(picture-out)/picture
	$(call say,PICTURE,$@)$< $(picture-name) $@
