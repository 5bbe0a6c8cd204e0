# SPDX-License-Identifier: GPL-3.0-or-later
#
# Builds everything; non-recursive. People use ./cryptos, which calls this.
#
#   make [ARCH=x86_64] [MODE=release|debug] [kernel|image|user|check...]
#
# Outputs go to build/$(ARCH)/$(MODE)/ (target) and build/host/ (host tools and tests). Each
# folder lists its own sources in a rules.mk that is included below.

ARCH ?= x86_64
MODE ?= release
OUT := build/$(ARCH)/$(MODE)
HOST_OUT := build/host

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules

# What the rules.mk files add to:
kernel-sources := # C and assembly of the kernel
kernel-includes := abi kernel/include kernel/arch/$(ARCH)/include ddk/include

include build/flags.mk

include $(wildcard lib/*/rules.mk)
include kernel/rules.mk
include $(wildcard boot/*/rules.mk)
include $(wildcard user/rules.mk tools/rules.mk tests/rules.mk)
include build/kernel.mk
include build/checks.mk

.PHONY: all clean
all: kernel

clean:
	rm -rf build/$(ARCH) build/host
