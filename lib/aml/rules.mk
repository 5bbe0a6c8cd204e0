# SPDX-License-Identifier: GPL-3.0-or-later
#
# Lists by part: the instance and its name space, the machine and what executes opcodes; values and fields.
aml-sources += $(addprefix lib/aml/src/,instance.c name.c object.c copy.c code.c opcode.c)
aml-sources += $(addprefix lib/aml/src/,execute.c operand.c resolve.c store.c method.c sync.c)
aml-sources += $(addprefix lib/aml/src/,execute_flow.c execute_value.c execute_reference.c)
aml-sources += $(addprefix lib/aml/src/,execute_define.c execute_field.c execute_load.c)
aml-sources += $(addprefix lib/aml/src/,print.c parse.c)
aml-sources += $(addprefix lib/aml/src/,load.c initialize.c osi.c)
aml-sources += $(addprefix lib/aml/src/,convert.c operate.c resource.c resource_large.c route.c)
aml-sources += $(addprefix lib/aml/src/,region.c region_pci.c field.c field_transfer.c buffer_field.c)
unit-sources += $(addprefix lib/aml/test/,fixture.c convert_test.c operate_test.c)
unit-sources += $(addprefix lib/aml/test/,field_test.c limits_test.c region_pci_test.c resource_test.c)
unit-sources += lib/aml/test/machine_test.c
unit-sources += lib/aml/test/handler_test.c lib/aml/test/text_test.c
unit-sources += lib/aml/test/threads_test.c
