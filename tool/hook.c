/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hook.h"

#include <dlfcn.h>
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vdk/update.h>

struct hook {
	struct vdk_update update; /* first: what the module gets is a pointer to the whole */
	struct vdk_page *page;
	const struct vdk_update_module *module;
	char problem[256]; /* of the current call; empty: none */
};

static const struct vdk_layout_record *find(struct vdk_update *update, struct vdk_update_site *site)
{
	struct hook *hook = (struct hook *)update;
	const struct vdk_layout_record *record;

	if (site->owner == update)
		return site->record;
	record = vdk_layout_record(vdk_page_layout(hook->page), site->tag);
	if (!record || record->size != site->size) {
		snprintf(hook->problem, sizeof(hook->problem),
		         "update hook: record %s: expected %u bytes by the hook, found %u in the "
		         "page; build module and image together", site->tag, site->size,
		         record ? record->size : 0);
		return NULL;
	}
	site->record = record;
	site->owner = update;
	return record;
}

/* An index of 64 bits, as the hook's source has it, into the library's 32. */
static int check_index(struct hook *hook, const struct vdk_layout_record *record, uint64_t index)
{
	if (index < vdk_layout_slots(record))
		return 0;
	snprintf(hook->problem, sizeof(hook->problem),
	         "update hook: %s[%" PRIu64 "]: expected 0..%u, which the page has", record->name,
	         index, vdk_layout_slots(record) - 1);
	return -ERANGE;
}

static int hook_write_at(struct vdk_update *update, struct vdk_update_site *site, uint64_t index,
                         const void *value)
{
	struct hook *hook = (struct hook *)update;
	const struct vdk_layout_record *record = find(update, site);
	int error = record ? check_index(hook, record, index) : -EINVAL;

	if (!error)
		error = vdk_record_write_at(hook->page, record, (uint32_t)index, value);
	if (error && !hook->problem[0])
		snprintf(hook->problem, sizeof(hook->problem), "update hook: record %s: %s",
		         site->tag,
		         error == -ETIMEDOUT ? "another writer is stopped inside an update"
		                             : strerror(-error));
	if (error)
		update->error = error;
	return error;
}

static int hook_write(struct vdk_update *update, struct vdk_update_site *site, const void *value)
{
	return hook_write_at(update, site, 0, value);
}

static int hook_read_at(struct vdk_update *update, struct vdk_update_site *site, uint64_t index,
                        void *value)
{
	struct hook *hook = (struct hook *)update;
	const struct vdk_layout_record *record = find(update, site);
	int error = record ? check_index(hook, record, index) : -EINVAL;

	if (!error)
		error = vdk_record_read_at(hook->page, record, (uint32_t)index, value, NULL);
	if (error == -ENODATA)
		memset(value, 0, site->size);
	else if (error)
		update->error = error;
	return error;
}

static int hook_read(struct vdk_update *update, struct vdk_update_site *site, void *value)
{
	return hook_read_at(update, site, 0, value);
}

static int refuse(void *module, struct vdk_report *report, const char *what)
{
	dlclose(module);
	return vdk_report_set(report, -ENOEXEC, "update hook", "%s", what);
}

int hook_load(int fd, struct vdk_page *page, uint64_t period, struct hook **ret_hook,
              struct vdk_report *report)
{
	const struct vdk_update_module *description;
	struct hook *hook;
	char path[64];
	void *module;

	/* By descriptor: the file that was checked is the file that is loaded. */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!module)
		return vdk_report_set(report, -ENOEXEC, "update hook", "cannot load it: %s",
		                      dlerror());
	description = dlsym(module, "vdk_update_module");
	if (!description)
		return refuse(module, report, "expected a symbol vdk_update_module, found none");
	if (description->version != VDK_UPDATE_VERSION ||
	    description->size > sizeof(struct vdk_update))
		return refuse(module, report, "made for another version of the kit: build it anew");
	hook = calloc(1, sizeof(*hook));
	if (!hook)
		return -ENOMEM;
	hook->page = page;
	hook->module = description;
	hook->update = (struct vdk_update){
		.size = sizeof(hook->update),
		.period = period,
		.write = hook_write,
		.read = hook_read,
		.wake_fd = -1,
		.write_at = hook_write_at,
		.read_at = hook_read_at,
	};
	*ret_hook = hook;
	return 0;
}

struct hook *hook_free(struct hook *hook)
{
	free(hook);
	return NULL;
}

int hook_wake_fd(const struct hook *hook)
{
	return hook->update.wake_fd;
}

void hook_rest(struct hook *hook, uint64_t now)
{
	struct vdk_report report;

	/* One that was made before there was such a thing would take it for an ordinary call. */
	if (hook->module->size <= offsetof(struct vdk_update, idle))
		return;
	hook->update.idle = 1;
	hook_call(hook, now, &report);
	hook->update.idle = 0;
}

int hook_call(struct hook *hook, uint64_t now, struct vdk_report *report)
{
	struct vdk_update *update = &hook->update;
	struct vdk_page_info info;

	if (vdk_page_info(hook->page, &info) == 0)
		update->epoch = info.epoch;
	update->now = now;
	update->error = 0;
	hook->problem[0] = 0;
	hook->module->hook(update);
	update->count++;
	if (update->error == 0)
		return 0;
	if (hook->problem[0])
		return vdk_report_set(report, update->error, "", "%s", hook->problem);
	return vdk_report_set(report, update->error, "", "update hook failed: %s",
	                      strerror(-update->error));
}
