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
 *   - as root, paths out of the test's directory that could be written or removed, the console, and
 *     the registers of other processes.
 */
#include "hostile.h"
#include "leak.h"

#define SECONDS_OF_A_RUN 8
#define CHILD_TIME       40 /* milliseconds until it is killed, if it sleeps */
#define CALLS_OF_A_CHILD 400
#define CALLS_OF_A_CLONE 12
#define ARENA_PAGES      4
#define ANSWERS          16
#define STATUS_NO_START  99

struct fuzzer {
	uint64_t state;           /* of the random numbers */
	uint64_t arena;           /* memory that calls may read and write */
	uint64_t answer[ANSWERS]; /* what calls returned last: descriptors, addresses */
	bool root;
};

static const uint64_t numbers[] = {
#define NUMBER(number, name) number,
	REDOX_SYSCALLS(NUMBER)
#undef NUMBER
};

static uint64_t next(struct fuzzer *fuzzer)
{
	return test_random(&fuzzer->state) >> 8;
}

static uint64_t below(struct fuzzer *fuzzer, uint64_t limit)
{
	return next(fuzzer) % limit;
}

/* --- Arguments ---------------------------------------------------------------------------- */

static const char *random_path(struct fuzzer *fuzzer)
{
	static const char *const paths[] = {
		"a",
		"b",
		"a/b",
		"a/../b",
		"..x",
		".",
		"",
		"a/",
		"link",
		"directory",
		"directory/x",
		"event:",
		"time:4",
		"time:1",
		"time:7",
		"memory:",
		"itimer:1",
		"sys:context",
		"sys:uname",
		"sys:",
		"sys:scheme",
		"null:",
		"zero:",
		"rand:",
		"pipe:",
		"thisproc:current/regs/float",
		"thisproc:current/regs/env",
		"thisproc:current/regs/int",
		"thisproc:current/mem",
		"thisproc:current/trace",
		"thisproc:current/exe",
		"thisproc:current/nothing",
		":fuzz",
		":fuzz2",
		"fuzz:",
		"fuzz:x",
		"fuzz2:y",
		":",
		"::",
		"no-such:x",
		"initfs:",
		"irq:1",
		"irq:4",
		"serio:0",
		"\xff\xfe",
		"echo:x",
		"echo:",
	};

	return paths[below(fuzzer, array_length(paths))];
}

static uint64_t random_flags(struct fuzzer *fuzzer)
{
	static const uint64_t flags[] = {
		REDOX_O_RDONLY,    REDOX_O_WRONLY,
		REDOX_O_RDWR,      REDOX_O_NONBLOCK,
		REDOX_O_APPEND,    REDOX_O_CLOEXEC,
		REDOX_O_CREAT,     REDOX_O_TRUNC,
		REDOX_O_EXCL,      REDOX_O_DIRECTORY,
		REDOX_O_STAT,      REDOX_O_SYMLINK,
		REDOX_O_NOFOLLOW,  0644,
		REDOX_MAP_SHARED,  REDOX_MAP_PRIVATE,
		REDOX_MAP_FIXED,   REDOX_PROT_WRITE,
		REDOX_CLONE_VM,    REDOX_CLONE_FS,
		REDOX_CLONE_FILES, REDOX_CLONE_SIGHAND,
		REDOX_CLONE_VFORK, REDOX_CLONE_STACK,
	};
	uint64_t value = 0;

	for (uint64_t i = below(fuzzer, 5); i > 0; i--)
		value |= flags[below(fuzzer, array_length(flags))];
	return value;
}

static uint64_t random_address(struct fuzzer *fuzzer)
{
	switch (below(fuzzer, 8)) {
	case 0:
		return hostile_addresses()[below(fuzzer, 11)].value;
	case 1:
		return hostile_last_bytes(below(fuzzer, 64));
	case 2:
		return fuzzer->answer[below(fuzzer, ANSWERS)];
	case 3:
		return fuzzer->arena + PAGE_SIZE * below(fuzzer, ARENA_PAGES);
	default:
		return fuzzer->arena + (below(fuzzer, ARENA_PAGES * PAGE_SIZE) & ~UINT64_C(7));
	}
}

static uint64_t random_number(struct fuzzer *fuzzer)
{
	switch (below(fuzzer, 6)) {
	case 0:
		return next(fuzzer) << 8 ^ next(fuzzer);
	case 1:
		return (UINT64_C(1) << below(fuzzer, 64)) + below(fuzzer, 3) - 1;
	case 2:
		return -below(fuzzer, 200);
	default:
		return below(fuzzer, 130);
	}
}

static uint64_t random_size(struct fuzzer *fuzzer)
{
	static const uint64_t sizes[] = { 0, 1, 4, 8, 16, 24, 32, 48, 56, 104, 512, 4096, 8192 };

	if (below(fuzzer, 8) == 0)
		return random_number(fuzzer);
	return sizes[below(fuzzer, array_length(sizes))];
}

static uint64_t random_fd(struct fuzzer *fuzzer)
{
	if (below(fuzzer, 4) == 0)
		return fuzzer->answer[below(fuzzer, ANSWERS)];
	if (below(fuzzer, 16) == 0)
		return random_number(fuzzer);
	return below(fuzzer, 24);
}

static uint64_t random_argument(struct fuzzer *fuzzer)
{
	switch (below(fuzzer, 5)) {
	case 0:
		return random_address(fuzzer);
	case 1:
		return random_size(fuzzer);
	case 2:
		return random_flags(fuzzer);
	case 3:
		return random_fd(fuzzer);
	default:
		return random_number(fuzzer);
	}
}

/* Structures that calls take: times, maps, events, slices, packets, actions; mostly small. */
static void fill_arena(struct fuzzer *fuzzer)
{
	uint64_t *word = (uint64_t *)fuzzer->arena;

	for (size_t i = 0; i < ARENA_PAGES * PAGE_SIZE / sizeof(*word); i++) {
		switch (below(fuzzer, 6)) {
		case 0:
			word[i] = random_address(fuzzer);
			break;
		case 1:
			word[i] = random_flags(fuzzer);
			break;
		case 2:
			word[i] = random_number(fuzzer);
			break;
		default:
			word[i] = below(fuzzer, 40);
		}
	}
}

/* --- Calls -------------------------------------------------------------------------------- */

static void set_path(struct fuzzer *fuzzer, uint64_t argument[2])
{
	const char *path = random_path(fuzzer);

	argument[0] = (uint64_t)path;
	argument[1] = strlen(path);
}

/* Arguments that fit the number's class, mostly. */
static void choose_arguments(struct fuzzer *fuzzer, uint64_t number, uint64_t argument[6])
{
	for (unsigned i = 0; i < 6; i++)
		argument[i] = random_argument(fuzzer);
	if (below(fuzzer, 8) == 0 && (number & REDOX_CLASS) != REDOX_CLASS_PATH)
		return;
	if ((number & REDOX_CLASS) == REDOX_CLASS_PATH || number == REDOX_SYS_chdir) {
		set_path(fuzzer, argument);
		argument[2] = random_flags(fuzzer);
		return;
	}
	if ((number & REDOX_CLASS) == REDOX_CLASS_FILE)
		argument[0] = random_fd(fuzzer);
	if ((number & REDOX_PATH) == REDOX_PATH) {
		set_path(fuzzer, argument + 1);
	} else if (number & REDOX_PATH) {
		argument[1] = random_address(fuzzer);
		argument[2] = random_size(fuzzer);
	}
}

/* Keeps to what the head of this file says; false if the call is not to be made. */
static bool is_harmless(struct fuzzer *fuzzer, uint64_t number, uint64_t argument[6])
{
	switch (number) {
	case REDOX_SYS_kill:
		argument[0] = below(fuzzer, 2) ? (uint64_t)process_id() : 0;
		return below(fuzzer, 32) == 0; /* there is more to do, as below */
	case REDOX_SYS_exit:
		argument[0] = 0;
		return below(fuzzer, 32) == 0;
	case REDOX_SYS_sigreturn:
		return below(fuzzer, 32) == 0;
	case REDOX_SYS_nanosleep:
	case REDOX_SYS_waitpid:
	case REDOX_SYS_futex:
		return below(fuzzer, 4) == 0; /* as these mostly sleep */
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
		number = numbers[below(fuzzer, array_length(numbers))];
		if (below(fuzzer, 64) == 0)
			number = below(fuzzer, 2) ? random_number(fuzzer) : number ^ 1;
		choose_arguments(fuzzer, number, argument);
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
			fuzzer->answer[below(fuzzer, ANSWERS)] = (uint64_t)answer;
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
		(uint64_t)memory_map(FD_ANONYMOUS, 0, ARENA_PAGES * PAGE_SIZE,
				     REDOX_PROT_READ | REDOX_PROT_WRITE | REDOX_MAP_PRIVATE, 0);
	fill_arena(&fuzzer);
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

static uint64_t setting(const char *name, uint64_t otherwise)
{
	const char *text = environment_get(name);
	uint64_t value;

	return text && string_to_u64(text, &value) == 0 ? value : otherwise;
}

static void run_children(bool root)
{
	uint64_t seed = setting("FUZZ_SEED", 1), first = seed;
	int64_t end = clock_monotonic() +
		      (int64_t)setting("FUZZ_SECONDS", SECONDS_OF_A_RUN) * NANOSECONDS_PER_SECOND;
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
