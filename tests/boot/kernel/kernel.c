/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A kernel that checks what the loader hands over, reports on the first serial port in lines
 * that begin with "boot-check", and ends QEMU through its isa-debug-exit device.
 *
 * It is built position independent and relocates nothing, so it holds no pointer in its data.
 */
#include <base/types.h>
#include <native/boot_info.h>

#define SERIAL_DATA      0x3f8
#define SERIAL_STATUS    (SERIAL_DATA + 5)
#define SERIAL_CAN_SEND  0x20
#define DEBUG_EXIT       0xf4
#define FLAGS_INTERRUPTS 0x200
#define FLAGS_DIRECTION  0x400
#define KERNEL_ALIGNMENT (2u << 20)
#define PAGE             4096u
#define ENTRY_ADDRESS    0x000ffffffffff000ull
#define BSS_WORDS        16384
#define DATA_WORD        0x1122334455667788ull
#define SMALLEST_MEMORY  (64ull << 20)
#define RSDP_V1_SIZE     20
#define RSDP_SIGNATURE   0x2052545020445352ull /* "RSD PTR " */

void kernel_main(const struct boot_info *info, uint64_t flags, uint64_t stack);

static uint64_t bss[BSS_WORDS];
static volatile uint64_t data = DATA_WORD;
static unsigned failures;

static void port_write(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static uint8_t port_read(uint16_t port)
{
	uint8_t value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static void put_char(char c)
{
	while (!(port_read(SERIAL_STATUS) & SERIAL_CAN_SEND))
		;
	port_write(SERIAL_DATA, (uint8_t)c);
}

static void put_text(const char *text)
{
	while (*text)
		put_char(*text++);
}

static void put_number(uint64_t value)
{
	char digits[20];
	unsigned count = 0;

	do {
		digits[count++] = (char)('0' + value % 10);
		value /= 10;
	} while (value > 0);
	while (count > 0)
		put_char(digits[--count]);
}

static void report(const char *what, uint64_t value)
{
	put_text("boot-check ");
	put_text(what);
	put_char(' ');
	put_number(value);
	put_char('\n');
}

static void check(bool good, const char *what)
{
	if (good)
		return;
	failures++;
	put_text("boot-check FAILED ");
	put_text(what);
	put_char('\n');
}

static const void *memory_at(uint64_t address)
{
	return (const void *)(uintptr_t)address;
}

/* The kind of the range that holds all of [base, base + size), or 0. */
static uint32_t kind_of(const struct boot_info *info, uint64_t base, uint64_t size)
{
	const struct boot_memory_range *ranges = memory_at(info->memory_map);

	for (uint32_t i = 0; i < info->memory_map_count; i++)
		if (base >= ranges[i].base && base - ranges[i].base < ranges[i].length &&
		    size <= ranges[i].length - (base - ranges[i].base))
			return ranges[i].kind;
	return 0;
}

static bool in_loader_memory(const struct boot_info *info, uint64_t base, uint64_t size)
{
	return kind_of(info, base, size) == BOOT_MEMORY_LOADER;
}

static void check_memory_map(const struct boot_info *info)
{
	const struct boot_memory_range *ranges = memory_at(info->memory_map);
	uint64_t usable = 0, end = 0;
	uint32_t last_kind = 0;

	for (uint32_t i = 0; i < info->memory_map_count; i++) {
		const struct boot_memory_range *range = &ranges[i];

		check(range->base % PAGE == 0 && range->length % PAGE == 0, "range alignment");
		check(range->length > 0 && range->base + range->length > range->base,
		      "range length");
		check(range->base >= end, "ranges sorted and apart");
		check(range->base > end || range->kind != last_kind || i == 0, "ranges merged");
		check(range->kind >= BOOT_MEMORY_USABLE && range->kind <= BOOT_MEMORY_RESERVED,
		      "range kind");
		check(range->reserved == 0, "range padding");
		end = range->base + range->length;
		last_kind = range->kind;
		if (range->kind == BOOT_MEMORY_USABLE)
			usable += range->length;
	}
	check(usable >= SMALLEST_MEMORY, "enough usable memory");
	report("usable-mib", usable >> 20);
	check(in_loader_memory(info, info->memory_map, info->memory_map_count * sizeof(*ranges)),
	      "memory map's memory");
}

static uint64_t sum_bytes(uint64_t base, uint64_t size)
{
	const uint8_t *bytes = memory_at(base);
	uint64_t sum = 0;

	for (uint64_t i = 0; i < size; i++)
		sum += bytes[i];
	return sum;
}

static void check_placement(const struct boot_info *info)
{
	uint64_t here = (uintptr_t)bss;
	bool clear = true;

	check(info->kernel_base % KERNEL_ALIGNMENT == 0, "kernel alignment");
	check(info->kernel_base < 1ull << 32, "kernel below 4 GiB");
	check(info->kernel_size > 0 && info->kernel_size % PAGE == 0, "kernel size");
	check(here >= info->kernel_base &&
		      here + sizeof(bss) <= info->kernel_base + info->kernel_size,
	      "kernel's extent");
	check(in_loader_memory(info, info->kernel_base, info->kernel_size), "kernel's memory");
	for (size_t i = 0; i < BSS_WORDS; i++)
		clear = clear && bss[i] == 0;
	check(clear, "bss is zero");
	check(data == DATA_WORD, "data");
	data = 0;
	check(data == 0, "data is writable");
}

static void check_files(const struct boot_info *info)
{
	const char *text = memory_at(info->command_line);

	if (info->initramfs) {
		check(info->initramfs % PAGE == 0, "initramfs alignment");
		check(in_loader_memory(info, info->initramfs, info->initramfs_size),
		      "initramfs's memory");
	} else {
		check(info->initramfs_size == 0, "no initramfs, no size");
	}
	report("initramfs-size", info->initramfs_size);
	report("initramfs-sum", sum_bytes(info->initramfs, info->initramfs_size));

	if (info->command_line)
		check(info->command_line_size > 0 &&
			      in_loader_memory(info, info->command_line, info->command_line_size),
		      "command line's memory");
	else
		check(info->command_line_size == 0, "no command line, no size");
	put_text("boot-check cmdline [");
	for (uint64_t i = 0; i < info->command_line_size; i++)
		put_char(text[i]);
	put_text("]\n");
}

static void check_firmware(const struct boot_info *info)
{
	const uint64_t *seed = (const void *)info->seed;

	check(info->rsdp != 0, "rsdp");
	if (info->rsdp) {
		check(*(const uint64_t *)memory_at(info->rsdp) == RSDP_SIGNATURE, "rsdp signature");
		check(sum_bytes(info->rsdp, RSDP_V1_SIZE) % 256 == 0, "rsdp checksum");
		check(kind_of(info, info->rsdp, RSDP_V1_SIZE) >= BOOT_MEMORY_LOADER,
		      "rsdp's memory");
	}
	check(seed[0] && seed[1] && seed[2] && seed[3], "seed");
	report("seed", seed[0] ^ seed[1] ^ seed[2] ^ seed[3]);
}

static void check_framebuffer(const struct boot_info *info)
{
	const struct boot_framebuffer *screen = &info->framebuffer;
	volatile uint32_t *pixels = (void *)(uintptr_t)screen->base;

	report("screen-format", screen->format);
	report("screen-width", screen->width);
	report("screen-height", screen->height);
	if (screen->format == BOOT_PIXEL_NONE) {
		check(screen->base == 0 && screen->size == 0, "no screen, no memory");
		return;
	}
	check(screen->format <= BOOT_PIXEL_RGBX, "screen format");
	check(screen->stride >= screen->width * 4, "screen stride");
	check(screen->size >= (uint64_t)screen->stride * screen->height, "screen size");
	check(kind_of(info, screen->base, PAGE) != BOOT_MEMORY_USABLE, "screen's memory");
	pixels[screen->size / 4 - 1] = 0x00a0b0c0;
	check((pixels[screen->size / 4 - 1] & 0xffffff) == 0xa0b0c0, "screen takes pixels");
}

static void check_processor(const struct boot_info *info, uint64_t flags, uint64_t stack)
{
	uint64_t tables;

	__asm__ volatile("mov %%cr3, %0" : "=r"(tables));
	check(!(flags & FLAGS_INTERRUPTS), "interrupts are off");
	check(!(flags & FLAGS_DIRECTION), "direction flag is clear");
	check(stack % 16 == 8, "stack alignment");
	check(in_loader_memory(info, stack - 64, 64), "stack's memory");
	check(in_loader_memory(info, tables & ENTRY_ADDRESS, PAGE), "page tables' memory");
}

void kernel_main(const struct boot_info *info, uint64_t flags, uint64_t stack)
{
	put_text("\nboot-check entered\n");
	check(info->magic == BOOT_INFO_MAGIC, "magic");
	check(info->version == BOOT_INFO_VERSION, "version");
	check(info->size == sizeof(*info), "size");
	check(info->reserved == 0, "padding");
	check(in_loader_memory(info, (uintptr_t)info, sizeof(*info)), "boot_info's memory");
	check(info->loader[0] && !info->loader[sizeof(info->loader) - 1], "loader's name");
	check_processor(info, flags, stack);
	check_memory_map(info);
	check_placement(info);
	check_files(info);
	check_firmware(info);
	check_framebuffer(info);
	report("failures", failures);
	put_text("boot-check done\n");
	port_write(DEBUG_EXIT, failures > 0);
}
