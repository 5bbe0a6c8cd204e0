/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Executables that are damaged, wrong or made to hurt: refused, or ended by a signal.
 */
#include "test.h"

#include <elf.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#define BASE 0x400000

/* A whole program: exit(42). */
struct small_program {
	Elf64_Ehdr header;
	Elf64_Phdr segments[3];
	unsigned char code[16];
};

static struct small_program make_program(void)
{
	struct small_program program = {
		.header = {
			.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
				     EV_CURRENT, ELFOSABI_GNU },
			.e_type = ET_EXEC,
			.e_machine = EM_X86_64,
			.e_version = EV_CURRENT,
			.e_entry = BASE + offsetof(struct small_program, code),
			.e_phoff = offsetof(struct small_program, segments),
			.e_ehsize = sizeof(Elf64_Ehdr),
			.e_phentsize = sizeof(Elf64_Phdr),
			.e_phnum = 3,
		},
		.segments = {
			{ .p_type = PT_LOAD, .p_flags = PF_R | PF_X, .p_vaddr = BASE,
			  .p_filesz = sizeof(struct small_program),
			  .p_memsz = sizeof(struct small_program), .p_align = 4096 },
			{ .p_type = PT_LOAD, .p_flags = PF_R | PF_W, .p_vaddr = BASE + 0x10000,
			  .p_memsz = 0x3000, .p_align = 4096 },
			{ .p_type = PT_GNU_STACK, .p_flags = PF_R | PF_W, .p_align = 16 },
		},
		/* mov edi, 42; mov eax, 60; syscall */
		.code = { 0xbf, 42, 0, 0, 0, 0xb8, 60, 0, 0, 0, 0x0f, 0x05 },
	};

	return program;
}

static void write_program(const void *content, size_t size)
{
	int fd;

	unlink("program");
	fd = open("program", O_WRONLY | O_CREAT, 0755);
	EXPECT(fd >= 0);
	EXPECT_EQUAL(write(fd, content, size), size);
	EXPECT_EQUAL(close(fd), 0);
}

enum { EXEC_FAILED = 200 };

static int run_program(void *unused)
{
	struct rlimit no_core = { 0, 0 };

	(void)unused;
	setrlimit(RLIMIT_CORE, &no_core);
	alarm(5); /* wild code may loop */
	execl("./program", "program", (char *)NULL);
	return errno == ENOEXEC || errno == ENOMEM || errno == EINVAL || errno == EFAULT ||
			       errno == ENOENT || errno == EACCES || errno == E2BIG ||
			       errno == ELIBBAD || errno == EIO || errno == EPERM
		       ? EXEC_FAILED
		       : EXEC_FAILED + 1;
}

/* Runs it; it must be refused with a fitting error, end by a signal or exit. */
static int outcome(void)
{
	int status = test_run_child(run_program, NULL);

	if (WIFEXITED(status))
		EXPECT(WEXITSTATUS(status) != EXEC_FAILED + 1);
	return status;
}

static int outcome_of(const struct small_program *program)
{
	write_program(program, sizeof(*program));
	return outcome();
}

static bool refused(int status)
{
	return (WIFEXITED(status) && WEXITSTATUS(status) == EXEC_FAILED) || WIFSIGNALED(status);
}

TEST(executable, the_smallest_runs)
{
	struct small_program program = make_program();

	EXPECT_EQUAL(WEXITSTATUS(outcome_of(&program)), 42);
}

/* The attribute says it of a file that does not say it itself. */
TEST_GUEST(executable, abi_attribute_counts, TEST_SECONDS)
{
	/* exit(7) on the Redox ABI, and on Linux's write(7, ...) and then exit(42) */
	static const unsigned char code[24] = { 0xb8, 1,  0, 0, 0, 0xbf, 7,  0, 0, 0, 0x0f, 0x05,
						0xbf, 42, 0, 0, 0, 0xb8, 60, 0, 0, 0, 0x0f, 0x05 };
	struct {
		struct small_program program;
		unsigned char more[sizeof(code)];
	} file = { .program = make_program() };

	file.program.header.e_ident[EI_OSABI] = ELFOSABI_NONE;
	file.program.segments[0].p_filesz = file.program.segments[0].p_memsz = sizeof(file);
	memcpy(file.program.code, code, sizeof(code));
	write_program(&file, sizeof(file));
	EXPECT_EQUAL(WEXITSTATUS(test_run_child(run_program, NULL)), 42);
	EXPECT_EQUAL(setxattr("program", "user.abi", "redox", 5, 0), 0);
	EXPECT_EQUAL(WEXITSTATUS(test_run_child(run_program, NULL)), 7);
	EXPECT_EQUAL(setxattr("program", "user.abi", "linux", 5, 0), 0);
	EXPECT_EQUAL(WEXITSTATUS(test_run_child(run_program, NULL)), 42);
	EXPECT_EQUAL(setxattr("program", "user.abi", "neither", 7, 0), 0);
	EXPECT_EQUAL(WEXITSTATUS(test_run_child(run_program, NULL)), 42);
	/* What the file says counts more. */
	file.program.header.e_ident[EI_OSABI] = ELFOSABI_GNU;
	write_program(&file, sizeof(file));
	EXPECT_EQUAL(setxattr("program", "user.abi", "redox", 5, 0), 0);
	EXPECT_EQUAL(WEXITSTATUS(test_run_child(run_program, NULL)), 42);
}

TEST(executable, wrong_headers_are_refused)
{
	struct small_program program;

	program = make_program();
	program.header.e_ident[0] = 0;
	EXPECT(refused(outcome_of(&program)));
	program = make_program();
	program.header.e_ident[EI_CLASS] = ELFCLASS32;
	program.header.e_machine = EM_ARM;
	EXPECT(refused(outcome_of(&program)));
	program = make_program();
	program.header.e_machine = EM_AARCH64;
	EXPECT(refused(outcome_of(&program)));
	program = make_program();
	program.header.e_type = ET_REL;
	EXPECT(refused(outcome_of(&program)));
	program = make_program();
	program.header.e_phnum = 0;
	EXPECT(refused(outcome_of(&program)));
	program = make_program();
	program.header.e_phnum = 0xffff;
	EXPECT(refused(outcome_of(&program)));
	program = make_program();
	program.header.e_phentsize = 8;
	EXPECT(refused(outcome_of(&program)));
	program = make_program();
	program.header.e_phoff = ~0ul - 10;
	EXPECT(refused(outcome_of(&program)));
	program = make_program();
	program.header.e_phoff = 1 << 20;
	EXPECT(refused(outcome_of(&program)));
}

TEST(executable, wild_entries_end_by_a_signal)
{
	static const uint64_t entries[] = { 0, 0x1000, 0x800000000000, 0xffffffff80000000, ~0ul };

	for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++) {
		struct small_program program = make_program();

		program.header.e_entry = entries[i];
		EXPECT(refused(outcome_of(&program)));
	}
}

TEST(executable, wild_segments_are_refused)
{
	static const struct {
		uint64_t offset, address, file_size, memory_size;
	} segments[] = {
		{ 0, 0xffffffff80000000, 0x1000, 0x1000 }, /* the kernel's */
		{ 0, 0xffff800000000000, 0x1000, 0x1000 },
		{ 0, 0x7ffffffff000, 0x1000, 0x10000 }, /* across the end */
		{ 0, BASE, 0x100, 0x10 },               /* more file than memory */
		{ 0, BASE, 0x100, ~0ul },               /* wraps */
		{ 0, BASE, 0x100, 1ul << 46 },          /* too large */
		{ 0, ~0ul - 0xfff, 0x1000, 0x2000 },
		{ ~0ul - 0xfff, BASE, 0x1000, 0x2000 }, /* offset wraps */
		{ 1ul << 40, BASE, 0x1000, 0x1000 },    /* past the end of the file */
		{ 1, BASE, 0x100, 0x100 },              /* not congruent */
	};

	for (size_t i = 0; i < sizeof(segments) / sizeof(segments[0]); i++) {
		struct small_program program = make_program();

		program.segments[0].p_offset = segments[i].offset;
		program.segments[0].p_vaddr = segments[i].address;
		program.segments[0].p_filesz = segments[i].file_size;
		program.segments[0].p_memsz = segments[i].memory_size;
		if (!refused(outcome_of(&program)))
			test_fail(__FILE__, __LINE__, "segment %zu was not refused", i);
	}
}

TEST(executable, overlapping_segments_harm_nobody)
{
	struct small_program program = make_program();

	program.segments[1] = program.segments[0];
	outcome_of(&program);
	program.segments[1].p_vaddr += 0x10;
	program.segments[1].p_memsz = 0x20000;
	outcome_of(&program);
	program.segments[1].p_vaddr = BASE - 0x1000; /* not in ascending order */
	program.segments[1].p_offset = 0;
	outcome_of(&program);
}

TEST(executable, truncated_ones_are_refused)
{
	struct small_program program = make_program();

	for (size_t size = 0; size < offsetof(struct small_program, code); size += 7) {
		write_program(&program, size);
		if (!refused(outcome()))
			test_fail(__FILE__, __LINE__, "%zu bytes were not refused", size);
	}
}

TEST(executable, bad_interpreters_are_refused)
{
	struct small_program program = make_program();

	program.segments[2].p_type = PT_INTERP;
	program.segments[2].p_offset = 0;
	program.segments[2].p_filesz = 0;
	EXPECT(refused(outcome_of(&program)));
	program.segments[2].p_filesz = 1 << 20;
	EXPECT(refused(outcome_of(&program)));
	program.segments[2].p_offset = offsetof(struct small_program, code);
	program.segments[2].p_filesz = 4; /* not terminated */
	EXPECT(refused(outcome_of(&program)));
	memcpy(program.code, "/none\0", 6);
	program.segments[2].p_filesz = 6;
	EXPECT(refused(outcome_of(&program)));
	memcpy(program.code, "./program\0", 10); /* itself */
	program.segments[2].p_filesz = 10;
	EXPECT(refused(outcome_of(&program)));
}

TEST(executable, writable_code_and_executable_stack)
{
	struct small_program program = make_program();

	program.segments[0].p_flags = PF_R | PF_W | PF_X;
	program.segments[2].p_flags = PF_R | PF_W | PF_X;
	EXPECT_EQUAL(WEXITSTATUS(outcome_of(&program)), 42);
}

static void mutate(unsigned char *content, size_t size, uint64_t *state)
{
	static const uint64_t nasty[] = { 0,
					  1,
					  0x7f,
					  0x80,
					  0xff,
					  0x7fff,
					  0xffff,
					  0x7fffffff,
					  0xffffffff,
					  0x7fffffffffff,
					  0x7fffffffffffffff,
					  ~0ul };
	int count = 1 + (int)(test_random(state) % 4);

	while (count-- > 0) {
		size_t at = test_random(state) % (size - 8);
		uint64_t value = nasty[test_random(state) % (sizeof(nasty) / sizeof(nasty[0]))];

		switch (test_random(state) % 3) {
		case 0:
			content[at] = (unsigned char)test_random(state);
			break;
		case 1:
			content[at] ^= (unsigned char)(1u << (test_random(state) % 8));
			break;
		default:
			memcpy(content + (at & ~(size_t)7), &value, 8);
		}
	}
}

TEST_SLOW(executable, mutations_harm_nobody, 120)
{
	uint64_t state = 20240501;

	for (int i = 0; i < 400; i++) {
		struct small_program program = make_program();

		mutate((unsigned char *)&program, sizeof(program), &state);
		outcome_of(&program);
	}
}

TEST_SLOW(executable, garbage_is_refused, 60)
{
	static unsigned char content[8192];
	uint64_t state = 99;

	for (int i = 0; i < 50; i++) {
		for (size_t j = 0; j < sizeof(content); j++)
			content[j] = (unsigned char)test_random(&state);
		if (i % 2)
			memcpy(content, ELFMAG, SELFMAG);
		write_program(content, sizeof(content));
		EXPECT(refused(outcome()));
	}
}
