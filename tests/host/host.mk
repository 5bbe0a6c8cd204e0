# SPDX-License-Identifier: GPL-3.0-or-later
#
# The tests that run on the host, under the address and undefined-behaviour sanitizers:
#
#   make unit [UNIT_ARGUMENTS="SUITE | SUITE.TEST | --list | --no-fork ..."]
#
# The rules.mk of what is tested adds its tests to unit-sources. All that the kernel links
# of lib/ is linked into the one program, build/host/unit/unit.

unit-out := $(HOST_OUT)/unit
unit-lib-sources := $(filter lib/%.c,$(kernel-sources))
unit-objects := $(patsubst %,$(unit-out)/obj/%.o,$(unit-lib-sources) $(unit-sources) \
	tests/host/unit.c) $(test-driver-out)/images.o

host-include-flags := $(addprefix -I,$(wildcard lib/*/include drivers/*/include) ddk/include) \
	-Itests/host

# The prototypes of base/ repeat the C library's.
unit-flags := -std=gnu11 -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined \
	-fno-sanitize-recover=all $(warnings) -Wno-redundant-decls $(host-include-flags)

# What has the C library's names gets others, so that the two can be compared.
host-base-renames := $(foreach name,memcpy memmove memset memcmp memchr \
	strlen strnlen strcmp strncmp strchr strrchr snprintf vsnprintf,-D$(name)=base_$(name))

$(unit-out)/obj/lib/base/src/string.c.o $(unit-out)/obj/lib/base/src/format.c.o: \
	unit-flags += -ffreestanding $(host-base-renames)

unit-stamp := $(call stamp,$(unit-out)/flags,$(HOST_CC) $(unit-flags))
unit-link-stamp := $(call stamp,$(unit-out)/link,$(unit-objects))

$(unit-out)/obj/%.c.o: %.c $(unit-stamp)
	@mkdir -p $(@D)
	$(call say,HOSTCC,$<)$(HOST_CC) $(unit-flags) -MMD -MP -MF $(@:.o=.d) -c $< -o $@

-include $(filter-out $(test-driver-out)/%,$(unit-objects:.o=.d))

$(unit-out)/unit: $(unit-objects) $(unit-link-stamp)
	$(call say,HOSTLD,$@)$(HOST_CC) -fsanitize=address,undefined $(unit-objects) \
		$(unit-libraries) -o $@

.PHONY: unit unit-build
unit-build: $(unit-out)/unit

unit: $(unit-out)/unit
	@$(unit-out)/unit $(UNIT_ARGUMENTS)
