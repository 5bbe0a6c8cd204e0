/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The shapes of icons; icon.c says what the letters mean. */
#include "ui_priv.h"

/* Colours of those that have some. */
#define FOLDER_BACK  0xffd99a2b
#define FOLDER_FRONT 0xfff3bf58
#define PAGE_EDGE    0xff9aa4b2
#define PAGE         0xfff7f8fa
#define PAGE_FOLD    0xffcdd3db
#define INK          0xff7b8696
#define INK_BLUE     0xff3f7fe8
#define INK_GREEN    0xff3f9e5a
#define INK_ORANGE   0xffe08a2e
#define INK_PURPLE   0xff8d5bd4

#define PAGE_PARTS                              \
	{ PAGE_EDGE, "F 4 1.5 16 21 2" },       \
	{                                       \
		PAGE, "F 4.9 2.4 14.2 19.2 1.2" \
	}

#define ONE(path)              \
	{                      \
		{ 0, (path) }, \
	}

const struct ui_icon_part ui_icon_shapes[UI_ICONS][UI_ICON_PARTS_MAX] = {
	[UI_ICON_FOLDER] = { { FOLDER_BACK, "F 2 4 9 8 2 F 2 6 20 14 2" },
			     { FOLDER_FRONT, "F 2 8.5 20 11.5 2" } },
	[UI_ICON_FILE] = { PAGE_PARTS, { PAGE_FOLD, "P 14 1.5 20 7.5 14 7.5" } },
	[UI_ICON_TEXT_FILE] = { PAGE_PARTS, { INK, "W 1.5 M 8 8 16 8 M 8 12 16 12 M 8 16 13 16" } },
	[UI_ICON_IMAGE_FILE] = { PAGE_PARTS,
				 { INK_GREEN, "P 6 19 10.5 11 13.5 15.5 15.5 13 18 19" },
				 { INK_ORANGE, "O 15 8 2" } },
	[UI_ICON_PROGRAM_FILE] = { { 0xff3a4250, "F 2 3.5 20 17 3" },
				   { 0xffe9edf3, "M 6.5 9 9.5 12 6.5 15 M 12 15.5 17 15.5" } },
	[UI_ICON_ARCHIVE_FILE] = { PAGE_PARTS,
				   { INK_PURPLE,
				     "F 10.5 2.5 3 2 0 F 10.5 6.5 3 2 0 F 10.5 10.5 3 2 0 R "
				     "9.5 14 5 5 1" } },
	[UI_ICON_LINK_FILE] = { PAGE_PARTS, { INK_BLUE, "M 8 16 15 9 M 9.5 9 15 9 15 14.5" } },
	[UI_ICON_DEVICE_FILE] = { PAGE_PARTS, { INK, "C 12 12 4 O 12 12 1.3" } },
	[UI_ICON_BACK] = ONE("M 20 12 4.5 12 M 11 5.5 4.5 12 11 18.5"),
	[UI_ICON_FORWARD] = ONE("M 4 12 19.5 12 M 13 5.5 19.5 12 13 18.5"),
	[UI_ICON_UP] = ONE("M 12 20 12 4.5 M 5.5 11 12 4.5 18.5 11"),
	[UI_ICON_DOWN] = ONE("M 12 4 12 19.5 M 5.5 13 12 19.5 18.5 13"),
	[UI_ICON_HOME] =
		ONE("M 3 11.5 12 4 21 11.5 M 5.5 10 5.5 20 18.5 20 18.5 10 M 10 20 10 14 14 "
		    "14 14 20"),
	[UI_ICON_REFRESH] = ONE("A 12 12 8 -40 250 M 18.4 2.6 18.4 7 14 7"),
	[UI_ICON_OPEN] = ONE("M 3 19 3 5 9 5 11.5 8 19 8 19 11 M 3 19 6.5 11 22 11 18.5 19 3 19"),
	[UI_ICON_SAVE] =
		ONE("Z 4 4 16 4 20 8 20 20 4 20 M 8 4 8 9 15 9 15 4 M 7.5 20 7.5 14 16.5 14 "
		    "16.5 20"),
	[UI_ICON_NEW] = ONE("Z 5.5 3 13.5 3 18.5 8 18.5 21 5.5 21 M 13.5 3 13.5 8 18.5 8"),
	[UI_ICON_NEW_FOLDER] = ONE("Z 3 5 9.5 5 12 8 21 8 21 19 3 19 M 12 11 12 16 M 9.5 13.5 14.5 "
				   "13.5"),
	[UI_ICON_DELETE] =
		ONE("M 4 6.5 20 6.5 M 9 6 9 3.5 15 3.5 15 6 M 6 6.5 7 20.5 17 20.5 18 6.5 "
		    "M 10 10.5 10 16.5 M 14 10.5 14 16.5"),
	[UI_ICON_RENAME] = ONE("Z 4 20 4.8 15.8 16 4.6 19.4 8 8.2 19.2 M 13.5 7.1 16.9 10.5"),
	[UI_ICON_COPY] = ONE("R 9 9 11.5 11.5 2 M 5.5 15 3.5 15 3.5 3.5 15 3.5 15 5.5"),
	[UI_ICON_CUT] = ONE("C 6.5 17.5 2.8 C 17.5 17.5 2.8 M 8.2 15.3 16 4 M 15.8 15.3 8 4"),
	[UI_ICON_PASTE] = ONE("M 8 5 5 5 5 21 19 21 19 5 16 5 R 8.5 3 7 4 1"),
	[UI_ICON_UNDO] =
		ONE("M 8 4 4 8.5 8 13 M 4.5 8.5 14 8.5 A 14 14 5.5 -90 90 M 14 19.5 8 19.5"),
	[UI_ICON_REDO] =
		ONE("M 16 4 20 8.5 16 13 M 19.5 8.5 10 8.5 A 10 14 5.5 90 270 M 10 19.5 16 "
		    "19.5"),
	[UI_ICON_SEARCH] = ONE("C 10.5 10.5 6.5 M 15.4 15.4 20.5 20.5"),
	[UI_ICON_ZOOM_IN] = ONE("C 10.5 10.5 6.5 M 15.4 15.4 20.5 20.5 M 7.5 10.5 13.5 10.5 M 10.5 "
				"7.5 10.5 13.5"),
	[UI_ICON_ZOOM_OUT] = ONE("C 10.5 10.5 6.5 M 15.4 15.4 20.5 20.5 M 7.5 10.5 13.5 10.5"),
	[UI_ICON_ZOOM_FIT] =
		ONE("M 3.5 8.5 3.5 3.5 8.5 3.5 M 15.5 3.5 20.5 3.5 20.5 8.5 M 20.5 15.5 "
		    "20.5 20.5 15.5 20.5 M 8.5 20.5 3.5 20.5 3.5 15.5 R 8 8 8 8 1"),
	[UI_ICON_ZOOM_ONE] = ONE("M 4 8 7 6 7 18 M 17 8 20 6 20 18 O 12 9.5 1.2 O 12 15 1.2"),
	[UI_ICON_ROTATE] = ONE("A 12 13 7.5 -90 180 M 8.5 2 12.3 5.5 8.5 9"),
	[UI_ICON_FULL_SCREEN] = ONE("M 3.5 9 3.5 3.5 9 3.5 M 15 3.5 20.5 3.5 20.5 9 M 20.5 15 20.5 "
				    "20.5 15 20.5 M 9 20.5 3.5 20.5 3.5 15"),
	[UI_ICON_MENU] = ONE("M 4 6.5 20 6.5 M 4 12 20 12 M 4 17.5 20 17.5"),
	[UI_ICON_LIST] =
		ONE("M 8.5 6 20 6 M 8.5 12 20 12 M 8.5 18 20 18 O 4.5 6 1.2 O 4.5 12 1.2 O "
		    "4.5 18 1.2"),
	[UI_ICON_GRID] =
		ONE("R 4 4 6.5 6.5 1 R 13.5 4 6.5 6.5 1 R 4 13.5 6.5 6.5 1 R 13.5 13.5 6.5 "
		    "6.5 1"),
	[UI_ICON_SETTINGS] =
		ONE("M 3.5 7 11 7 M 17.5 7 20.5 7 C 14.3 7 2.7 M 3.5 17 6.5 17 M 13 17 "
		    "20.5 17 C 9.7 17 2.7"),
	[UI_ICON_INFO] = ONE("C 12 12 9 M 12 11 12 16.5 O 12 7.7 1.2"),
	[UI_ICON_WARNING] = ONE("Z 12 3.5 21.5 20 2.5 20 M 12 9.5 12 14 O 12 17 1.1"),
	[UI_ICON_ERROR] = ONE("C 12 12 9 M 8.8 8.8 15.2 15.2 M 15.2 8.8 8.8 15.2"),
	[UI_ICON_QUESTION] = ONE("C 12 12 9 A 12 9.7 2.6 180 400 M 13.9 11.5 12 13.2 12 14 O 12 17 "
				 "1.1"),
	[UI_ICON_CHECK] = ONE("W 2.2 M 4.5 12.5 9.5 17.5 19.5 6.5"),
	[UI_ICON_CLOSE] = ONE("M 6 6 18 18 M 18 6 6 18"),
	[UI_ICON_PLUS] = ONE("M 12 5 12 19 M 5 12 19 12"),
	[UI_ICON_MINUS] = ONE("M 5 12 19 12"),
	[UI_ICON_PLAY] = ONE("P 7 4.5 19.5 12 7 19.5 Z 7 4.5 19.5 12 7 19.5"),
	[UI_ICON_PAUSE] = ONE("F 6.5 5 3.5 14 1 F 14 5 3.5 14 1"),
	[UI_ICON_CHEVRON_UP] = ONE("M 6 15 12 9 18 15"),
	[UI_ICON_CHEVRON_DOWN] = ONE("M 6 9 12 15 18 9"),
	[UI_ICON_CHEVRON_LEFT] = ONE("M 15 6 9 12 15 18"),
	[UI_ICON_CHEVRON_RIGHT] = ONE("M 9 6 15 12 9 18"),
	[UI_ICON_CLOCK] = ONE("C 12 12 9 M 12 6.5 12 12 15.8 14.2"),
	[UI_ICON_CPU] =
		ONE("R 6 6 12 12 1.5 R 10 10 4 4 0.5 M 9.5 2.5 9.5 6 M 14.5 2.5 14.5 6 M 9.5 "
		    "18 9.5 21.5 M 14.5 18 14.5 21.5 M 2.5 9.5 6 9.5 M 2.5 14.5 6 14.5 M 18 "
		    "9.5 21.5 9.5 M 18 14.5 21.5 14.5"),
	[UI_ICON_MEMORY] =
		ONE("R 2.5 7 19 9 1.5 M 7 10 7 13 M 12 10 12 13 M 17 10 17 13 M 6 16 6 19 M "
		    "10 16 10 19 M 14 16 14 19 M 18 16 18 19"),
	[UI_ICON_DISK] = ONE("R 3 5 18 14 2 M 3 14 21 14 O 17.5 16.6 1"),
};
