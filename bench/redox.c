/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What basic operations of the Redox ABI cost: as guest.c, whose lines these look like. A native
 * program; it starts itself with an argument where it measures fexec.
 */
#include <base/string.h>
#include <cryptos/file.h>
#include <cryptos/memory.h>
#include <cryptos/print.h>
#include <cryptos/process.h>
#include <cryptos/scheme.h>
#include <cryptos/time.h>

#define ROUNDS     5
#define STACK_SIZE 16384
#define TEN        10

static _Alignas(16) char stack[STACK_SIZE];
static uint64_t request[2], reply[2];
static char block[4096];
static const char *program;

_Noreturn static void fail(const char *what)
{
	print("%s failed\n", what);
	process_exit(1);
}

static void null_call(unsigned count)
{
	while (count-- > 0)
		process_id();
}

static void wait_for(int64_t child)
{
	uint64_t status;

	if (child < 0 || process_wait(child, &status, 0) != child || status != 0)
		fail("clone");
}

static void clone_exit_wait(unsigned count)
{
	while (count-- > 0) {
		int64_t child = process_clone(0);

		if (child == 0)
			process_exit(0);
		wait_for(child);
	}
}

/* Memory shared but for the stack. */
static void clone_shared_exit_wait(unsigned count)
{
	while (count-- > 0) {
		int64_t child = process_clone(REDOX_CLONE_VM);

		if (child == 0)
			process_exit(0);
		wait_for(child);
	}
}

static void clone_exec_wait(unsigned count)
{
	const char *const arguments[] = { "redox", "exit", NULL };
	const char *const environment[] = { NULL };

	while (count-- > 0) {
		int64_t child = process_clone(0);

		if (child == 0) {
			process_execute(program, arguments, environment);
			process_exit(1);
		}
		wait_for(child);
	}
}

static unsigned do_nothing(void *argument)
{
	(void)argument;
	return 0;
}

static void thread_clone_wait(unsigned count)
{
	while (count-- > 0)
		wait_for(thread_clone(THREAD_FLAGS, stack + STACK_SIZE, do_nothing, NULL));
}

static void open_close(unsigned count)
{
	while (count-- > 0)
		file_close(file_open("file:/tmp/bench", REDOX_O_RDONLY));
}

static void read_4k(unsigned count)
{
	int64_t fd = file_open("file:/tmp/bench", REDOX_O_RDONLY);

	while (count-- > 0) {
		file_seek(fd, 0, REDOX_SEEK_SET);
		if (file_read(fd, block, sizeof(block)) != sizeof(block))
			fail("read");
	}
	file_close(fd);
}

static void map_unmap(unsigned count)
{
	while (count-- > 0) {
		int64_t at = memory_map(FD_ANONYMOUS, 0, sizeof(block),
					REDOX_PROT_READ | REDOX_PROT_WRITE | REDOX_MAP_PRIVATE, 0);

		if (at < 0 || memory_unmap((uint64_t)at, sizeof(block)))
			fail("fmap");
	}
}

/* A byte there and a byte back. */
static void pipe_round_trip(unsigned count)
{
	char byte = 0;

	while (count-- > 0) {
		if (file_write((int64_t)request[1], &byte, 1) != 1 ||
		    file_read((int64_t)reply[0], &byte, 1) != 1)
			fail("pipe");
	}
}

static int64_t start_echo(void)
{
	int64_t child;
	char byte;

	if (pipe_create(request, 0) < 0 || pipe_create(reply, 0) < 0)
		fail("pipe2");
	child = process_clone(0);
	if (child != 0)
		return child;
	file_close((int64_t)request[1]);
	while (file_read((int64_t)request[0], &byte, 1) == 1)
		file_write((int64_t)reply[1], &byte, 1);
	process_exit(0);
}

/* --- A file of a scheme that another process serves: opening, reading 4 KiB and closing it. --- */

static int64_t serve_open(const struct scheme_request *asked, const char *path, size_t length,
			  uint64_t flags)
{
	(void)asked, (void)path, (void)length, (void)flags;
	return 1;
}

static int64_t serve_read(const struct scheme_request *asked, uint64_t number, void *buffer,
			  size_t size)
{
	(void)asked, (void)number;
	if (size != sizeof(block))
		return -EINVAL;
	__builtin_memcpy(buffer, block, sizeof(block));
	return sizeof(block);
}

static int64_t start_scheme(void)
{
	static const struct scheme_handlers handlers = { .open = serve_open, .read = serve_read };
	struct scheme_server server;
	int64_t child;

	if (scheme_create(&server, "bench", &handlers, NULL) < 0)
		fail("scheme");
	child = process_clone(0);
	if (child == 0)
		process_exit(scheme_serve(&server) < 0);
	file_close(server.socket);
	return child;
}

static void user_scheme_file(unsigned count)
{
	while (count-- > 0) {
		int64_t fd = file_open("bench:file", REDOX_O_RDONLY);

		if (fd < 0 || file_read(fd, block, sizeof(block)) != sizeof(block) ||
		    file_close(fd) < 0)
			fail("scheme file");
	}
}

/* How often CPUs have switched threads. */
static uint64_t switches(void)
{
	static char text[16384];
	int64_t fd = file_open("procfs:/stat", REDOX_O_RDONLY);
	int64_t length = file_read_whole(fd, text, sizeof(text) - 1);
	const char *at = text;
	uint64_t count = 0;

	if (length < 0)
		fail("stat");
	text[length] = '\0';
	file_close(fd);
	while (*at && strncmp(at, "ctxt ", 5) != 0)
		at++;
	for (at += *at ? 5 : 0; *at >= '0' && *at <= '9'; at++)
		count = count * 10 + (uint64_t)(*at - '0');
	return count;
}

static void measure_switches(const char *name, void (*run)(unsigned), unsigned count)
{
	uint64_t start = switches();

	run(count);
	start = (switches() - start) * TEN / count;
	print("redox_%s\t%lu.%lu\tswitches\n", name, start / TEN, start % TEN);
}

/* Prints tenths of nanoseconds per operation as a fraction. */
static void measure(const char *name, void (*run)(unsigned), unsigned count)
{
	uint64_t best = UINT64_MAX;

	run(count / TEN + 1); /* warms caches and allocators */
	for (unsigned round = 0; round < ROUNDS; round++) {
		int64_t start = clock_monotonic();
		uint64_t time;

		run(count);
		time = (uint64_t)(clock_monotonic() - start);
		if (time < best)
			best = time;
	}
	best = best * TEN / count;
	print("redox_%s\t%lu.%lu\tns\n", name, best / TEN, best % TEN);
}

static void make_file(void)
{
	int64_t fd =
		file_open("file:/tmp/bench", REDOX_O_CREAT | REDOX_O_TRUNC | REDOX_O_WRONLY | 0600);

	if (fd < 0 || file_write_whole(fd, block, sizeof(block)) || file_close(fd))
		fail("write");
}

int main(int count, char **arguments)
{
	int64_t echo, server;

	if (count > 1 && strcmp(arguments[1], "exit") == 0)
		return 0;
	program = arguments[0];
	make_file();
	measure("null_call", null_call, 2000);
	measure("clone_exit_wait", clone_exit_wait, 50);
	measure("clone_exec_wait", clone_exec_wait, 30);
	measure("thread_clone_wait", thread_clone_wait, 100);
	measure("open_close", open_close, 1000);
	measure("read_4k", read_4k, 1000);
	measure("map_unmap", map_unmap, 1000);
	echo = start_echo();
	measure("pipe_round_trip", pipe_round_trip, 500);
	file_close((int64_t)request[1]);
	wait_for(echo);
	server = start_scheme();
	measure("user_scheme_file", user_scheme_file, 500);
	measure_switches("user_scheme_switches", user_scheme_file, 500);
	path_unlink(":bench");
	wait_for(server);
	measure("clone_shared_exit_wait", clone_shared_exit_wait, 50);
	return 0;
}
