/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Symbols of the linker script (kernel.ld). */
#pragma once

#include <base/types.h>

extern char kernel_image_start[], kernel_image_end[];
extern char kernel_text_start[], kernel_text_end[];
extern char kernel_rodata_start[], kernel_rodata_end[];
extern char kernel_data_start[], kernel_data_end[];

/* Where an instruction may fault, and where to go on then; self-relative. */
struct machine_exception {
	int32_t instruction;
	int32_t fixup;
};
extern const struct machine_exception machine_exceptions_start[], machine_exceptions_end[];

struct machine_relocation { /* Elf64_Rela */
	uint64_t offset;
	uint64_t info;
	int64_t addend;
};
extern const struct machine_relocation machine_relocations_start[], machine_relocations_end[];
