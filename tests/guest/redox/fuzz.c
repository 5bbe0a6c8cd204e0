/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * All calls with random arguments, many of which are almost right. Children make them; whatever
 * happens to those, the kernel lives and holds afterwards what it held before.
 *
 * The seed of the whole is printed, and with FUZZ_SEED=NUMBER in the environment it is that one; the
 * child INDEX has the seed SEED + INDEX. FUZZ_SECONDS sets the time.
 *
 * What is avoided, because it would end the test and not only the child:
 *   - kill but of the child itself and its group, and setpgid, after which a process that a child
 *     left could not be found again;
 *   - as root, paths out of the test's directory that could be written or removed, the console,
 *     the registers of other processes, and memory that is mapped for writing: devices' registers.
 */
#include "fuzz.h"
#include "leak.h"

#define SECONDS_OF_A_RUN 8
#define CHILD_TIME       40 /* milliseconds until it is killed, if it sleeps */
#define CALLS_OF_A_CHILD 400
#define CALLS_OF_A_CLONE 12
#define STATUS_NO_START  99

static const uint64_t numbers[] = {
#define NUMBER(number, name) number,
	REDOX_SYSCALLS(NUMBER)
#undef NUMBER
};

/* --- Calls -------------------------------------------------------------------------------- */

/* Keeps to what the head of this file says; false if the call is not to be made. */
static bool is_harmless(struct fuzzer *fuzzer, uint64_t number, uint64_t argument[6])
{
	switch (number) {
	case REDOX_SYS_kill:
		argument[0] = fuzz_below(fuzzer, 2) ? (uint64_t)process_id() : 0;
		return fuzz_below(fuzzer, 32) == 0; /* there is more to do, as below */
	case REDOX_SYS_exit:
		argument[0] = 0;
		return fuzz_below(fuzzer, 32) == 0;
	case REDOX_SYS_sigreturn:
	case REDOX_SYS_setrens: /* after which there may be nothing to open */
	case REDOX_SYS_setreuid:
	case REDOX_SYS_setregid:
		return fuzz_below(fuzzer, 32) == 0;
	case REDOX_SYS_nanosleep:
	case REDOX_SYS_waitpid:
	case REDOX_SYS_futex:
		return fuzz_below(fuzzer, 4) == 0; /* as these mostly sleep */
	case REDOX_SYS_physmap:
		argument[2] &= ~(uint64_t)REDOX_PHYSMAP_WRITE;
		return true;
	case REDOX_SYS_setpgid:
		return false;
	default:
		return true;
	}
}

static void make_calls(struct fuzzer *fuzzer, unsigned count)
{
	uint64_t argument[6], number;
	int64_t answer;

	while (count-- > 0) {
		number = numbers[fuzz_below(fuzzer, array_length(numbers))];
		if (fuzz_below(fuzzer, 64) == 0)
			number = fuzz_below(fuzzer, 2) ? fuzz_number(fuzzer) : number ^ 1;
		fuzz_choose_arguments(fuzzer, number, argument);
		if (!is_harmless(fuzzer, number, argument))
			continue;
		answer = syscall_number(number, argument[0], argument[1], argument[2], argument[3],
					argument[4], argument[5]);
		if (number == REDOX_SYS_clone && answer == 0) {
			/* In the child, on whatever stack. */
			if (count > CALLS_OF_A_CLONE)
				count = CALLS_OF_A_CLONE;
			fuzzer->state ^= 0x5eed;
		} else if (answer > 0) {
			fuzzer->answer[fuzz_below(fuzzer, FUZZ_ANSWERS)] = (uint64_t)answer;
		}
	}
}

static void open_some(void)
{
	uint64_t ends[2];
	int64_t output;

	path_unlink("output"); /* its mode may be anything by now */
	output = file_open("output", REDOX_O_RDWR | REDOX_O_CREAT | 0666);
	/* What the test prints on must stay what people can read. */
	for (int64_t fd = 0; fd < 3; fd++)
		if (file_duplicate_to(output, fd, NULL) != fd)
			process_exit(STATUS_NO_START);
	pipe_create(ends, REDOX_O_NONBLOCK);
	file_open("a", REDOX_O_RDWR | REDOX_O_CREAT | 0666);
	file_open("directory", REDOX_O_RDONLY | REDOX_O_CREAT | REDOX_O_DIRECTORY | 0777);
	file_open("event:", REDOX_O_RDWR | REDOX_O_NONBLOCK);
	file_open("time:4", REDOX_O_RDWR);
	file_open("zero:", REDOX_O_RDWR);
}

static _Noreturn void run_child(uint64_t seed, bool root)
{
	struct fuzzer fuzzer = { .state = seed * 0x9e3779b97f4a7c15 | 1, .root = root };

	process_set_group(0, 0);
	if (!root)
		test_become_user(1000);
	fuzzer.arena =
		(uint64_t)memory_map(FD_ANONYMOUS, 0, FUZZ_ARENA_PAGES * PAGE_SIZE,
				     REDOX_PROT_READ | REDOX_PROT_WRITE | REDOX_MAP_PRIVATE, 0);
	fuzz_fill_arena(&fuzzer);
	open_some();
	make_calls(&fuzzer, CALLS_OF_A_CHILD);
	process_exit(0);
}

/* --- Children ----------------------------------------------------------------------------- */

/* Ends the child's group and reaps all of it; what a child's clones became is our child too. */
static void end_child(int64_t child)
{
	int64_t end = clock_monotonic() + 2 * NANOSECONDS_PER_SECOND;
	int64_t got;

	do {
		signal_send(-child, SIGKILL);
		got = process_wait(0, NULL, REDOX_WNOHANG);
		if (got == 0)
			sleep_milliseconds(1);
		if (clock_monotonic() > end)
			test_fail(__FILE__, __LINE__, "the child %ld or one of its own lives on",
				  child);
	} while (got != -ECHILD);
}

static void run_one(uint64_t seed, bool root)
{
	int64_t end = clock_monotonic() + CHILD_TIME * INT64_C(1000000);
	int64_t child = EXPECT_SUCCESS(process_clone(0));
	uint64_t status = 0;

	if (child == 0)
		run_child(seed, root);
	while (process_wait(child, &status, REDOX_WNOHANG) == 0 && clock_monotonic() < end)
		sleep_milliseconds(1);
	end_child(child);
	EXPECT(!status_is_exit(status) || status_exit(status) != STATUS_NO_START);
}

static void run_children(bool root)
{
	uint64_t seed = fuzz_setting("FUZZ_SEED", 1), first = seed;
	int64_t end = clock_monotonic() + (int64_t)fuzz_setting("FUZZ_SECONDS", SECONDS_OF_A_RUN) *
						  NANOSECONDS_PER_SECOND;
	static struct leak_count before;

	EXPECT_SUCCESS(file_change_mode(file_open(".", REDOX_O_RDONLY), 0777));
	for (unsigned i = 0; i < 16; i++) /* fills what is filled once */
		run_one(seed + i, root);
	leak_count(&before);
	while (clock_monotonic() < end) {
		if ((seed - first) % 50 == 0)
			print("seed %lu\n", seed);
		run_one(seed++, root);
	}
	print("seeds %lu to %lu\n", first, seed - 1);
	leak_expect_none(&before);
}

TEST_SLOW(fuzz, calls_of_root, 600)
{
	run_children(true);
}

TEST_SLOW(fuzz, calls_of_a_user, 600)
{
	run_children(false);
}
