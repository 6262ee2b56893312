/* The web page, which is built into the program: files of web/, plain, as gzip and as brotli. */
#ifndef SRC_APP_PAGE_H
#define SRC_APP_PAGE_H

#include <stdbool.h>

#include "lib/base/str.h"

struct http_exchange;

/* Everything lives as long as the program. */
struct page_file {
    struct str path; /* "/_app/immutable/entry/start.C7x2.js" */
    struct str content_type;
    struct str hash;         /* of the content: its entity tag, without what tells the coding */
    bool is_immutable;       /* its path holds a hash of its content */
    struct str plain;        /* the content */
    struct str gzip, brotli; /* empty where it is not smaller than `plain` */
};

/*
 * What a path gets: its file, or index.html where it is the address of a screen. False where it is
 * neither: a path of the API, or a file that is not there.
 */
bool page_find(struct str path, struct page_file *ret_file);

enum page_coding { PAGE_PLAIN, PAGE_GZIP, PAGE_BROTLI };
/*
 * What the header Accept-Encoding weighs most (RFC 9110, section 12.5.3), the smallest of equals.
 * PAGE_PLAIN where it allows nothing: better an answer than none.
 */
enum page_coding page_choose(const struct page_file *file, struct str accept_encoding);

/* On the event thread: true when it has answered, with bytes of the program itself. Needs neither
 * a worker nor who is asking. */
bool page_answer(struct http_exchange *exchange);

#endif
