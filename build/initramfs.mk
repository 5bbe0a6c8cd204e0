# SPDX-License-Identifier: GPL-3.0-or-later
#
# The initramfs: busybox as the distribution ships it, our init and our programs.

BUSYBOX ?= $(firstword $(wildcard /bin/busybox /usr/bin/busybox /usr/sbin/busybox))

initramfs-programs := $(filter-out $(OUT)/user/init,$(user-programs)) $(native-programs) \
	$(hmfs-inside-programs)
initramfs-files := $(wildcard user/root/etc/*)
initramfs-files += $(wildcard user/root/usr/share/keymaps/*)
initramfs-files += $(initramfs-fonts)
initramfs-files += $(wildcard user/root/usr/share/applications/*)
initramfs-files += $(initramfs-pictures)
initramfs-files += $(wildcard user/root/root/*.txt)
initramfs-stamp := $(call stamp,$(OUT)/initramfs-list,$(BUSYBOX) $(OUT)/user/init $(initramfs-programs) $(initramfs-files))

# The archive, and beside it (.list) the paths that it holds, one a line.
$(OUT)/initramfs.cpio: build/initramfs.sh $(BUSYBOX) $(OUT)/user/init $(initramfs-programs) $(initramfs-files) \
		$(initramfs-stamp)
	$(call say,CPIO,$@)bash build/initramfs.sh $@ $(BUSYBOX) $(OUT)/user/init user/root \
		$(initramfs-programs) $(initramfs-fonts) $(initramfs-pictures)

.PHONY: initramfs
initramfs: $(OUT)/initramfs.cpio
