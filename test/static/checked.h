/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Macros of libraries' headers, which cppcheck does not read: without them it gives such a file up. */
#define SEC(name)
#define LIBBPF_OPTS(type, name, ...) struct type name = {__VA_ARGS__}
#define json_object_object_foreach(object, key, value)                                             \
	char *key;                                                                                 \
	struct json_object *value;                                                                 \
	for (key = 0; json_next(object, &key, &value);)
