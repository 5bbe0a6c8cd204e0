# SPDX-License-Identifier: GPL-3.0-or-later
#
# What kernel code needs on x86_64: position-independent code that never touches vector
# registers, and no red zone, which interrupts would overwrite.

arch-flags := -m64 -fPIE -mno-red-zone -mgeneral-regs-only -mno-avx -fcf-protection=none
# Driver objects: the same, but they may be anywhere.
arch-driver-flags := $(patsubst -fPIE,-fPIC,$(arch-flags))
arch-link-flags := -m64 -Wl,-m,elf_x86_64
