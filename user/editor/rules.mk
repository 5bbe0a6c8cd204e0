# SPDX-License-Identifier: GPL-3.0-or-later

$(eval $(call gui-program,editor,$(addprefix user/editor/,bar.c editor.c file.c history.c highlight.c text.c \
	view.c view_edit.c view_input.c)))

unit-sources += $(addprefix user/editor/,history.c text.c highlight.c test/text_test.c test/highlight_test.c)
unit-sources += $(addprefix user/editor/,view.c view_edit.c view_input.c test/view_test.c)
unit-sources += user/editor/file.c user/editor/test/file_test.c
