# SPDX-License-Identifier: GPL-3.0-or-later

include tools/hmfs/rules.mk
include tools/font/rules.mk
include tools/picture/rules.mk
include tools/aml/rules.mk
include tools/driver/rules.mk
