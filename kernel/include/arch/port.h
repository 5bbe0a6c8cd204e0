/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Arch contract: I/O ports, for drivers of devices that have them. Where the architecture has
 * no such address space reads give all ones and writes do nothing. The inline functions come
 * from <machine/port.h>:
 *
 *   uint8_t arch_port_read8(uint16_t port);     and so on for 16 and 32 bits
 *   void arch_port_write8(uint16_t port, uint8_t value);
 */
#pragma once

#include <machine/port.h>
