/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The compositor draws with vector registers, and interrupts programs to do so: what they have in theirs
 * must stay. Threads keep patterns in them, on all CPUs, while a translucent window changes.
 */
#include "window_help.h"

#include <pthread.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define REGISTERS 16
#define WIDTH_MAX 32
#define THREADS   3
#define ROUNDS    150
#define SPIN      2000000ul
#define WINDOW    "at/60/60/320/240/Vectors"
#define PIXELS    (320 * 240)

#define EACH_REGISTER(instruction)                                                                \
	instruction(0) instruction(1) instruction(2) instruction(3) instruction(4) instruction(5) \
		instruction(6) instruction(7) instruction(8) instruction(9) instruction(10)       \
			instruction(11) instruction(12) instruction(13) instruction(14)           \
				instruction(15)
#define LOAD_16(n)  "movdqu 16*" #n "(%[in]), %%xmm" #n "\n\t"
#define STORE_16(n) "movdqu %%xmm" #n ", 16*" #n "(%[out])\n\t"
#define LOAD_32(n)  "vmovdqu 32*" #n "(%[in]), %%ymm" #n "\n\t"
#define STORE_32(n) "vmovdqu %%ymm" #n ", 32*" #n "(%[out])\n\t"
#define SPIN_LOOP   "1: decq %[count]\n\tjnz 1b\n\t"
#define CLOBBERS                                                                                 \
	"xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", \
		"xmm11", "xmm12", "xmm13", "xmm14", "xmm15", "memory", "cc"

/* Loads all registers, lets time pass, and stores them. */
static void keep(const uint8_t *in, uint8_t *out, bool wide)
{
	unsigned long count = SPIN;

	if (wide)
		__asm__ volatile(EACH_REGISTER(LOAD_32) SPIN_LOOP EACH_REGISTER(STORE_32)
				 : [count] "+r"(count)
				 : [in] "r"(in), [out] "r"(out)
				 : CLOBBERS);
	else
		__asm__ volatile(EACH_REGISTER(LOAD_16) SPIN_LOOP EACH_REGISTER(STORE_16)
				 : [count] "+r"(count)
				 : [in] "r"(in), [out] "r"(out)
				 : CLOBBERS);
}

static _Atomic bool finished;

static void *keep_patterns(void *argument)
{
	bool wide = __builtin_cpu_supports("avx");
	size_t size = REGISTERS * (wide ? 32 : 16);
	uint8_t in[REGISTERS * WIDTH_MAX], out[REGISTERS * WIDTH_MAX];
	unsigned seed = (unsigned)(uintptr_t)argument * 59;

	while (!finished) {
		for (size_t i = 0; i < size; i++)
			in[i] = (uint8_t)(seed + i * 7);
		keep(in, out, wide);
		EXPECT(memcmp(in, out, size) == 0);
		seed += 13;
	}
	return NULL;
}

TEST(window, drawing_leaves_programs_their_vectors)
{
	int fd = open_window(WINDOW);
	uint32_t *pixels = map_window(fd, PIXELS * sizeof(uint32_t));
	pthread_t threads[THREADS];

	for (uintptr_t i = 0; i < THREADS; i++)
		EXPECT_EQUAL(pthread_create(&threads[i], NULL, keep_patterns, (void *)i), 0);
	for (unsigned round = 0; round < ROUNDS; round++) {
		const struct timespec pause = { .tv_nsec = 8000000 };

		memset(pixels, (int)(round & 0x7f), PIXELS * sizeof(uint32_t));
		EXPECT_EQUAL(fsync(fd), 0);
		nanosleep(&pause, NULL);
	}
	finished = true;
	for (unsigned i = 0; i < THREADS; i++)
		EXPECT_EQUAL(pthread_join(threads[i], NULL), 0);
	close(fd);
}
