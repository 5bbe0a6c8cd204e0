/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ec_protocol.h"

#include <base/errno.h>
#include <base/string.h>

enum ec_command {
	EC_COMMAND_READ = 0x80,
	EC_COMMAND_WRITE = 0x81,
	EC_COMMAND_BURST = 0x82,
	EC_COMMAND_BURST_END = 0x83,
	EC_COMMAND_QUERY = 0x84,
};

#define EC_BURST_ACKNOWLEDGED 0x90
#define EC_SIZE               256
/* What is read where there is no device. */
#define EC_ABSENT 0xff
/* How many bytes it may have to say that nobody asked for. */
#define EC_STRAY_MAX 16

void ec_init(struct ec *ec, struct ec_hardware *hardware)
{
	memset(ec, 0, sizeof(*ec));
	ec->hardware = hardware;
}

static uint8_t read_status(struct ec *ec)
{
	return ec->hardware->read(ec->hardware, EC_PORT_COMMAND);
}

bool ec_event_waits(struct ec *ec)
{
	uint8_t status = read_status(ec);

	return status != EC_ABSENT && (status & EC_EVENT);
}

/* Waits until `mask` of the status is `wanted`, at most until the transaction's deadline. */
static int wait_status(struct ec *ec, uint8_t mask, uint8_t wanted)
{
	for (unsigned round = 0;; round++) {
		/* Before reading: what it answered while this thread stood still counts. */
		bool late = ec->hardware->now_ns(ec->hardware) >= ec->deadline_ns;
		uint8_t status = read_status(ec);

		if (status == EC_ABSENT)
			return -ENODEV;
		if ((status & mask) == wanted)
			return 0;
		if (late)
			return -ETIMEDOUT;
		ec->hardware->pause(ec->hardware, round);
	}
}

/* Writes a byte, when it has taken the one before. */
static int put_byte(struct ec *ec, enum ec_port port, uint8_t value)
{
	int error = wait_status(ec, EC_INPUT_FULL, 0);

	if (!error)
		ec->hardware->write(ec->hardware, port, value);
	return error;
}

static int get_byte(struct ec *ec, uint8_t *value)
{
	int error = wait_status(ec, EC_OUTPUT_FULL, EC_OUTPUT_FULL);

	if (!error)
		*value = ec->hardware->read(ec->hardware, EC_PORT_DATA);
	return error;
}

/* What is left of earlier transactions would be taken for the answer. */
static int drop_stray_bytes(struct ec *ec)
{
	for (unsigned i = 0; i < EC_STRAY_MAX; i++) {
		uint8_t status = read_status(ec);

		if (status == EC_ABSENT)
			return -ENODEV;
		if (!(status & EC_OUTPUT_FULL))
			return 0;
		(void)ec->hardware->read(ec->hardware, EC_PORT_DATA);
		ec->bytes_stray++;
	}
	return -EIO;
}

static int begin_command(struct ec *ec, enum ec_command command)
{
	int error = wait_status(ec, EC_INPUT_FULL, 0);

	if (!error)
		error = drop_stray_bytes(ec);
	return error ? error : put_byte(ec, EC_PORT_COMMAND, (uint8_t)command);
}

static int read_byte(struct ec *ec, uint8_t address, uint8_t *value)
{
	int error = begin_command(ec, EC_COMMAND_READ);

	if (!error)
		error = put_byte(ec, EC_PORT_DATA, address);
	return error ? error : get_byte(ec, value);
}

static int write_byte(struct ec *ec, uint8_t address, uint8_t value)
{
	int error = begin_command(ec, EC_COMMAND_WRITE);

	if (!error)
		error = put_byte(ec, EC_PORT_DATA, address);
	if (!error)
		error = put_byte(ec, EC_PORT_DATA, value);
	return error ? error : wait_status(ec, EC_INPUT_FULL, 0);
}

/* Has it serve us alone. One that does not know how is asked once: bytes go one by one as well. */
static bool burst_begin(struct ec *ec)
{
	uint8_t answer = 0;

	if (ec->no_burst || begin_command(ec, EC_COMMAND_BURST) != 0)
		return false;
	if (get_byte(ec, &answer) != 0 || answer != EC_BURST_ACKNOWLEDGED) {
		ec->no_burst = true;
		return false;
	}
	return true;
}

/* It ends by itself, too, after a while: errors do not matter. */
static void burst_end(struct ec *ec)
{
	if (begin_command(ec, EC_COMMAND_BURST_END) == 0 && wait_status(ec, EC_INPUT_FULL, 0) == 0)
		(void)wait_status(ec, EC_BURST, 0);
}

static void begin_transaction(struct ec *ec)
{
	ec->deadline_ns = ec->hardware->now_ns(ec->hardware) + EC_TRANSACTION_NS;
}

static int transfer_once(struct ec *ec, bool write, uint8_t address, uint8_t *bytes, unsigned count)
{
	bool burst = false;
	int error = 0;

	if (count > 1) {
		begin_transaction(ec);
		burst = burst_begin(ec);
	}
	for (unsigned i = 0; i < count && !error; i++) {
		begin_transaction(ec);
		error = write ? write_byte(ec, (uint8_t)(address + i), bytes[i])
			      : read_byte(ec, (uint8_t)(address + i), &bytes[i]);
	}
	if (burst) {
		begin_transaction(ec);
		burst_end(ec);
	}
	return error;
}

/* -EIO while it is taken for silent. */
static int check_silence(struct ec *ec)
{
	if (ec->silent && ec->hardware->now_ns(ec->hardware) < ec->retry_ns)
		return -EIO;
	ec->transactions++;
	return 0;
}

/* Notes how a transaction, with all its attempts, ended. */
static int finish(struct ec *ec, int error)
{
	if (!error) {
		ec->failures = 0;
		ec->silent = false;
		return 0;
	}
	ec->failed++;
	if (++ec->failures >= EC_FAILURES_SILENT) {
		ec->silent = true;
		ec->retry_ns = ec->hardware->now_ns(ec->hardware) + EC_RETRY_NS;
	}
	return error;
}

int ec_transfer(struct ec *ec, bool write, unsigned address, uint8_t *bytes, unsigned count)
{
	unsigned attempts = ec->silent ? 1 : EC_ATTEMPTS;
	int error;

	if (count == 0 || count > EC_TRANSFER_MAX || address >= EC_SIZE ||
	    count > EC_SIZE - address)
		return -EINVAL;
	error = check_silence(ec);
	if (error)
		return error;
	do {
		error = transfer_once(ec, write, (uint8_t)address, bytes, count);
	} while (error && error != -ENODEV && --attempts > 0);
	return finish(ec, error);
}

int ec_query(struct ec *ec, uint8_t *query)
{
	int error = check_silence(ec);

	*query = 0;
	if (error)
		return error;
	begin_transaction(ec);
	error = begin_command(ec, EC_COMMAND_QUERY);
	if (!error)
		error = get_byte(ec, query);
	return finish(ec, error);
}
