/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of opcodes (ACPI 6.5, 20.3): which operands each has, and what executes it. */
#include "execute.h"

static const struct aml_opcode short_opcodes[] = {
	{ 0x06, "MN", aml_do_alias },
	{ 0x08, "No", aml_do_name },
	{ 0x10, "KMB", aml_do_scope },
	{ 0x11, "KiD", aml_do_buffer },
	{ 0x12, "K1B", aml_do_package },
	{ 0x13, "KiB", aml_do_package },
	{ 0x14, "KN1B", aml_do_method },
	{ 0x15, "N11", aml_do_nothing },
	{ 0x70, "dG", aml_do_store },
	{ 0x71, "S", aml_do_ref_of },
	{ 0x72, "iiG", aml_do_arithmetic },
	{ 0x73, "aaG", aml_do_concatenate },
	{ 0x74, "iiG", aml_do_arithmetic },
	{ 0x75, "G", aml_do_increment },
	{ 0x76, "G", aml_do_increment },
	{ 0x77, "iiG", aml_do_arithmetic },
	{ 0x78, "iiGG", aml_do_divide },
	{ 0x79, "iiG", aml_do_arithmetic },
	{ 0x7a, "iiG", aml_do_arithmetic },
	{ 0x7b, "iiG", aml_do_arithmetic },
	{ 0x7c, "iiG", aml_do_arithmetic },
	{ 0x7d, "iiG", aml_do_arithmetic },
	{ 0x7e, "iiG", aml_do_arithmetic },
	{ 0x7f, "iiG", aml_do_arithmetic },
	{ 0x80, "iG", aml_do_unary },
	{ 0x81, "iG", aml_do_unary },
	{ 0x82, "iG", aml_do_unary },
	{ 0x83, "O", aml_do_deref_of },
	{ 0x84, "bbG", aml_do_concatenate_resources },
	{ 0x85, "iiG", aml_do_arithmetic },
	{ 0x86, "ni", aml_do_notify },
	{ 0x87, "O", aml_do_size_of },
	{ 0x88, "xiG", aml_do_index },
	{ 0x89, "p1c1ci", aml_do_match },
	{ 0x8a, "biN", aml_do_create_field },
	{ 0x8b, "biN", aml_do_create_field },
	{ 0x8c, "biN", aml_do_create_field },
	{ 0x8d, "biN", aml_do_create_field },
	{ 0x8e, "S", aml_do_object_type },
	{ 0x8f, "biN", aml_do_create_field },
	{ 0x90, "ii", aml_do_logic },
	{ 0x91, "ii", aml_do_logic },
	{ 0x92, "i", aml_do_logic },
	{ 0x93, "cc", aml_do_compare },
	{ 0x94, "cc", aml_do_compare },
	{ 0x95, "cc", aml_do_compare },
	{ 0x96, "cG", aml_do_convert },
	{ 0x97, "cG", aml_do_convert },
	{ 0x98, "cG", aml_do_convert },
	{ 0x99, "cG", aml_do_convert },
	{ 0x9c, "biG", aml_do_to_string },
	{ 0x9d, "aS", aml_do_copy_object },
	{ 0x9e, "tiiG", aml_do_mid },
	{ 0x9f, "", aml_do_continue },
	{ 0xa0, "KqB", aml_do_if },
	{ 0xa1, "KB", aml_do_else },
	{ 0xa2, "KqB", aml_do_while },
	{ 0xa3, "", aml_do_nothing },
	{ 0xa4, "o", aml_do_return },
	{ 0xa5, "", aml_do_break },
	{ 0xcc, "", aml_do_nothing },
};

static const struct aml_opcode long_opcodes[] = {
	{ 0x5b01, "N1", aml_do_mutex },
	{ 0x5b02, "N", aml_do_event },
	{ 0x5b12, "SG", aml_do_cond_ref_of },
	{ 0x5b13, "biiN", aml_do_create_field },
	{ 0x5b1f, "sssssa", aml_do_load_table },
	{ 0x5b20, "rG", aml_do_load },
	{ 0x5b21, "i", aml_do_stall },
	{ 0x5b22, "i", aml_do_sleep },
	{ 0x5b23, "m2", aml_do_acquire },
	{ 0x5b24, "e", aml_do_signal },
	{ 0x5b25, "ei", aml_do_wait },
	{ 0x5b26, "e", aml_do_reset },
	{ 0x5b27, "m", aml_do_release },
	{ 0x5b28, "iG", aml_do_bcd },
	{ 0x5b29, "iG", aml_do_bcd },
	{ 0x5b2a, "h", aml_do_unload },
	{ 0x5b30, "", aml_do_revision },
	{ 0x5b32, "14i", aml_do_fatal },
	{ 0x5b33, "", aml_do_timer },
	{ 0x5b80, "N1ii", aml_do_region },
	{ 0x5b81, "KM1D", aml_do_field },
	{ 0x5b82, "KNB", aml_do_device },
	{ 0x5b83, "KN141B", aml_do_device },
	{ 0x5b84, "KN12B", aml_do_device },
	{ 0x5b85, "KNB", aml_do_device },
	{ 0x5b86, "KMM1D", aml_do_index_field },
	{ 0x5b87, "KMMi1D", aml_do_bank_field },
	{ 0x5b88, "Nsss", aml_do_data_region },
};

/* A call, by how many arguments it has. */
const struct aml_opcode aml_opcode_calls[AML_ARGUMENTS + 1] = {
	{ 0x101, "U", aml_do_call },       { 0x101, "Uf", aml_do_call },
	{ 0x101, "Uff", aml_do_call },     { 0x101, "Ufff", aml_do_call },
	{ 0x101, "Uffff", aml_do_call },   { 0x101, "Ufffff", aml_do_call },
	{ 0x101, "Uffffff", aml_do_call }, { 0x101, "Ufffffff", aml_do_call },
};

const struct aml_opcode *aml_opcode_find(unsigned opcode)
{
	const struct aml_opcode *table = opcode > 0xff ? long_opcodes : short_opcodes;
	size_t low = 0,
	       high = opcode > 0xff ? array_length(long_opcodes) : array_length(short_opcodes);

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (table[middle].opcode == opcode)
			return &table[middle];
		if (table[middle].opcode < opcode)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}
