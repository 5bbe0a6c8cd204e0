/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The driver kit on the host, for tests of drivers: one device whose registers and
 * configuration are the test's, in one thread.
 *
 * All regions of the device are reached through the test's functions, whatever they are on the
 * machine. Interrupts are raised with mock_raise() and delivered when nobody holds a lock:
 * while the driver waits, or in mock_run(). Time is virtual: it passes only while the driver
 * waits, and in mock_run_for(). Wrong use of locks, and what is left over at the end (memory,
 * mappings, interrupts, timers, work), fail the test.
 *
 * disk.h has the class of disks, display.h that of displays. With MOCK_LOG in the environment the driver's log is shown.
 */
#pragma once

#include <base/list.h>
#include <ddk/dma.h>
#include <ddk/driver.h>
#include <ddk/input.h>
#include <ddk/irq.h>
#include <ddk/monitor.h>
#include <ddk/pci.h>
#include <ddk/stream.h>

#define MOCK_BAR_COUNT 6
#define MOCK_IRQ_COUNT 32

struct device {
	void *state; /* the driver's */
	uint8_t config[256];
	size_t bar_sizes[MOCK_BAR_COUNT]; /* of any size; 0: no such BAR */
	void *context;                    /* the test's */
	uint32_t (*read)(struct device *device, unsigned bar, size_t offset, size_t size);
	void (*write)(struct device *device, unsigned bar, size_t offset, size_t size,
		      uint32_t value);
	bool bus_master;
	ddk_irq_handler *handlers[MOCK_IRQ_COUNT];
	void *handler_contexts[MOCK_IRQ_COUNT];
	bool raised[MOCK_IRQ_COUNT];
	unsigned irq_count;                /* what the driver is told; 0: MOCK_IRQ_COUNT */
	unsigned irq_cpus[MOCK_IRQ_COUNT]; /* where they were directed to */
	unsigned cpu_count;                /* 0: one */
	bool gone;                         /* pulled out: configuration reads as ones */
	/* The reset of the function: 0 or an error; NULL: it has none. */
	int (*reset)(struct device *device);
	unsigned resets;  /* how often it was asked for */
	int fail_after;   /* that many allocations succeed, then one fails; negative: all do */
	uint64_t preempt; /* a seed: interrupts and timers also come where locks are taken and
			   * given back and registers touched, now and then; 0: not */
	/* The virtual machine's monitor; NULL: there is none. */
	void (*monitor)(enum ddk_monitor_command command, uint32_t argument,
			struct ddk_monitor_reply *reply);
	uint64_t register_reads, register_writes, irqs_delivered; /* counted */
};

/* Something that the device does later, whatever the driver does then (it may hold a lock and
 * poll). Zero before its first use, but for `happen`. */
struct mock_event {
	void (*happen)(struct mock_event *event);
	void *context; /* the test's */
	struct list_node node;
	uint64_t at;
};

/* What the class would have made of a stream. */
struct ddk_stream {
	struct list_node node; /* in mock_streams */
	const struct ddk_stream_ops *ops;
	void *context;
	char name[DDK_STREAM_NAME_MAX];
	bool connected;
	struct list received;
	struct ddk_stream_buffer buffer; /* for sending */
	bool sending;
};

extern struct list mock_streams;

/* A keyboard or pointer: what it reported last, and how often. */
struct ddk_input {
	const struct ddk_input_ops *ops;
	void *context;
	unsigned reports;
	unsigned key;
	bool down;
	int right, moved_down, wheel;
	unsigned across, place_down;
	unsigned resumed; /* how often it woke */
};

/* Starts afresh with this device, the only one there is. */
void mock_start(struct device *device);
/* Fails the test if anything that was acquired has not been released. */
void mock_finish(void);
/* That device. */
struct device *mock_device(void);
void mock_raise(unsigned irq);
/* Delivers interrupts, lets timers expire and runs work until there is nothing left to do now. */
void mock_run(void);
/* The same while so much time passes. */
void mock_run_for(uint64_t duration_ns);
void mock_event_schedule(struct mock_event *event, uint64_t after_ns);
void mock_event_cancel(struct mock_event *event);
/* DMA memory of the test's own, which never fails; freed with ddk_dma_free(). */
void mock_dma_allocate(size_t size, bool low, struct ddk_dma *dma);
/* The memory that the device sees at an address; the test fails if it is not DMA memory. */
void *mock_dma(uint64_t address, size_t length);
/* True if it is, without failing. */
bool mock_dma_is_valid(uint64_t address, size_t length);
