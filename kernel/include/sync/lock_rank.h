/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The one lock order. A thread or CPU that holds a lock may take only locks of a higher rank;
 * two locks of equal rank only where the comment of the rank says how they are ordered
 * (spin_lock_nested). Debug builds check it. docs/locking.md explains each.
 *
 * Sleeping locks come first: no sleeping lock is taken under a spinlock.
 */
#pragma once

enum lock_rank {
	/* Sleeping locks. */
	/* Which driver objects there are, and where they run; devices are given drivers under it. */
	RANK_DRIVER_MANAGER = 6,
	RANK_DISPLAY_OWNER =
		8, /* which displays there are and who draws; held while that one is told */
	RANK_PROCESS_TREE = 10,  /* parents, children, groups, sessions */
	RANK_EXEC = 12,          /* one process's exec against its observers */
	RANK_MOUNT = 13,         /* unmounting and remounting, one at a time */
	RANK_NAMESPACE = 14,     /* scheme and mount tables */
	RANK_RENAME = 16,        /* renames across directories of one scheme */
	RANK_DIRECTORY = 18,     /* a directory's entries; parent before child, then by address */
	RANK_EVENT_NESTING = 19, /* which event queue watches which */
	RANK_FILE_POSITION = 20, /* the offset of an open file description */
	RANK_EVENT_QUEUE = 21, /* what an event queue watches; a queue before one that it watches */
	RANK_NODE = 22,        /* a file's contents and attributes */
	RANK_FILE_SYSTEM = 23, /* a mounted file system's own metadata; of HMFS what is stored of a
				* file's size, before the volume */
	RANK_TTY = 24,         /* a terminal's line discipline */
	RANK_EVENT_WATCH = 25, /* by whom files are watched */
	RANK_PIPE = 26,
	RANK_SOCKET_NAME = 27,  /* names of sockets, and who is connected to whom */
	RANK_SOCKET = 28,       /* what a socket has received */
	RANK_USER_WINDOW = 29,  /* a provider's window, while it is mapped */
	RANK_ASPACE_GROUP = 30, /* changes to address spaces that share their mappings */
	RANK_ASPACE = 31,       /* an address space's mappings; taken by page faults, so user
				  * memory is never touched under a mutex of higher rank */
	RANK_OBJECT = 34,       /* the pages of a vm object; an object before the one it shows */
	RANK_ORBITAL = 35,      /* which windows programs have; the desktop is asked under it */
	RANK_PHYSICAL = 36,     /* the frames that programs were given for themselves */
	RANK_COMPOSITOR = 37,  /* the compositing table, the canvases, the windows of the desktop */
	RANK_INPUT_LIST = 38,  /* the list of input devices, while their lights are set */
	RANK_BLOCK_TABLE = 39, /* which disks and partitions there are */
	RANK_DISPLAY = 39,     /* a display: its mode, and who draws on it; in order of number */
	RANK_NET = 39,         /* the switch of a network interface, while its driver is told */
	RANK_INPUT_DRIVER = 39, /* who is an input device's driver, while it sets the lights */
	RANK_DRIVER_SLEEP = 40,
	RANK_FREQUENCY = 41, /* how fast CPUs run */
	RANK_DEVICE = 42,    /* a device's interrupts and what the bus keeps of it */
	RANK_ACPI_LINK = 43, /* which interrupts firmware's link devices lead to */
	RANK_ACPI = 44,      /* the interpreter of firmware's byte code: who evaluates */
	RANK_ACPI_EC = 44,   /* a transaction with an embedded controller */
	RANK_HOTPLUG = 45,   /* which CPUs are online */
	/* Spinlocks. */
	RANK_ID_TABLE = 58, /* process and thread ids, members of groups and sessions */
	RANK_DEBUGGER = 59, /* what a debugger was told of a process */
	RANK_PROCESS = 60,  /* fd table, credentials, limits of a process */
	RANK_DENTRY = 62,   /* the name cache */
	RANK_NAME = 63,     /* a bucket of names, two in order of address; a crossing of mounts */
	RANK_SIGNAL = 64,   /* pending signals and handlers of a process */
	RANK_FUTEX = 66,    /* a futex bucket; two in order of address */
	RANK_FUTEX_OWNER = 67, /* who owns which priority futexes */
	RANK_USER_SCHEME = 68, /* the requests to a process that provides a scheme */
	RANK_CACHE = 69,       /* which page caches are dirty, and which there are */
	RANK_HOST = 69,        /* messages to a driver host, its objects, its interrupts */
	RANK_BLOCK = 69,       /* a disk's queue of requests */
	RANK_DRIVER = 70,      /* a device's queues and registers */
	RANK_CLASS = 71,       /* what class interfaces keep: drivers call them under their locks */
	RANK_INPUT = 72,
	RANK_POOL = 73,       /* a pool's queue and workers */
	RANK_THREADS = 74,    /* the list of all threads */
	RANK_POOL_LIST = 75,  /* the pools that could use another CPU */
	RANK_WAIT_QUEUE = 76, /* two as wait_wake_nested() says */
	RANK_READY = 77,      /* what is ready in an event queue or timer file; callbacks take it */
	RANK_IRQ_LINE = 78,   /* who handles which interrupt; the controllers' locks are inside */
	RANK_INHERIT = 79,    /* who lends a thread priority, and what it waits for */
	RANK_TIMER = 80,      /* a CPU's timer queue; two in order of CPU number */
	RANK_IRQ_MESSAGE = 82, /* what devices send as interrupts */
	RANK_RUN_QUEUE = 84,   /* a CPU's run queue; two in order of CPU number */
	RANK_PAGE_TABLE = 86,  /* the page tables of an address space */
	RANK_IOMMU = 87,       /* the tables of a domain; a unit's queue inside */
	RANK_KERNEL_MAP = 88,  /* kernel virtual areas */
	RANK_SLAB = 90,
	RANK_FRAME_CACHE = 91, /* a CPU's cache of frames */
	RANK_FRAME = 92,       /* a zone of the frame allocator */
	RANK_IRQ = 94,         /* the interrupt routing table */
	RANK_SHOOTDOWN = 96,
	RANK_CONSOLE = 98,
	RANK_LEAF = 100, /* takes no other lock inside */
};
