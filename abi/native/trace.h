/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The trace format: what /scheme/trace/events gives.
 *
 * One struct trace_header, then struct trace_record after struct trace_record, all little-endian
 * and of 32 bytes. Records of one CPU come in order of time, and those of all CPUs are merged by
 * it (docs/trace.md says how exactly). Where records were overwritten before they were read, one of kind
 * TRACE_LOST stands in their place.
 *
 * Threads go by 32-bit numbers, never 0, which a later thread may use again after the end of one.
 * TRACE_NAME says what a thread is called from then on.
 */
#pragma once

#include <stdint.h>

#define TRACE_MAGIC   0x4543415254595243ull /* "CRYTRACE" */
#define TRACE_VERSION 1

enum trace_kind {
	/* detail: enum trace_switch_reason; `first`: the thread that runs now. `thread` ran before. */
	TRACE_SWITCH = 0,
	/* first: the thread that became runnable; second: the CPU whose queue it went to. */
	TRACE_WAKE = 1,
	/* detail: enum trace_token_event; first: the CPU that it, or a thread, is sent to, or where
	 * its lap began; second: the lap. */
	TRACE_TOKEN = 2,
	/* detail: enum fault_access of the kernel (1 write, 2 execute, 4 from user mode, 8 present);
	 * first: the address. */
	TRACE_FAULT_ENTER = 3,
	TRACE_FAULT_LEAVE = 4,   /* first: the address; second: 0 or a negative errno */
	TRACE_SYSCALL_ENTER = 5, /* first: the number */
	TRACE_SYSCALL_LEAVE = 6, /* first: the number; second: the result */
	TRACE_IRQ_ENTER = 7,     /* first: the interrupt, as in /proc/interrupts */
	TRACE_IRQ_LEAVE = 8,     /* the same */
	TRACE_TIMER = 9, /* first: the deadline, ns; second: the function called (kernel address) */
	/* detail: enum trace_ipi_event; first: the other CPU, or TRACE_CPU_UNKNOWN. */
	TRACE_IPI = 10,
	TRACE_NAME = 11, /* of `thread`: `text` */
	TRACE_LOST = 12, /* first: how many records of this CPU are missing here */
	/* A bio or request of a disk. detail: enum trace_block_event, and from bit 4 on enum
	 * trace_block_operation; first: bits 0-47 the sector on the disk, 48-55 and 56-63 the disk's
	 * minor and major number (their lowest 8 bits); second: bits 0-23 how many sectors,
	 * 24-31 the errno, 32-63 ns since the bio was submitted, of TRACE_BLOCK_COMPLETE. What
	 * does not fit is the largest that does. */
	TRACE_BLOCK = 13,
	TRACE_KIND_COUNT,
};

enum trace_block_event {
	TRACE_BLOCK_QUEUE = 0,    /* a bio was submitted */
	TRACE_BLOCK_ISSUE = 1,    /* a request went to the driver */
	TRACE_BLOCK_COMPLETE = 2, /* it is done, or given up */
	TRACE_BLOCK_EVENT_COUNT,
};

enum trace_block_operation {
	TRACE_BLOCK_READ = 0,
	TRACE_BLOCK_WRITE = 1,
	TRACE_BLOCK_FLUSH = 2,
	TRACE_BLOCK_DISCARD = 3,
	TRACE_BLOCK_WRITE_ZEROES = 4,
	TRACE_BLOCK_OPERATION_COUNT,
};

enum trace_switch_reason {
	TRACE_SWITCH_BLOCK = 0,
	TRACE_SWITCH_YIELD = 1,
	TRACE_SWITCH_PREEMPT = 2,
};

enum trace_token_event {
	TRACE_TOKEN_SENT = 0,
	TRACE_TOKEN_RECEIVED = 1,
	TRACE_TOKEN_LAUNCHED = 2,
	TRACE_TOKEN_RETIRED = 3,
	TRACE_TOKEN_LOST = 4,
	TRACE_TOKEN_MERGED = 5,
	TRACE_TOKEN_DONATED = 6,
	TRACE_TOKEN_EVENT_COUNT,
};

enum trace_ipi_event {
	TRACE_IPI_WAKE_SENT = 0,
	TRACE_IPI_WAKE_RECEIVED = 1,
	TRACE_IPI_CALL_RECEIVED = 2,
};

#define TRACE_CPU_UNKNOWN 0xffffffffull

struct trace_header {
	/* 0x00 */ uint64_t magic;        /* TRACE_MAGIC */
	/* 0x08 */ uint32_t version;      /* TRACE_VERSION */
	/* 0x0c */ uint32_t record_bytes; /* sizeof(struct trace_record) */
	/* 0x10 */ uint32_t cpus;
	/* 0x14 */ uint32_t reserved;
	/* 0x18 */ uint64_t realtime_ns; /* since 1970, at time 0 */
};

struct trace_record {
	/* 0x00 */ uint64_t time;   /* ns since boot */
	/* 0x08 */ uint32_t thread; /* that ran, or was interrupted */
	/* 0x0c */ uint16_t cpu;
	/* 0x0e */ uint8_t kind; /* enum trace_kind */
	/* 0x0f */ uint8_t detail;
	union {
		struct {
			/* 0x10 */ uint64_t first;
			/* 0x18 */ uint64_t second;
		};
		/* 0x10 */ char text[16]; /* terminated unless it fills all */
	};
};

_Static_assert(sizeof(struct trace_header) == 32, "format");
_Static_assert(__builtin_offsetof(struct trace_header, cpus) == 0x10, "format");
_Static_assert(__builtin_offsetof(struct trace_header, realtime_ns) == 0x18, "format");
_Static_assert(sizeof(struct trace_record) == 32, "format");
_Static_assert(__builtin_offsetof(struct trace_record, thread) == 0x08, "format");
_Static_assert(__builtin_offsetof(struct trace_record, cpu) == 0x0c, "format");
_Static_assert(__builtin_offsetof(struct trace_record, kind) == 0x0e, "format");
_Static_assert(__builtin_offsetof(struct trace_record, detail) == 0x0f, "format");
_Static_assert(__builtin_offsetof(struct trace_record, first) == 0x10, "format");
_Static_assert(__builtin_offsetof(struct trace_record, second) == 0x18, "format");
_Static_assert(__builtin_offsetof(struct trace_record, text) == 0x10, "format");
