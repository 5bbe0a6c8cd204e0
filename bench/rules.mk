# SPDX-License-Identifier: GPL-3.0-or-later
#
# The benchmarks that run in the guest.

bench-programs-list := $(addprefix $(OUT)/bench/,guest sched storage files redox)

$(addprefix $(OUT)/bench/,guest sched storage files): $(OUT)/bench/%: bench/%.c $(user-flags-stamp)
	@mkdir -p $(@D)
	$(call say,USERCC,$@)$(MUSL_CC) $(user-flags) -static $< -o $@

$(eval $(call native-program-in,$(OUT)/bench/redox,bench/redox.c))

.PHONY: bench-programs
bench-programs: $(bench-programs-list)

# A program of this host: the file system's library, over memory.
bench-hmfs-out := $(HOST_OUT)/bench
bench-hmfs-sources := $(sort $(filter lib/base/% lib/hash/% lib/hmfs/%,$(kernel-sources))) \
	lib/hmfs/test/memory_device.c lib/hmfs/test/memory_volume.c bench/hmfs.c
bench-hmfs-objects := $(bench-hmfs-sources:%=$(bench-hmfs-out)/obj/%.o)
bench-hmfs-flags := -std=gnu11 -O2 -g $(warnings) -Wno-redundant-decls \
	$(addprefix -Ilib/,$(addsuffix /include,base hash hmfs)) -Ilib/hmfs/test
bench-hmfs-stamp := $(call stamp,$(bench-hmfs-out)/flags,$(HOST_CC) $(bench-hmfs-flags))

# The C library has functions of these names.
$(bench-hmfs-out)/obj/lib/base/src/string.c.o $(bench-hmfs-out)/obj/lib/base/src/format.c.o: \
	bench-hmfs-flags += -ffreestanding $(foreach name,memcpy memmove memset memcmp memchr \
	strlen strnlen strcmp strncmp strchr strrchr snprintf vsnprintf,-D$(name)=base_$(name))

$(bench-hmfs-out)/obj/%.c.o: %.c $(bench-hmfs-stamp)
	@mkdir -p $(@D)
	$(call say,HOSTCC,$<)$(HOST_CC) $(bench-hmfs-flags) -MMD -MP -MF $(@:.o=.d) -c $< -o $@

-include $(bench-hmfs-objects:.o=.d)

$(bench-hmfs-out)/hmfs: $(bench-hmfs-objects) $(call stamp,$(bench-hmfs-out)/link,$(bench-hmfs-objects))
	$(call say,HOSTLD,$@)$(HOST_CC) -pthread $(bench-hmfs-objects) -o $@

.PHONY: bench-hmfs
bench-hmfs: $(bench-hmfs-out)/hmfs

# A program of this host: lib/blend, beside pixman.
bench-blend-out := $(HOST_OUT)/bench-blend
bench-blend-objects := $(patsubst %,$(bench-blend-out)/obj/%.o,$(blend-sources) bench/blend.c)
bench-blend-flags := -std=gnu11 -O2 -g $(warnings) -Ilib/base/include -Ilib/blend/include
bench-blend-stamp := $(call stamp,$(bench-blend-out)/flags,$(HOST_CC) $(bench-blend-flags))

$(bench-blend-out)/obj/bench/blend.c.o: bench-blend-flags += \
	$(shell pkg-config --cflags pixman-1 2>/dev/null || echo -I/usr/include/pixman-1)

$(bench-blend-out)/obj/%.c.o: %.c $(bench-blend-stamp)
	@mkdir -p $(@D)
	$(call say,HOSTCC,$<)$(HOST_CC) $(bench-blend-flags) $(call blend-flags,$<) \
		-MMD -MP -MF $(@:.o=.d) -c $< -o $@

-include $(bench-blend-objects:.o=.d)

$(bench-blend-out)/blend: $(bench-blend-objects)
	$(call say,HOSTLD,$@)$(HOST_CC) $(bench-blend-objects) -lpixman-1 -o $@

.PHONY: bench-blend
bench-blend: $(bench-blend-out)/blend
