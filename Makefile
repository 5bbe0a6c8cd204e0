# SPDX-License-Identifier: GPL-3.0-or-later
#
# Builds everything; non-recursive. People use ./cryptos, which calls this.
#
#   make [ARCH=x86_64] [MODE=release|debug] [COMPILER=gcc|clang] [V=1] [TARGET...]
#
#   kernel      the kernel: build/ARCH/MODE/kernel (stripped) and kernel.elf (with symbols)
#   drivers     the drivers as objects, build/ARCH/MODE/drivers/NAME.drv
#   initramfs   build/ARCH/MODE/initramfs.cpio
#   user        the programs of user/
#   guest-tests the programs of tests/guest, in build/ARCH/MODE/guest-tests/
#   loader      the UEFI loader
#   image       a bootable disk: build/ARCH/MODE/cryptos.img
#   hmfs-tools  mkfs.hmfs, fsck.hmfs, hmfs, hmfs-fuse for this machine: build/host/bin/
#   aml-tools   amlexec and amldump for this machine: build/host/bin/
#   check       the static checks (build/checks.mk)
#   all         kernel, initramfs, loader, image, hmfs-tools, aml-tools
#
# Outputs go to build/$(ARCH)/$(MODE)/ (target) and build/host/ (host tools and tests). Each
# folder lists its own sources in a rules.mk that is included below.

ARCH ?= x86_64
MODE ?= release
COMPILER ?= gcc
# clang's objects lie apart, so that the two never mix.
OUT := build/$(ARCH)/$(MODE)$(if $(filter clang,$(COMPILER)),-clang)
HOST_OUT := build/host

ifeq ($(filter $(MODE),release debug),)
$(error MODE is release or debug, not "$(MODE)")
endif
ifeq ($(filter $(COMPILER),gcc clang),)
$(error COMPILER is gcc or clang, not "$(COMPILER)")
endif

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules --no-builtin-variables

# What the rules.mk files add to:
kernel-sources := # C and assembly of the kernel
unit-sources := # tests that run on the host (tests/host/host.mk)
drivers := # names of drivers, each with driver-sources-NAME (build/driver.mk)
kernel-debug-sources := # those of the kernel-sources that only debug builds link
sim-test-sources := # tests that run in the simulation (tests/host/sim.mk)
kernel-includes := abi kernel/include kernel/arch/$(ARCH)/include ddk/include

include build/flags.mk

include $(wildcard lib/*/rules.mk)
include kernel/rules.mk
include $(wildcard boot/*/rules.mk)
include user/rules.mk
include $(wildcard tools/rules.mk tests/rules.mk bench/rules.mk)
include build/kernel.mk
include tests/drivers/rules.mk
include build/initramfs.mk
include build/image.mk
include build/checks.mk
include tests/host/host.mk tests/host/sim.mk tests/fuzz/fuzz.mk tests/hmfs/hmfs.mk tests/model/model.mk \
	tests/peer/peer.mk

.PHONY: all clean
all: kernel initramfs image hmfs-tools aml-tools

clean:
	rm -rf build/$(ARCH) build/host build/sim tests/aml/*.aml
