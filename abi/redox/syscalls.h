/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Redox's system calls on x86_64 that CryptOS serves: number and name. Each name is the handler
 * redox_NAME() in kernel/abi/redox. The first list is that of redox_syscall 0.2.16, the second
 * came with later releases of the crate, which never gave a number to another call.
 *
 * A number is made of a class, the kind of the argument after the first, the kind of the result
 * and an index.
 */
#pragma once

#define REDOX_CLASS       0xf0000000u
#define REDOX_CLASS_PATH  0x10000000u /* arguments 0 and 1 are a path */
#define REDOX_CLASS_FILE  0x20000000u /* argument 0 is a descriptor */
#define REDOX_SLICE       0x01000000u /* arguments 1 and 2 are bytes that are read */
#define REDOX_OUT_SLICE   0x02000000u /* ... that are written */
#define REDOX_PATH        0x03000000u /* ... that are a path */
#define REDOX_RETURN_FILE 0x00100000u /* the result is a descriptor */

/* Applies `each(number, name)` to each. One a line is what can be read and merged. */
/* clang-format off */
#define REDOX_SYSCALLS_0_2(each)			\
	each(0x1, exit)					\
	each(0x7, waitpid)				\
	each(0xc, chdir)				\
	each(0x14, getpid)				\
	each(0x25, kill)				\
	each(0x39, setpgid)				\
	each(0x3c, umask)				\
	each(0x40, getppid)				\
	each(0x43, sigaction)				\
	each(0x6e, iopl)				\
	each(0x77, sigreturn)				\
	each(0x78, clone)				\
	each(0x7d, mprotect)				\
	each(0x7e, sigprocmask)				\
	each(0x84, getpgid)				\
	each(0x9e, sched_yield)				\
	each(0xa2, nanosleep)				\
	each(0xb7, getcwd)				\
	each(0xc7, getuid)				\
	each(0xc8, getgid)				\
	each(0xc9, geteuid)				\
	each(0xca, getegid)				\
	each(0xcb, setreuid)				\
	each(0xcc, setregid)				\
	each(0xf0, futex)				\
	each(0x109, clock_gettime)			\
	each(0x14b, pipe2)				\
	each(0x3b1, physalloc)				\
	each(0x3b2, physfree)				\
	each(0x3b3, physmap)				\
	each(0x3b4, physunmap)				\
	each(0x3b5, virttophys)				\
	each(0x3b6, getns)				\
	each(0x3b7, getens)				\
	each(0x3b8, setrens)				\
	each(0x3d8, mkns)				\
	each(0x24ed, physalloc3)			\
	each(0x10100005, open)				\
	each(0x1000000a, unlink)			\
	each(0x1000000f, chmod)				\
	each(0x10000054, rmdir)				\
	each(0x13000009, link)				\
	each(0x22000003, read)				\
	each(0x21000004, write)				\
	each(0x20000006, close)				\
	each(0x2000000b, fexec)				\
	each(0x20000013, lseek)				\
	each(0x2200001c, fstat)				\
	each(0x23000026, frename)			\
	each(0x20100029, dup)				\
	each(0x20000037, fcntl)				\
	each(0x2010003f, dup2)				\
	each(0x2100005a, fmap_old)			\
	each(0x2000005b, funmap_old)			\
	each(0x2000005c, funmap)			\
	each(0x2000005d, ftruncate)			\
	each(0x2000005e, fchmod)			\
	each(0x22000064, fstatvfs)			\
	each(0x20000076, fsync)				\
	each(0x200000cf, fchown)			\
	each(0x21000140, futimens)			\
	each(0x21000384, fmap)				\
	each(0x2000039f, fevent)			\
	each(0x220003a0, fpath)

#define REDOX_SYSCALLS_LATER(each)			\
	each(0x9b, mremap)				\
	each(0x10100007, openat)			\
	each(0x10000107, unlinkat)			\
	each(0x101003d9, openat_with_filter)		\
	each(0x100003da, unlinkat_with_filter)		\
	each(0x101003db, openat_into)			\
	each(0x20000022, sendfd)			\
	each(0x22000023, read2)				\
	each(0x2000002b, getdents)			\
	each(0x2100002d, write2)			\
	each(0x23000009, flink)				\
	each(0x201003dc, dup_into)			\
	each(0x2300ca11, call)

#define REDOX_SYSCALLS(each) REDOX_SYSCALLS_0_2(each) REDOX_SYSCALLS_LATER(each)
/* clang-format on */

/* REDOX_SYS_open and so on. */
#define REDOX_SYSCALL_NUMBER(number, name) REDOX_SYS_##name = number,
enum { REDOX_SYSCALLS(REDOX_SYSCALL_NUMBER) };
#undef REDOX_SYSCALL_NUMBER
