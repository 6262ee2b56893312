/* libmicrohttpd's callbacks for a request, all on the event thread. Private. */
#ifndef LIB_HTTP_RECEIVE_H
#define LIB_HTTP_RECEIVE_H

#include <microhttpd.h>

#include "lib/http/exchange.h"

/* The headers are there. */
enum MHD_Result receive_head(struct http_exchange *exchange, const char *method,
                             const char *version);
/* A part of the body; `*size_bytes` becomes what was not taken. */
enum MHD_Result receive_body(struct http_exchange *exchange, const char *bytes, size_t *size_bytes);
/* The request is complete, or an answer came. */
enum MHD_Result receive_end(struct http_exchange *exchange);

#endif
