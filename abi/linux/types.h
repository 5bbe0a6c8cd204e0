/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Structures of Linux's x86_64 ABI, as programs lay them out.
 */
#pragma once

#include <stdint.h>

struct linux_timespec {
	int64_t seconds;
	int64_t nanoseconds;
};

struct linux_timeval {
	int64_t seconds;
	int64_t microseconds;
};

struct linux_itimerval {
	struct linux_timeval interval;
	struct linux_timeval value;
};

struct linux_itimerspec {
	struct linux_timespec interval;
	struct linux_timespec value;
};

struct linux_epoll_event {
	/* 0x00 */ uint32_t events;
	/* 0x04 */ uint64_t data;
} __attribute__((packed));

struct linux_signalfd_info {
	/* 0x00 */ uint32_t signal;
	/* 0x04 */ int32_t error;
	/* 0x08 */ int32_t code;
	/* 0x0c */ uint32_t pid;
	/* 0x10 */ uint32_t uid;
	/* 0x14 */ int32_t fd;
	/* 0x18 */ uint32_t timer_id;
	/* 0x1c */ uint32_t band;
	/* 0x20 */ uint32_t overrun;
	/* 0x24 */ uint32_t trap;
	/* 0x28 */ int32_t status;
	/* 0x2c */ int32_t value;
	/* 0x30 */ uint64_t pointer;
	/* 0x38 */ uint64_t user_time;
	/* 0x40 */ uint64_t system_time;
	/* 0x48 */ uint64_t address;
	/* 0x50 */ uint8_t reserved[48];
};

/* What a timer does when it expires. */
struct linux_sigevent {
	/* 0x00 */ uint64_t value;
	/* 0x08 */ int32_t signal;
	/* 0x0c */ int32_t notify;
	/* 0x10 */ int32_t thread;
	/* 0x14 */ int32_t reserved[11];
};

struct linux_sockaddr_un {
	/* 0x00 */ uint16_t family;
	/* 0x02 */ char path[108];
};

struct linux_msghdr {
	/* 0x00 */ uint64_t name;
	/* 0x08 */ uint32_t name_length;
	/* 0x0c */ uint32_t padding;
	/* 0x10 */ uint64_t vector;
	/* 0x18 */ uint64_t vector_length;
	/* 0x20 */ uint64_t control;
	/* 0x28 */ uint64_t control_length;
	/* 0x30 */ int32_t flags;
	/* 0x34 */ int32_t padding2;
};

struct linux_mmsghdr {
	/* 0x00 */ struct linux_msghdr header;
	/* 0x38 */ uint32_t length;
	/* 0x3c */ uint32_t padding;
};

struct linux_cmsghdr {
	/* 0x00 */ uint64_t length; /* with this header */
	/* 0x08 */ int32_t level;
	/* 0x0c */ int32_t type;
};

struct linux_ucred {
	int32_t pid;
	uint32_t uid, gid;
};

struct linux_sched_attr {
	/* 0x00 */ uint32_t size;
	/* 0x04 */ uint32_t policy;
	/* 0x08 */ uint64_t flags;
	/* 0x10 */ int32_t nice;
	/* 0x14 */ uint32_t priority;
	/* 0x18 */ uint64_t runtime, deadline, period;
};

struct linux_timex {
	/* 0x00 */ uint32_t modes;
	/* 0x04 */ uint32_t padding;
	/* 0x08 */ int64_t offset, frequency, max_error, estimated_error;
	/* 0x28 */ int32_t status;
	/* 0x2c */ uint32_t padding2;
	/* 0x30 */ int64_t constant, precision, tolerance;
	/* 0x48 */ struct linux_timeval time;
	/* 0x58 */ int64_t tick;
	/* 0x60 */ int64_t pps[11]; /* frequency to stability limit counters, tai */
	/* 0xb8 */ int32_t reserved[6];
};

struct linux_stat {
	/* 0x00 */ uint64_t device;
	/* 0x08 */ uint64_t inode;
	/* 0x10 */ uint64_t links;
	/* 0x18 */ uint32_t mode;
	/* 0x1c */ uint32_t uid;
	/* 0x20 */ uint32_t gid;
	/* 0x24 */ uint32_t padding;
	/* 0x28 */ uint64_t raw_device;
	/* 0x30 */ int64_t size;
	/* 0x38 */ int64_t block_size;
	/* 0x40 */ int64_t blocks;
	/* 0x48 */ struct linux_timespec access;
	/* 0x58 */ struct linux_timespec modify;
	/* 0x68 */ struct linux_timespec change;
	/* 0x78 */ int64_t reserved[3];
};

struct linux_statx_time {
	int64_t seconds;
	uint32_t nanoseconds;
	int32_t reserved;
};

struct linux_statx {
	/* 0x00 */ uint32_t mask;
	/* 0x04 */ uint32_t block_size;
	/* 0x08 */ uint64_t attributes;
	/* 0x10 */ uint32_t links;
	/* 0x14 */ uint32_t uid;
	/* 0x18 */ uint32_t gid;
	/* 0x1c */ uint16_t mode;
	/* 0x1e */ uint16_t padding;
	/* 0x20 */ uint64_t inode;
	/* 0x28 */ uint64_t size;
	/* 0x30 */ uint64_t blocks;
	/* 0x38 */ uint64_t attributes_mask;
	/* 0x40 */ struct linux_statx_time access, birth, change, modify;
	/* 0x80 */ uint32_t raw_device_major, raw_device_minor;
	/* 0x88 */ uint32_t device_major, device_minor;
	/* 0x90 */ uint64_t reserved[14];
};

struct linux_statfs {
	/* 0x00 */ int64_t type;
	/* 0x08 */ int64_t block_size;
	/* 0x10 */ uint64_t blocks, blocks_free, blocks_available;
	/* 0x28 */ uint64_t files, files_free;
	/* 0x38 */ int32_t id[2];
	/* 0x40 */ int64_t name_length;
	/* 0x48 */ int64_t fragment_size;
	/* 0x50 */ int64_t flags;
	/* 0x58 */ int64_t reserved[4];
};

struct linux_dirent64 {
	/* 0x00 */ uint64_t inode;
	/* 0x08 */ int64_t offset; /* cookie of the next entry */
	/* 0x10 */ uint16_t length;
	/* 0x12 */ uint8_t type;
	/* 0x13 */ char name[];
};

/* The older form: the type is the last byte of the entry. */
struct linux_dirent {
	/* 0x00 */ uint64_t inode;
	/* 0x08 */ int64_t offset;
	/* 0x10 */ uint16_t length;
	/* 0x12 */ char name[];
};

struct linux_iovec {
	uint64_t base;
	uint64_t length;
};

struct linux_pollfd {
	int32_t fd;
	int16_t events;
	int16_t ready;
};

struct linux_flock {
	/* 0x00 */ int16_t type;
	/* 0x02 */ int16_t whence;
	/* 0x08 */ int64_t start;
	/* 0x10 */ int64_t length;
	/* 0x18 */ int32_t pid;
};

struct linux_rlimit {
	uint64_t current, maximum;
};

struct linux_rusage {
	/* 0x00 */ struct linux_timeval user, system;
	/* 0x20 */ int64_t max_resident; /* KiB */
	/* 0x28 */ int64_t shared, data, stack;
	/* 0x40 */ int64_t minor_faults, major_faults;
	/* 0x50 */ int64_t swaps, blocks_in, blocks_out, sent, received, signals;
	/* 0x80 */ int64_t voluntary_switches, involuntary_switches;
};

struct linux_tms {
	int64_t user, system, children_user, children_system; /* clock ticks */
};

struct linux_utsname {
	char system[65], node[65], release[65], version[65], machine[65], domain[65];
};

struct linux_sysinfo {
	/* 0x00 */ int64_t uptime;
	/* 0x08 */ uint64_t loads[3];
	/* 0x20 */ uint64_t total, free, shared, buffers, swap_total, swap_free;
	/* 0x50 */ uint16_t processes;
	/* 0x58 */ uint64_t high_total, high_free;
	/* 0x68 */ uint32_t unit;
	/* 0x6c */ uint32_t padding;
};

struct linux_sigaction {
	uint64_t handler;
	uint64_t flags;
	uint64_t restorer;
	uint64_t mask;
};

struct linux_stack {
	/* 0x00 */ uint64_t base;
	/* 0x08 */ int32_t flags;
	/* 0x10 */ uint64_t size;
};

struct linux_siginfo {
	/* 0x00 */ int32_t signal;
	/* 0x04 */ int32_t error;
	/* 0x08 */ int32_t code;
	/* 0x0c */ int32_t padding;
	union {
		struct {
			/* 0x10 */ int32_t pid;
			/* 0x14 */ uint32_t uid;
			/* 0x18 */ uint64_t value;
		} sent;
		struct {
			/* 0x10 */ int32_t id, overrun;
			/* 0x18 */ uint64_t value;
		} timer;
		struct {
			/* 0x10 */ int32_t pid;
			/* 0x14 */ uint32_t uid;
			/* 0x18 */ int32_t status;
			/* 0x20 */ int64_t user_time, system_time;
		} child;
		struct {
			/* 0x10 */ uint64_t address;
		} fault;
		uint8_t bytes[112];
	};
};

struct linux_clone_args {
	uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls;
	uint64_t set_tid, set_tid_size, cgroup;
};

struct linux_open_how {
	uint64_t flags, mode, resolve;
};

struct linux_capability_header {
	uint32_t version;
	int32_t pid;
};

struct linux_capability_data {
	uint32_t effective, permitted, inheritable;
};

_Static_assert(sizeof(struct linux_stat) == 0x90, "stat");
_Static_assert(sizeof(struct linux_statx) == 0x100, "statx");
_Static_assert(sizeof(struct linux_statfs) == 0x78, "statfs");
_Static_assert(__builtin_offsetof(struct linux_dirent64, name) == 0x13, "dirent64");
_Static_assert(sizeof(struct linux_flock) == 0x20, "flock");
_Static_assert(sizeof(struct linux_rusage) == 0x90, "rusage");
_Static_assert(sizeof(struct linux_utsname) == 390, "utsname");
_Static_assert(sizeof(struct linux_sysinfo) == 0x70, "sysinfo");
_Static_assert(sizeof(struct linux_sigaction) == 0x20, "sigaction");
_Static_assert(sizeof(struct linux_stack) == 0x18, "stack_t");
_Static_assert(sizeof(struct linux_siginfo) == 0x80, "siginfo");
_Static_assert(sizeof(struct linux_clone_args) == 88, "clone_args");
_Static_assert(sizeof(struct linux_epoll_event) == 12, "epoll_event");
_Static_assert(sizeof(struct linux_signalfd_info) == 0x80, "signalfd_siginfo");
_Static_assert(sizeof(struct linux_sigevent) == 0x40, "sigevent");
_Static_assert(sizeof(struct linux_sockaddr_un) == 110, "sockaddr_un");
_Static_assert(sizeof(struct linux_msghdr) == 0x38, "msghdr");
_Static_assert(sizeof(struct linux_mmsghdr) == 0x40, "mmsghdr");
_Static_assert(sizeof(struct linux_sched_attr) == 0x30, "sched_attr");
_Static_assert(sizeof(struct linux_timex) == 0xd0, "timex");
_Static_assert(__builtin_offsetof(struct linux_dirent, name) == 0x12, "dirent");
