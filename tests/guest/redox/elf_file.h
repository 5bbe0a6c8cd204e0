/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Executables made by tests of fexec, out of a piece of code in the test itself: position-independent
 * assembler between two labels.
 */
#pragma once

#include "redox_test.h"

#define ELF_CODE_ADDRESS UINT64_C(0x10000000)
#define ELF_DATA_ADDRESS UINT64_C(0x10010000)

struct elf_request {
	const void *code;
	size_t code_size;
	unsigned code_flags;     /* of the code's segment: 1 execute, 2 write, 4 read; 0: 5 */
	uint64_t data_size;      /* bytes of zeros at ELF_DATA_ADDRESS, behind eight of ones */
	const char *interpreter; /* NULL: none */
	unsigned mode;           /* 0: 0755 */
	uint8_t brand;           /* EI_OSABI */
	bool linux_note;         /* the note that says so */
};

/* Writes the file `path`; code begins at ELF_CODE_ADDRESS and is entered at its beginning. */
void elf_file_make(const char *path, const struct elf_request *request);

/* CODE(name, "assembler") defines name and name_end. */
#define CODE(name, text)                        \
	extern const char name[], name##_end[]; \
	__asm__(".pushsection .text\n" #name ":\n" text "\n" #name "_end:\n.popsection\n")
