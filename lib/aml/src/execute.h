/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What executes each opcode. The frame's operands are there and resolved; frame->result takes the result.
 * 0: the term is done, and its frame goes; AML_STAYS: the frame became something else, or is gone already.
 */
#pragma once

#include "machine.h"

typedef int aml_execute(struct aml_run *run, struct aml_frame *frame);

/* execute_flow.c */
aml_execute aml_do_nothing, aml_do_if, aml_do_else, aml_do_while, aml_do_continue, aml_do_break,
	aml_do_return, aml_do_call, aml_do_fatal, aml_do_notify, aml_do_timer, aml_do_revision;
/* execute_value.c */
aml_execute aml_do_arithmetic, aml_do_divide, aml_do_unary, aml_do_increment, aml_do_logic,
	aml_do_compare, aml_do_concatenate, aml_do_concatenate_resources, aml_do_convert,
	aml_do_to_string, aml_do_mid, aml_do_match, aml_do_bcd;
/* execute_reference.c */
aml_execute aml_do_store, aml_do_copy_object, aml_do_ref_of, aml_do_cond_ref_of, aml_do_deref_of,
	aml_do_index, aml_do_size_of, aml_do_object_type;
/* execute_define.c */
aml_execute aml_do_alias, aml_do_name, aml_do_scope, aml_do_device, aml_do_method, aml_do_buffer,
	aml_do_package, aml_do_mutex, aml_do_event;
/* execute_field.c */
aml_execute aml_do_region, aml_do_data_region, aml_do_field, aml_do_index_field, aml_do_bank_field,
	aml_do_create_field;
/* sync.c */
aml_execute aml_do_acquire, aml_do_release, aml_do_signal, aml_do_wait, aml_do_reset, aml_do_stall,
	aml_do_sleep;
/* execute_load.c */
aml_execute aml_do_load, aml_do_load_table, aml_do_unload;
