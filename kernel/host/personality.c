/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The personality of hosts: the calls of abi/native/driver_host.h and no others. No program can ask for it: it is not in
 * the table of personalities.
 */
#include "calls.h"

#include <arch/thread.h>
#include <base/errno.h>
#include <proc/personality.h>
#include <proc/process.h>

#define CALLS(table, call, base) \
	((call) - (base) < array_length(table) ? (table)[(call) - (base)] : NULL)

static host_call_handler *const process_calls[] = {
	[HOST_EXIT - HOST_EXIT] = host_call_exit,
	[HOST_LOG - HOST_EXIT] = host_call_log,
	[HOST_TIME - HOST_EXIT] = host_call_time,
	[HOST_RANDOM - HOST_EXIT] = host_call_random,
	[HOST_MEMORY_MAP - HOST_EXIT] = host_call_memory_map,
	[HOST_MEMORY_UNMAP - HOST_EXIT] = host_call_memory_unmap,
	[HOST_MEMORY_PROTECT - HOST_EXIT] = host_call_memory_protect,
	[HOST_SEAL - HOST_EXIT] = host_call_seal,
	[HOST_THREAD_START - HOST_EXIT] = host_call_thread_start,
	[HOST_THREAD_EXIT - HOST_EXIT] = host_call_thread_exit,
	[HOST_FUTEX_WAIT - HOST_EXIT] = host_call_futex_wait,
	[HOST_FUTEX_WAKE - HOST_EXIT] = host_call_futex_wake,
};

static host_call_handler *const device_calls[] = {
	[HOST_DESCRIBE - HOST_DESCRIBE] = host_call_describe,
	[HOST_PARAMETER - HOST_DESCRIBE] = host_call_parameter,
	[HOST_REGION_MAP - HOST_DESCRIBE] = host_call_region_map,
	[HOST_REGION_UNMAP - HOST_DESCRIBE] = host_call_region_unmap,
	[HOST_PORT_READ - HOST_DESCRIBE] = host_call_port_read,
	[HOST_PORT_WRITE - HOST_DESCRIBE] = host_call_port_write,
	[HOST_CONFIG_READ - HOST_DESCRIBE] = host_call_config_read,
	[HOST_CONFIG_WRITE - HOST_DESCRIBE] = host_call_config_write,
	[HOST_BUS_MASTER - HOST_DESCRIBE] = host_call_bus_master,
	[HOST_PCI_RESET - HOST_DESCRIBE] = host_call_pci_reset,
	[HOST_PCI_PRESENT - HOST_DESCRIBE] = host_call_pci_present,
	[HOST_DMA_ALLOCATE - HOST_DESCRIBE] = host_call_dma_allocate,
	[HOST_DMA_BUFFER - HOST_DESCRIBE] = host_call_dma_buffer,
	[HOST_DMA_ADDRESS - HOST_DESCRIBE] = host_call_dma_address,
	[HOST_DMA_FREE - HOST_DESCRIBE] = host_call_dma_free,
	[HOST_IRQ_CONNECT - HOST_DESCRIBE] = host_call_irq_connect,
	[HOST_IRQ_DISCONNECT - HOST_DESCRIBE] = host_call_irq_disconnect,
	[HOST_IRQ_DIRECT - HOST_DESCRIBE] = host_call_irq_direct,
	[HOST_MONITOR - HOST_DESCRIBE] = host_call_monitor,
};

static host_call_handler *const channel_calls[] = {
	[HOST_CHANNEL - HOST_CHANNEL] = host_call_channel,
	[HOST_WAIT - HOST_CHANNEL] = host_call_wait,
	[HOST_REPLY - HOST_CHANNEL] = host_call_reply,
	[HOST_WAKE - HOST_CHANNEL] = host_call_wake,
};

/* Those of the host itself. */
static host_call_handler *find_call(uint64_t call)
{
	host_call_handler *handler = CALLS(process_calls, call, HOST_EXIT);

	if (!handler)
		handler = CALLS(device_calls, call, HOST_DESCRIBE);
	if (!handler)
		handler = CALLS(channel_calls, call, HOST_CHANNEL);
	return handler;
}

static long serve(struct host *host, uint64_t call, const uint64_t arguments[6])
{
	host_call_handler *handler = find_call(call);
	long result = -ENOSYS;

	if (handler)
		result = handler(host, arguments);
	else if (!host_class_call(host, call, arguments, &result))
		host_condemn(host, "made system call %#lx", call);
	else
		host->work++;
	if (result == -EFAULT)
		host_condemn(host, "gave call %#lx memory that it does not have", call);
	return result;
}

static void serve_call(struct arch_registers *registers)
{
	struct host *host = host_current();
	uint64_t arguments[6];

	for (unsigned i = 0; i < array_length(arguments); i++)
		arguments[i] = arch_syscall_argument(registers, i);
	arch_set_result(registers, serve(host, arch_syscall_number(registers), arguments));
	/* It does not run on until the service's thread gets round to it. */
	if (host->condemned)
		process_exit(wait_status_killed(SIGKILL, false));
}

/* What a fault or a kill raises ends it; nothing stops it. */
static enum signal_default default_action(int signal)
{
	switch (signal) {
	case SIGKILL:
	case SIGSEGV:
	case SIGBUS:
	case SIGILL:
	case SIGFPE:
	case SIGTRAP:
	case SIGABRT:
	case SIGSYS:
		return SIGNAL_DEFAULT_TERMINATE;
	default:
		return SIGNAL_DEFAULT_IGNORE;
	}
}

const struct personality host_personality = {
	.name = "driver",
	.syscall = serve_call,
	.default_action = default_action,
	.leave = host_process_left,
	.fixed_layout = true,
};
