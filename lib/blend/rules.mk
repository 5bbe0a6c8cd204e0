# SPDX-License-Identifier: GPL-3.0-or-later

blend-sources := $(addprefix lib/blend/src/,best.c tables_$(ARCH).c scalar.c \
	region.c surface.c scale.c round.c line.c polygon.c shadow.c)
blend-vector-sources := $(addprefix lib/blend/src/,sse2.c avx2.c avx512.c)
blend-sources += $(blend-vector-sources)

# What a file is compiled with beside the usual flags: $(call blend-flags,FILE).
blend-flags-sse2.c := -msse2
blend-flags-avx2.c := -mavx2
blend-flags-avx512.c := -mavx512f -mavx512bw
blend-flags = $(blend-flags-$(notdir $(1)))

kernel-sources += $(blend-sources)

# The rest of the kernel is forbidden these registers.
blend-kernel-flags = $(filter-out -mgeneral-regs-only -mno-avx,$(kernel-flags-common) \
	$(kernel-flags-$(MODE)) $(arch-flags) $(warnings) $(kernel-include-flags))

define blend-vector-file
$(OUT)/obj/$(1).o: kernel-flags = $$(blend-kernel-flags) $(call blend-flags,$(1))
$(HOST_OUT)/unit/obj/$(1).o: unit-flags += $(call blend-flags,$(1))
$(HOST_OUT)/fuzz/obj/$(1).o: fuzz-flags += $(call blend-flags,$(1))
endef
$(foreach file,$(blend-vector-sources),$(eval $(call blend-vector-file,$(file))))

unit-sources += $(foreach test,rows region surface shape,lib/blend/test/$(test)_test.c)
