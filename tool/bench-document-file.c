/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A document from a file. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <json-c/json.h>

#include "base/cleanup.h"
#include "bench-document.h"

static int parse(const char *bytes, size_t size, const char *path, struct json_object **ret_json,
                 struct vdk_report *report)
{
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *json;

	if (!tokener)
		return vdk_report_set(report, -ENOMEM, path, "out of memory");
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
	json = json_tokener_parse_ex(tokener, bytes, (int)size);
	if (json_tokener_get_error(tokener) != json_tokener_success || !json) {
		vdk_report_set(report, -EBADMSG, path, "is no JSON: at byte %zu: %s",
		               json_tokener_get_parse_end(tokener),
		               json_tokener_error_desc(json_tokener_get_error(tokener)));
		json_object_put(json);
		json_tokener_free(tokener);
		return -EBADMSG;
	}
	json_tokener_free(tokener);
	*ret_json = json;
	return 0;
}

int bench_document_read(const char *path, struct bench_document **ret_document,
                        struct vdk_report *report)
{
	vdk_cleanup_close int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	vdk_cleanup_free char *bytes = NULL;
	struct json_object *json = NULL;
	struct stat status;
	size_t size = 0;
	int error;

	if (fd < 0 || fstat(fd, &status)) {
		error = -errno;
		return vdk_report_set(report, error, path, "%s", strerror(-error));
	}
	if (!S_ISREG(status.st_mode))
		return vdk_report_set(report, -EBADMSG, path, "expected a regular file");
	if ((uint64_t)status.st_size > BENCH_FILE_MAX)
		return vdk_report_set(report, -EFBIG, path, "expected at most %zu bytes, found %jd",
		                      BENCH_FILE_MAX, (intmax_t)status.st_size);
	bytes = malloc((size_t)status.st_size + 1);
	if (!bytes)
		return vdk_report_set(report, -ENOMEM, path, "out of memory");
	while (size < (size_t)status.st_size) {
		const ssize_t got = read(fd, bytes + size, (size_t)status.st_size - size);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			error = -errno;
			return vdk_report_set(report, error, path, "%s", strerror(-error));
		}
		if (got == 0)
			break;
		size += (size_t)got;
	}
	bytes[size] = '\0';
	error = parse(bytes, size + 1, path, &json, report);
	return error ? error : bench_document_take(json, path, ret_document, report);
}
