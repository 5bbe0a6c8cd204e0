/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Leaving the firmware and entering the kernel (handover.h). */
#include "handover.h"

#include "console.h"
#include "identity_map.h"
#include "memory_map.h"

#include <base/string.h>

#define LOADER_NAME       "cryptos-uefi"
#define STACK_SIZE        (16 * 1024)
#define SPARE_DESCRIPTORS 64 /* the map grows between its measuring and its last reading */
#define LEAVE_TRIES       8
#define CR4_LA57          (1ull << 12)

struct firmware_map {
	struct memory_descriptors descriptors;
	UINTN key;
};

static EFI_STATUS read_map(const struct handover *handover, struct firmware_map *map)
{
	UINTN size = handover->descriptors_size;
	UINTN stride = 0;
	UINT32 version = 0;
	EFI_STATUS status = firmware.boot->GetMemoryMap(&size, pointer_from(handover->descriptors),
							&map->key, &stride, &version);

	if (EFI_ERROR(status))
		return status;
	if (stride < sizeof(EFI_MEMORY_DESCRIPTOR) || stride % _Alignof(uint64_t) != 0)
		return EFI_INCOMPATIBLE_VERSION;
	map->descriptors = (struct memory_descriptors){
		.first = pointer_from(handover->descriptors),
		.count = size / stride,
		.stride = stride,
	};
	return EFI_SUCCESS;
}

static EFI_STATUS allocate_map(struct handover *handover)
{
	UINTN size = 0, key, stride = 0;
	UINT32 version;
	EFI_STATUS status = firmware.boot->GetMemoryMap(&size, NULL, &key, &stride, &version);
	uint64_t count;

	if (status != EFI_BUFFER_TOO_SMALL || stride < sizeof(EFI_MEMORY_DESCRIPTOR)) {
		console_print("the firmware has no memory map\n");
		return EFI_DEVICE_ERROR;
	}
	count = size / stride + SPARE_DESCRIPTORS;
	handover->descriptors_size = count * stride;
	status = firmware_allocate(handover->descriptors_size, &handover->descriptors);
	if (!EFI_ERROR(status))
		status = firmware_allocate(2 * count * sizeof(uint64_t), &handover->boundaries);
	if (!EFI_ERROR(status))
		status = firmware_allocate(2 * count * sizeof(struct boot_memory_range),
					   &handover->ranges);
	return status;
}

/* The processor keeps the number of levels that the firmware chose as long as paging is on. */
static unsigned paging_levels(void)
{
	uint64_t cr4;

	__asm__ volatile("mov %%cr4, %0" : "=r"(cr4));
	return cr4 & CR4_LA57 ? 5 : 4;
}

static EFI_STATUS build_page_tables(struct handover *handover)
{
	unsigned levels = paging_levels();
	struct firmware_map map;
	EFI_STATUS status = read_map(handover, &map);
	uint64_t tables, gib;

	if (EFI_ERROR(status)) {
		console_print("the firmware's memory map cannot be read\n");
		return status;
	}
	gib = identity_map_gib(memory_map_end(&map.descriptors));
	status = firmware_allocate(identity_map_size(gib, levels), &tables);
	if (!EFI_ERROR(status))
		handover->page_tables = identity_map_build(pointer_from(tables), gib, levels);
	return status;
}

EFI_STATUS handover_prepare(struct handover *handover)
{
	uint64_t info, stack;
	EFI_STATUS status;

	memset(handover, 0, sizeof(*handover));
	status = firmware_allocate(sizeof(struct boot_info), &info);
	if (EFI_ERROR(status))
		return status;
	status = firmware_allocate(STACK_SIZE, &stack);
	if (EFI_ERROR(status))
		return status;
	status = allocate_map(handover);
	if (EFI_ERROR(status))
		return status;

	handover->stack_top = stack + STACK_SIZE;
	handover->info = pointer_from(info);
	handover->info->magic = BOOT_INFO_MAGIC;
	handover->info->version = BOOT_INFO_VERSION;
	handover->info->size = sizeof(*handover->info);
	string_copy(handover->info->loader, LOADER_NAME, sizeof(handover->info->loader));
	return build_page_tables(handover);
}

/* Every call of the firmware may change the map and make its key stale. The specification
 * then asks to read the map and try again, and to call nothing else meanwhile. */
static EFI_STATUS exit_boot_services(const struct handover *handover, struct firmware_map *map)
{
	EFI_STATUS status = EFI_INVALID_PARAMETER;

	for (int i = 0; i < LEAVE_TRIES && status == EFI_INVALID_PARAMETER; i++) {
		status = read_map(handover, map);
		if (!EFI_ERROR(status))
			status = firmware.boot->ExitBootServices(firmware.image, map->key);
	}
	return status;
}

/* Enters `entry` as if it had been called with `info` (System V ABI), interrupts off. */
static void __attribute__((noreturn))
enter_kernel(const struct boot_info *info, uint64_t entry, uint64_t page_tables, uint64_t stack_top)
{
	__asm__ volatile(
		"cli\n\t"
		"cld\n\t"
		"mov %[tables], %%cr3\n\t"
		"mov %[stack], %%rsp\n\t"
		"xor %%ebp, %%ebp\n\t"
		"push $0\n\t" /* a return address for backtraces to end at */
		"jmp *%[entry]"
		:
		: "D"(info), [entry] "a"(entry), [tables] "b"(page_tables), [stack] "c"(stack_top)
		: "memory");
	__builtin_unreachable();
}

EFI_STATUS handover_leave(struct handover *handover, uint64_t entry)
{
	struct firmware_map map;
	EFI_STATUS status = exit_boot_services(handover, &map);

	if (EFI_ERROR(status)) {
		console_print("the firmware will not end its boot services\n");
		return status;
	}
	/* From here on there is no firmware to call. */
	handover->info->memory_map = handover->ranges;
	handover->info->memory_map_count =
		memory_map_translate(&map.descriptors, pointer_from(handover->boundaries),
				     pointer_from(handover->ranges));
	enter_kernel(handover->info, entry, handover->page_tables, handover->stack_top);
}
