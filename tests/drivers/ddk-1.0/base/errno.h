/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Error numbers. One space for the whole system, with Linux's values; functions return 0
 * (or a count) or one of these negated. Where Redox's values differ, kernel/abi/redox
 * translates at the edge.
 */
#pragma once

enum {
	EPERM = 1,
	ENOENT = 2,
	ESRCH = 3,
	EINTR = 4,
	EIO = 5,
	ENXIO = 6,
	E2BIG = 7,
	ENOEXEC = 8,
	EBADF = 9,
	ECHILD = 10,
	EAGAIN = 11,
	ENOMEM = 12,
	EACCES = 13,
	EFAULT = 14,
	ENOTBLK = 15,
	EBUSY = 16,
	EEXIST = 17,
	EXDEV = 18,
	ENODEV = 19,
	ENOTDIR = 20,
	EISDIR = 21,
	EINVAL = 22,
	ENFILE = 23,
	EMFILE = 24,
	ENOTTY = 25,
	ETXTBSY = 26,
	EFBIG = 27,
	ENOSPC = 28,
	ESPIPE = 29,
	EROFS = 30,
	EMLINK = 31,
	EPIPE = 32,
	EDOM = 33,
	ERANGE = 34,
	EDEADLK = 35,
	ENAMETOOLONG = 36,
	ENOLCK = 37,
	ENOSYS = 38,
	ENOTEMPTY = 39,
	ELOOP = 40,
	ENODATA = 61,
	ETIME = 62,
	EPROTO = 71,
	EBADMSG = 74,
	EOVERFLOW = 75,
	EILSEQ = 84,
	ENOTSOCK = 88,
	EDESTADDRREQ = 89,
	EMSGSIZE = 90,
	EPROTOTYPE = 91,
	ENOPROTOOPT = 92,
	EPROTONOSUPPORT = 93,
	ESOCKTNOSUPPORT = 94,
	ENOTSUP = 95,
	EOPNOTSUPP = 95,
	EAFNOSUPPORT = 97,
	EADDRINUSE = 98,
	EADDRNOTAVAIL = 99,
	ENETDOWN = 100,
	ECONNRESET = 104,
	ENOBUFS = 105,
	EISCONN = 106,
	ENOTCONN = 107,
	ETOOMANYREFS = 109,
	ETIMEDOUT = 110,
	ECONNREFUSED = 111,
	EALREADY = 114,
	EINPROGRESS = 115,
	ESTALE = 116,
	EUCLEAN = 117,
	EREMOTEIO = 121,
	ECANCELED = 125,
	EOWNERDEAD = 130,
	ENOTRECOVERABLE = 131,
};

/*
 * Internal results of an interrupted system call; they never reach a program. The signal
 * code turns them into EINTR or restarts the call (proc/signal.h).
 *   ERESTART       restart if no handler ran, or the handler has SA_RESTART (read, wait4);
 *   ERESTARTNOINTR restart in any case, after the handler (fork, open of a FIFO);
 *   ERESTARTNOHAND restart only if no handler ran (pause, poll, sigsuspend).
 * Up to ERESTART_LAST they may be a personality's own.
 */
enum {
	ERESTART = 512,
	ERESTARTNOINTR = 513,
	ERESTARTNOHAND = 514,
	ERESTART_LAST = 516,
};
