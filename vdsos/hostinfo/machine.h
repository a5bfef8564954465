/* SPDX-License-Identifier: MIT */
#ifndef HOSTINFO_MACHINE_H
#define HOSTINFO_MACHINE_H

/* What the files of the whole machine say: load, memory, pressure, identity. */

#include <dirent.h>

#include "hostinfo.page.h"
#include "source.h"
#include "stall.h"

/* Calls between two counts of the folders in /proc, which are more when a module was loaded. */
#define COUNT_AGAIN 6000

static struct source loadavg = SOURCE_CLOSED, uptime = SOURCE_CLOSED, online = SOURCE_CLOSED,
		     meminfo = SOURCE_CLOSED, boot_id = SOURCE_CLOSED, hostname = SOURCE_CLOSED,
		     cpu_pressure = SOURCE_CLOSED, memory_pressure = SOURCE_CLOSED,
		     io_pressure = SOURCE_CLOSED;

/* Hard links of /proc that are not processes; -1 unknown. */
static long links_besides = -1;

/* ---- Load ----------------------------------------------------------------------------------- */

/* "0.20 0.18 0.12 1/80 11206" */
static inline void read_averages(struct hostinfo_load *load)
{
	struct text text = source_read(&loadavg), line;
	uint64_t average[3], runnable, threads;

	if (!text_line(&text, &line))
		return;
	for (int i = 0; i < 3; i++)
		if (!text_fixed(&line, 3, &average[i]) || average[i] > UINT32_MAX ||
		    !text_skip(&line, " "))
			return;
	load->load1 = (uint32_t)average[0];
	load->load5 = (uint32_t)average[1];
	load->load15 = (uint32_t)average[2];
	load->known |= HOSTINFO_LOAD_AVERAGES;
	if (!text_number(&line, &runnable) || !text_skip(&line, "/") ||
	    !text_number(&line, &threads) || !text_skip(&line, " ") || runnable > UINT32_MAX ||
	    threads > UINT32_MAX)
		return;
	load->runnable = (uint32_t)runnable;
	load->threads = (uint32_t)threads;
	load->known |= HOSTINFO_LOAD_THREADS;
}

/* "350735.47 234388.90" */
static inline void read_uptime(struct hostinfo_load *load)
{
	struct text text = source_read(&uptime), line;

	if (text_line(&text, &line) && text_fixed(&line, 3, &load->uptime_ms) &&
	    text_skip(&line, " "))
		load->known |= HOSTINFO_LOAD_UPTIME;
	else
		load->uptime_ms = 0;
}

static inline bool is_number(const char *name)
{
	return name[strspn(name, "0123456789")] == '\0';
}

/* The link count of a directory is 2 and one for each directory in it. */
static inline long count_links_besides(const char *proc)
{
	DIR *folder = opendir(proc);
	const struct dirent *entry;
	long count = 0;

	if (!folder)
		return -1;
	while ((entry = readdir(folder)))
		count += entry->d_type == DT_DIR && !is_number(entry->d_name);
	closedir(folder);
	return count; /* "." and ".." are the 2 */
}

/*
 * Linux adds the number of processes to the link count of /proc. To count its folders would cost
 * a hundred times as much.
 */
static inline void read_processes(struct hostinfo_load *load, uint64_t calls)
{
	char proc[4096];
	struct stat status;

	if ((size_t)snprintf(proc, sizeof(proc), "%s/proc", source_root()) >= sizeof(proc))
		return;
	if (calls % COUNT_AGAIN == 0)
		links_besides = count_links_besides(proc);
	if (links_besides < 0 || stat(proc, &status) < 0 || (long)status.st_nlink < links_besides ||
	    status.st_nlink - (unsigned long)links_besides > UINT32_MAX)
		return;
	load->processes = (uint32_t)(status.st_nlink - (unsigned long)links_besides);
	load->known |= HOSTINFO_LOAD_PROCESSES;
}

static inline void read_online(struct hostinfo_load *load)
{
	if (text_cpus(source_read(&online), &load->cpus_online))
		load->known |= HOSTINFO_LOAD_ONLINE;
}

static inline void read_load(struct hostinfo_load *load, uint64_t calls)
{
	read_averages(load);
	read_uptime(load);
	read_processes(load, calls);
	read_online(load);
}

/* ---- Memory --------------------------------------------------------------------------------- */

/* "MemTotal:        8139028 kB" */
static inline bool take_kilobytes(struct text *line, uint64_t *ret_bytes)
{
	uint64_t value;

	text_spaces(line);
	if (!text_number(line, &value) || !text_is(line, " kB") ||
	    __builtin_mul_overflow(value, 1024, &value))
		return false;
	*ret_bytes = value;
	return true;
}

static inline void read_memory(struct hostinfo_memory *memory)
{
	const struct {
		const char *key;
		uint64_t bit, *value;
	} wanted[] = {
		{"MemTotal", HOSTINFO_MEMORY_TOTAL, &memory->total},
		{"MemFree", HOSTINFO_MEMORY_FREE, &memory->free},
		{"MemAvailable", HOSTINFO_MEMORY_AVAILABLE, &memory->available},
		{"Buffers", HOSTINFO_MEMORY_BUFFERS, &memory->buffers},
		{"Cached", HOSTINFO_MEMORY_CACHED, &memory->cached},
		{"SwapTotal", HOSTINFO_MEMORY_SWAP_TOTAL, &memory->swap_total},
		{"SwapFree", HOSTINFO_MEMORY_SWAP_FREE, &memory->swap_free},
	};
	const size_t count = sizeof(wanted) / sizeof(wanted[0]);
	struct text text = source_read(&meminfo), line;
	uint64_t seen = 0;

	while (seen != (UINT64_C(1) << count) - 1 && text_line(&text, &line)) {
		const struct text key = text_until(&line, ':');

		for (size_t i = 0; i < count; i++) {
			if (!text_is(&key, wanted[i].key) || seen >> i & 1)
				continue;
			seen |= UINT64_C(1) << i;
			if (take_kilobytes(&line, wanted[i].value))
				memory->known |= wanted[i].bit;
		}
	}
}

/* ---- Pressure and identity ------------------------------------------------------------------ */

static inline void read_pressure(struct hostinfo_pressure *record)
{
	read_stalls(&cpu_pressure, HOSTINFO_PRESSURE_CPU_SOME, &record->known, &record->cpu_some,
	            &record->cpu_full);
	read_stalls(&memory_pressure, HOSTINFO_PRESSURE_MEMORY_SOME, &record->known,
	            &record->memory_some, &record->memory_full);
	read_stalls(&io_pressure, HOSTINFO_PRESSURE_IO_SOME, &record->known, &record->io_some,
	            &record->io_full);
}

static inline bool take_text(struct source *source, char *out, size_t size)
{
	struct text text = source_read(source), line;

	if (!text_line(&text, &line) || text_is_empty(&line) || text_size(&line) >= size ||
	    memchr(line.at, '\0', text_size(&line)))
		return false;
	memcpy(out, line.at, text_size(&line)); /* the rest is zero */
	return true;
}

static inline void read_identity(struct hostinfo_identity *record)
{
	if (take_text(&boot_id, record->boot_id, sizeof(record->boot_id)))
		record->known |= HOSTINFO_IDENTITY_BOOT_ID;
	if (take_text(&hostname, record->hostname, sizeof(record->hostname)))
		record->known |= HOSTINFO_IDENTITY_HOSTNAME;
}

/* Those that are not open. */
static inline void open_machine(void)
{
	source_open_system(&loadavg, "/proc/loadavg");
	source_open_system(&uptime, "/proc/uptime");
	source_open_system(&meminfo, "/proc/meminfo");
	source_open_system(&online, "/sys/devices/system/cpu/online");
	source_open_system(&boot_id, "/proc/sys/kernel/random/boot_id");
	source_open_system(&hostname, "/proc/sys/kernel/hostname");
	source_open_system(&cpu_pressure, "/proc/pressure/cpu");
	source_open_system(&memory_pressure, "/proc/pressure/memory");
	source_open_system(&io_pressure, "/proc/pressure/io");
}

#endif
