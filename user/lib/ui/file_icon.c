/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which icon a file has. See paint.h. */
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <ui/paint.h>

static const struct {
	const char *ending;
	enum ui_icon icon;
} endings[] = {
	{ ".png", UI_ICON_IMAGE_FILE },    { ".jpg", UI_ICON_IMAGE_FILE },
	{ ".jpeg", UI_ICON_IMAGE_FILE },   { ".bmp", UI_ICON_IMAGE_FILE },
	{ ".gz", UI_ICON_ARCHIVE_FILE },   { ".xz", UI_ICON_ARCHIVE_FILE },
	{ ".zst", UI_ICON_ARCHIVE_FILE },  { ".bz2", UI_ICON_ARCHIVE_FILE },
	{ ".tar", UI_ICON_ARCHIVE_FILE },  { ".zip", UI_ICON_ARCHIVE_FILE },
	{ ".cpio", UI_ICON_ARCHIVE_FILE }, { ".txt", UI_ICON_TEXT_FILE },
	{ ".md", UI_ICON_TEXT_FILE },      { ".conf", UI_ICON_TEXT_FILE },
	{ ".c", UI_ICON_TEXT_FILE },       { ".h", UI_ICON_TEXT_FILE },
	{ ".sh", UI_ICON_TEXT_FILE },      { ".py", UI_ICON_TEXT_FILE },
	{ ".rs", UI_ICON_TEXT_FILE },      { ".log", UI_ICON_TEXT_FILE },
	{ ".app", UI_ICON_TEXT_FILE },     { ".json", UI_ICON_TEXT_FILE },
	{ ".html", UI_ICON_TEXT_FILE },    { ".init", UI_ICON_TEXT_FILE },
};

enum ui_icon ui_icon_of_file(const char *name, unsigned mode)
{
	const char *ending = strrchr(name, '.');

	if (S_ISDIR(mode))
		return UI_ICON_FOLDER;
	if (S_ISLNK(mode))
		return UI_ICON_LINK_FILE;
	if (!S_ISREG(mode))
		return UI_ICON_DEVICE_FILE;
	for (size_t i = 0; ending && i < sizeof(endings) / sizeof(endings[0]); i++)
		if (strcasecmp(ending, endings[i].ending) == 0)
			return endings[i].icon;
	return mode & 0111 ? UI_ICON_PROGRAM_FILE : UI_ICON_FILE;
}
