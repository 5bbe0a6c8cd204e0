/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A scheme whose server answers as it likes: late, twice, never, to requests that nobody made, with
 * sizes, numbers, errors and addresses that it should not use; and which dies at any moment. Its
 * clients get something or are killed; the kernel holds nothing afterwards.
 *
 * FUZZ_SEED and FUZZ_SECONDS are those of fuzz.c.
 */
#include "fuzz.h"
#include "leak.h"

#define SECONDS_OF_A_RUN 8
#define ROUND_TIME       60 /* milliseconds until all of a round are killed */
#define CLIENTS          3
#define CALLS_OF_CLIENT  200
#define REMEMBERED       8
#define SCHEME           "fuzz-provider"

/* --- The server --------------------------------------------------------------------------- */

static uint64_t random_result(struct fuzzer *fuzzer)
{
	switch (fuzz_below(fuzzer, 8)) {
	case 0:
		return fuzz_number(fuzzer);
	case 1:
		return -fuzz_below(fuzzer, 140); /* errors, some of which there are not */
	case 2:
		return fuzzer->arena + PAGE_SIZE * fuzz_below(fuzzer, FUZZ_ARENA_PAGES);
	case 3:
		return fuzz_below(fuzzer, 5000);
	default:
		return fuzz_below(fuzzer, 60); /* numbers of files, sizes */
	}
}

/* Spoils an answer here and there; most are good enough for the client to go on. */
static void spoil(struct fuzzer *fuzzer, struct redox_packet *packet)
{
	uint64_t *words = (uint64_t *)packet;

	packet->a = random_result(fuzzer);
	if (fuzz_below(fuzzer, 16) == 0)
		words[fuzz_below(fuzzer, sizeof(*packet) / sizeof(*words))] = fuzz_number(fuzzer);
	if (fuzz_below(fuzzer, 16) == 0) { /* a report of readiness */
		packet->id = 0;
		packet->a =
			fuzz_below(fuzzer, 4) ? (uint64_t)REDOX_SYS_fevent : fuzz_number(fuzzer);
		packet->b = fuzz_below(fuzzer, 60);
		packet->c = fuzz_below(fuzzer, 8);
	}
}

/* Uses the client's memory as a server may, and as it may not. */
static void touch(const struct redox_packet *packet)
{
	if (packet->a == REDOX_SYS_read && packet->d > 0)
		*(volatile char *)packet->c = 'x';
	if (packet->a == REDOX_SYS_open && packet->c > 0)
		(void)*(volatile char *)packet->b;
}

static void answer_some(struct fuzzer *fuzzer, int64_t socket, const struct redox_packet *packets,
			size_t count)
{
	static struct redox_packet old[REMEMBERED];

	for (size_t i = 0; i < count; i++) {
		struct redox_packet answer = packets[i];

		if (fuzz_below(fuzzer, 4))
			touch(&answer);
		old[fuzz_below(fuzzer, REMEMBERED)] = answer;
		if (fuzz_below(fuzzer, 12) == 0)
			continue; /* never, or as an old one */
		spoil(fuzzer, &answer);
		file_write(socket, &answer,
			   fuzz_below(fuzzer, 24) ? sizeof(answer) : fuzz_below(fuzzer, 60));
		if (fuzz_below(fuzzer, 12))
			continue;
		answer = old[fuzz_below(fuzzer, REMEMBERED)];
		spoil(fuzzer, &answer);
		file_write(socket, &answer, sizeof(answer));
	}
}

/* Something else that a server may do; false if it has ended its scheme. */
static bool misbehave(struct fuzzer *fuzzer, int64_t socket)
{
	switch (fuzz_below(fuzzer, 200)) {
	case 0:
		process_exit(0);
	case 1:
		path_unlink(":" SCHEME);
		return true;
	case 2:
		file_close(socket);
		return false;
	case 3: /* pages that clients may have mapped */
		memory_unmap(fuzzer->arena, PAGE_SIZE);
		return true;
	case 4: /* a client of itself would wait for ever: it is killed */
		if (fuzz_below(fuzzer, 8) == 0)
			file_open(SCHEME ":self", REDOX_O_RDONLY);
		return true;
	case 5: /* the socket lives on in a child that does nothing */
		if (process_clone(0) == 0)
			sleep_milliseconds(ROUND_TIME);
		return true;
	default:
		return true;
	}
}

static _Noreturn void run_server(struct fuzzer *fuzzer, int64_t socket)
{
	struct redox_packet packets[4];

	for (;;) {
		size_t room =
			sizeof(packets) - (fuzz_below(fuzzer, 8) ? 0 : fuzz_below(fuzzer, 60));
		int64_t size = file_read(socket, packets, room);

		if (size <= 0)
			process_exit(0);
		answer_some(fuzzer, socket, packets, (size_t)size / sizeof(*packets));
		if (!misbehave(fuzzer, socket))
			process_exit(0);
	}
}

/* --- Clients ------------------------------------------------------------------------------ */

static const uint64_t client_calls[] = {
	REDOX_SYS_read,     REDOX_SYS_write,   REDOX_SYS_lseek,    REDOX_SYS_fstat,
	REDOX_SYS_fstatvfs, REDOX_SYS_fpath,   REDOX_SYS_fchmod,   REDOX_SYS_fchown,
	REDOX_SYS_fcntl,    REDOX_SYS_fevent,  REDOX_SYS_fsync,    REDOX_SYS_ftruncate,
	REDOX_SYS_futimens, REDOX_SYS_frename, REDOX_SYS_dup,      REDOX_SYS_dup2,
	REDOX_SYS_close,    REDOX_SYS_fmap,    REDOX_SYS_fmap_old, REDOX_SYS_read2,
	REDOX_SYS_getdents, REDOX_SYS_write2,  REDOX_SYS_fexec,
};

static void use_map(int64_t fd, struct fuzzer *fuzzer)
{
	int64_t address = memory_map(fd, 0, PAGE_SIZE * (1 + fuzz_below(fuzzer, 3)),
				     REDOX_PROT_READ | REDOX_PROT_WRITE | REDOX_MAP_SHARED, 0);

	if (address < 0)
		return;
	*(volatile char *)address = 1; /* may be a fault, once the server has unmapped it */
	if (fuzz_below(fuzzer, 2))
		memory_unmap((uint64_t)address, PAGE_SIZE);
}

static _Noreturn void run_client(struct fuzzer *fuzzer)
{
	int64_t queue = event_queue_create();
	int64_t fd = -1;

	for (unsigned i = 0; i < CALLS_OF_CLIENT; i++) {
		uint64_t argument[6], number;

		if (fd < 0 || fuzz_below(fuzzer, 8) == 0)
			fd = file_open(SCHEME ":x", REDOX_O_RDWR);
		if (fuzz_below(fuzzer, 8) == 0)
			event_subscribe(queue, (uint64_t)fd, fuzz_below(fuzzer, 4), i);
		if (fuzz_below(fuzzer, 8) == 0)
			use_map(fd, fuzzer);
		number = client_calls[fuzz_below(fuzzer, array_length(client_calls))];
		fuzz_choose_arguments(fuzzer, number, argument);
		argument[0] = (uint64_t)fd;
		syscall_number(number, argument[0], argument[1], argument[2], argument[3],
			       argument[4], argument[5]);
		if (fuzz_below(fuzzer, 50) == 0)
			path_unlink(SCHEME ":x");
	}
	process_exit(0);
}

/* --- Rounds ------------------------------------------------------------------------------- */

static void start(struct fuzzer *fuzzer, uint64_t seed)
{
	*fuzzer = (struct fuzzer){ .state = seed * 0x9e3779b97f4a7c15 | 1 };
	fuzzer->arena =
		(uint64_t)memory_map(FD_ANONYMOUS, 0, FUZZ_ARENA_PAGES * PAGE_SIZE,
				     REDOX_PROT_READ | REDOX_PROT_WRITE | REDOX_MAP_PRIVATE, 0);
	fuzz_fill_arena(fuzzer);
}

/* The server and its clients, in a group of their own. */
static _Noreturn void run_group(uint64_t seed)
{
	struct fuzzer fuzzer;
	int64_t socket;

	process_set_group(0, 0);
	socket = EXPECT_SUCCESS(file_open(":" SCHEME, REDOX_O_CREAT | REDOX_O_RDWR));
	for (unsigned i = 0; i < CLIENTS; i++) {
		if (process_clone(0) != 0)
			continue;
		file_close(socket);
		start(&fuzzer, seed + i);
		run_client(&fuzzer);
	}
	start(&fuzzer, seed + CLIENTS);
	run_server(&fuzzer, socket);
}

static void run_round(uint64_t seed)
{
	int64_t end = clock_monotonic() + ROUND_TIME * INT64_C(1000000);
	int64_t last = end + 2 * NANOSECONDS_PER_SECOND;
	int64_t got, group = EXPECT_SUCCESS(process_clone(0));

	if (group == 0)
		run_group(seed);
	do {
		if (clock_monotonic() > end)
			signal_send(-group, SIGKILL);
		got = process_wait(0, NULL, REDOX_WNOHANG);
		if (got == 0)
			sleep_milliseconds(1);
		if (clock_monotonic() > last)
			test_fail(__FILE__, __LINE__, "seed %lu: a client or the server lives on",
				  seed);
	} while (got != -ECHILD);
}

TEST_SLOW(fuzz, provider, 600)
{
	uint64_t seed = fuzz_setting("FUZZ_SEED", 1), first = seed;
	int64_t end = clock_monotonic() + (int64_t)fuzz_setting("FUZZ_SECONDS", SECONDS_OF_A_RUN) *
						  NANOSECONDS_PER_SECOND;
	static struct leak_count before;

	for (unsigned i = 0; i < 8; i++) /* fills what is filled once */
		run_round(seed + i);
	leak_count(&before);
	while (clock_monotonic() < end)
		run_round(seed++);
	print("seeds %lu to %lu\n", first, seed - 1);
	leak_expect_none(&before);
}
