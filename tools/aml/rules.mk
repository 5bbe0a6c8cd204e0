# SPDX-License-Identifier: GPL-3.0-or-later
#
# amlexec and amldump: the interpreter of lib/aml on a machine that is not there.
#
#   make aml-tools       build/host/bin/amlexec, amldump; build/host/amlexec links to it; and, where iasl is
#                        there, tests/aml/NAME.aml of each NAME.asl, to try them on
#   make aml-tools-test  the same under sanitizers, in build/host/aml-tools-test/

aml-tool-shared := $(addprefix tools/aml/,machine.c memory.c program.c value.c acpiexec.c) \
	lib/base/src/string.c lib/base/src/format.c lib/base/src/rbtree.c $(aml-sources)
aml-tool-names := amlexec amldump

aml-tool-flags := -std=gnu11 -g -D_GNU_SOURCE $(warnings) -Wno-redundant-decls -Itools/aml \
	-Ilib/aml/include -Ilib/base/include
aml-tool-compiler-host := $(HOST_CC) -O2
aml-tool-compiler-test := $(HOST_CC) -O1 -fno-omit-frame-pointer -fsanitize=address,undefined \
	-fno-sanitize-recover=all
aml-tool-out-host := $(HOST_OUT)/bin
aml-tool-out-test := $(HOST_OUT)/aml-tools-test

# $(call aml-tool-kind,KIND): the objects and the programs of a kind.
define aml-tool-kind
aml-tool-obj-$(1) := $(HOST_OUT)/aml-obj-$(1)
aml-tool-flags-$(1) := $(aml-tool-compiler-$(1)) $(aml-tool-flags)

$(HOST_OUT)/aml-obj-$(1)/%.c.o: %.c $(call stamp,$(HOST_OUT)/aml-obj-$(1)/flags,\
		$(aml-tool-compiler-$(1)) $(aml-tool-flags))
	@mkdir -p $$(@D)
	$$(call say,TOOLCC,$$@)$$(aml-tool-flags-$(1)) -MMD -MP -MF $$(@:.o=.d) -c $$< -o $$@

# The C library has functions of these names.
$(HOST_OUT)/aml-obj-$(1)/lib/base/src/string.c.o \
$(HOST_OUT)/aml-obj-$(1)/lib/base/src/format.c.o: \
	aml-tool-flags-$(1) += -ffreestanding $$(host-base-renames)

$(aml-tool-names:%=$(aml-tool-out-$(1))/%): $(aml-tool-out-$(1))/%: \
		$(HOST_OUT)/aml-obj-$(1)/tools/aml/%.c.o \
		$(aml-tool-shared:%=$(HOST_OUT)/aml-obj-$(1)/%.o) \
		$(call stamp,$(HOST_OUT)/aml-obj-$(1)/link,$(aml-tool-shared))
	@mkdir -p $$(@D)
	$$(call say,TOOLLD,$$@)$(aml-tool-compiler-$(1)) $$(filter %.o,$$^) -o $$@

-include $(patsubst %,$(HOST_OUT)/aml-obj-$(1)/%.d,$(aml-tool-shared) \
	$(aml-tool-names:%=tools/aml/%.c))
endef
$(foreach kind,host test,$(eval $(call aml-tool-kind,$(kind))))

# An iasl of another version may refuse one: that is no reason to build nothing.
aml-examples := $(if $(shell command -v iasl),$(patsubst %.asl,%.aml,$(wildcard tests/aml/*.asl)))
$(aml-examples): %.aml: %.asl
	$(call say,IASL,$@)iasl -oa -ve -p $* $< >/dev/null 2>&1 || { rm -f $@; echo "iasl refuses $<" >&2; }

.PHONY: aml-tools aml-tools-test
aml-tools: $(aml-tool-names:%=$(aml-tool-out-host)/%) $(HOST_OUT)/amlexec $(aml-examples)
$(HOST_OUT)/amlexec:
	@ln -sfn bin/amlexec $@

aml-tools-test: $(aml-tool-names:%=$(aml-tool-out-test)/%)
