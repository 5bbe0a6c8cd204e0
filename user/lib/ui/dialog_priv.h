/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the kinds of dialogs share. */
#pragma once

#include <ui/dialog.h>

#include "ui_priv.h"

/* A row whose children stand at its right end. */
struct ui_widget *dialog_buttons(struct ui_widget *column);
/* A large icon in a colour that fits what it says. */
struct ui_widget *dialog_icon(struct ui_widget *parent, enum ui_icon icon);
