/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Physical memory for drivers: physalloc, physmap and their kin. */
#include "redox_test.h"

#define PAGES(count) ((count)*PAGE_SIZE)
#define READ_WRITE   (REDOX_PROT_READ | REDOX_PROT_WRITE)
#define TEXT_SCREEN  UINT64_C(0xb8000) /* where PCs have text, and no memory */
#define KERNEL       UINT64_C(0xffff800000000000)

static uint64_t allocate(uint64_t size)
{
	return (uint64_t)EXPECT_SUCCESS(syscall(physalloc, size));
}

static char *map_physical(uint64_t physical, uint64_t size, uint64_t flags)
{
	return (char *)EXPECT_SUCCESS(syscall(physmap, physical, size, flags));
}

TEST(physical, allocating)
{
	uint64_t first = allocate(PAGES(3)), second = allocate(1);

	EXPECT(first % PAGE_SIZE == 0 && second % PAGE_SIZE == 0);
	EXPECT(second >= first + PAGES(3) || second + PAGE_SIZE <= first);
	EXPECT_EQUAL(syscall(physfree, first, PAGES(3)), 0);
	EXPECT_ERROR(syscall(physfree, first, PAGES(3)), EINVAL);
	EXPECT_EQUAL(syscall(physfree, second, 1), 0);
	EXPECT_ERROR(syscall(physalloc, 0), EINVAL);
	EXPECT_ERROR(syscall(physalloc, UINT64_C(1) << 50), ENOMEM);
	EXPECT_ERROR(syscall(physalloc, UINT64_MAX), ENOMEM);
}

/* Nothing goes that nobody was given. */
TEST(physical, freeing_what_is_not_ours)
{
	uint64_t block = allocate(PAGES(2));

	EXPECT_ERROR(syscall(physfree, block, PAGES(3000)), EINVAL);
	EXPECT_ERROR(syscall(physfree, block + 1, PAGE_SIZE), EINVAL);
	EXPECT_ERROR(syscall(physfree, block, 0), EINVAL);
	EXPECT_ERROR(syscall(physfree, block, UINT64_MAX), EINVAL);
	EXPECT_ERROR(syscall(physfree, UINT64_MAX - PAGE_SIZE + 1, PAGES(2)), EINVAL);
	for (uint64_t physical = 0; physical < UINT64_C(64) << 20; physical += PAGES(7))
		EXPECT(physical - block < PAGES(2) ||
		       syscall(physfree, physical, PAGE_SIZE) == -EINVAL);
	/* In parts. */
	EXPECT_EQUAL(syscall(physfree, block + PAGE_SIZE, PAGE_SIZE), 0);
	EXPECT_ERROR(syscall(physfree, block, PAGES(2)), EINVAL);
	EXPECT_EQUAL(syscall(physfree, block, PAGE_SIZE), 0);
}

TEST(physical, allocating_with_flags)
{
	uint64_t given = PAGES(1) + 1, physical;

	physical =
		(uint64_t)EXPECT_SUCCESS(syscall(physalloc3, PAGES(1) + 1, REDOX_SPACE_32, &given));
	EXPECT_EQUAL(given, PAGES(2));
	EXPECT(physical < UINT64_C(1) << 32);
	EXPECT_EQUAL(syscall(physfree, physical, given), 0);
	EXPECT_ERROR(syscall(physalloc3, PAGE_SIZE, REDOX_SPACE_32 | REDOX_SPACE_64, &given),
		     EINVAL);
	EXPECT_ERROR(syscall(physalloc3, PAGE_SIZE, 8, &given), EINVAL);
	EXPECT_ERROR(syscall(physalloc3, PAGE_SIZE, REDOX_PARTIAL_ALLOC, &given), EINVAL);
	EXPECT_ERROR(syscall(physalloc3, PAGE_SIZE, 0, 8), EFAULT);
	EXPECT_ERROR(syscall(physalloc3, PAGE_SIZE, 0, KERNEL), EFAULT);
	given = PAGE_SIZE;
	physical = (uint64_t)EXPECT_SUCCESS(syscall(physalloc3, UINT64_C(1) << 30,
						    REDOX_PARTIAL_ALLOC | REDOX_PARTIAL_GREATEST,
						    &given));
	EXPECT(given >= PAGE_SIZE && given < UINT64_C(1) << 30 && given % PAGE_SIZE == 0);
	EXPECT_EQUAL(syscall(physfree, physical, given), 0);
}

TEST(physical, mapping)
{
	uint64_t physical = allocate(PAGES(2));
	char *memory = map_physical(physical, PAGES(2), REDOX_PHYSMAP_WRITE);
	char *again = map_physical(physical + PAGE_SIZE + 5, 1, 0);

	EXPECT_EQUAL(memory[0] | memory[PAGES(2) - 1], 0);
	EXPECT_EQUAL((uint64_t)again % PAGE_SIZE, 5);
	memory[PAGE_SIZE + 5] = 7;
	EXPECT_EQUAL(*again, 7);
	EXPECT_EQUAL(syscall(virttophys, memory + PAGE_SIZE + 9), physical + PAGE_SIZE + 9);
	EXPECT_ERROR(syscall(getcwd, again, 1), EFAULT);
	/* Mapped memory stays when it is given back, but is nobody's to map. */
	EXPECT_EQUAL(syscall(physfree, physical, PAGES(2)), 0);
	EXPECT_ERROR(syscall(physmap, physical, PAGE_SIZE, 0), EPERM);
	memory[0] = 1;
	EXPECT_EQUAL(syscall(physunmap, memory), 0);
	EXPECT_ERROR(syscall(physunmap, memory), EFAULT);
	EXPECT_EQUAL(*again, 7);
	EXPECT_EQUAL(syscall(physunmap, again), 0);
	EXPECT_EQUAL(syscall(physunmap, 0), 0);
	EXPECT_ERROR(syscall(physunmap, KERNEL), EFAULT);
	EXPECT_EQUAL(syscall(physmap, physical, 0, 0), 0);
}

static unsigned write_there(void *argument)
{
	*(volatile char *)argument = 9;
	return 0;
}

TEST(physical, clones_share_it)
{
	uint64_t physical = allocate(PAGE_SIZE);
	char *memory = map_physical(physical, PAGE_SIZE, REDOX_PHYSMAP_WRITE);

	EXPECT_EQUAL(test_wait(test_spawn(write_there, memory)), 0);
	EXPECT_EQUAL(*(volatile char *)memory, 9);
}

/* The kernel's memory, and programs', are not for mapping; devices are. */
TEST(physical, what_may_be_mapped)
{
	char *own = (char *)EXPECT_SUCCESS(
		memory_map(FD_ANONYMOUS, 0, PAGE_SIZE, READ_WRITE | REDOX_MAP_PRIVATE, 0));
	volatile char *screen;
	uint64_t physical;

	own[0] = 1;
	physical = (uint64_t)EXPECT_SUCCESS(syscall(virttophys, own));
	EXPECT_ERROR(syscall(physmap, physical, PAGE_SIZE, REDOX_PHYSMAP_WRITE), EPERM);
	for (physical = UINT64_C(1) << 20; physical < UINT64_C(32) << 20; physical += PAGES(13))
		EXPECT_ERROR(syscall(physmap, physical, PAGE_SIZE, REDOX_PHYSMAP_WRITE), EPERM);
	EXPECT_ERROR(syscall(physmap, 0, UINT64_C(1) << 40, 0), EPERM);
	EXPECT_ERROR(syscall(physmap, TEXT_SCREEN, PAGES(1024), 0), EPERM);
	EXPECT_ERROR(syscall(physmap, UINT64_C(1) << 52, PAGE_SIZE, 0), EINVAL);
	EXPECT_ERROR(syscall(physmap, UINT64_MAX, 1, 0), EINVAL);
	EXPECT_ERROR(syscall(physmap, 0, UINT64_MAX, 0), EINVAL);
	screen = map_physical(TEXT_SCREEN, PAGE_SIZE, REDOX_PHYSMAP_WRITE | REDOX_PHYSMAP_NO_CACHE);
	screen[0] = screen[0];
	EXPECT_EQUAL(syscall(physunmap, screen), 0);
}

TEST(physical, addresses)
{
	char *memory = (char *)EXPECT_SUCCESS(
		memory_map(FD_ANONYMOUS, 0, PAGES(2), READ_WRITE | REDOX_MAP_PRIVATE, 0));
	uint64_t first = (uint64_t)EXPECT_SUCCESS(syscall(virttophys, memory + 3));

	EXPECT_EQUAL(first % PAGE_SIZE, 3);
	/* Each page is its own, though nobody wrote to it. */
	EXPECT(syscall(virttophys, memory + PAGE_SIZE) / PAGE_SIZE != first / PAGE_SIZE);
	memory[3] = 1;
	EXPECT_EQUAL(syscall(virttophys, memory + 3), first);
	EXPECT_ERROR(syscall(virttophys, 8), EFAULT);
	EXPECT_ERROR(syscall(virttophys, KERNEL), EFAULT);
	EXPECT_EQUAL(memory_unmap((uint64_t)memory, PAGES(2)), 0);
	EXPECT_ERROR(syscall(virttophys, memory), EFAULT);
}

TEST(physical, is_for_root)
{
	uint64_t physical = allocate(PAGE_SIZE), given = PAGE_SIZE;

	test_become_user(1000);
	EXPECT_ERROR(syscall(physalloc, PAGE_SIZE), EPERM);
	EXPECT_ERROR(syscall(physalloc3, PAGE_SIZE, 8, 8), EPERM);
	EXPECT_ERROR(syscall(physalloc3, PAGE_SIZE, 0, &given), EPERM);
	EXPECT_ERROR(syscall(physfree, physical, PAGE_SIZE), EPERM);
	EXPECT_ERROR(syscall(physmap, physical, PAGE_SIZE, 0), EPERM);
	EXPECT_ERROR(syscall(physmap, 0, 0, 0), EPERM);
	EXPECT_ERROR(syscall(physunmap, 0), EPERM);
	EXPECT_ERROR(syscall(virttophys, &given), EPERM);
}
