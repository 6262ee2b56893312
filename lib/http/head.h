/*
 * The strict reading of a request's head. libmicrohttpd ends each part of the head with NUL in
 * place and hands out pointers into it; walking the memory between them shows what it forgave.
 * Private.
 */
#ifndef LIB_HTTP_HEAD_H
#define LIB_HTTP_HEAD_H

#include "lib/http/http.h"

enum { HEAD_FIELDS_MAX = 100 };

struct head_field {
    struct str name;
    struct str value;
};

struct head {
    const char *bytes; /* begins with the method */
    size_t size_bytes; /* up to and with the empty line */
    struct str target; /* where it stood and how long it was; its bytes may be changed since */
    const char *version;
    const struct head_field *fields;
    size_t field_count;
};

/* Why a request is refused; status 0: it is not. */
struct refusal {
    int status;
    const char *sentence;
};

/* How the body comes. */
struct framing {
    bool chunked;
    bool has_length;
    bool expects_continue;
    int64_t length;
};

struct refusal head_check(const struct head *head, struct framing *ret_framing);

#endif
