# SPDX-License-Identifier: GPL-3.0-or-later
#
# Compilers, the warning set that all code is built with, and two helpers for recipes.

CC := $(COMPILER)
CLANG := clang
HOST_CC := gcc
MUSL_CC := musl-gcc
LD := ld
OBJCOPY := objcopy
NM := nm

warnings := -Wall -Wextra -Werror -Wmissing-prototypes -Wstrict-prototypes -Wshadow \
	-Wpointer-arith -Wundef -Wvla -Wwrite-strings -Wimplicit-fallthrough -Wformat=2 \
	-Wold-style-definition -Wredundant-decls -Wnested-externs

# Recipes begin with $(call say,WHAT,TARGET): one short line each, with V=1 the commands, with
# make -s nothing.
silent := $(findstring s,$(filter-out --%,$(firstword -$(MAKEFLAGS))))
say = $(if $(V),,@$(if $(silent),,printf '%-8s %s\n' '$(1)' '$(2)';))

# $(call stamp,FILE,TEXT) writes TEXT to FILE if it is not in it already, without starting a
# process, and gives FILE. What depends on the stamp is thus remade exactly when TEXT (a command
# line, a list of objects) changes. (The strip: make 4.3 reads some files with their last
# newline and some without it.)
stamp-same = $(and $(findstring $(1)x,$(2)x),$(findstring $(2)x,$(1)x))
stamp-read = $(if $(wildcard $(1)),$(strip $(file <$(1))))
stamp-write = $(shell mkdir -p $(dir $(1)))$(file >$(1),$(2))
stamp-kept = $(and $(wildcard $(1)),$(call stamp-same,$(call stamp-read,$(1)),$(strip $(2))))
stamp = $(if $(call stamp-kept,$(1),$(2)),,$(call stamp-write,$(1),$(strip $(2))))$(1)
