/* Takes a request's body as its route wants it. Private, event thread. */
#ifndef LIB_HTTP_BODY_H
#define LIB_HTTP_BODY_H

#include "lib/http/exchange.h"

/* Memory that an exchange keeps for the next body; more is given back. */
enum { BODY_KEEP_BYTES = 16 * 1024 };

/* Before the first byte: opens what it needs. */
struct refusal body_begin(struct http_exchange *exchange);
/* `*ret_taken` less than asked: a piece is full and must be handed over first. */
struct refusal body_take(struct http_exchange *exchange, struct str bytes, size_t *ret_taken);
/* After the last byte: fills the request's fields. */
struct refusal body_complete(struct http_exchange *exchange);
/* Cuts the piece off that is to be handed over next: up to its last newline, or all. */
void body_cut_piece(struct http_exchange *exchange, bool last);
/* Forgets the piece that was handed over. */
void body_drop_piece(struct http_exchange *exchange);
void body_release(struct http_exchange *exchange);

#endif
