/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Interrupts of hosts. One that comes before the host has seen to the last is held back at its source until then; so one
 * that stays raised costs no more than the host's own time.
 */
#pragma once

#include "host_priv.h"

/* Lets those come again of which the host was told. */
void host_irq_release_told(struct host *host);
/* Takes those that came, of which the host is told now. */
uint64_t host_irq_take(struct host *host);
bool host_irq_is_pending(struct host *host);
/* On return no handler of it runs. Thread context. */
void host_irq_disconnect_all(struct host *host);
