/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory that processes share, and what each has for itself. */
#include "redox_test.h"

#include <stdatomic.h>

#define PAGES(count) ((count)*PAGE_SIZE)
#define READ_WRITE   (REDOX_PROT_READ | REDOX_PROT_WRITE)
#define ANONYMOUS    (READ_WRITE | REDOX_MAP_PRIVATE)

static int image_word = 1;     /* in the file's part of the image */
static volatile int zero_word; /* and behind it */

static volatile int *map_words(uint64_t flags)
{
	return (int *)EXPECT_SUCCESS(memory_map(FD_ANONYMOUS, 0, PAGES(4), flags, 0));
}

/* What the child of share_all() and its parent say to each other. */
struct talk {
	_Atomic int turn;
	volatile int *mapped;   /* by the child */
	volatile int *unmapped; /* by the child */
	volatile int *later;    /* by the parent */
};

static void await(struct talk *talk, int turn)
{
	while (talk->turn != turn)
		process_yield();
}

static bool readable(const volatile void *address)
{
	uint64_t ends[2];
	bool result;

	EXPECT_EQUAL(pipe_create(ends, REDOX_O_NONBLOCK), 0);
	result = file_write((int64_t)ends[1], (const void *)(uintptr_t)address, 1) == 1;
	file_close((int64_t)ends[0]);
	file_close((int64_t)ends[1]);
	return result;
}

static unsigned be_child(struct talk *talk, volatile int *own)
{
	EXPECT_EQUAL(*own, 10);
	*own = 20;
	image_word = 21;
	zero_word = 22;
	talk->mapped = map_words(ANONYMOUS);
	talk->mapped[5] = 23;
	EXPECT_EQUAL(memory_unmap((uint64_t)talk->unmapped, PAGES(2)), 0);
	talk->turn = 1;
	await(talk, 2);
	EXPECT_EQUAL(*own, 20);
	EXPECT_EQUAL(talk->later[0], 33);
	EXPECT_EQUAL(image_word, 31);
	EXPECT(!readable(talk->mapped));
	return 3;
}

/* clone(VM): all is shared, now and later, but the stack. */
TEST(memory_share, all_but_the_stack)
{
	struct talk *talk = (struct talk *)map_words(ANONYMOUS);
	volatile int own = 10;
	int64_t child;

	image_word = 1;
	talk->unmapped = map_words(ANONYMOUS);
	talk->unmapped[0] = 1;
	child = EXPECT_SUCCESS(process_clone(REDOX_CLONE_VM));
	if (child == 0)
		process_exit(be_child(talk, &own));
	await(talk, 1);
	EXPECT_EQUAL(own, 10);
	EXPECT_EQUAL(image_word, 21);
	EXPECT_EQUAL(zero_word, 22);
	EXPECT_EQUAL(talk->mapped[5], 23);
	EXPECT(!readable(talk->unmapped) && readable(talk->unmapped + PAGES(2) / sizeof(int)));
	own = 30;
	image_word = 31;
	talk->later = map_words(ANONYMOUS);
	talk->later[0] = 33;
	EXPECT_EQUAL(memory_unmap((uint64_t)talk->mapped, PAGES(4)), 0);
	talk->turn = 2;
	EXPECT_EQUAL(test_wait(child), 3 << 8);
	EXPECT_EQUAL(own, 30);
	EXPECT_EQUAL(talk->later[0], 33);
}

static unsigned change_words(void *argument)
{
	volatile int *words = argument;

	EXPECT_EQUAL(words[0], 1);
	words[0] = 2;
	image_word = 3;
	return 0;
}

/* A plain clone copies, anonymous memory whatever its flags, and also what a clone shares. */
TEST(memory_share, plain_clones_are_copies)
{
	volatile int *words = map_words(READ_WRITE | REDOX_MAP_SHARED);
	int64_t child;

	image_word = 1;
	words[0] = 1;
	EXPECT_EQUAL(test_wait(test_spawn(change_words, (void *)words)), 0);
	EXPECT_EQUAL(words[0], 1);
	EXPECT_EQUAL(image_word, 1);
	child = EXPECT_SUCCESS(process_clone(REDOX_CLONE_VM));
	if (child == 0) {
		EXPECT_EQUAL(test_wait(test_spawn(change_words, (void *)words)), 0);
		EXPECT_EQUAL(image_word, 1);
		process_exit(0);
	}
	EXPECT_EQUAL(test_wait(child), 0);
	EXPECT_EQUAL(test_wait(test_spawn(change_words, (void *)words)), 0);
	EXPECT_EQUAL(words[0], 1);
	EXPECT_EQUAL(image_word, 1);
}

/* What shows a file shows it to clones too. */
TEST(memory_share, files_are_shared_with_clones)
{
	int64_t fd = EXPECT_SUCCESS(file_open("shared", REDOX_O_RDWR | REDOX_O_CREAT | 0600));
	volatile int *words;
	int64_t child;

	EXPECT_EQUAL(file_truncate(fd, PAGE_SIZE), 0);
	words = (int *)EXPECT_SUCCESS(
		memory_map(fd, 0, PAGE_SIZE, READ_WRITE | REDOX_MAP_SHARED, 0));
	words[0] = 1;
	image_word = 1;
	EXPECT_EQUAL(test_wait(test_spawn(change_words, (void *)words)), 0);
	EXPECT_EQUAL(words[0], 2);
	child = EXPECT_SUCCESS(process_clone(REDOX_CLONE_VM));
	if (child == 0) {
		words[1] = 4;
		process_exit(0);
	}
	EXPECT_EQUAL(test_wait(child), 0);
	EXPECT_EQUAL(words[1], 4);
}

/* vfork with shared memory and then another program, as shells do it: many times. */
TEST(memory_share, many_generations)
{
	volatile int *words = map_words(ANONYMOUS);

	for (int i = 0; i < 50; i++) {
		int64_t child = EXPECT_SUCCESS(process_clone(REDOX_CLONE_VM | REDOX_CLONE_VFORK));

		if (child == 0) {
			volatile int *more = map_words(ANONYMOUS);

			words[0]++;
			more[0] = words[0];
			EXPECT_EQUAL(memory_unmap((uint64_t)more, PAGES(4)), 0);
			process_exit(0);
		}
		EXPECT_EQUAL(test_wait(child), 0);
		EXPECT_EQUAL(words[0], i + 1);
	}
}

/* Many that map and unmap at the same time, with memory they all see. */
static void map_often(_Atomic int *sum, unsigned seed)
{
	for (unsigned i = 0; i < 60; i++) {
		volatile int *words = map_words(ANONYMOUS);

		EXPECT_EQUAL(words[0] | words[PAGES(3) / sizeof(int)], 0);
		words[0] = words[PAGES(3) / sizeof(int)] = (int)seed;
		atomic_fetch_add(sum, 1);
		EXPECT_EQUAL(memory_unmap((uint64_t)words + PAGES(1), PAGES(1)), 0);
		EXPECT_EQUAL(memory_protect((uint64_t)words, PAGES(1), REDOX_PROT_READ), 0);
		EXPECT_EQUAL(words[0] + words[PAGES(3) / sizeof(int)], (int)(2 * seed));
		EXPECT_EQUAL(memory_unmap((uint64_t)words, PAGES(4)), 0);
	}
}

TEST(memory_share, changes_at_the_same_time)
{
	_Atomic int *sum = (_Atomic int *)map_words(ANONYMOUS);
	int64_t children[4];

	for (unsigned i = 0; i < 4; i++) {
		children[i] = EXPECT_SUCCESS(process_clone(REDOX_CLONE_VM));
		if (children[i] == 0) {
			map_often(sum, i + 1);
			process_exit(0);
		}
	}
	map_often(sum, 9);
	for (unsigned i = 0; i < 4; i++)
		EXPECT_EQUAL(test_wait(children[i]), 0);
	EXPECT_EQUAL(*sum, 5 * 60);
}

/* A futex in memory that was private before. */
TEST(memory_share, futexes)
{
	uint32_t *word = (uint32_t *)map_words(ANONYMOUS);
	const struct redox_timespec second = { .seconds = 10 };
	int64_t child = EXPECT_SUCCESS(process_clone(REDOX_CLONE_VM));

	if (child == 0) {
		EXPECT_EQUAL(futex_wait(word, 0, &second), 0);
		process_exit(*word == 5 ? 0 : 1);
	}
	for (;;) {
		*(volatile uint32_t *)word = 0;
		process_yield();
		*(volatile uint32_t *)word = 0;
		if (futex_wake(word, 0) == 0 && process_wait(child, NULL, REDOX_WNOHANG) == 0) {
			struct redox_timespec pause = { .nanoseconds = 50000000 };

			EXPECT_EQUAL(syscall(nanosleep, &pause, 0), 0);
			*(volatile uint32_t *)word = 5;
			if (futex_wake(word, 1) == 1)
				break;
		}
	}
	EXPECT_EQUAL(test_wait(child), 0);
}
