/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What driver hosts and the kernel say to each other. A host is a process that runs one driver for one device: the
 * program is the kernel's own (ddk/user), the driver's object was given to it. It has no files, no names and no system
 * calls but these; any other ends it.
 *
 * Host to kernel: system calls (number in rax, arguments in rdi, rsi, rdx, r10, r8, r9; the result, or a negative errno, in
 * rax). Kernel to host: messages in the channel, memory that both share. The kernel keeps what it needs to know of
 * them for itself: what the host writes there is input like any other.
 */
#pragma once

#include <stdint.h>

/* The numbers are none of another ABI's. */
enum host_call {
	/* The process. */
	HOST_EXIT = 0x44440000, /* text, length: the host cannot go on; why */
	HOST_LOG,            /* enum ddk_log_level, text, length (at most HOST_TEXT_MAX): a line */
	HOST_TIME,           /* monotonic nanoseconds */
	HOST_RANDOM,         /* address, length */
	HOST_MEMORY_MAP,     /* length: zeroed memory, read and written; its address */
	HOST_MEMORY_UNMAP,   /* address, length */
	HOST_MEMORY_PROTECT, /* address, length, enum host_protection: takes away; what becomes executable is never written again */
	HOST_SEAL,           /* from now on nothing becomes executable */
	HOST_THREAD_START,   /* entry, stack pointer, argument (rdi), name (text), length */
	HOST_THREAD_EXIT,
	HOST_FUTEX_WAIT, /* address of a word, expected, deadline (monotonic ns; UINT64_MAX: none): -EAGAIN, -ETIMEDOUT */
	HOST_FUTEX_WAKE, /* address, count */

	/* The device. Indices are those of the driver kit. */
	HOST_DESCRIBE = 0x44440100, /* struct host_description * */
	HOST_PARAMETER,  /* name, length, value, size: the length of the value; -ENOENT */
	HOST_REGION_MAP, /* index, offset, length, enum ddk_region_kind: the address, in whose page it lies as in the region's */
	HOST_REGION_UNMAP, /* address, length */
	HOST_PORT_READ,    /* index, offset, size */
	HOST_PORT_WRITE,   /* index, offset, size, value */
	HOST_CONFIG_READ,  /* offset, size */
	HOST_CONFIG_WRITE, /* offset, size, value */
	HOST_BUS_MASTER,   /* on */
	HOST_PCI_RESET,
	HOST_PCI_PRESENT,
	HOST_DMA_ALLOCATE, /* length, enum ddk_dma_flags, struct host_dma *: contiguous */
	HOST_DMA_BUFFER, /* length, struct host_dma *: in pieces; device_address is that of the first */
	HOST_DMA_ADDRESS, /* address within such memory, uint64_t[2] *: device address, bytes contiguous from there */
	HOST_DMA_FREE,    /* address, as allocated */
	HOST_IRQ_CONNECT, /* index < HOST_IRQ_MAX */
	HOST_IRQ_DISCONNECT,
	HOST_IRQ_DIRECT, /* index, CPU */
	HOST_MONITOR,    /* enum ddk_monitor_command, argument, uint32_t[4] *: 1, 0 */

	/* The channel. */
	HOST_CHANNEL = 0x44440200, /* struct host_channel **: maps it */
	/* Takes the replies that are there, lets the interrupts come again of which the last wait told, and waits until there
	 * are messages, interrupts, or the deadline has passed. Of one thread only. struct host_events *, deadline. */
	HOST_WAIT,
	HOST_REPLY, /* takes the replies that are there; for other threads */
	HOST_WAKE, /* lets HOST_WAIT return, or the next one, of whoever waits: for other threads */

	/* Class interfaces: what a driver calls. Objects are numbers > 0 of those that this host has made; they
	 * count up, and none is used again. Messages of one may come before the call that makes it returns. */
	HOST_DISK_CREATE = 0x44440300, /* struct host_disk_create * : object */
	HOST_DISK_REMOVE,              /* object */
	HOST_DISK_RESIZE,              /* object, block_count */
	HOST_DISK_SUSPEND,             /* object */
	HOST_DISK_RESUME,              /* object */
	HOST_DISK_READY,               /* object, queue */
	HOST_DISPLAY_ADD = 0x44440320, /* struct host_display_add *: object */
	HOST_DISPLAY_REMOVE,
	HOST_DISPLAY_SUSPEND,
	HOST_DISPLAY_RESUME,
	HOST_DISPLAY_MODES,             /* object, struct ddk_display_mode *, count, preferred */
	HOST_DISPLAY_FIRMWARE,          /* region index, struct host_firmware_display *: 1, 0 */
	HOST_DISPLAY_WISH,              /* struct ddk_display_mode *: 1, 0 */
	HOST_INPUT_CREATE = 0x44440340, /* name, length, kinds, has lights: object */
	HOST_INPUT_DESTROY,
	HOST_INPUT_RESUMED,
	HOST_INPUT_KEY,   /* object, key, down */
	HOST_INPUT_MOVE,  /* object, right, down, wheel */
	HOST_INPUT_PLACE, /* object, across, down */
	HOST_NET_CREATE =
		0x44440360, /* struct ddk_net_description *, enum host_net_operations: object */
	HOST_NET_REMOVE,
	HOST_NET_SUSPEND,
	HOST_NET_RESUME,
	HOST_NET_LINK,     /* object, struct ddk_net_link * */
	HOST_NET_RECEIVED, /* object, address, length */
	HOST_NET_DROPPED,  /* object, count, damaged */
	HOST_NET_READY,    /* object */
	/* name, length; address and length of DMA memory, into which goes what is to be sent: object */
	HOST_STREAM_CREATE = 0x44440380,
	HOST_STREAM_DESTROY,   /* object */
	HOST_STREAM_RECEIVED,  /* object, address, length, cookie of HOST_STREAM_RECYCLE */
	HOST_STREAM_SENT,      /* object */
	HOST_STREAM_CONNECTED, /* object, connected */
	HOST_SERIAL_CREATE = 0x444403a0, /* : object */
	HOST_SERIAL_RECEIVED,            /* object, address, length */
	HOST_SERIAL_SENT,                /* object */
};

#define HOST_TEXT_MAX 256
#define HOST_IRQ_MAX  64

enum host_protection {
	HOST_READ_ONLY,
	HOST_EXECUTABLE, /* and read */
	HOST_NOTHING,
};

#define HOST_RANGE_MAX 6

/* What the host and its driver may know. */
struct host_description {
	char name[24]; /* of the device */
	char driver[32];
	uint32_t bus; /* enum driver_bus */
	uint32_t cpu_count, irq_count;
	uint16_t vendor, device, subsystem_vendor, subsystem;
	uint32_t class_code;
	uint8_t revision, pci_bus, slot, function;
	char platform_name[24];
	struct {
		uint64_t size; /* 0: there is none */
		uint32_t is_ports, reserved;
	} ranges[HOST_RANGE_MAX];
	uint64_t object, object_length; /* the driver's object: where it is mapped, read-only */
};

struct host_dma {
	uint64_t address, device_address, length;
};

struct host_events {
	uint64_t irqs; /* bits of those that came */
};

/* --- The channel --- */

#define HOST_SLOTS        512  /* messages without a reply yet */
#define HOST_RING         1024 /* entries of each ring: a power of two above HOST_SLOTS */
#define HOST_SEGMENTS_MAX 128  /* of a disk's request */

enum host_message_kind {
	/* Of the driver as a whole; replied to by error. In its thread, one after the other. */
	HOST_MESSAGE_PROBE = 1,
	HOST_MESSAGE_REMOVE,
	HOST_MESSAGE_SUSPEND,
	HOST_MESSAGE_RESUME,
	/* Which: 0, of the thread that waits for messages; 1, of all others: answered when each has slept in the kit, or had
	 * nothing to do, since. */
	HOST_MESSAGE_PING,
	/* By object. */
	HOST_MESSAGE_DISK_SUBMIT, /* arguments: operation | flags << 8 | last << 31, block, count | queue << 32, tag */
	HOST_MESSAGE_DISK_TIMED_OUT, /* the slot of the request; replied to when the driver has done */
	HOST_MESSAGE_DISK_HEALTH,    /* results: in the slot's bytes, struct ddk_disk_health */
	HOST_MESSAGE_DISPLAY_FLUSH, /* count; the areas in the slot's bytes */
	HOST_MESSAGE_DISPLAY_MODE,  /* width, height; struct host_framebuffer in the slot's bytes */
	HOST_MESSAGE_INPUT_LEDS,    /* leds */
	HOST_MESSAGE_NET_OPEN,
	HOST_MESSAGE_NET_CLOSE,
	HOST_MESSAGE_NET_FILTER,  /* filter */
	HOST_MESSAGE_NET_SEND,    /* device address, length | last << 32, number */
	HOST_MESSAGE_STREAM,      /* enum host_stream_message, its argument */
	HOST_MESSAGE_SERIAL_SEND, /* length; bytes in the slot's bytes; result: taken */
};

struct host_message {
	uint16_t slot; /* < HOST_SLOTS: to be given back with the reply */
	uint16_t kind; /* enum host_message_kind */
	uint32_t object;
	uint64_t arguments[4];
	uint16_t segment_count; /* of those in the slot */
	uint16_t reserved[3];
	uint64_t reserved2[2];
};

struct host_reply {
	uint16_t slot;
	uint16_t reserved;
	int32_t error; /* 0, or a negative errno */
	uint64_t result;
};

struct host_segment {
	uint64_t device_address;
	uint64_t length;
};

/* Tails and heads count on, modulo 2^32. */
struct host_channel {
	_Atomic uint32_t message_tail __attribute__((aligned(64))); /* the kernel's */
	_Atomic uint32_t message_head
		__attribute__((aligned(64))); /* the host's: taken; the kernel does not look */
	_Atomic uint32_t reply_tail __attribute__((aligned(64))); /* the host's */
	_Atomic uint32_t reply_head __attribute__((aligned(64))); /* the kernel's */
	struct host_message messages[HOST_RING];
	struct host_reply replies[HOST_RING];
	/* By slot: segments of disks' requests, or bytes. */
	struct host_segment slots[HOST_SLOTS][HOST_SEGMENTS_MAX];
};

_Static_assert(sizeof(struct host_message) == 64, "a line of the cache");
_Static_assert(sizeof(struct host_reply) == 16, "shared");

/* --- Structures of class calls; those of the kit that hold pointers are taken apart. --- */

struct host_disk_create {
	uint64_t context; /* comes back in nothing: the host's own */
	char prefix[16];
	uint8_t description[248]; /* struct ddk_disk_description, its prefix NULL */
	uint32_t has_timed_out, has_health;
};

/* Where a frame buffer is: in memory of HOST_DMA_*, or in a region that is mapped. */
struct host_framebuffer {
	uint64_t address, length;
	uint32_t width, height, stride, red_first;
};

struct host_display_add {
	char name[24]; /* empty: the device's */
	struct host_framebuffer framebuffer;
	uint32_t mode_count, mode, has_flush, has_set_mode;
	uint32_t modes[32][2];
};

struct host_firmware_display {
	uint32_t width, height, stride, red_first;
	uint64_t offset;
};

enum host_net_operations { HOST_NET_HAS_FILTER = 1 << 0 };

enum host_stream_message {
	HOST_STREAM_OPEN = 1,
	HOST_STREAM_CLOSE,
	HOST_STREAM_SEND,    /* bytes, in the stream's memory; its reply is what `send` returned */
	HOST_STREAM_RECYCLE, /* the cookie of what was received */
};
