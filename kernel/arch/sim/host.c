/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The host's side of the simulation: memory, coroutines, output. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include "host.h"

#include <dlfcn.h>
#include <pthread.h>
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#define HOST_PAGE 4096
/* Sanitizers make frames large: more than a kernel stack. */
#define CONTEXT_STACK (256 * 1024)

struct host_context {
	ucontext_t registers;
	void (*entry)(void);
	void *stack; /* lowest address; NULL: the host's own, which is not ours to free */
	const void *bounds_start; /* of the stack, for the address sanitizer */
	size_t bounds_size;
	void *fake_stack; /* the address sanitizer's, while suspended */
};

static int memory_file = -1;

/* The C library's swapcontext(). The address sanitizer's own, which stands before it, does not
 * know that the stacks are announced to it. */
static int (*context_swap)(ucontext_t *from, const ucontext_t *to);

static void require(bool condition, const char *what)
{
	if (condition)
		return;
	perror(what);
	exit(1);
}

static void *reserve(size_t size)
{
	void *memory =
		mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	require(memory != MAP_FAILED, "mmap");
	return memory;
}

/* Makes a new memory file the direct map. */
static void memory_file_create(size_t physical, uintptr_t direct_map)
{
	void *memory = (void *)direct_map;

	memory_file = memfd_create("memory", MFD_CLOEXEC);
	require(memory_file >= 0, "memfd_create");
	require(ftruncate(memory_file, (off_t)physical) == 0, "ftruncate");
	require(mmap(memory, physical, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_FIXED | MAP_NORESERVE, memory_file, 0) == memory,
		"mmap");
}

void host_memory_create(size_t physical, size_t window, uintptr_t *direct_map,
			uintptr_t *window_start)
{
	*direct_map = (uintptr_t)reserve(physical);
	*window_start = (uintptr_t)reserve(window);
	memory_file_create(physical, *direct_map);
}

void host_memory_copy(size_t physical, uintptr_t direct_map)
{
	int old_file = memory_file;
	off_t start = 0;
	off_t end;

	memory_file_create(physical, direct_map);
	/* Only what was ever touched. */
	while ((start = lseek(old_file, start, SEEK_DATA)) >= 0) {
		end = lseek(old_file, start, SEEK_HOLE);
		require(end > start, "lseek");
		for (; start < end; start += HOST_PAGE)
			require(pread(old_file, (char *)direct_map + start, HOST_PAGE, start) ==
					HOST_PAGE,
				"pread");
	}
	close(old_file);
}

void host_memory_map(uintptr_t address, uint64_t physical)
{
	require(mmap((void *)address, HOST_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
		     memory_file, (off_t)physical) == (void *)address,
		"mmap");
}

void host_memory_unmap(uintptr_t address)
{
	require(mmap((void *)address, HOST_PAGE, PROT_NONE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1,
		     0) == (void *)address,
		"mmap");
}

/* makecontext() passes only ints. */
static void context_start(unsigned high, unsigned low)
{
	struct host_context *context =
		(struct host_context *)((uintptr_t)high << 32 | (uintptr_t)low);

	__sanitizer_finish_switch_fiber(NULL, NULL, NULL);
	context->entry();
	abort();
}

/* Contexts are not allocated by malloc(): the leak checker would not see who holds them. */
static struct host_context *context_allocate(size_t stack_size)
{
	char *memory = reserve(HOST_PAGE + stack_size + HOST_PAGE);
	struct host_context *context;

	/* The structure, a guard page, the stack. */
	require(mprotect(memory, HOST_PAGE, PROT_READ | PROT_WRITE) == 0, "mprotect");
	require(mprotect(memory + 2 * HOST_PAGE, stack_size, PROT_READ | PROT_WRITE) == 0,
		"mprotect");
	context = (struct host_context *)memory;
	context->stack = memory + 2 * HOST_PAGE;
	/* What died on an earlier stack at this place left its shadow. */
	__asan_unpoison_memory_region(memory, 2 * HOST_PAGE + stack_size);
	return context;
}

struct host_context *host_context_create(void (*entry)(void))
{
	struct host_context *context = context_allocate(CONTEXT_STACK);
	uintptr_t address = (uintptr_t)context;

	context->entry = entry;
	context->bounds_start = context->stack;
	context->bounds_size = CONTEXT_STACK;
	require(getcontext(&context->registers) == 0, "getcontext");
	context->registers.uc_stack.ss_sp = context->stack;
	context->registers.uc_stack.ss_size = CONTEXT_STACK;
	makecontext(&context->registers, (void (*)(void))context_start, 2,
		    (unsigned)(address >> 32), (unsigned)address);
	return context;
}

struct host_context *host_context_adopt(void)
{
	struct host_context *context = context_allocate(0);
	void *library = dlopen("libc.so.6", RTLD_NOW | RTLD_NOLOAD);
	pthread_attr_t attributes;
	void *stack;

	require(library, "dlopen");
	context_swap = (int (*)(ucontext_t *, const ucontext_t *))dlsym(library, "swapcontext");
	require(context_swap, "dlsym");
	context->stack = NULL;
	require(pthread_getattr_np(pthread_self(), &attributes) == 0, "pthread_getattr_np");
	require(pthread_attr_getstack(&attributes, &stack, &context->bounds_size) == 0,
		"pthread_attr_getstack");
	context->bounds_start = stack;
	pthread_attr_destroy(&attributes);
	return context;
}

void host_context_switch(struct host_context *from, struct host_context *to)
{
	__sanitizer_start_switch_fiber(&from->fake_stack, to->bounds_start, to->bounds_size);
	require(context_swap(&from->registers, &to->registers) == 0, "swapcontext");
	__sanitizer_finish_switch_fiber(from->fake_stack, NULL, NULL);
}

void host_context_destroy(struct host_context *context)
{
	size_t stack_size = context->stack ? CONTEXT_STACK : 0;

	munmap(context, HOST_PAGE + stack_size + HOST_PAGE);
}

void host_write(const char *text, size_t length)
{
	while (length > 0) {
		ssize_t count = write(STDERR_FILENO, text, length);

		if (count <= 0)
			return;
		text += count;
		length -= (size_t)count;
	}
}

bool host_wants_log(void)
{
	return getenv("SIM_LOG") != NULL;
}

uint64_t host_seconds(void)
{
	return (uint64_t)time(NULL);
}

void host_abort(void)
{
	abort();
}
