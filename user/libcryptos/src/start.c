/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where a program begins: the kernel enters at _start with argc, argv, 0, envp, 0 and the auxiliary
 * vector on a stack that is aligned to 8 bytes only.
 */
#include <cryptos/process.h>

char **program_arguments;
char **program_environment;

int main(int count, char **arguments);
_Noreturn void start_program(uint64_t *stack);

__asm__(".pushsection .text.start, \"ax\"\n"
	".globl _start\n"
	".type _start, @function\n"
	"_start:\n"
	"	xorl %ebp, %ebp\n"
	"	movq %rsp, %rdi\n"
	"	andq $-16, %rsp\n"
	"	call start_program\n"
	".size _start, . - _start\n"
	".popsection\n");

void start_program(uint64_t *stack)
{
	int count = (int)stack[0];

	program_arguments = (char **)(stack + 1);
	program_environment = program_arguments + count + 1;
	process_exit((unsigned)main(count, program_arguments));
}

const char *environment_get(const char *name)
{
	size_t length = strlen(name);

	for (char **entry = program_environment; *entry; entry++)
		if (strncmp(*entry, name, length) == 0 && (*entry)[length] == '=')
			return *entry + length + 1;
	return NULL;
}
