/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes small executables. */
#include "elf_file.h"

#define HEADERS 4
#define OFFSET  0x1000 /* of the code in the file; the data follows in the next page */

struct elf_program_header {
	uint32_t type, flags;
	uint64_t offset, address, physical, file_size, memory_size, alignment;
};

struct elf_file {
	uint8_t ident[16];
	uint16_t type, machine;
	uint32_t version;
	uint64_t entry, header_offset, section_offset;
	uint32_t flags;
	uint16_t size, header_size, header_count, section_size, section_count, names;
	struct elf_program_header headers[HEADERS];
	char interpreter[256];
	struct {
		uint32_t name_size, size, type;
		char name[4];
		uint32_t system, version[3];
	} note; /* .note.ABI-tag */
};

_Static_assert(sizeof(struct elf_program_header) == 56, "program header");
_Static_assert(offsetof(struct elf_file, headers) == 64, "ELF header");

static void fill(struct elf_file *file, const struct elf_request *request)
{
	struct elf_program_header *header = file->headers;

	memset(file, 0, sizeof(*file));
	memcpy(file->ident, "\177ELF\2\1\1", 7);
	file->ident[7] = request->brand;
	file->type = 2;
	file->machine = 62;
	file->version = 1;
	file->entry = ELF_CODE_ADDRESS;
	file->header_offset = offsetof(struct elf_file, headers);
	file->size = 64;
	file->header_size = sizeof(*header);
	*header++ = (struct elf_program_header){
		.type = 1,
		.flags = request->code_flags ? request->code_flags : 5,
		.offset = OFFSET,
		.address = ELF_CODE_ADDRESS,
		.file_size = request->code_size,
		.memory_size = request->code_size,
		.alignment = 0x1000,
	};
	if (request->data_size)
		*header++ = (struct elf_program_header){
			.type = 1,
			.flags = 6,
			.offset = 2 * OFFSET,
			.address = ELF_DATA_ADDRESS,
			.file_size = 8,
			.memory_size = 8 + request->data_size,
			.alignment = 0x1000,
		};
	if (request->interpreter) {
		string_copy(file->interpreter, request->interpreter, sizeof(file->interpreter));
		*header++ = (struct elf_program_header){
			.type = 3,
			.flags = 4,
			.offset = offsetof(struct elf_file, interpreter),
			.file_size = strlen(request->interpreter) + 1,
			.memory_size = strlen(request->interpreter) + 1,
			.alignment = 1,
		};
	}
	if (request->linux_note) {
		file->note.name_size = 4;
		file->note.size = 16;
		file->note.type = 1;
		memcpy(file->note.name, "GNU", 4);
		*header++ = (struct elf_program_header){
			.type = 4,
			.flags = 4,
			.offset = offsetof(struct elf_file, note),
			.file_size = sizeof(file->note),
			.memory_size = sizeof(file->note),
			.alignment = 4,
		};
	}
	file->header_count = (uint16_t)(header - file->headers);
}

void elf_file_make(const char *path, const struct elf_request *request)
{
	static const uint8_t ones[16] = { 255, 255, 255, 255, 255, 255, 255, 255,
					  255, 255, 255, 255, 255, 255, 255, 255 };
	struct elf_file file;
	int64_t fd = EXPECT_SUCCESS(
		file_open(path, REDOX_O_CREAT | REDOX_O_TRUNC | REDOX_O_WRONLY | 0600));

	fill(&file, request);
	EXPECT_EQUAL(file_write_whole(fd, &file, sizeof(file)), 0);
	EXPECT_EQUAL(file_seek(fd, OFFSET, REDOX_SEEK_SET), OFFSET);
	EXPECT_EQUAL(file_write_whole(fd, request->code, request->code_size), 0);
	EXPECT_EQUAL(file_seek(fd, 2 * OFFSET, REDOX_SEEK_SET), 2 * OFFSET);
	EXPECT_EQUAL(file_write_whole(fd, ones, sizeof(ones)), 0);
	EXPECT_EQUAL(file_change_mode(fd, request->mode ? request->mode : 0755), 0);
	EXPECT_EQUAL(file_close(fd), 0);
}
