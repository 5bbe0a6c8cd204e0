/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Serving a scheme. A server opens a socket for a name; what others do with "name:..." arrives
 * there as requests, for which the server's handlers are called, one after the other.
 *
 *	static const struct scheme_handlers handlers = { .open = ..., .read = ..., .close = ... };
 *
 *	scheme_create(&server, "name", &handlers, NULL);
 *	scheme_serve(&server);
 *
 * A handler returns what its caller is to get: 0 or more, or a negative errno. One that cannot
 * answer yet returns SCHEME_LATER, keeps request->id and answers with scheme_answer(). The memory
 * that comes with a request is the caller's, for as long as the handler runs (with SCHEME_LATER:
 * until the answer).
 *
 * `number` is what open or duplicate returned for the file; a server chooses as it likes.
 */
#pragma once

#include <cryptos/file.h>

struct scheme_server;

struct scheme_request {
	struct scheme_server *server;
	uint64_t id;
	uint64_t pid; /* the caller's, as uid and gid (effective) */
	uint32_t uid;
	uint32_t gid;
};

#define SCHEME_LATER INT64_MIN

/* What is NULL is refused: with ENOENT where a path is named, else with EBADF; but close and
 * synchronise do nothing then, and control is left to the kernel. Paths are what follows the
 * colon; they are not terminated. */
struct scheme_handlers {
	/* Returns the number of the file. REDOX_O_*, and permissions of a new file. */
	int64_t (*open)(const struct scheme_request *request, const char *path, size_t length,
			uint64_t flags);
	int64_t (*change_mode_of_path)(const struct scheme_request *request, const char *path,
				       size_t length, unsigned mode);
	int64_t (*remove_directory)(const struct scheme_request *request, const char *path,
				    size_t length);
	int64_t (*unlink)(const struct scheme_request *request, const char *path, size_t length);
	/* Returns the number of another file, which `name` describes; it is never empty. */
	int64_t (*duplicate)(const struct scheme_request *request, uint64_t number,
			     const char *name, size_t length);
	/* Return how many bytes; 0 at the end. */
	int64_t (*read)(const struct scheme_request *request, uint64_t number, void *buffer,
			size_t size);
	int64_t (*write)(const struct scheme_request *request, uint64_t number, const void *bytes,
			 size_t size);
	/* Returns the new place. */
	int64_t (*seek)(const struct scheme_request *request, uint64_t number, int64_t offset,
			unsigned whence);
	int64_t (*control)(const struct scheme_request *request, uint64_t number, uint64_t command,
			   uint64_t argument);
	/* Takes all REDOX_EVENT_* that anybody waits for; returns those that are true now. Later
	 * ones are told by scheme_report(). */
	int64_t (*watch)(const struct scheme_request *request, uint64_t number, uint64_t flags);
	/* Returns a page-aligned address of the server's; the pages there become the caller's too,
	 * shared, until unmap is called with that address. */
	int64_t (*map)(const struct scheme_request *request, uint64_t number,
		       const struct redox_map *map);
	int64_t (*unmap)(const struct scheme_request *request, uint64_t address, uint64_t size);
	/* Fills in the file's whole name, "scheme:...", cut to `size`; returns its length. */
	int64_t (*path)(const struct scheme_request *request, uint64_t number, char *buffer,
			size_t size);
	int64_t (*rename)(const struct scheme_request *request, uint64_t number, const char *path,
			  size_t length);
	/* Find the structure zeroed. */
	int64_t (*status)(const struct scheme_request *request, uint64_t number,
			  struct redox_stat *status);
	int64_t (*system_status)(const struct scheme_request *request, uint64_t number,
				 struct redox_statvfs *status);
	int64_t (*change_mode)(const struct scheme_request *request, uint64_t number,
			       unsigned mode);
	/* UINT32_MAX keeps an id. */
	int64_t (*change_owner)(const struct scheme_request *request, uint64_t number, uint32_t uid,
				uint32_t gid);
	/* Of last access and of last modification. */
	int64_t (*change_times)(const struct scheme_request *request, uint64_t number,
				const struct redox_timespec times[2]);
	int64_t (*truncate)(const struct scheme_request *request, uint64_t number, uint64_t size);
	int64_t (*synchronise)(const struct scheme_request *request, uint64_t number);
	/* The last descriptor of the file is gone. */
	int64_t (*close)(const struct scheme_request *request, uint64_t number);
};

struct scheme_server {
	int64_t socket;
	const struct scheme_handlers *handlers;
	void *context; /* the server's own */
};

/* Registers the scheme; from now on requests come. -EACCES but for root, -EEXIST if the name is
 * taken. The socket may be polled through an event queue. */
int64_t scheme_create(struct scheme_server *server, const char *name,
		      const struct scheme_handlers *handlers, void *context);

/* Waits for requests and handles those that are there. Returns how many; 0 when the scheme is
 * unlinked and none is left; or a negative errno. */
int64_t scheme_serve_once(struct scheme_server *server);

/* Serves until the scheme is unlinked (returns 0) or the socket fails (its errno). */
int64_t scheme_serve(struct scheme_server *server);

/* The answer to a request whose handler returned SCHEME_LATER. */
int64_t scheme_answer(struct scheme_server *server, uint64_t id, int64_t result);

/* Tells that REDOX_EVENT_* are true for the file, to whom it may concern. */
int64_t scheme_report(struct scheme_server *server, uint64_t number, uint64_t flags);

/* Ends the scheme; who waits for an answer gets ENODEV. */
void scheme_destroy(struct scheme_server *server);

/*
 * For services that init starts: the calling process waits, and a child returns from here with a
 * descriptor, to go on in the background. When the child calls service_ready(), its parent exits
 * with status 0; if it ends without, with status 1. Returns a negative errno if there is no child.
 */
int64_t service_begin(void);
void service_ready(int64_t service);
