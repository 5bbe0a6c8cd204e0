/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Worker pools, over the scheme `pool:`.
 *
 * A worker gets a stack and a thread block: the program's initial `__thread` variables and what
 * compiled code expects at the thread pointer, which is the pointer itself, the stack protector's
 * secret and the C library's errno.
 */
#include "pool.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define SCHEME     "/scheme/pool"
#define PAGE       4096ul
#define STACK_SIZE (256 * 1024ul) /* with the page that faults */
/* Room for what the C library keeps at the thread pointer; more than any asks for. */
#define THREAD_RECORD 4096ul
/* Operations of the futex call; musl's headers have no name for them. */
#define FUTEX_WAIT 0
#define FUTEX_WAKE 1
#define JOBS_MAX   64

/* A loop that workers share. It is in use while somebody may look at it. */
struct job {
	_Atomic uint64_t next;    /* the piece that is to be done next */
	_Atomic uint64_t left;    /* pieces that are not done */
	_Atomic uint32_t done;    /* a futex: all pieces are */
	_Atomic uint32_t holders; /* the caller, and items that were not run yet */
	uint64_t pieces, begin, end, grain;
	void (*function)(uint64_t first, uint64_t end, void *argument);
	void *argument;
	struct pool *pool;
};

struct pool {
	int control; /* the kernel's pool */
	int source;  /* where workers read; see pool_close() */
	unsigned workers;
	size_t size; /* of the mapping that all of this is in */
	/* Not 0: the worker's thread is there; a futex that the kernel clears. */
	_Atomic uint32_t alive[POOL_WORKERS_MAX];
	_Atomic uint64_t jobs_used; /* a bit each */
	struct job jobs[JOBS_MAX];
};

/* The pool whose worker this is, or NULL. */
static __thread struct pool *own_pool;

/* --- What the kernel needs to know. ------------------------------------------------------- */

/* The program's thread-local variables as its file has them. */
struct thread_image {
	const void *data;
	size_t data_size;
	size_t room; /* below the thread pointer */
};

static int note_thread_image(struct dl_phdr_info *program, size_t size, void *result)
{
	struct thread_image *image = result;

	(void)size;
	for (size_t i = 0; i < program->dlpi_phnum; i++) {
		const Elf64_Phdr *header = &program->dlpi_phdr[i];
		size_t align = header->p_align ? header->p_align : 1;

		if (header->p_type != PT_TLS)
			continue;
		image->data = (const void *)(program->dlpi_addr + header->p_vaddr);
		image->data_size = header->p_filesz;
		image->room = (header->p_memsz + align - 1) & -align;
	}
	return 1; /* the program comes first, and is all that a static one has */
}

static struct thread_image find_thread_image(void)
{
	struct thread_image image = { NULL, 0, 0 };

	dl_iterate_phdr(note_thread_image, &image);
	return image;
}

/* Where everything lies in the pool's mapping. */
struct layout {
	struct thread_image image;
	unsigned count;
	size_t stacks, pointers, distance, size;
};

static struct layout plan(unsigned count)
{
	struct layout layout = { .image = find_thread_image(), .count = count };
	/* Pages, so that any alignment of variables holds. */
	size_t below = (layout.image.room + PAGE - 1) & -PAGE;

	layout.stacks = (sizeof(struct pool) + PAGE - 1) & -PAGE;
	layout.distance = below + THREAD_RECORD;
	layout.pointers = layout.stacks + count * STACK_SIZE + below;
	layout.size = layout.stacks + count * (STACK_SIZE + layout.distance);
	return layout;
}

static void fill_thread_block(char *pointer, const struct thread_image *image)
{
	const uint64_t *mine = __builtin_thread_pointer();
	uint64_t *words = (uint64_t *)pointer;

	memcpy(pointer - image->room, image->data, image->data_size);
	words[0] = (uint64_t)pointer; /* the ABI's */
	words[2] = (uint64_t)pointer; /* glibc's own; musl's list of threads */
	words[3] = (uint64_t)pointer;
	words[5] = mine[5]; /* the stack protector's secret */
	words[6] = mine[6]; /* the one that scrambles pointers */
}

/* --- The worker. -------------------------------------------------------------------------- */

/* The compiler does not know how this function was called: the stack is aligned anew. */
__attribute__((noreturn, force_align_arg_pointer)) static void worker_main(uint64_t index,
									   uint64_t argument)
{
	struct pool *pool = (struct pool *)argument;
	struct pool_item item;

	own_pool = pool;
	syscall(SYS_set_tid_address, &pool->alive[index]);
	while (syscall(SYS_read, pool->source, &item, sizeof(item)) == (long)sizeof(item))
		((void (*)(void *))item.function)((void *)item.argument);
	for (;;)
		syscall(SYS_exit, 0);
}

/* --- Opening and closing. ----------------------------------------------------------------- */

static unsigned count_processors(void)
{
	uint64_t mask[16] = { 0 }; /* 1024 CPUs */
	long size = syscall(SYS_sched_getaffinity, 0, sizeof(mask), mask);
	unsigned count = 0;

	for (size_t i = 0; size > 0 && i < sizeof(mask) / sizeof(mask[0]); i++)
		count += (unsigned)__builtin_popcountll(mask[i]);
	return count ? count : 1;
}

static int start(struct pool *pool, const struct layout *layout)
{
	char *base = (char *)pool;
	struct pool_configuration configuration = {
		.version = POOL_VERSION,
		.workers = layout->count,
		.entry = (uint64_t)worker_main,
		.argument = (uint64_t)pool,
		.stacks = (uint64_t)(base + layout->stacks),
		.stack_size = STACK_SIZE,
		.thread_pointers = (uint64_t)(base + layout->pointers),
		.thread_pointer_distance = layout->distance,
	};
	struct pool_status status;

	for (unsigned i = 0; i < layout->count; i++) {
		if (mprotect(base + layout->stacks + i * STACK_SIZE, PAGE, PROT_NONE) < 0)
			return -1;
		fill_thread_block(base + layout->pointers + i * layout->distance, &layout->image);
		pool->alive[i] = 1;
	}
	if (write(pool->control, &configuration, sizeof(configuration)) < 0 ||
	    pool_read_status(pool, &status) < 0)
		return -1;
	pool->workers = status.workers;
	return 0;
}

static void free_pool(struct pool *pool)
{
	int error = errno;

	if (pool->control >= 0)
		close(pool->control);
	if (pool->source >= 0)
		close(pool->source);
	munmap(pool, pool->size);
	errno = error;
}

struct pool *pool_open(unsigned workers)
{
	unsigned most = count_processors();
	struct layout layout;
	struct pool *pool;

	if (most > POOL_WORKERS_MAX)
		most = POOL_WORKERS_MAX;
	if (workers == 0 || workers > most)
		workers = most;
	layout = plan(workers);
	pool = mmap(NULL, layout.size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (pool == MAP_FAILED)
		return NULL;
	pool->size = layout.size;
	pool->source = -1;
	pool->control = open(SCHEME, O_RDWR | O_CLOEXEC);
	if (pool->control >= 0)
		pool->source = open(SCHEME, O_RDONLY | O_CLOEXEC);
	if (pool->source < 0 || start(pool, &layout) < 0) {
		free_pool(pool);
		return NULL;
	}
	return pool;
}

static void wait_while(_Atomic uint32_t *word, uint32_t value, const struct timespec *limit)
{
	syscall(SYS_futex, word, FUTEX_WAIT, value, limit, NULL, 0);
}

int pool_close(struct pool *pool)
{
	if (own_pool == pool) {
		errno = EDEADLK;
		return -1;
	}
	/* The kernel's pool goes with its description, which no worker reads. */
	close(pool->control);
	pool->control = -1;
	for (unsigned i = 0; i < pool->workers; i++) {
		uint32_t alive;

		while ((alive = pool->alive[i]) != 0)
			wait_while(&pool->alive[i], alive, NULL);
	}
	free_pool(pool);
	return 0;
}

unsigned pool_workers(const struct pool *pool)
{
	return pool->workers;
}

int pool_read_status(const struct pool *pool, struct pool_status *status)
{
	return ioctl(pool->control, POOL_STATUS, status);
}

/* --- Work. -------------------------------------------------------------------------------- */

static int submit_item(struct pool *pool, void (*function)(void *), void *argument)
{
	struct pool_item item = { (uint64_t)function, (uint64_t)argument, 0 };
	long result;

	do
		result = syscall(SYS_write, pool->control, &item, sizeof(item));
	while (result < 0 && errno == EINTR);
	return result == (long)sizeof(item) ? 0 : -1;
}

int pool_submit(struct pool *pool, void (*function)(void *argument), void *argument)
{
	int result = submit_item(pool, function, argument);

	/* The queue is full, and a worker must not wait for workers. */
	if (result < 0 && errno == EAGAIN && own_pool) {
		function(argument);
		return 0;
	}
	return result;
}

int pool_wait(struct pool *pool)
{
	return (int)syscall(SYS_fsync, pool->control);
}

static struct job *take_job(struct pool *pool)
{
	uint64_t used = pool->jobs_used;

	while (~used != 0) {
		unsigned index = (unsigned)__builtin_ctzll(~used);

		if (atomic_compare_exchange_weak(&pool->jobs_used, &used, used | 1ull << index))
			return &pool->jobs[index];
	}
	return NULL;
}

static void drop_job(struct job *job, uint32_t holders)
{
	struct pool *pool = job->pool;

	if (atomic_fetch_sub(&job->holders, holders) == holders)
		atomic_fetch_and(&pool->jobs_used, ~(1ull << (job - pool->jobs)));
}

/* Does pieces until none is left. */
static void do_pieces(struct job *job)
{
	uint64_t piece;

	while ((piece = atomic_fetch_add(&job->next, 1)) < job->pieces) {
		uint64_t first = job->begin + piece * job->grain;
		uint64_t count = job->end - first;

		job->function(first, first + (count < job->grain ? count : job->grain),
			      job->argument);
		if (atomic_fetch_sub(&job->left, 1) == 1) {
			job->done = 1;
			syscall(SYS_futex, &job->done, FUTEX_WAKE, INT32_MAX, NULL, NULL, 0);
		}
	}
}

static void run_job(void *argument)
{
	do_pieces(argument);
	drop_job(argument, 1);
}

/* Waits for the workers' pieces. Should all workers end, nobody would wake the caller: so it
 * looks, once a second. */
static int wait_for_job(struct job *job)
{
	const struct timespec second = { 1, 0 };
	struct pool_status status;

	while (!job->done) {
		wait_while(&job->done, 0, &second);
		if (job->done || pool_read_status(job->pool, &status) < 0 || status.workers > 0)
			continue;
		do_pieces(job);
		if (job->left > 0) {
			errno = ESRCH;
			return -1;
		}
	}
	return 0;
}

/* Submits the job to as many workers as it has pieces for; how many. */
static uint32_t spread_job(struct pool *pool, struct job *job)
{
	uint32_t wanted = job->pieces < pool->workers ? (uint32_t)job->pieces : pool->workers;
	uint32_t submitted = 0;

	atomic_store(&job->holders, wanted + 1);
	while (submitted < wanted && submit_item(pool, run_job, job) == 0)
		submitted++;
	if (submitted < wanted)
		drop_job(job, wanted - submitted);
	return submitted;
}

int pool_parallel_for(struct pool *pool, uint64_t begin, uint64_t end, uint64_t grain,
		      void (*function)(uint64_t first, uint64_t end, void *argument),
		      void *argument)
{
	struct job *job;
	int result;

	if (begin >= end)
		return 0;
	if (grain == 0)
		grain = 1;
	job = take_job(pool);
	if (!job) { /* as many loops are under way as there is room for: plenty to do */
		function(begin, end, argument);
		return 0;
	}
	job->pool = pool;
	job->begin = begin;
	job->end = end;
	job->grain = grain;
	job->function = function;
	job->argument = argument;
	job->pieces = (end - begin - 1) / grain + 1;
	job->next = 0;
	job->left = job->pieces;
	job->done = 0;
	if (spread_job(pool, job) == 0 || own_pool)
		do_pieces(job);
	result = wait_for_job(job);
	drop_job(job, 1);
	return result;
}
