/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the figures depend on, without the machine's name. */
#include <dirent.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <json-c/json.h>

#include "base/cleanup.h"
#include "bench.h"

#define CPU "/sys/devices/system/cpu/"

struct json_object *bench_text_json(const char *text)
{
	char clean[512];
	size_t length = 0;

	if (!text || !*text)
		return NULL;
	for (; *text && length < sizeof(clean) - 1; text++)
		clean[length++] = *text < ' ' || *text > '~' ? '?' : *text;
	return json_object_new_string_len(clean, (int)length);
}

static void put(struct json_object *object, const char *key, const char *value)
{
	json_object_object_add(object, key, bench_text_json(value));
}

/* The rest of the first line that begins with a prefix, without blanks; NULL: there is none. */
static const char *line_of(const char *path, const char *prefix, char *text, size_t size)
{
	vdk_cleanup_fclose FILE *file = fopen(path, "re");
	char line[4096];

	while (file && fgets(line, sizeof(line), file)) {
		const char *at = line + strlen(prefix);

		if (strncmp(line, prefix, strlen(prefix)))
			continue;
		at += strspn(at, " \t:");
		snprintf(text, size, "%.*s", (int)strcspn(at, "\n"), at);
		return text;
	}
	return NULL;
}

static void put_line(struct json_object *object, const char *key, const char *path,
                     const char *prefix)
{
	char text[512];

	put(object, key, line_of(path, prefix, text, sizeof(text)));
}

static bool has_flag(const char *flags, const char *flag)
{
	const size_t length = strlen(flag);

	for (const char *at = flags; (at = strstr(at, flag)); at += length)
		if ((at == flags || at[-1] == ' ') && (at[length] == ' ' || !at[length]))
			return true;
	return false;
}

/* What the processor promises of its counter, and whether somebody stands between it and us. */
static void put_flags(struct json_object *object)
{
	static const char *const wanted[] = {"constant_tsc", "nonstop_tsc", "rdtscp",
	                                     "tsc_known_freq", "tsc_reliable"};
	struct json_object *counter = json_object_new_array();
	char flags[4096], text[128] = "";
	const char *found = line_of("/proc/cpuinfo", "flags", flags, sizeof(flags));
	const char *hypervisor;

	for (size_t i = 0; found && i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if (has_flag(flags, wanted[i]))
			json_object_array_add(counter, json_object_new_string(wanted[i]));
	json_object_object_add(object, "counter", counter);
	hypervisor = line_of("/sys/hypervisor/type", "", text, sizeof(text));
	if (!hypervisor)
		hypervisor = line_of("/sys/class/dmi/id/sys_vendor", "", text, sizeof(text));
	if (!found || !has_flag(flags, "hypervisor"))
		put(object, "virtual", "no");
	else
		put(object, "virtual", hypervisor && *hypervisor ? hypervisor : "yes");
}

static void put_mitigations(struct json_object *object)
{
	struct json_object *all = json_object_new_object();
	DIR *folder = opendir(CPU "vulnerabilities");
	struct dirent *entry;
	char path[400], text[256];

	while (folder && (entry = readdir(folder))) {
		if (*entry->d_name == '.')
			continue;
		snprintf(path, sizeof(path), CPU "vulnerabilities/%s", entry->d_name);
		if (line_of(path, "", text, sizeof(text)) && strcmp(text, "Not affected") != 0)
			put(all, entry->d_name, text);
	}
	if (folder)
		closedir(folder);
	json_object_object_add(object, "mitigations", all);
}

static void put_boost(struct json_object *object)
{
	char text[16];

	if (line_of(CPU "cpufreq/boost", "", text, sizeof(text)))
		put(object, "boost", *text == '1' ? "on" : "off");
	else if (line_of(CPU "intel_pstate/no_turbo", "", text, sizeof(text)))
		put(object, "boost", *text == '0' ? "on" : "off");
	else
		put(object, "boost", NULL);
}

struct json_object *bench_machine(void)
{
	struct json_object *object = json_object_new_object();
	struct utsname system;
	char text[64];
	double load = 0;
	cpu_set_t set;

	put_line(object, "cpu", "/proc/cpuinfo", "model name");
	json_object_object_add(object, "cpus",
	                       json_object_new_int(sched_getaffinity(0, sizeof(set), &set)
	                                                   ? 0 : CPU_COUNT(&set)));
	put_line(object, "threads_of_cpu0", CPU "cpu0/topology/thread_siblings_list", "");
	put_line(object, "governor", CPU "cpu0/cpufreq/scaling_governor", "");
	put_boost(object);
	put_flags(object);
	put_line(object, "memory", "/proc/meminfo", "MemTotal");
	put(object, "kernel", uname(&system) ? NULL : system.release);
	put_line(object, "clocksource",
	         "/sys/devices/system/clocksource/clocksource0/current_clocksource", "");
	put(object, "libc",
	    confstr(_CS_GNU_LIBC_VERSION, text, sizeof(text)) ? text : "not glibc");
	getloadavg(&load, 1);
	json_object_object_add(object, "load", measure_number_json(load));
	put_mitigations(object);
	return object;
}
