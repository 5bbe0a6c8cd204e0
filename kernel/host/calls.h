/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The calls of hosts (abi/native/driver_host.h), each a function of its host and its six arguments. Private to
 * kernel/host.
 */
#pragma once

#include "host_priv.h"

typedef long host_call_handler(struct host *host, const uint64_t arguments[6]);

/* calls_process.c */
host_call_handler host_call_exit, host_call_log, host_call_time, host_call_random;
/* calls_memory.c */
host_call_handler host_call_memory_map, host_call_memory_unmap, host_call_memory_protect,
	host_call_seal;
/* calls_thread.c */
host_call_handler host_call_thread_start, host_call_thread_exit, host_call_futex_wait,
	host_call_futex_wake;
/* calls_device.c */
host_call_handler host_call_describe, host_call_parameter, host_call_port_read,
	host_call_port_write, host_call_config_read, host_call_config_write, host_call_bus_master,
	host_call_pci_reset, host_call_pci_present, host_call_monitor;
/* region.c, dma.c, interrupt.c */
host_call_handler host_call_region_map, host_call_region_unmap;
host_call_handler host_call_dma_allocate, host_call_dma_buffer, host_call_dma_address,
	host_call_dma_free;
host_call_handler host_call_irq_connect, host_call_irq_disconnect, host_call_irq_direct;
/* wait.c */
host_call_handler host_call_channel, host_call_wait, host_call_reply, host_call_wake;

/* classes.c: a call of a class. False: there is no such class. */
bool host_class_call(struct host *host, uint64_t call, const uint64_t arguments[6], long *result);

/* Of the current thread, which is one of a host's: where its driver's object is mapped. */
uintptr_t host_current_object(void);
/* The personality's: the last thread of the process has left. */
void host_process_left(struct process *process);

/* Copies a text of at most HOST_TEXT_MAX - 1 bytes, cut and terminated, without what is not printable. -EFAULT. */
int must_check host_copy_text(char text[HOST_TEXT_MAX], uint64_t address, uint64_t length);
