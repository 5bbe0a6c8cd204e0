/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the socket calls share: socket.c, message.c, socket_option.c. */
#pragma once

#include "linux.h"

#include <net/unix_socket.h>

#define LINUX_AF_UNSPEC 0
#define LINUX_AF_UNIX   1

/* The socket of a descriptor, with a reference. -EBADF, -ENOTSOCK. */
int must_check linux_get_socket(int fd, struct file **file);
/* Who the caller is. */
struct unix_identity linux_own_identity(void);
/* A struct sockaddr at a user address. -EINVAL, -EAFNOSUPPORT, -EFAULT. */
int must_check linux_get_address(uint64_t from, uint64_t length, struct unix_address *address);
/* Writes what fits in `room` bytes; the full length in *length. */
int must_check linux_put_address(uint64_t to, uint32_t room, const struct unix_address *address,
				 uint32_t *length);
