/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Non-maskable interrupts. */
#pragma once

struct arch_registers;

/* The handler, on a stack of its own, or on the thread's if a program was interrupted. */
void machine_handle_nmi(const struct arch_registers *registers);
