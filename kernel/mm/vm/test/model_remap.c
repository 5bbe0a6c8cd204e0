/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The model of address spaces: what a remapping does. */
#include "model.h"

#include <base/string.h>

/* The pages as they are after the mapping of `count` pages from `page` has become longer. */
static void extend_pages(struct model_page *pages, size_t count, size_t new_count)
{
	for (size_t i = count; i < new_count; i++) {
		pages[i] = pages[i - 1];
		pages[i].own = false;
		pages[i].index += pages[i].object >= 0;
	}
}

static bool overlaps(struct model_range a, struct model_range b)
{
	return a.page < b.page + b.count && b.page < a.page + a.count;
}

/* Puts `count` pages to where they were asked for, or where there is room. */
static int remap_put(struct model_space *space, struct model_remap *request,
		     const struct model_page *pages)
{
	struct model_range target = { request->new_page, request->new_count };
	long place = (long)request->new_page;

	if (!request->fixed) {
		place = model_place(space, request->new_count);
		if (place < 0)
			return -ENOMEM;
		target.page = request->new_page = (size_t)place;
	}
	model_unmap(space, target);
	memcpy(&space->pages[place], pages, request->new_count * sizeof(pages[0]));
	return 0;
}

static int remap_duplicate(struct model_space *space, struct model_remap *request)
{
	struct model_page pages[WINDOW_PAGES];

	pages[0] = space->pages[request->old.page];
	if (!(pages[0].flags & VM_SHARED) || !request->may_move)
		return -EINVAL;
	pages[0].flags &= ~(VM_DONT_FORK | VM_WIPE_ON_FORK);
	pages[0].flags |= space->pages[request->old.page].flags & VM_DONT_FORK;
	extend_pages(pages, 1, request->new_count);
	return remap_put(space, request, pages);
}

/* True if the `count` pages from `page` are of one area. */
static bool one_area(const struct model_space *space, size_t page, size_t count)
{
	for (size_t i = 0; i + 1 < count; i++) {
		if (!model_alike(space, page + i))
			return false;
	}
	return true;
}

int model_remap_apply(struct model_space *space, struct model_remap *request)
{
	struct model_range old = request->old;
	struct model_range target = { request->new_page, request->new_count };
	struct model_page pages[WINDOW_PAGES];
	size_t kept = min_size(old.count, request->new_count);

	if (request->fixed &&
	    (!request->may_move ||
	     (old.count ? overlaps(old, target)
			: target.page < old.page && old.page < target.page + target.count)))
		return -EINVAL;
	if (!space->pages[old.page].mapped)
		return -EFAULT;
	if (old.count == 0)
		return remap_duplicate(space, request);
	if ((request->fixed || request->new_count > old.count) && !one_area(space, old.page, kept))
		return -EFAULT;
	if (request->new_count < old.count)
		model_unmap(space, (struct model_range){ old.page + kept, old.count - kept });
	if (!request->fixed && request->new_count <= old.count) {
		request->new_page = old.page;
		return 0;
	}
	memcpy(pages, &space->pages[old.page], kept * sizeof(pages[0]));
	extend_pages(pages, kept, request->new_count);
	target = (struct model_range){ old.page + kept, request->new_count - kept };
	if (!request->fixed && target.page + target.count <= WINDOW_PAGES &&
	    model_range_free(space, target)) {
		memcpy(&space->pages[old.page], pages, request->new_count * sizeof(pages[0]));
		request->new_page = old.page;
		return 0;
	}
	if (!request->may_move)
		return -ENOMEM;
	if (!request->fixed && model_place(space, request->new_count) < 0)
		return -ENOMEM;
	model_unmap(space, (struct model_range){ old.page, kept });
	if (request->fixed)
		return remap_put(space, request, pages);
	/* Room was looked for with the old pages still in place. */
	memcpy(&space->pages[old.page], pages, kept * sizeof(pages[0]));
	request->new_page = (size_t)model_place(space, request->new_count);
	model_unmap(space, (struct model_range){ old.page, kept });
	memcpy(&space->pages[request->new_page], pages, request->new_count * sizeof(pages[0]));
	return 0;
}
