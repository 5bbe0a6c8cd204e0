/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Programs that replace this one or run beside it, threads, namespaces. */
#include <cryptos/file.h>
#include <cryptos/process.h>

/* Fills slices with the strings of a list that ends with NULL; returns how many, or -E2BIG. */
static int64_t take_strings(struct redox_slice *slices, size_t limit, const char *const *strings)
{
	size_t count = 0;

	for (; strings[count]; count++) {
		if (count == limit)
			return -E2BIG;
		slices[count].address = (uint64_t)strings[count];
		slices[count].length = strlen(strings[count]);
	}
	return (int64_t)count;
}

int64_t process_execute(const char *path, const char *const *arguments,
			const char *const *environment)
{
	struct redox_slice slices[PROCESS_STRINGS];
	int64_t count = take_strings(slices, PROCESS_STRINGS, arguments);
	int64_t variables, fd;

	if (count < 0)
		return count;
	variables = take_strings(slices + count, PROCESS_STRINGS - (size_t)count, environment);
	if (variables < 0)
		return variables;
	fd = file_open(path, REDOX_O_RDONLY | REDOX_O_CLOEXEC);
	if (fd < 0)
		return fd;
	return syscall(fexec, fd, slices, count, slices + count, variables);
}

/* In the child: the program, or why not, for the parent. */
static _Noreturn void become(int64_t report, const char *path, const char *const *arguments,
			     const char *const *environment)
{
	int64_t error = process_execute(path, arguments, environment);

	file_write(report, &error, sizeof(error));
	process_exit(127);
}

int64_t process_spawn(const char *path, const char *const *arguments,
		      const char *const *environment)
{
	uint64_t ends[2];
	int64_t child, count, error = pipe_create(ends, REDOX_O_CLOEXEC);

	if (error < 0)
		return error;
	if (!environment)
		environment = (const char *const *)program_environment;
	child = process_clone(0);
	if (child == 0)
		become((int64_t)ends[1], path, arguments, environment);
	file_close((int64_t)ends[1]);
	/* Its end closes when the program has begun. */
	count = child < 0 ? 0 : file_read_whole((int64_t)ends[0], &error, sizeof(error));
	file_close((int64_t)ends[0]);
	if (count != sizeof(error))
		return child;
	process_wait(child, NULL, 0);
	return error;
}

/*
 * The child begins with the caller's registers on the new stack. It has no frame to return to, so
 * what it needs is in registers that calls keep.
 */
int64_t thread_clone(uint64_t flags, void *stack_end, unsigned (*run)(void *), void *argument)
{
	int64_t result;

	__asm__ volatile("	syscall\n"
			 "	testq %%rax, %%rax\n"
			 "	jnz 1f\n"
			 "	xorl %%ebp, %%ebp\n"
			 "	movq %[argument], %%rdi\n"
			 "	call *%[run]\n"
			 "	movl %%eax, %%edi\n"
			 "	movl %[exit], %%eax\n"
			 "	syscall\n"
			 "	ud2\n"
			 "1:\n"
			 : "=a"(result)
			 : "a"(REDOX_SYS_clone), "D"(flags | REDOX_CLONE_STACK), "S"(stack_end),
			   [run] "r"(run), [argument] "r"(argument), [exit] "i"(REDOX_SYS_exit)
			 : "rcx", "r11", "memory");
	return result;
}

int64_t namespace_create(const char *const *names, size_t count)
{
	struct redox_slice slices[PROCESS_STRINGS];

	if (count > PROCESS_STRINGS)
		return -E2BIG;
	for (size_t i = 0; i < count; i++) {
		slices[i].address = (uint64_t)names[i];
		slices[i].length = strlen(names[i]);
	}
	return syscall(mkns, slices, count);
}
