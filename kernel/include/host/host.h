/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Driver hosts: processes that run one driver for one device each, with nothing but that device in their reach.
 * docs/driver-hosts.md.
 *
 * A host is made when its driver is to probe a device, and ends with remove, or when something is wrong with it: it exits, is
 * killed, faults, breaks a rule of abi/native/driver_host.h, does not answer. Then its device is silenced (no bus master, nothing
 * mapped, interrupts masked), reset, and another host is started, later after each failure; what programs have open of its classes
 * waits meanwhile. After several failures it is given up.
 */
#pragma once

#include <base/list.h>
#include <driver/driver.h>
#include <native/driver_host.h>
#include <sync/refcount.h>

struct host;

/* --- For kernel/driver: what a struct driver of an object in hosts calls. Thread context. --- */

int must_check host_probe(struct device *device);
void host_remove(struct device *device);
int must_check host_suspend(struct device *device);
int must_check host_resume(struct device *device);
/* Sets the functions above in the record of an object. */
void host_serve(struct driver_object *object);
/* The host of a device, with a reference; NULL: none. */
struct host *host_of_device(struct device *device);
void host_get(struct host *host);
void host_put(struct host *host);
struct device *host_device(const struct host *host);

struct host_status {
	uint32_t pid;      /* 0: none just now */
	unsigned restarts; /* since the device was given to it */
	bool given_up;
	char last_end[96]; /* why the last one ended, or "" */
	uint64_t switches; /* of its threads, to count what a request costs */
	uint64_t messages, replies, interrupts;
};
void host_read_status(struct host *host, struct host_status *status);

/* Ends the host for breaking a rule: says so in the log with its driver's name, and goes on as for any end. Any context. */
void host_condemn(struct host *host, const char *format, ...) printf_like(2, 3);

/* --- For the classes (kernel/host/disk.c, display.c, ...): they are drivers to the kernel's class interfaces (ddk/disk.h ...), and pass
 * on what they are asked to the host. --- */

/* A message that is under way; embedded by who sends it. */
struct host_request {
	/* The host replied (its `result` and the slot's bytes are not to be trusted), or has ended (-EOWNERDEAD). Thread context, of
	 * whoever took the reply; no lock held. Called exactly once for each message that was sent. */
	void (*done)(struct host_request *request, int error, uint64_t result);
	unsigned slot; /* host's */
};

/* Fills in the slot and puts the message into the ring; `bytes` (at most sizeof the slot) are copied into the slot, segments are such
 * bytes. The host is woken if `wake`; otherwise by the next message. Any context, no lock of rank >= RANK_HOST. -EAGAIN (no slot is free:
 * see host_slots_freed), -ENODEV (the host has ended). */
int must_check host_send(struct host *host, struct host_request *request,
			 const struct host_message *message, const void *bytes, size_t length,
			 bool wake);
/* The bytes of a slot, which are its request's until `done` returns. The host may change them at any time. */
const void *host_slot(struct host *host, unsigned slot);
/* Sends and waits for the reply; `copy`: up to `length` bytes of the slot after it. The host is condemned if that takes longer than
 * `timeout_ns`. Thread context. What the driver replied; -ENODEV. */
int must_check host_ask(struct host *host, const struct host_message *message, const void *bytes,
			size_t length, void *copy, size_t copy_length, uint64_t *result,
			uint64_t timeout_ns);

/* Objects of the classes, by number. */
enum host_object_kind {
	HOST_OBJECT_DISK = 1,
	HOST_OBJECT_DISPLAY,
	HOST_OBJECT_INPUT,
	HOST_OBJECT_NET,
	HOST_OBJECT_STREAM,
	HOST_OBJECT_SERIAL
};
struct host_object {
	enum host_object_kind kind;
	struct host *host;
	/* The host has ended: completes what it has (so that it is tried again), and removes itself from its class, which keeps the
	 * place for the driver's next object of the same kind (see device_handover_begin()). Thread context, no lock held. */
	void (*ended)(struct host_object *object);
	/* A slot became free after -EAGAIN. Any context of `done`. May be NULL. */
	void (*slots_freed)(struct host_object *object);
	uint32_t number; /* host's, and all below */
	struct list_node node;
	struct refcount references; /* the host's table; who looked it up */
	void (*release)(struct host_object *object);
};
int must_check host_object_add(struct host *host,
			       struct host_object *object); /* -ENOSPC: more than 64 */
/* Of that kind, with a reference; NULL. */
struct host_object *host_object_find(struct host *host, uint32_t number,
				     enum host_object_kind kind);
/* Out of the table, with its reference. */
void host_object_remove(struct host_object *object);
void host_object_put(struct host_object *object);

/* What the host has mapped at [address, address + length): of its DMA memory, or of a region of its device; for those who show it to others
 * (frame buffers). Kernel addresses; DMA memory stays until host_memory_put(). NULL: it is neither, or too short. */
struct host_memory;
void *host_memory_get(struct host *host, uintptr_t address, size_t length,
		      struct host_memory **memory);
void host_memory_put(struct host_memory *memory);

/* The calls of the classes: numbers within its range, arguments as they came. The result. In the host's thread. */
long host_disk_call(struct host *host, unsigned call, const uint64_t arguments[6]);
long host_display_call(struct host *host, unsigned call, const uint64_t arguments[6]);
long host_input_call(struct host *host, unsigned call, const uint64_t arguments[6]);
long host_net_call(struct host *host, unsigned call, const uint64_t arguments[6]);
long host_stream_call(struct host *host, unsigned call, const uint64_t arguments[6]);
long host_serial_call(struct host *host, unsigned call, const uint64_t arguments[6]);
