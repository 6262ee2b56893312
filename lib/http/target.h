/* The target of a request: origin form, strictly decoded. Private. */
#ifndef LIB_HTTP_TARGET_H
#define LIB_HTTP_TARGET_H

#include "lib/http/http.h"

enum { TARGET_QUERY_FIELDS_MAX = 64 };

struct query_field {
    struct str name;
    struct str value;
};

struct target {
    struct str path;
    struct query_field *query;
    size_t query_count;
};

/* Decodes "/a/b?c=d" into the arena. NULL, or the sentence that says what is wrong with it. */
MUST_CHECK const char *target_parse(struct str raw, struct arena *arena, struct target *ret_target);

#endif
