/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The order of boot, in one place. Everything the kernel starts is started from here.
 */
#include "memory.h"
#include "nodes.h"

#include <acpi/acpi.h>
#include <acpi/iommu.h>
#include <acpi/located.h>
#include <acpi/namespace.h>
#include <acpi/sleep.h>
#include <arch/boot.h>
#include <arch/cpu.h>
#include <arch/mmu.h>
#include <arch/platform.h>
#include <base/string.h>
#include <block/disk.h>
#include <cache/page_cache.h>
#include <compositor/compositor.h>
#include <core/command_line.h>
#include <core/ktest.h>
#include <core/log.h>
#include <core/panic.h>
#include <desktop/desktop.h>
#include <dev/dev.h>
#include <display/display.h>
#include <fs/fs.h>
#include <fs/mount.h>
#include <gfx/console.h>
#include <gfx/framebuffer.h>
#include <input/input.h>
#include <iommu/iommu.h>
#include <mm/phys/frame.h>
#include <mm/phys/kernel_map.h>
#include <mm/phys/slab.h>
#include <mm/vm/aspace.h>
#include <native/boot_info.h>
#include <power/power.h>
#include <proc/process.h>
#include <sched/futex.h>
#include <sched/provoke.h>
#include <sched/thread.h>
#include <sched/work.h>
#include <scheme/random.h>
#include <scheme/scheme.h>
#include <time/clock.h>
#include <time/timer.h>
#include <tty/tty.h>

/* What outlives the loader's memory. */
static struct boot_info boot_info;
static struct platform platform;

#define DISKS_PATIENCE_NS (10 * NS_PER_SECOND)

static bool root_is_mounted; /* that of the command line, instead of the initramfs */

static void write_debug(struct log_sink *sink, const char *text, size_t length)
{
	(void)sink;
	arch_debug_write(text, length);
}

static struct log_sink debug_sink = { .write = write_debug, .max_level = LOG_INFO };

static void copy_boot_info(const struct boot_info *info)
{
	boot_info = *info;
	if (info->command_line)
		command_line_set(phys_to_virt(info->command_line), info->command_line_size);
	debug_sink.max_level = (enum log_level)command_line_get_u64("loglevel", LOG_INFO);
	log_add_sink(&debug_sink);
	log_notice("boot", "CryptOS, loaded by %.*s", (int)sizeof(boot_info.loader) - 1,
		   boot_info.loader);
	log_info("boot", "command line: %s", command_line_text());
}

static void start_memory(void)
{
	struct frame_statistics statistics;

	boot_memory_init(&boot_info);
	slab_init();
	frame_read_statistics(&statistics);
	log_info("memory", "%lu MiB, %lu MiB free", statistics.total >> 8, statistics.free >> 8);
}

static void start_cpus(void)
{
	acpi_read_platform(command_line_get_u64("acpi_rsdp", boot_info.rsdp), &platform);
	nodes_start();
	acpi_read_iommu();
	acpi_locate();
	acpi_power_init();
	arch_set_firmware_power(acpi_reset, acpi_soft_off);
	arch_platform_init(&platform);
	clock_init();
	timers_init();
	sched_init();
	arch_irq_enable();
	arch_smp_start();
	nodes_add_cpus();
	frame_init_caches();
	slab_init_magazines();
	log_info("smp", "%u CPUs run", cpu_count());
}

/* Puts the console on the loader's frame buffer, if there is one, or on what drivers find later. */
static void start_screen(void)
{
	const struct boot_framebuffer *from = &boot_info.framebuffer;
	struct framebuffer framebuffer = {
		.width = from->width,
		.height = from->height,
		.stride = from->stride,
		.red_first = from->format == BOOT_PIXEL_RGBX,
	};

	display_init();
	if (console_start())
		log_error("boot", "no console on any screen");
	if (from->format != BOOT_PIXEL_BGRX && from->format != BOOT_PIXEL_RGBX)
		return;
	if (display_add_firmware(&framebuffer, from->base, from->size))
		log_error("boot", "firmware's frame buffer cannot be used");
}

/* Runs in a thread, with all CPUs up: what may sleep. */
static void start_services(void)
{
	work_start();
	futex_init();
	aspace_init();
	random_init(boot_info.seed, sizeof(boot_info.seed));
	compositor_init();
	if (boot_info.initramfs)
		initramfs_set(phys_to_virt(boot_info.initramfs), boot_info.initramfs_size);
	start_screen();
	process_init();
	tty_init();
	if (console_add_terminal())
		log_error("boot", "no memory for the console's terminal");
	block_start();
	cache_start();
	schemes_start();
	devices_prepare(&platform);
	acpi_start();
	iommu_start();
	devices_start(&platform, &boot_info);
	power_start();
}

static _Noreturn void run_self_tests(void)
{
	char subsystem[32];
	bool one = command_line_get("ktest", subsystem, sizeof(subsystem));

	ktest_run(one ? subsystem : NULL, slab_check_freed);
	arch_power_off();
	panic("this machine cannot be switched off");
}

/* Disks that drivers have found are looked at before the first program starts, so that it finds what
 * is on them; one that does not answer is not waited for. */
static void settle(void)
{
	if (!work_settle(clock_deadline_after(DISKS_PATIENCE_NS)))
		log_warning("boot", "goes on, although not all disks have answered");
}

static void start_first_process(void)
{
	static const char *const environment[] = { "HOME=/", "TERM=linux", NULL };
	char path[256] = "/sbin/init";
	const char *arguments[] = { path, NULL };
	int error;

	command_line_get("init", path, sizeof(path));
	if (!boot_info.initramfs && !root_is_mounted)
		panic("the loader gave no initramfs: there is no %s to start", path);
	if (initramfs_status() && !root_is_mounted)
		panic("the initramfs is damaged (error %d): cannot start %s", -initramfs_status(),
		      path);
	error = process_start_first(path, arguments, environment);
	if (error)
		panic("cannot start %s: error %d", path, -error);
	log_info("boot", "first user instruction at %lu us",
		 (unsigned long)(clock_monotonic_ns() / NS_PER_MICROSECOND));
}

static void start_user_space(void *unused)
{
	(void)unused;
	start_services();
	boot_memory_reclaim(&boot_info);
	if (CONFIG_DEBUG)
		provoke_start();
	if (command_line_has("ktest"))
		run_self_tests();
	settle();
	root_is_mounted = root_mount();
	input_start_user_layout();
	desktop_start();
	start_first_process();
	if (compositor_run(&desktop_host))
		log_info("boot", "there is no desktop");
}

_Noreturn void kernel_main(const struct boot_info *info)
{
	copy_boot_info(info);
	start_memory();
	start_cpus();
	if (thread_spawn("boot", start_user_space, NULL))
		panic("no memory for the first thread");
	sched_idle();
}
