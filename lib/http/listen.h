/* The socket the server listens on. Private. */
#ifndef LIB_HTTP_LISTEN_H
#define LIB_HTTP_LISTEN_H

#include "lib/base/err.h"
#include "lib/base/str.h"

/* "127.0.0.1:8420", "[::1]:0". ERR_INVALID, ERR_CONFLICT when the port is taken, ERR_IO. */
MUST_CHECK enum err listen_open(struct str address, int *ret_fd, int *ret_port,
                                struct fault *fault);

#endif
