/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Work that takes its time: a thread of its own, while the window goes on. */
#pragma once

#include <stdbool.h>
#include <ui.h>

/* Bytes. Trees are walked with a call or three of some 10 KiB for each folder within another: more than
 * the C library gives to threads. Only what is used takes memory. */
#define WORKER_STACK (4 << 20)

/* Calls run(argument) in a thread, and when that has returned, done(argument) in the window's. False
 * (errno): there is no thread to be had, and neither is called. */
bool worker_start(struct ui *ui, void (*run)(void *argument), void (*done)(void *argument),
		  void *argument);
