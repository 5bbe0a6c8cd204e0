/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `proc:PID/trace`: debuggers, which stop processes at calls, signals, steps and ends. */
#include "redox_test.h"

#include <base/format.h>

static int64_t open_of(int64_t pid, const char *what, uint64_t flags)
{
	char path[64];

	snprintf(path, sizeof(path), "proc:%d/%s", (int)pid, what);
	return file_open(path, flags);
}

/* A session with a child that runs `run`, stopped before it does anything of note. */
struct session {
	int64_t pid, trace, integer;
};

static struct session begin(unsigned (*run)(void *), void *argument, uint64_t flags)
{
	struct session session = { .pid = test_spawn(run, argument) };

	session.trace = EXPECT_SUCCESS(open_of(session.pid, "trace", REDOX_O_RDWR | flags));
	session.integer = EXPECT_SUCCESS(open_of(session.pid, "regs/int", REDOX_O_RDWR));
	return session;
}

static void go_on(const struct session *session, uint64_t flags)
{
	EXPECT_EQUAL(file_write(session->trace, &flags, sizeof(flags)), sizeof(flags));
}

static struct redox_trace_event next_event(const struct session *session, uint64_t cause)
{
	struct redox_trace_event event = { 0 };

	EXPECT_EQUAL(file_read(session->trace, &event, sizeof(event)), sizeof(event));
	EXPECT_EQUAL(event.cause, cause);
	return event;
}

static struct redox_integer_registers registers_of(const struct session *session)
{
	struct redox_integer_registers registers = { 0 };

	EXPECT_EQUAL(file_read(session->integer, &registers, sizeof(registers)), sizeof(registers));
	return registers;
}

static void set_registers(const struct session *session,
			  const struct redox_integer_registers *registers)
{
	EXPECT_EQUAL(file_write(session->integer, registers, sizeof(*registers)),
		     sizeof(*registers));
}

/* Runs until the flag is raised by the debugger, then makes calls. */
static volatile uint64_t go;

static void raise_flag_to(int64_t pid, uint64_t value)
{
	int64_t memory = EXPECT_SUCCESS(open_of(pid, "mem", REDOX_O_RDWR));

	EXPECT_SUCCESS(syscall(lseek, memory, &go, REDOX_SEEK_SET));
	EXPECT_EQUAL(file_write(memory, &value, sizeof(value)), sizeof(value));
	EXPECT_EQUAL(file_close(memory), 0);
}

static void raise_flag(int64_t pid)
{
	raise_flag_to(pid, 1);
}

static void wait_for_flag(void)
{
	while (!go)
		__asm__ volatile("pause");
}

static unsigned call_umask(void *argument)
{
	(void)argument;
	wait_for_flag();
	return (unsigned)(syscall(umask, 0123) == 022 && syscall(umask, 0) == 0123 ? 3 : 4);
}

TEST(trace, calls)
{
	struct session session = begin(call_umask, NULL, REDOX_O_TRUNC);
	struct redox_integer_registers registers;

	raise_flag(session.pid);
	for (int i = 0; i < 2; i++) {
		go_on(&session, REDOX_STOP_PRE_SYSCALL);
		next_event(&session, REDOX_STOP_PRE_SYSCALL);
		registers = registers_of(&session);
		EXPECT_EQUAL(registers.rax, REDOX_SYS_umask);
		EXPECT_EQUAL(registers.rdi, i ? 0 : 0123);
		go_on(&session, REDOX_STOP_POST_SYSCALL);
		next_event(&session, REDOX_STOP_POST_SYSCALL);
		EXPECT_EQUAL(registers_of(&session).rax, i ? 0123 : 022);
	}
	go_on(&session, REDOX_STOP_EXIT);
	EXPECT_EQUAL(next_event(&session, REDOX_STOP_EXIT).a, 3 << 8);
	go_on(&session, 0);
	EXPECT_EQUAL(test_wait(session.pid), 3 << 8);
	EXPECT_ERROR(file_read(session.trace, &registers, sizeof(registers)), ESRCH);
}

TEST(trace, calls_that_are_changed)
{
	struct session session = begin(call_umask, NULL, REDOX_O_TRUNC);
	struct redox_integer_registers registers;

	raise_flag(session.pid);
	/* The first one is not made, and its result made up; the second gets another argument. */
	go_on(&session, REDOX_STOP_PRE_SYSCALL);
	next_event(&session, REDOX_STOP_PRE_SYSCALL);
	registers = registers_of(&session);
	registers.rax = 022;
	set_registers(&session, &registers);
	go_on(&session, REDOX_STOP_PRE_SYSCALL | REDOX_FLAG_IGNORE);
	next_event(&session, REDOX_STOP_PRE_SYSCALL);
	registers = registers_of(&session);
	EXPECT_EQUAL(registers.rdi, 0);
	registers.rax = REDOX_SYS_getppid;
	set_registers(&session, &registers);
	go_on(&session, REDOX_STOP_POST_SYSCALL);
	next_event(&session, REDOX_STOP_POST_SYSCALL);
	registers = registers_of(&session);
	EXPECT_EQUAL(registers.rax, process_id());
	registers.rax = 0123;
	set_registers(&session, &registers);
	go_on(&session, 0);
	EXPECT_EQUAL(test_wait(session.pid), 3 << 8);
}

static unsigned raise_signal(void *argument)
{
	wait_for_flag();
	signal_send(process_id(), (int)(uint64_t)argument);
	return 8;
}

TEST(trace, signals)
{
	struct session session = begin(raise_signal, (void *)SIGTERM, REDOX_O_TRUNC);
	struct redox_trace_event event;

	raise_flag(session.pid);
	go_on(&session, REDOX_STOP_SIGNAL);
	event = next_event(&session, REDOX_STOP_SIGNAL);
	EXPECT_EQUAL(event.a, SIGTERM);
	EXPECT_EQUAL(event.b, 0);
	go_on(&session, REDOX_FLAG_IGNORE);
	EXPECT_EQUAL(test_wait(session.pid), 8 << 8);

	session = begin(raise_signal, (void *)SIGTERM, REDOX_O_TRUNC);
	raise_flag(session.pid);
	go_on(&session, REDOX_STOP_SIGNAL);
	next_event(&session, REDOX_STOP_SIGNAL);
	go_on(&session, 0);
	EXPECT_EQUAL(test_wait(session.pid), SIGTERM);
}

void step_start(void), step_end(void);
__asm__(".pushsection .text\n"
	".globl step_start, step_end\n"
	"step_start:	nop\n"
	"	nop\n"
	"	incq %rbx\n"
	"	nop\n"
	"step_end:	jmp step_end\n"
	".popsection\n");

static unsigned step_here(void *argument)
{
	(void)argument;
	wait_for_flag();
	__asm__ volatile("movl $7, %%ebx; jmp step_start" : : : "rbx");
	__builtin_unreachable();
}

TEST(trace, single_steps)
{
	struct session session = begin(step_here, NULL, REDOX_O_TRUNC);
	struct redox_integer_registers registers = registers_of(&session);

	registers.rip = (uint64_t)step_start;
	registers.rbx = 41;
	set_registers(&session, &registers);
	for (int i = 0; i < 3; i++) {
		go_on(&session, REDOX_STOP_SINGLE_STEP);
		next_event(&session, REDOX_STOP_SINGLE_STEP);
		registers = registers_of(&session);
		EXPECT_EQUAL(registers.rflags & 0x100, 0);
		EXPECT_EQUAL(registers.rbx, i == 2 ? 42 : 41);
	}
	EXPECT_EQUAL(registers.rip, (uint64_t)step_start + 5);
	/* The last step is on its way when the debugger leaves. */
	go_on(&session, REDOX_STOP_SINGLE_STEP);
	EXPECT_EQUAL(file_close(session.trace), 0);
	sleep_milliseconds(20);
	registers = registers_of(&session);
	EXPECT_EQUAL(registers.rip, (uint64_t)step_end);
	EXPECT_EQUAL(signal_send(session.pid, SIGKILL), 0);
	EXPECT_EQUAL(test_wait(session.pid), SIGKILL);
}

static unsigned break_here(void *argument)
{
	(void)argument;
	wait_for_flag();
	__asm__ volatile(".globl break_point\nbreak_point: int3");
	return 6;
}

void break_point(void);

TEST(trace, breakpoints)
{
	struct session session = begin(break_here, NULL, REDOX_O_TRUNC);
	struct redox_integer_registers registers;

	raise_flag(session.pid);
	go_on(&session, REDOX_STOP_BREAKPOINT | REDOX_STOP_SIGNAL);
	next_event(&session, REDOX_STOP_BREAKPOINT);
	registers = registers_of(&session);
	EXPECT_EQUAL(registers.rip, (uint64_t)break_point);
	registers.rip++;
	set_registers(&session, &registers);
	go_on(&session, 0);
	EXPECT_EQUAL(test_wait(session.pid), 6 << 8);
}

static unsigned clone_one(void *argument)
{
	int64_t child;

	(void)argument;
	wait_for_flag();
	child = process_clone(0);
	if (!child)
		process_exit(21);
	return status_exit(test_wait(child));
}

TEST(trace, clones)
{
	struct session session = begin(clone_one, NULL, REDOX_O_TRUNC), child;
	struct redox_trace_event event;

	raise_flag(session.pid);
	go_on(&session, REDOX_EVENT_CLONE);
	event = next_event(&session, REDOX_EVENT_CLONE);
	child.pid = (int64_t)event.a;
	child.trace = EXPECT_SUCCESS(open_of(child.pid, "trace", REDOX_O_RDWR));
	child.integer = EXPECT_SUCCESS(open_of(child.pid, "regs/int", REDOX_O_RDWR));
	EXPECT_EQUAL(registers_of(&child).rax, 0);
	go_on(&session, 0);
	/* It is the other session that the child waits for now. */
	go_on(&child, REDOX_STOP_EXIT);
	EXPECT_EQUAL(next_event(&child, REDOX_STOP_EXIT).a, 21 << 8);
	go_on(&child, 0);
	EXPECT_EQUAL(test_wait(session.pid), 21 << 8);

	/* One that nobody wants to trace just begins. */
	session = begin(clone_one, NULL, REDOX_O_TRUNC);
	raise_flag(session.pid);
	go_on(&session, REDOX_EVENT_CLONE);
	next_event(&session, REDOX_EVENT_CLONE);
	go_on(&session, 0);
	EXPECT_EQUAL(test_wait(session.pid), 21 << 8);

	/* ... also if the debugger goes without having looked. */
	session = begin(clone_one, NULL, REDOX_O_TRUNC);
	raise_flag(session.pid);
	go_on(&session, REDOX_EVENT_CLONE);
	sleep_milliseconds(20);
	EXPECT_EQUAL(file_close(session.trace), 0);
	EXPECT_EQUAL(test_wait(session.pid), 21 << 8);
}

#define MANY_CLONES 200

static unsigned clone_many(void *argument)
{
	(void)argument;
	wait_for_flag();
	for (int i = 0; i < MANY_CLONES; i++) {
		int64_t child = EXPECT_SUCCESS(process_clone(0));

		if (!child)
			process_exit(0);
		EXPECT_EQUAL(test_wait(child), 0);
	}
	return 22;
}

static unsigned keep_going(void *argument)
{
	const struct session *session = argument;
	uint64_t flags = REDOX_EVENT_CLONE;

	while (file_write(session->trace, &flags, sizeof(flags)) == sizeof(flags))
		process_yield();
	return 0;
}

/* One process reads of the clones, which another one has go on by then. */
TEST(trace, sessions_that_are_shared)
{
	struct session session = begin(clone_many, NULL, REDOX_O_TRUNC);
	struct redox_trace_event event;
	int64_t helper, result;
	int seen = 0;

	go_on(&session, REDOX_EVENT_CLONE);
	helper = test_spawn(keep_going, &session);
	raise_flag(session.pid);
	while ((result = file_read(session.trace, &event, sizeof(event))) == sizeof(event))
		seen++;
	EXPECT_EQUAL(result, -ESRCH);
	EXPECT_EQUAL(seen, MANY_CLONES);
	EXPECT_EQUAL(test_wait(session.pid), 22 << 8);
	EXPECT_EQUAL(test_wait(helper), 0);
}

TEST(trace, sessions)
{
	struct session session = begin(call_umask, NULL, REDOX_O_NONBLOCK);
	struct redox_trace_event event;
	uint64_t flags = 0x40;

	EXPECT_ERROR(open_of(session.pid, "trace", REDOX_O_RDWR), EBUSY);
	EXPECT_ERROR(file_read(session.trace, &event, sizeof(event)), EAGAIN);
	EXPECT_ERROR(file_read(session.trace, &event, sizeof(event) - 1), EINVAL);
	EXPECT_ERROR(file_write(session.trace, &flags, sizeof(flags)), EINVAL);
	EXPECT_EQUAL(file_write(session.trace, &flags, 7), 0);
	EXPECT_EQUAL(file_close(session.trace), 0);
	session.trace = EXPECT_SUCCESS(open_of(session.pid, "trace", REDOX_O_RDWR));
	/* A killed one does not wait for its debugger. */
	go_on(&session, REDOX_STOP_PRE_SYSCALL);
	raise_flag(session.pid);
	next_event(&session, REDOX_STOP_PRE_SYSCALL);
	EXPECT_EQUAL(file_read(session.trace, &event, sizeof(event)), 0);
	EXPECT_EQUAL(signal_send(session.pid, SIGKILL), 0);
	EXPECT_EQUAL(test_wait(session.pid), SIGKILL);
	EXPECT_ERROR(file_read(session.trace, &event, sizeof(event)), ESRCH);
	flags = 0;
	EXPECT_ERROR(file_write(session.trace, &flags, sizeof(flags)), ESRCH);
	EXPECT_EQUAL(file_close(session.trace), 0);
	/* One that is opened exclusively takes the process with it. */
	session = begin(call_umask, NULL, REDOX_O_EXCL);
	EXPECT_EQUAL(file_close(session.trace), 0);
	EXPECT_EQUAL(test_wait(session.pid), SIGKILL);
}

static unsigned run_linux(void *argument)
{
	static const char *const arguments[] = { "busybox", "true", NULL };

	(void)argument;
	wait_for_flag();
	return (unsigned)-process_execute("file:/bin/busybox", arguments, arguments + 2);
}

/* fexec keeps the debugger; what follows are Linux's calls. */
TEST(trace, linux_programs)
{
	struct session session = begin(run_linux, NULL, REDOX_O_TRUNC);
	uint64_t calls = 0;

	raise_flag(session.pid);
	for (;;) {
		struct redox_trace_event event;

		go_on(&session, REDOX_STOP_PRE_SYSCALL | REDOX_STOP_EXIT);
		EXPECT_EQUAL(file_read(session.trace, &event, sizeof(event)), sizeof(event));
		if (event.cause == REDOX_STOP_EXIT)
			break;
		calls++;
	}
	EXPECT(calls > 3);
	EXPECT_EQUAL(registers_of(&session).rax, 231); /* exit_group */
	go_on(&session, 0);
	EXPECT_EQUAL(test_wait(session.pid), 0);
}

/* --- What goes wrong. --- */

/* Whatever a debugger writes is the other process's trouble alone. */
TEST(trace, random_registers)
{
	uint64_t state = 4711;

	for (int round = 0; round < 60; round++) {
		struct session session = begin(call_umask, NULL, REDOX_O_TRUNC);
		int64_t floating = EXPECT_SUCCESS(open_of(session.pid, "regs/float", REDOX_O_RDWR));
		int64_t bases = EXPECT_SUCCESS(open_of(session.pid, "regs/env", REDOX_O_RDWR));
		struct redox_integer_registers registers = registers_of(&session);
		uint64_t *words = (uint64_t *)&registers, random[64];

		for (size_t i = 0; i < sizeof(registers) / sizeof(*words); i++) {
			if (test_random(&state) % 3 == 0)
				words[i] = test_random(&state) >> (test_random(&state) % 64);
		}
		/* Not to code of ours, which it would run as root. */
		if (round % 3)
			registers.rip |= UINT64_C(1) << (round % 2 ? 47 : 63);
		else
			registers.rip &= PAGE_SIZE - 1;
		for (size_t i = 0; i < array_length(random); i++)
			random[i] = test_random(&state);
		set_registers(&session, &registers);
		EXPECT_EQUAL(file_write(floating, random, sizeof(struct redox_float_registers)),
			     sizeof(struct redox_float_registers));
		file_write(bases, random, sizeof(struct redox_environment_registers));
		go_on(&session, round % 2 ? REDOX_STOP_SINGLE_STEP : 0);
		process_yield();
		signal_send(session.pid, SIGKILL);
		test_wait(session.pid);
		EXPECT_EQUAL(file_close(session.trace), 0);
		EXPECT_EQUAL(file_close(session.integer), 0);
		EXPECT_EQUAL(file_close(floating), 0);
		EXPECT_EQUAL(file_close(bases), 0);
	}
}

static unsigned make_calls(void *argument)
{
	(void)argument;
	for (int i = 0; i < 2000; i++) {
		signal_send(process_id(), 0);
		if (i % 100 == 0)
			signal_send(process_id(), SIGCONT);
	}
	return 44;
}

/* Traces its brother with random wishes until somebody ends it. */
_Noreturn static unsigned trace_at_random(void *argument)
{
	int64_t pid = (int64_t)argument;
	struct redox_integer_registers registers;
	struct redox_trace_event events[4];
	uint64_t state = (uint64_t)process_id(), flags;
	int64_t trace = open_of(pid, "trace", REDOX_O_RDWR | REDOX_O_NONBLOCK | REDOX_O_TRUNC);
	int64_t integer = open_of(pid, "regs/int", REDOX_O_RDWR);

	for (;;) {
		flags = test_random(&state) & 0x12f & ~(uint64_t)REDOX_STOP_SIGNAL;
		file_write(trace, &flags, sizeof(flags));
		file_read(integer, &registers, sizeof(registers));
		file_read(trace, events, sizeof(events));
	}
}

TEST(trace, debuggers_that_are_killed)
{
	for (unsigned i = 0; i < 20; i++) {
		int64_t pid = test_spawn(make_calls, NULL);
		int64_t tracer = test_spawn(trace_at_random, (void *)pid);

		sleep_milliseconds(i % 5);
		EXPECT_EQUAL(signal_send(tracer, SIGKILL), 0);
		EXPECT_EQUAL(test_wait(tracer), SIGKILL);
		/* The process goes on and does not know. */
		EXPECT_EQUAL(test_wait(pid), 44 << 8);
	}
}

static unsigned look_at_other(void *argument)
{
	struct redox_integer_registers registers;
	int64_t integer;

	(void)argument;
	wait_for_flag();
	integer = open_of((int64_t)go, "regs/int", REDOX_O_RDWR);
	if (integer < 0) /* the other is done already */
		EXPECT_EQUAL(integer, -ESRCH);
	for (int i = 0; i < 200; i++)
		file_read(integer, &registers, sizeof(registers));
	return 1;
}

/* Two that look at each other hold each other at most for a moment. */
TEST(trace, processes_that_look_at_each_other)
{
	int64_t first = test_spawn(look_at_other, NULL), second = test_spawn(look_at_other, NULL);

	raise_flag_to(first, (uint64_t)second);
	raise_flag_to(second, (uint64_t)first);
	EXPECT_EQUAL(test_wait(first), 1 << 8);
	EXPECT_EQUAL(test_wait(second), 1 << 8);
}
