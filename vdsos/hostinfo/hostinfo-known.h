/* SPDX-License-Identifier: MIT */
#ifndef HOSTINFO_KNOWN_H
#define HOSTINFO_KNOWN_H

/*
 * The bits of `known` in the structs of hostinfo. A value whose bit is not set could not be had,
 * and is 0: its file is not there, cannot be read or has not the form that Linux documents.
 * Bits and fields are only ever added: a program that is newer than the image finds the bits of
 * fields that the image does not have unset. vdk-hostinfo(7) tells which file a value is from.
 */

/* A limit's value when there is none: memory_max, memory_high, memory_limit, cpu_quota_us. */
#define HOSTINFO_UNLIMITED UINT64_MAX

/* struct hostinfo_load */
#define HOSTINFO_LOAD_AVERAGES  (1u << 0) /* load1, load5, load15 */
#define HOSTINFO_LOAD_THREADS   (1u << 1) /* runnable, threads */
#define HOSTINFO_LOAD_PROCESSES (1u << 2)
#define HOSTINFO_LOAD_UPTIME    (1u << 3)
#define HOSTINFO_LOAD_ONLINE    (1u << 4) /* cpus_online */

/* struct hostinfo_memory */
#define HOSTINFO_MEMORY_TOTAL      (1u << 0)
#define HOSTINFO_MEMORY_FREE       (1u << 1)
#define HOSTINFO_MEMORY_AVAILABLE  (1u << 2)
#define HOSTINFO_MEMORY_BUFFERS    (1u << 3)
#define HOSTINFO_MEMORY_CACHED     (1u << 4)
#define HOSTINFO_MEMORY_SWAP_TOTAL (1u << 5)
#define HOSTINFO_MEMORY_SWAP_FREE  (1u << 6)

/* struct hostinfo_cgroup */
#define HOSTINFO_CGROUP_PATH           (1u << 0)
#define HOSTINFO_CGROUP_MEMORY_CURRENT (1u << 1)
#define HOSTINFO_CGROUP_MEMORY_MAX     (1u << 2)
#define HOSTINFO_CGROUP_MEMORY_HIGH    (1u << 3)
#define HOSTINFO_CGROUP_MEMORY_LIMIT   (1u << 4)
#define HOSTINFO_CGROUP_CPU_QUOTA      (1u << 5) /* cpu_quota_us, cpu_period_us */
#define HOSTINFO_CGROUP_CPUSET         (1u << 6) /* cpuset_cpus */
#define HOSTINFO_CGROUP_CPUS           (1u << 7) /* cpus_milli */

/* struct hostinfo_pressure, struct hostinfo_cgroup_pressure */
#define HOSTINFO_PRESSURE_CPU_SOME    (1u << 0)
#define HOSTINFO_PRESSURE_CPU_FULL    (1u << 1)
#define HOSTINFO_PRESSURE_MEMORY_SOME (1u << 2)
#define HOSTINFO_PRESSURE_MEMORY_FULL (1u << 3)
#define HOSTINFO_PRESSURE_IO_SOME     (1u << 4)
#define HOSTINFO_PRESSURE_IO_FULL     (1u << 5)

/* struct hostinfo_identity */
#define HOSTINFO_IDENTITY_BOOT_ID  (1u << 0)
#define HOSTINFO_IDENTITY_HOSTNAME (1u << 1)

#endif
