/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Misdeeds of a process: calls that are not its own, instructions that it may not use, and calls with nonsense. */
#include "hostile.h"

/* Linux's numbers. */
enum { LINUX_OPEN = 2, LINUX_MMAP = 9, LINUX_FORK = 57, LINUX_EXIT = 60, LINUX_KILL = 62 };

#define FUZZ_CALLS 20000

static int do_exit(struct hostile *hostile, struct ddk_disk_request *request)
{
	static const char why[] = "the driver wanted to";

	(void)hostile, (void)request;
	raw_call(HOST_EXIT, address_of(why), sizeof(why) - 1, 0, 0, 0, 0);
	return 0;
}

static int do_linux_exit(struct hostile *hostile, struct ddk_disk_request *request)
{
	(void)request;
	raw_call(LINUX_EXIT, 0, 0, 0, 0, 0, 0);
	reached(hostile, "exit came back");
	return 0;
}

static int do_fork(struct hostile *hostile, struct ddk_disk_request *request)
{
	(void)request;
	raw_call(LINUX_FORK, 0, 0, 0, 0, 0, 0);
	reached(hostile, "fork came back");
	return 0;
}

static int do_open(struct hostile *hostile, struct ddk_disk_request *request)
{
	(void)request;
	raw_call(LINUX_OPEN, address_of("/etc/passwd"), 0, 0, 0, 0, 0);
	reached(hostile, "open came back");
	return 0;
}

static int do_kill(struct hostile *hostile, struct ddk_disk_request *request)
{
	(void)request;
	raw_call(LINUX_KILL, 1, 9, 0, 0, 0, 0);
	reached(hostile, "kill came back");
	return 0;
}

static int do_mmap(struct hostile *hostile, struct ddk_disk_request *request)
{
	(void)request;
	raw_call(LINUX_MMAP, 0, 4096, 7, 0x22, UINT64_MAX, 0);
	reached(hostile, "mmap came back");
	return 0;
}

static int do_unknown_call(struct hostile *hostile, struct ddk_disk_request *request)
{
	(void)request;
	raw_call(0x44449999, 1, 2, 3, 4, 5, 6);
	reached(hostile, "an unknown call came back");
	return 0;
}

static int do_trap(struct hostile *hostile, struct ddk_disk_request *request)
{
	(void)hostile, (void)request;
	__asm__ volatile("ud2");
	return 0;
}

/* The keyboard controller's line that resets the machine. */
static int do_port(struct hostile *hostile, struct ddk_disk_request *request)
{
	(void)request;
	__asm__ volatile("outb %%al, $0x64" : : "a"(0xfe));
	reached(hostile, "a port");
	return 0;
}

static int do_halt(struct hostile *hostile, struct ddk_disk_request *request)
{
	(void)request;
	__asm__ volatile("cli; hlt");
	reached(hostile, "a halt");
	return 0;
}

static int do_interrupt_call(struct hostile *hostile, struct ddk_disk_request *request)
{
	(void)request;
	__asm__ volatile("int $0x80" : : "a"(1), "b"(0) : "memory");
	reached(hostile, "int 0x80");
	return 0;
}

/* Every call, with pointers of every bad kind in each place. */
static int do_bad_pointers(struct hostile *hostile, struct ddk_disk_request *request)
{
	static const uint64_t bad[] = {
		0,
		1,
		4095,
		KERNEL_ADDRESS,
		UINT64_MAX,
		UINT64_MAX - 4095,
		0x7ffffffff000,
		0x800000000000,
		0xffff800000000000,
	};
	static const uint64_t lengths[] = { 1, 4096, UINT32_MAX, UINT64_MAX, 1ull << 47 };
	static const uint64_t calls[] = {
		HOST_LOG,          HOST_RANDOM,        HOST_MEMORY_UNMAP,     HOST_DESCRIBE,
		HOST_PARAMETER,    HOST_REGION_UNMAP,  HOST_DMA_ALLOCATE,     HOST_DMA_BUFFER,
		HOST_DMA_ADDRESS,  HOST_DMA_FREE,      HOST_MONITOR,          HOST_DISK_CREATE,
		HOST_DISPLAY_ADD,  HOST_DISPLAY_MODES, HOST_DISPLAY_FIRMWARE, HOST_INPUT_CREATE,
		HOST_NET_CREATE,   HOST_NET_LINK,      HOST_NET_RECEIVED,     HOST_STREAM_CREATE,
		HOST_THREAD_START, HOST_FUTEX_WAKE,
	};

	(void)hostile, (void)request;
	for (size_t call = 0; call < array_length(calls); call++)
		for (size_t i = 0; i < array_length(bad); i++)
			for (size_t j = 0; j < array_length(lengths); j++) {
				raw_call(calls[call], bad[i], lengths[j], bad[i], lengths[j], 0, 0);
				raw_call(calls[call], 1, bad[i], lengths[j], bad[i], 0, 0);
				raw_call(calls[call], lengths[j], 0, bad[i], 0, 0, 0);
			}
	return -EIO;
}

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* Numbers that are more often near to what is right. */
static uint64_t random_argument(uint64_t *state, uint64_t near)
{
	uint64_t value = next_random(state);

	switch (next_random(state) % 6) {
	case 0:
		return value;
	case 1:
		return value & 7;
	case 2:
		return near + (value & 0xfff);
	case 3:
		return KERNEL_ADDRESS + (value & 0xffffff);
	case 4:
		return (uint64_t) - (int64_t)(value & 0xfff);
	default:
		return value & 0xffff;
	}
}

/* Its own calls at random, but for those that end it or wait. */
static int do_fuzz(struct hostile *hostile, struct ddk_disk_request *request)
{
	static const uint64_t bases[] = {
		HOST_EXIT,        HOST_DESCRIBE,      HOST_CHANNEL,
		HOST_DISK_CREATE, HOST_DISPLAY_ADD,   HOST_INPUT_CREATE,
		HOST_NET_CREATE,  HOST_STREAM_CREATE, HOST_SERIAL_CREATE
	};
	static const unsigned counts[] = { 12, 19, 3, 6, 7, 6, 8, 5, 3 };
	uint64_t state = ddk_time() | 1, near = address_of(hostile), call;

	(void)request;
	for (unsigned i = 0; i < FUZZ_CALLS; i++) {
		size_t group = next_random(&state) % array_length(bases);

		call = bases[group] + next_random(&state) % counts[group];
		if (call == HOST_EXIT || call == HOST_THREAD_EXIT || call == HOST_FUTEX_WAIT ||
		    call == HOST_WAIT || call == HOST_THREAD_START || call == HOST_LOG)
			continue;
		raw_call(call, random_argument(&state, near), random_argument(&state, near),
			 random_argument(&state, near), random_argument(&state, near),
			 random_argument(&state, near), random_argument(&state, near));
	}
	return -EIO;
}

const struct misdeed process_misdeeds[] = {
	{ "exit", IN_PROBE, do_exit },
	{ "linux-exit", IN_PROBE, do_linux_exit },
	{ "fork", IN_PROBE, do_fork },
	{ "open", IN_SUBMIT, do_open },
	{ "kill", IN_PROBE, do_kill },
	{ "mmap", IN_PROBE, do_mmap },
	{ "unknown-call", IN_PROBE, do_unknown_call },
	{ "trap", IN_SUBMIT, do_trap },
	{ "port", IN_PROBE, do_port },
	{ "halt", IN_PROBE, do_halt },
	{ "int80", IN_PROBE, do_interrupt_call },
	{ "bad-pointers", IN_PROBE, do_bad_pointers },
	{ "fuzz", IN_PROBE, do_fuzz },
	{ 0 },
};
