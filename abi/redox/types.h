/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Structures that Redox programs and the kernel exchange, as redox_syscall 0.2.16 has them. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct redox_timespec {
	/* 0x00 */ int64_t seconds;
	/* 0x08 */ int32_t nanoseconds;
	/* 0x0c */ uint32_t padding;
};
_Static_assert(sizeof(struct redox_timespec) == 16, "TimeSpec");

struct redox_itimerspec {
	/* 0x00 */ struct redox_timespec interval;
	/* 0x10 */ struct redox_timespec value;
};
_Static_assert(sizeof(struct redox_itimerspec) == 32, "ITimerSpec");

struct redox_stat {
	/* 0x00 */ uint64_t device;
	/* 0x08 */ uint64_t number;
	/* 0x10 */ uint16_t mode;
	/* 0x12 */ uint16_t padding_1;
	/* 0x14 */ uint32_t links;
	/* 0x18 */ uint32_t uid;
	/* 0x1c */ uint32_t gid;
	/* 0x20 */ uint64_t size;
	/* 0x28 */ uint32_t block_size;
	/* 0x2c */ uint32_t padding_2;
	/* 0x30 */ uint64_t blocks; /* of 512 bytes */
	/* 0x38 */ uint64_t modify_seconds;
	/* 0x40 */ uint32_t modify_nanoseconds;
	/* 0x44 */ uint32_t padding_3;
	/* 0x48 */ uint64_t access_seconds;
	/* 0x50 */ uint32_t access_nanoseconds;
	/* 0x54 */ uint32_t padding_4;
	/* 0x58 */ uint64_t change_seconds;
	/* 0x60 */ uint32_t change_nanoseconds;
	/* 0x64 */ uint32_t padding_5;
};
_Static_assert(sizeof(struct redox_stat) == 104, "Stat");
_Static_assert(offsetof(struct redox_stat, size) == 0x20, "Stat.st_size");
_Static_assert(offsetof(struct redox_stat, blocks) == 0x30, "Stat.st_blocks");
_Static_assert(offsetof(struct redox_stat, change_nanoseconds) == 0x60, "Stat.st_ctime_nsec");

struct redox_statvfs {
	/* 0x00 */ uint32_t block_size;
	/* 0x04 */ uint32_t padding;
	/* 0x08 */ uint64_t blocks;
	/* 0x10 */ uint64_t free_blocks;
	/* 0x18 */ uint64_t available_blocks;
};
_Static_assert(sizeof(struct redox_statvfs) == 32, "StatVfs");

struct redox_old_map {
	/* 0x00 */ uint64_t offset;
	/* 0x08 */ uint64_t size;
	/* 0x10 */ uint64_t flags; /* enum redox_map_flags */
};
_Static_assert(sizeof(struct redox_old_map) == 24, "OldMap");

struct redox_map {
	/* 0x00 */ uint64_t offset;
	/* 0x08 */ uint64_t size;
	/* 0x10 */ uint64_t flags; /* enum redox_map_flags */
	/* 0x18 */ uint64_t address;
};
_Static_assert(sizeof(struct redox_map) == 32, "Map");

struct redox_event {
	/* 0x00 */ uint64_t id;    /* the descriptor */
	/* 0x08 */ uint64_t flags; /* enum redox_event_flags */
	/* 0x10 */ uint64_t data;  /* the program's */
};
_Static_assert(sizeof(struct redox_event) == 24, "Event");

/* A request to a scheme that a process serves, and its answer. */
struct redox_packet {
	/* 0x00 */ uint64_t id;  /* of the request; 0: the provider reports readiness */
	/* 0x08 */ uint64_t pid; /* the caller's */
	/* 0x10 */ uint32_t uid; /* effective */
	/* 0x14 */ uint32_t gid;
	/* 0x18 */ uint64_t a; /* the number of the call; in the answer its result */
	/* 0x20 */ uint64_t b;
	/* 0x28 */ uint64_t c;
	/* 0x30 */ uint64_t d;
};
_Static_assert(sizeof(struct redox_packet) == 56, "Packet");
_Static_assert(offsetof(struct redox_packet, a) == 0x18, "Packet.a");

struct redox_signal_action {
	/* 0x00 */ uint64_t handler;
	/* 0x08 */ uint64_t mask[2];
	/* 0x18 */ uint64_t flags;
};
_Static_assert(sizeof(struct redox_signal_action) == 32, "SigAction");

struct redox_slice {
	/* 0x00 */ uint64_t address;
	/* 0x08 */ uint64_t length;
};
_Static_assert(sizeof(struct redox_slice) == 16, "slice");

struct redox_environment_registers {
	/* 0x00 */ uint64_t fs_base;
	/* 0x08 */ uint64_t gs_base;
};
_Static_assert(sizeof(struct redox_environment_registers) == 16, "EnvRegisters");

struct redox_integer_registers {
	/* 0x00 */ uint64_t r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8;
	/* 0x50 */ uint64_t rax, rcx, rdx, rsi, rdi, rip, cs, rflags, rsp, ss, fs;
};
_Static_assert(sizeof(struct redox_integer_registers) == 168, "IntRegisters");
_Static_assert(offsetof(struct redox_integer_registers, rip) == 0x78, "IntRegisters.rip");

/* What FXSAVE stores first. */
struct redox_float_registers {
	uint8_t bytes[416];
};
_Static_assert(sizeof(struct redox_float_registers) == 416, "FloatRegisters");

struct redox_trace_event {
	/* 0x00 */ uint64_t cause;
	/* 0x08 */ uint64_t a, b, c, d, e, f;
};
_Static_assert(sizeof(struct redox_trace_event) == 56, "PtraceEvent");
