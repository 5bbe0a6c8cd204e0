/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a handler is set and how it ends. */
#include <cryptos/signal.h>

__asm__(".pushsection .text\n"
	".globl signal_restorer\n"
	".type signal_restorer, @function\n"
	"signal_restorer:\n"
	"	movl $0x77, %eax\n" /* sigreturn */
	"	syscall\n"
	"	ud2\n"
	".size signal_restorer, . - signal_restorer\n"
	".popsection\n");
_Static_assert(REDOX_SYS_sigreturn == 0x77, "sigreturn");

int64_t signal_set_handler(int signal, signal_handler handler, uint64_t flags,
			   struct redox_signal_action *old)
{
	const struct redox_signal_action action = { .handler = (uint64_t)handler, .flags = flags };

	return syscall(sigaction, signal, &action, old, signal_restorer);
}
