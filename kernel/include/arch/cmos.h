/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Arch contract: the battery-backed clock (MC146818 and its kin on PCs), its alarm, and the bytes of memory
 * beside it, which firmware uses too. Times are seconds since 1970. Any context.
 */
#pragma once

#include <base/types.h>

#define ARCH_CMOS_SIZE 128

/* The clock's registers and the memory behind them; what lies beyond ARCH_CMOS_SIZE reads as 0. */
uint8_t arch_cmos_read(unsigned index);
void arch_cmos_write(unsigned index, uint8_t value);

/* Reads it; 0: there is none, or it holds no time. arch_clock_wall_seconds() of arch/irq.h is the same. */
uint64_t arch_wall_clock_read(void);
/* -ENODEV: there is none; -EINVAL: not a time that it can hold. */
int must_check arch_wall_clock_set(uint64_t seconds);

/* Has the clock raise its interrupt, and wake the machine, at that time; 0: not any more. An alarm tells
 * neither day nor month: -EINVAL for times that are past, or further away than a day. -ENODEV. */
int must_check arch_wall_clock_alarm(uint64_t seconds);
/* The interrupt came: takes what it was for from the clock. True: the alarm. */
bool arch_wall_clock_take_alarm(void);
/* The ISA line of the interrupt. */
unsigned arch_wall_clock_line(void);
