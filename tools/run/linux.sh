# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Debian's Linux in the same virtual machine: what CryptOS is compared with.
#
# linux_get downloads the kernel and linux_stage makes the folder $workspace/linux of its
# initramfs; then what else is wanted goes there, linux_pack packs it, and linux_machine fills the
# array `machine` as machine_arguments does. The machine's console is QEMU's stdout.

linux_package='linux-image-amd64'
# Found with all that they depend on.
linux_modules='ahci sd_mod nvme vfat nls_cp437 nls_ascii nls_utf8 nls_iso8859-1'

# The kernel package that the name stands for now, such as linux-image-6.1.0-56-amd64.
linux_find_package()
{
	apt-cache depends "$linux_package" 2>/dev/null |
		sed -n 's/^ *Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1
}

# Unpacks Debian's kernel into $linux, once.
linux_get()
{
	local package log

	command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null ||
		die 1 "the comparison is a package of Debian, and there is no apt-get here"
	package=$(linux_find_package)
	if [[ -z $package ]]; then
		as_root apt-get update >/dev/null 2>&1
		package=$(linux_find_package)
	fi
	[[ -n $package ]] || die 1 "apt knows no package $linux_package"
	linux=$tree/build/host/linux/$package
	[[ ! -e $linux/complete ]] || return 0
	say "downloading $package with apt-get; it is unpacked in build/host, not installed"
	rm -rf "$linux"
	mkdir -p "$linux"
	log=$(cd "$linux" && apt-get download "$package" 2>&1) || {
		# Lists may be older than what the servers have.
		as_root apt-get update >/dev/null 2>&1
		log=$(cd "$linux" && apt-get download "$package" 2>&1)
	} || die 1 "cannot download $package: $log"
	dpkg-deb -x "$linux"/*.deb "$linux" || die 1 "cannot unpack $package"
	rm -f "$linux"/*.deb
	: >"$linux/complete"
}

# Copies a module behind those that it needs. Those that the kernel contains are no files.
linux_add_module() # NAME
{
	local file depends name

	file=$(awk -v name="${1//-/_}.ko" '{
		base = $0
		sub(".*/", "", base)
		gsub("-", "_", base)
		if (base == name)
			print
	}' "$workspace/modules")
	[[ -n $file && ! -e $workspace/linux/modules/${file##*/} ]] || return 0
	: >"$workspace/linux/modules/${file##*/}"
	depends=$(objcopy -O binary --only-section=.modinfo "$file" /dev/stdout | tr '\0' '\n' |
		sed -n 's/^depends=//p')
	for name in ${depends//,/ }; do
		linux_add_module "$name"
	done
	cp "$file" "$workspace/linux/modules/"
	echo "${file##*/}" >>"$workspace/linux/modules/order"
}

# The initramfs, but for what it is to do.
linux_stage()
{
	local name stage=$workspace/linux

	mkdir -p "$stage"/{bin,dev,mnt,modules,proc,sys}
	find "$linux/lib/modules" -name '*.ko' >"$workspace/modules"
	for name in $linux_modules; do
		linux_add_module "$name"
	done
	cp "$tree/tools/run/linux-init.sh" "$stage/init"
	chmod +x "$stage/init"
	cp "$(PATH=$PATH:/usr/sbin command -v busybox)" "$stage/bin/"
}

# COMMAND is what /bin/sh does between lines "begin VERSION" and "end STATUS".
linux_pack() # COMMAND
{
	printf '%s\n' "$1" >"$workspace/linux/command"
	(cd "$workspace/linux" && find . | cpio --quiet -o -H newc -R 0:0) >"$workspace/linux.cpio"
}

linux_machine() # WORDS
{
	machine_kernel=$(echo "$linux"/boot/vmlinuz-*)
	machine_initramfs=$workspace/linux.cpio
	machine_arguments "console=ttyS0 quiet loglevel=1 panic=-1$1"
	machine+=(-display none -monitor none -serial stdio)
}
