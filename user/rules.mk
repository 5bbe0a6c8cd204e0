# SPDX-License-Identifier: GPL-3.0-or-later
#
# The user programs: C, static, on the Linux ABI; with musl where a C library suffices. Those on
# the Redox ABI are native programs, see libcryptos/rules.mk. musl leaves no note in a program that
# says Linux, so they are branded as that: else a Redox program that starts one would have it run
# as Redox's own.
#
# $(call user-program,NAME,SOURCES) builds $(OUT)/user/NAME with musl.

user-flags := -std=gnu11 -O2 -g -D_GNU_SOURCE $(warnings) -idirafter abi -Iuser/lib \
	-Ilib/base/include -Ilib/hash/include -Ilib/partition/include \
	-Ilib/blend/include -Ilib/font/include
user-flags-stamp := $(call stamp,$(OUT)/user-flags,$(MUSL_CC) $(user-flags) brand=3)

define user-program
user-programs += $(OUT)/user/$(1)
$(OUT)/user/$(1): $(2) $(user-flags-stamp)
	@mkdir -p $$(@D)
	$$(call say,USERCC,$$@)$(MUSL_CC) $(user-flags) -static -MMD -MP -MF $$@.d $(2) -o $$@
	@printf '\003' | dd of=$$@ bs=1 seek=7 conv=notrunc status=none
-include $(OUT)/user/$(1).d
endef

user-programs :=
$(eval $(call user-program,init,user/init/init.c user/init/mounts.c user/init/services.c))
$(eval $(call user-program,pooldemo,user/pooldemo/pooldemo.c user/lib/pool.c))
$(eval $(call user-program,lspci,user/lspci/lspci.c))
$(eval $(call user-program,gptrepair,user/gptrepair/gptrepair.c $(wildcard lib/partition/src/*.c) \
	lib/hash/src/crc32.c))
$(eval $(call user-program,schedtop,user/schedtop/schedtop.c))
$(eval $(call user-program,drivers,user/drivers/drivers.c))
$(eval $(call user-program,keymap,user/keymap/keymap.c))

$(eval $(call user-program,session,user/session/session.c))

include user/gui.mk
$(eval $(call gui-program,clock,user/clock/clock.c))
$(eval $(call gui-program,files,$(wildcard user/files/*.c),-pthread,-pthread))
unit-sources += user/files/test/files_test.c $(addprefix user/files/,copy.c folder.c format.c)
$(eval $(call gui-program,viewer,$(wildcard user/viewer/*.c),-idirafter /usr/include))
include user/editor/rules.mk
$(eval $(call gui-program,monitor,$(wildcard user/monitor/*.c)))
unit-sources += $(filter-out %/monitor.c,$(wildcard user/monitor/*.c)) user/monitor/test/monitor_test.c

include user/terminal/rules.mk
include user/libcryptos/rules.mk
$(eval $(call native-program,redox-hello,user/native/hello.c))
$(eval $(call native-program,redox-echo,user/native/echo.c))

.PHONY: user
user: $(user-programs) $(native-programs)
