# SPDX-License-Identifier: GPL-3.0-or-later
#
# The bootable disk: UEFI loader, kernel, initramfs and command line in one image.

CMDLINE ?=

image-stamp := $(call stamp,$(OUT)/image-cmdline,$(CMDLINE))

$(OUT)/cryptos.img: tools/image/make-image.sh $(OUT)/kernel $(OUT)/initramfs.cpio \
		$(loader-efi) $(image-stamp)
	$(call say,IMAGE,$@)$< --kernel $(OUT)/kernel --initramfs $(OUT)/initramfs.cpio \
		--loader $(loader-efi) --cmdline '$(CMDLINE)' --output $@

.PHONY: image loader
image: $(OUT)/cryptos.img
loader: $(loader-efi)
