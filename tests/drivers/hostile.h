/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the hostile driver (hostile.c) share. */
#pragma once

#include <base/errno.h>
#include <base/string.h>
#include <ddk/disk.h>
#include <ddk/dma.h>
#include <ddk/io.h>
#include <ddk/irq.h>
#include <ddk/log.h>
#include <ddk/memory.h>
#include <ddk/parameter.h>
#include <ddk/pci.h>
#include <ddk/sync.h>
#include <ddk/timer.h>
#include <ddk/work.h>
#include <native/driver_host.h>

/* QEMU's edu device: docs/ddk.md. */
enum edu_register {
	EDU_IRQ_STATUS = 0x24,
	EDU_IRQ_RAISE = 0x60,
	EDU_IRQ_ACKNOWLEDGE = 0x64,
	EDU_DMA_SOURCE = 0x80,
	EDU_DMA_DESTINATION = 0x88,
	EDU_DMA_COUNT = 0x90,
	EDU_DMA_COMMAND = 0x98,
};

#define EDU_DMA_RUN       0x1
#define EDU_DMA_TO_MEMORY 0x2
#define EDU_MEMORY        0x40000
#define EDU_MEMORY_SIZE   4096

#define KERNEL_ADDRESS 0xffffffff80000000ull

struct hostile {
	struct device *device;
	struct ddk_region registers;
	struct ddk_disk *disk;
	struct ddk_work work;
	const struct misdeed *misdeed;
	struct ddk_disk_request *kept;
};

enum misdeed_place { IN_PROBE, IN_SUBMIT, IN_INTERRUPT, IN_WORK, IN_TIMED_OUT, IN_REMOVE };

/* What it does, and where; `request` in IN_SUBMIT. In IN_PROBE what it returns is that of probe. */
struct misdeed {
	const char *name;
	enum misdeed_place place;
	int (*commit)(struct hostile *hostile, struct ddk_disk_request *request);
};

/* Tables that end with a name that is NULL. */
extern const struct misdeed process_misdeeds[], memory_misdeeds[], device_misdeeds[],
	class_misdeeds[], wait_misdeeds[];

/* What should have been refused was not: the session looks for it in the log. */
#define reached(hostile, ...) ddk_error((hostile)->device, "REACHED " __VA_ARGS__)

/* A system call, whosever it is. */
static inline long raw_call(uint64_t number, uint64_t a, uint64_t b, uint64_t c, uint64_t d,
			    uint64_t e, uint64_t f)
{
	register uint64_t r10 __asm__("r10") = d;
	register uint64_t r8 __asm__("r8") = e;
	register uint64_t r9 __asm__("r9") = f;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
}

static inline uint64_t address_of(const void *pointer)
{
	return (uint64_t)(uintptr_t)pointer;
}

/* An address of which the compiler knows nothing. */
static inline void *hide_address(uint64_t address)
{
	__asm__("" : "+r"(address));
	return (void *)(uintptr_t)address;
}

static inline void loop_for_ever(void)
{
	for (;;)
		__asm__ volatile("pause");
}
