/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Arguments of random calls: from what fits to what hurts. */
#include "fuzz.h"
#include "hostile.h"

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

	return paths[fuzz_below(fuzzer, array_length(paths))];
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

	for (uint64_t i = fuzz_below(fuzzer, 5); i > 0; i--)
		value |= flags[fuzz_below(fuzzer, array_length(flags))];
	return value;
}

static uint64_t random_address(struct fuzzer *fuzzer)
{
	switch (fuzz_below(fuzzer, 8)) {
	case 0:
		return hostile_addresses()[fuzz_below(fuzzer, 11)].value;
	case 1:
		return hostile_last_bytes(fuzz_below(fuzzer, 64));
	case 2:
		return fuzzer->answer[fuzz_below(fuzzer, FUZZ_ANSWERS)];
	case 3:
		return fuzzer->arena + PAGE_SIZE * fuzz_below(fuzzer, FUZZ_ARENA_PAGES);
	default:
		return fuzzer->arena +
		       (fuzz_below(fuzzer, FUZZ_ARENA_PAGES * PAGE_SIZE) & ~UINT64_C(7));
	}
}

uint64_t fuzz_number(struct fuzzer *fuzzer)
{
	switch (fuzz_below(fuzzer, 6)) {
	case 0:
		return fuzz_next(fuzzer) << 8 ^ fuzz_next(fuzzer);
	case 1:
		return (UINT64_C(1) << fuzz_below(fuzzer, 64)) + fuzz_below(fuzzer, 3) - 1;
	case 2:
		return -fuzz_below(fuzzer, 200);
	default:
		return fuzz_below(fuzzer, 130);
	}
}

static uint64_t random_size(struct fuzzer *fuzzer)
{
	static const uint64_t sizes[] = { 0, 1, 4, 8, 16, 24, 32, 48, 56, 104, 512, 4096, 8192 };

	if (fuzz_below(fuzzer, 8) == 0)
		return fuzz_number(fuzzer);
	return sizes[fuzz_below(fuzzer, array_length(sizes))];
}

static uint64_t random_fd(struct fuzzer *fuzzer)
{
	if (fuzz_below(fuzzer, 4) == 0)
		return fuzzer->answer[fuzz_below(fuzzer, FUZZ_ANSWERS)];
	if (fuzz_below(fuzzer, 16) == 0)
		return fuzz_number(fuzzer);
	return fuzz_below(fuzzer, 24);
}

static uint64_t random_argument(struct fuzzer *fuzzer)
{
	switch (fuzz_below(fuzzer, 5)) {
	case 0:
		return random_address(fuzzer);
	case 1:
		return random_size(fuzzer);
	case 2:
		return random_flags(fuzzer);
	case 3:
		return random_fd(fuzzer);
	default:
		return fuzz_number(fuzzer);
	}
}

/* Structures that calls take: times, maps, events, slices, packets, actions; mostly small. */
void fuzz_fill_arena(struct fuzzer *fuzzer)
{
	uint64_t *word = (uint64_t *)fuzzer->arena;

	for (size_t i = 0; i < FUZZ_ARENA_PAGES * PAGE_SIZE / sizeof(*word); i++) {
		switch (fuzz_below(fuzzer, 6)) {
		case 0:
			word[i] = random_address(fuzzer);
			break;
		case 1:
			word[i] = random_flags(fuzzer);
			break;
		case 2:
			word[i] = fuzz_number(fuzzer);
			break;
		default:
			word[i] = fuzz_below(fuzzer, 40);
		}
	}
}

static void set_path(struct fuzzer *fuzzer, uint64_t argument[2])
{
	const char *path = random_path(fuzzer);

	argument[0] = (uint64_t)path;
	argument[1] = strlen(path);
}

/*
 * What calls want to have, a letter per argument: a memory, d descriptor, e event, g flags, l list of
 * a slice, m map, n small number, p page, r signal, s some pages' size, t short times, z the size
 * beside; what follows is random.
 */
static const struct shape {
	uint64_t number;
	const char *kinds;
	uint64_t size;
} shapes[] = {
	{ REDOX_SYS_fstat, "daz", 104 },    { REDOX_SYS_fstatvfs, "daz", 32 },
	{ REDOX_SYS_futimens, "dtz", 32 },  { REDOX_SYS_fmap, "dmz", 32 },
	{ REDOX_SYS_fmap_old, "dmz", 24 },  { REDOX_SYS_funmap, "ps", 0 },
	{ REDOX_SYS_mprotect, "psg", 0 },   { REDOX_SYS_mremap, "psps", 0 },
	{ REDOX_SYS_read, "dan", 0 },       { REDOX_SYS_write, "dez", 24 },
	{ REDOX_SYS_fpath, "dan", 0 },      { REDOX_SYS_getcwd, "an", 0 },
	{ REDOX_SYS_dup, "daz", 0 },        { REDOX_SYS_dup2, "ddaz", 0 },
	{ REDOX_SYS_lseek, "dnn", 0 },      { REDOX_SYS_fcntl, "dnn", 0 },
	{ REDOX_SYS_ftruncate, "ds", 0 },   { REDOX_SYS_fevent, "dn", 0 },
	{ REDOX_SYS_pipe2, "ag", 0 },       { REDOX_SYS_clock_gettime, "na", 0 },
	{ REDOX_SYS_nanosleep, "ta", 0 },   { REDOX_SYS_futex, "annta", 0 },
	{ REDOX_SYS_sigaction, "raaa", 0 }, { REDOX_SYS_sigprocmask, "naa", 0 },
	{ REDOX_SYS_kill, "nr", 0 },        { REDOX_SYS_waitpid, "zan", 0 },
	{ REDOX_SYS_mkns, "lz", 1 },        { REDOX_SYS_clone, "g", 0 },
	{ REDOX_SYS_physmap, "psn", 0 },    { REDOX_SYS_physalloc, "s", 0 },
	{ REDOX_SYS_physalloc3, "sna", 0 }, { REDOX_SYS_virttophys, "a", 0 },
	{ REDOX_SYS_read2, "dannz", 0 },    { REDOX_SYS_write2, "dannz", 0 },
	{ REDOX_SYS_getdents, "dasnn", 0 }, { REDOX_SYS_fexec, "dlzlz", 1 },
};

/* A structure in the arena, of up to four words. */
static uint64_t put_words(struct fuzzer *fuzzer, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
	uint64_t *words = (uint64_t *)(fuzzer->arena + 64 * fuzz_below(fuzzer, 32));

	words[0] = a;
	words[1] = b;
	words[2] = c;
	words[3] = d;
	return (uint64_t)words;
}

static uint64_t random_page(struct fuzzer *fuzzer)
{
	if (fuzz_below(fuzzer, 2))
		return fuzzer->answer[fuzz_below(fuzzer, FUZZ_ANSWERS)] & ~(PAGE_SIZE - 1);
	return fuzzer->arena + PAGE_SIZE * fuzz_below(fuzzer, FUZZ_ARENA_PAGES);
}

static uint64_t shaped_argument(struct fuzzer *fuzzer, char kind, uint64_t size)
{
	const char *path;

	switch (kind) {
	case 'a':
		return fuzzer->arena +
		       (fuzz_below(fuzzer, FUZZ_ARENA_PAGES * PAGE_SIZE / 2) & ~UINT64_C(7));
	case 'd':
		return random_fd(fuzzer);
	case 'e':
		return put_words(fuzzer, random_fd(fuzzer), fuzz_below(fuzzer, 4),
				 fuzz_below(fuzzer, 4), 0);
	case 'g':
		return random_flags(fuzzer);
	case 'l':
		path = random_path(fuzzer);
		return put_words(fuzzer, (uint64_t)path, strlen(path), 0, 0);
	case 'm':
		return put_words(fuzzer, PAGE_SIZE * fuzz_below(fuzzer, 3),
				 PAGE_SIZE * fuzz_below(fuzzer, 5) + fuzz_below(fuzzer, 2),
				 random_flags(fuzzer),
				 fuzz_below(fuzzer, 2) ? 0 : random_page(fuzzer));
	case 'n':
		return fuzz_below(fuzzer, 9);
	case 'p':
		return random_page(fuzzer);
	case 'r':
		return fuzz_below(fuzzer, 40);
	case 's':
		return PAGE_SIZE * fuzz_below(fuzzer, 6);
	case 't':
		return put_words(fuzzer, 0, fuzz_below(fuzzer, 1000000), 0,
				 fuzz_below(fuzzer, 1000000));
	default:
		return size;
	}
}

/* True if there is a shape for the call. */
static bool shape_arguments(struct fuzzer *fuzzer, uint64_t number, uint64_t argument[6])
{
	for (size_t i = 0; i < array_length(shapes); i++) {
		if (shapes[i].number != number)
			continue;
		for (unsigned j = 0; shapes[i].kinds[j]; j++)
			argument[j] = shaped_argument(fuzzer, shapes[i].kinds[j], shapes[i].size);
		if (number == REDOX_SYS_fmap && fuzz_below(fuzzer, 2))
			argument[0] = UINT64_MAX;
		return true;
	}
	return false;
}

static bool is_relative(uint64_t number)
{
	return number == REDOX_SYS_openat || number == REDOX_SYS_unlinkat ||
	       number == REDOX_SYS_openat_with_filter || number == REDOX_SYS_unlinkat_with_filter ||
	       number == REDOX_SYS_openat_into;
}

/* Arguments that fit the call, or the number's class, mostly. */
void fuzz_choose_arguments(struct fuzzer *fuzzer, uint64_t number, uint64_t argument[6])
{
	for (unsigned i = 0; i < 6; i++)
		argument[i] = random_argument(fuzzer);
	if (fuzz_below(fuzzer, 4) && shape_arguments(fuzzer, number, argument))
		return;
	if (fuzz_below(fuzzer, 8) == 0 && (number & REDOX_CLASS) != REDOX_CLASS_PATH)
		return;
	if ((number & REDOX_CLASS) == REDOX_CLASS_PATH || number == REDOX_SYS_chdir) {
		/* Those with a descriptor before the path are later ones. */
		bool relative = is_relative(number);

		argument[0] = random_fd(fuzzer);
		set_path(fuzzer, argument + relative);
		argument[2 + relative] = random_flags(fuzzer);
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

uint64_t fuzz_setting(const char *name, uint64_t otherwise)
{
	const char *text = environment_get(name);
	uint64_t value;

	return text && string_to_u64(text, &value) == 0 ? value : otherwise;
}
