# SPDX-License-Identifier: GPL-3.0-or-later
#
# Compilers and the warning set that all code is built with.

CC := gcc
CLANG := clang
HOST_CC := gcc
MUSL_CC := musl-gcc
OBJCOPY := objcopy
NM := nm

warnings := -Wall -Wextra -Werror -Wmissing-prototypes -Wstrict-prototypes -Wshadow \
	-Wpointer-arith -Wundef -Wvla -Wwrite-strings -Wimplicit-fallthrough -Wformat=2 \
	-Wold-style-definition -Wredundant-decls -Wnested-externs

# Files in build/ that change what a compiler does: objects depend on them.
flag-files := Makefile build/flags.mk
