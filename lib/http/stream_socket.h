/* Streams whose sockets are ours. Private, event thread. */
#ifndef LIB_HTTP_STREAM_SOCKET_H
#define LIB_HTTP_STREAM_SOCKET_H

#include "lib/http/exchange.h"

/*
 * Takes the socket of the exchange's stream from libmicrohttpd, which must end its connection then:
 * it finds a socket there that leads nowhere. False when the system gives no more descriptors;
 * nothing has changed then.
 */
MUST_CHECK bool stream_take_socket(struct http_exchange *exchange);
/* Each turn of the loop: sends what waits, and ends the exchanges of those that are over. */
void stream_sockets_run(struct streams *streams);

#endif
