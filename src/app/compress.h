/* Answers that are worth it travel compressed. */
#ifndef SRC_APP_COMPRESS_H
#define SRC_APP_COMPRESS_H

#include "lib/base/str.h"

struct call;

/*
 * The body as gzip (RFC 1952) with the headers that say so, where the client takes it, the request
 * is a GET (whose answers are made on workers, not on the writer) and it becomes smaller; else the
 * body as it is. In the exchange's arena.
 */
struct str compress_answer(struct call *call, struct str body);

#endif
