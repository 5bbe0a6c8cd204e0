/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Inside the schemes that processes provide: providers, requests, buffers, open files.
 *
 * A provider is what a socket stands for. Who wants something of it sends a request and sleeps;
 * the provider reads it from the socket as a packet and writes the answer. No lock is held
 * while a request is under way.
 */
#pragma once

#include <base/list.h>
#include <mm/vm/user.h>
#include <redox/flags.h>
#include <redox/types.h>
#include <sched/mutex.h>
#include <sched/wait.h>
#include <scheme/file.h>
#include <scheme/scheme.h>
#include <sync/spinlock.h>
#include <user_scheme/user_scheme.h>

struct aspace;
struct frame;
struct poller;
struct provider;
struct thread;
struct vm_object;

/* The calls that packets carry. */
enum request_call {
	CALL_OPEN = 0x10100005,
	CALL_CHMOD = 0x1000000f,
	CALL_RMDIR = 0x10000054,
	CALL_UNLINK = 0x1000000a,
	CALL_CLOSE = 0x20000006,
	CALL_DUP = 0x20100029,
	CALL_READ = 0x22000003,
	CALL_WRITE = 0x21000004,
	CALL_LSEEK = 0x20000013,
	CALL_FCHMOD = 0x2000005e,
	CALL_FCHOWN = 0x200000cf,
	CALL_FCNTL = 0x20000037,
	CALL_FEVENT = 0x2000039f,
	CALL_FMAP = 0x21000384,
	CALL_FUNMAP = 0x2000005c,
	CALL_FPATH = 0x220003a0,
	CALL_FRENAME = 0x23000026,
	CALL_FSTAT = 0x2200001c,
	CALL_FSTATVFS = 0x22000064,
	CALL_FSYNC = 0x20000076,
	CALL_FTRUNCATE = 0x2000005d,
	CALL_FUTIMENS = 0x21000140,
};

/* --- Buffers (buffer.c): a request's bytes, where the provider sees them --- */

#define WINDOW_PAGES     256 /* of a provider's window */
#define WINDOW_SHARE_MAX 32  /* of them for one request; a larger one gets memory of its own */

/* Memory that provider and kernel share: the provider has it mapped, the kernel copies the
 * bytes of requests into its pages and out of them. */
struct window {
	struct mutex lock;                   /* RANK_USER_WINDOW: base, and the making of object */
	struct vm_object *object;            /* a reference; NULL: not made yet */
	uintptr_t base;                      /* where it was mapped last; 0: nowhere yet */
	_Atomic(char *) pages[WINDOW_PAGES]; /* of the object, once they were used; no lock */
	bool used[WINDOW_PAGES];             /* the provider's lock */
};

struct buffer {
	struct vm_object *object; /* the window's, or its own with a reference; NULL: no bytes */
	bool own;
	size_t first, pages; /* in the object */
	size_t offset;       /* in the first page */
	size_t length;       /* bytes */
	/* Of its own memory, once it was mapped: where; a reference to the address space. */
	struct aspace *aspace;
	uintptr_t address;
};

void window_init(struct window *window);
void window_fini(struct window *window);
/* Room for `length` bytes that begin at `offset` in a page. -ENOMEM. */
int must_check buffer_reserve(struct provider *provider, struct buffer *buffer, size_t offset,
			      size_t length);
void buffer_release(struct provider *provider, struct buffer *buffer);
/* Copies all of the buffer from `io`, or `count` bytes of it to `io`. -EFAULT, -ENOMEM. */
int must_check buffer_fill(struct provider *provider, struct buffer *buffer, struct io *io);
int must_check buffer_drain(struct provider *provider, struct buffer *buffer, struct io *io,
			    size_t count);
/* Makes the buffer visible in the current address space; its address in *address. */
int must_check buffer_show(struct provider *provider, struct buffer *buffer, uintptr_t *address);

/* --- Requests (request.c) --- */

enum request_state {
	REQUEST_QUEUED,     /* in provider->queue */
	REQUEST_DELIVERING, /* a reader of the socket works on it; in no list */
	REQUEST_TAKEN,      /* in provider->taken */
	REQUEST_ANSWERED,   /* in no list */
};

struct user_file;

struct request {
	struct redox_packet packet;
	struct buffer buffer;
	bool has_buffer;        /* its address becomes c ... */
	bool path;              /* ... or b, and it is a path */
	struct user_file *file; /* of FEVENT: whose readiness the answer is; a reference */
	uint64_t map_length;    /* of FMAP: what FUNMAP is to undo */

	/* The provider's lock. */
	struct list_node node;
	enum request_state state;
	struct thread *caller; /* who waits; NULL: nobody, the provider frees it */
	int error;             /* the answer: 0 or a negative errno */
	uint64_t value;
	struct aspace *aspace; /* FMAP: of whoever answered; a reference, or NULL */
};

void request_init_cache(void);
/* In the name of the current process. NULL: no memory. */
struct request *request_create(uint64_t call, uint64_t b, uint64_t c, uint64_t d);
/* One for later, to be completed by request_begin(). */
void request_begin(struct request *request, uint64_t call, uint64_t b, uint64_t c, uint64_t d);
void request_free(struct provider *provider, struct request *request);

/* Sends the request and waits for the answer: 0 or the provider's error, negative; the request
 * stays the caller's. -ENODEV: there is no provider any more.
 * Interrupted, *request becomes NULL: -ERESTARTNOINTR where the provider has not seen it, or the
 * current thread is to end. */
int must_check request_send(struct provider *provider, struct request **request);
/* Sends it; nobody waits. Takes it over. */
void request_post(struct provider *provider, struct request *request);
/* request_send() where that can wait, for what must reach the provider in any case (CLOSE,
 * FUNMAP); else request_post(). Takes it over. */
void request_finish(struct provider *provider, struct request *request);

/* Sends the request, which stays the caller's as with request_send(): the error, or 0 with the answer in *value (may be NULL). With
 * `in` its bytes are sent along, `out` receives bytes: as many as the answer says if `counted`,
 * else all. */
struct request_data {
	struct io *in, *out;
	bool counted;
	struct aspace **aspace;
};
int must_check request_run(struct provider *provider, struct request **request,
			   const struct request_data *data, uint64_t *value);
/* The same, and frees the request, which may be NULL: -ENOMEM. */
int must_check request_call(struct provider *provider, struct request *request,
			    const struct request_data *data, uint64_t *value);
/* A call without bytes whose answer is a small number: it, or the error. */
int must_check request_simple(struct provider *provider, uint64_t call, uint64_t b, uint64_t c,
			      uint64_t d);

/* --- Providers (provider.c) --- */

enum provider_state {
	PROVIDER_SERVES,
	PROVIDER_UNMOUNTED, /* takes no requests any more */
	PROVIDER_GONE,      /* the socket is closed */
};

#define PROVIDER_BUCKETS 16

struct provider {
	/* Who holds: the socket, the scheme, open files, maps. */
	struct refcount references;
	struct scheme *scheme;     /* the socket's reference, until it is closed */
	struct wait_queue pollers; /* of the socket */
	struct window window;

	struct spinlock lock; /* RANK_USER_SCHEME: all below */
	enum provider_state state;
	uint64_t last_id;
	struct list readers;                 /* struct reader: threads that wait for one */
	struct list queue;                   /* requests that wait to be read */
	struct list taken[PROVIDER_BUCKETS]; /* that wait for their answer, by id */
	struct list files[PROVIDER_BUCKETS]; /* open ones, by the provider's number */
};

/* A scheme in the current namespace, and its provider (a reference). -EEXIST, -ENOMEM. */
int must_check provider_create(const char *name, struct provider **provider);
void provider_get(struct provider *provider);
void provider_put(struct provider *provider);
/* Takes the name away. New requests fail, those under way can be answered. */
void provider_unmount(struct provider *provider);
/* The socket is closed: everybody who waits is released. */
void provider_close(struct provider *provider);
/* Delivers requests as packets. Bytes or an error. */
ssize_t must_check provider_read(struct provider *provider, struct io *io, bool wait);
/* Takes answers and reports of readiness. */
ssize_t must_check provider_write(struct provider *provider, struct io *io);

/* A thread that sleeps until there are requests to read: it is to be woken, and put. NULL: none. The
 * lock is held. */
struct thread *provider_next_reader_locked(struct provider *provider);

static inline struct list *provider_bucket(struct list *buckets, uint64_t key)
{
	return &buckets[key % PROVIDER_BUCKETS];
}

/* The scheme's ops and flags for namespace (open.c). */
extern const struct scheme_ops user_scheme_ops;

/* --- Open files (file.c) --- */

struct user_file {
	struct node node;
	struct scheme *scheme;     /* a reference */
	struct provider *provider; /* a reference */
	uint64_t number;           /* the provider's; immutable */
	bool looked_at;            /* nobody waits for its being closed; immutable */
	struct request *closing;   /* for CLOSE, made beforehand */
	struct wait_queue waiters;
	/* Thread that reads it; no lock, as two of them would mix up the bytes anyway. */
	uint64_t kernel_position; /* where the kernel's own last read ended */
	/* The provider's lock. */
	struct listing *listing; /* of a directory: its names as they were read last; a reference */
	unsigned opens;          /* descriptions: one, but for /proc/PID/fd */
	struct list_node list_node; /* in provider->files */
	_Atomic uint32_t ready;     /* enum redox_event_flags, as far as it is known */
	_Atomic uint32_t wanted;    /* that somebody waits for; by who watches last */
	_Atomic bool seen;          /* what is in `ready` has been reported */
	_Atomic bool plain;         /* the provider cannot tell: always ready */
};

static inline struct user_file *user_file_of(const struct file *file)
{
	return container_of(file->node, struct user_file, node);
}

void user_file_init_cache(void);
/* The storage of a file of `scheme`, which the caller has a reference to. NULL: no memory. */
struct user_file *user_file_prepare(struct scheme *scheme);
void user_file_discard(struct user_file *made);
/* The description of what the provider calls `number`. Takes over `made`; on failure too, and
 * then the number is closed. */
int must_check user_file_open(struct user_file *made, uint64_t number, unsigned flags,
			      const struct credentials *credentials, struct file **file);
/* The provider says that `number` is ready. The lock is held. */
void user_file_note_ready_locked(struct provider *provider, uint64_t number, uint32_t ready);

/* ready.c */
int user_file_watch(struct file *file, unsigned wanted);
unsigned user_file_poll(struct file *file, struct poller *poller);
/* Whoever watches the file looks at what is there, not at what becomes new (Linux's programs): after
 * a transfer the provider is asked again, and nobody waits for it. */
void user_file_ask_again(struct user_file *user);
/* The provider answered FEVENT. The lock is held. */
void user_file_set_ready_locked(struct user_file *user, uint32_t ready);

/* listing.c */
struct listing;
void listing_put(struct listing *listing); /* may be NULL */
int user_file_read_directory(struct file *file, uint64_t *cookie, struct directory_sink *sink);
/* Reads at the position that the provider keeps. */
ssize_t must_check user_file_read_here(struct file *file, struct io *io);
int64_t user_file_seek(struct file *file, int64_t offset, int whence);

/* attributes.c */
void user_file_refresh(struct node *node);
int user_file_change(struct node *node, const struct node_changes *changes);
int user_file_read_attributes(struct file *file, struct node_attributes *attributes);
int user_file_change_attributes(struct file *file, const struct node_changes *changes);
int user_file_statistics(struct file *file, struct scheme_statistics *statistics);
/* map.c */
int user_file_map(struct file *file, uint64_t offset, size_t length, unsigned vm_flags,
		  struct vm_object **object);

/* An error that a provider answered, for the current program: Redox's numbers for Redox's
 * programs, Linux's for others. */
int provider_error(int error);
/* True in a program of the Redox ABI. */
bool caller_is_redox(void);
