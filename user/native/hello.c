/* SPDX-License-Identifier: GPL-3.0-or-later */
/* redox-hello [NAME]...: greets, by the Redox ABI. */
#include <cryptos/print.h>
#include <cryptos/process.h>

int main(int count, char **arguments)
{
	if (count < 2)
		print("Hello from process %ld, by the Redox ABI.\n", process_id());
	for (int i = 1; i < count; i++)
		print("Hello, %s.\n", arguments[i]);
	return 0;
}
