/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * For tests of schemes that processes serve: the test itself is the provider, which takes one
 * request after the other and answers as the test wants it; its child is the client.
 */
#pragma once

#include "redox_test.h"

/* Registers `name` and returns its socket. */
int64_t provider_begin(const char *name);
/* Waits for the next request, which must be `call`. */
void provider_take(int64_t socket, uint64_t call, struct redox_packet *packet);
/* Answers it: a value, or a negative errno. */
void provider_answer(int64_t socket, struct redox_packet *packet, int64_t result);
/* The two together: takes a request and answers it. */
void provider_expect(int64_t socket, uint64_t call, int64_t result);
/* Starts a client, which does without the socket. */
int64_t client_begin(unsigned (*run)(void *), const void *argument);
/* The client has to end with status 0. */
void client_end(int64_t pid);
