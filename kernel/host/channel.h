/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The channel to a host, inside kernel/host. */
#pragma once

#include "host_priv.h"

/* Takes the replies that are there and sees to them. In a thread of the host. */
void host_take_replies(struct host *host);
/* No more messages; all that are under way are done with -EOWNERDEAD. Once. Thread context. */
void host_close_channel(struct host *host);
/* Whether there are messages that the host has not taken, as far as it can be believed. */
bool host_has_messages(struct host *host);
