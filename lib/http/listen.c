/* Bound here and not by libmicrohttpd, so that a taken port can be told from other failures. */
#include "lib/http/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/parse.h"

enum { HOST_BYTES_MAX = 64, BACKLOG = 1024 };

union any_address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

static bool split(struct str text, struct str *ret_host, int64_t *ret_port)
{
    size_t colon = text.len;
    while (colon && text.ptr[colon - 1] != ':')
        colon--;
    if (!colon || !parse_int64(str_slice(text, colon, text.len), 0, 65535, ret_port))
        return false;
    *ret_host = str_slice(text, 0, colon - 1);
    return ret_host->len && ret_host->len < HOST_BYTES_MAX;
}

static bool parse(struct str text, union any_address *ret_address, socklen_t *ret_len)
{
    char host[HOST_BYTES_MAX] = {0};
    struct str name;
    int64_t port;
    if (!split(text, &name, &port))
        return false;
    bool v6 = name.ptr[0] == '[' && name.ptr[name.len - 1] == ']';
    if (v6)
        name = str_slice(name, 1, name.len - 1);
    if (name.len)
        memcpy(host, name.ptr, name.len);
    memset(ret_address, 0, sizeof(*ret_address));
    if (v6) {
        ret_address->v6.sin6_family = AF_INET6;
        ret_address->v6.sin6_port = htons((uint16_t)port);
        *ret_len = sizeof(ret_address->v6);
        return inet_pton(AF_INET6, host, &ret_address->v6.sin6_addr) == 1;
    }
    ret_address->v4.sin_family = AF_INET;
    ret_address->v4.sin_port = htons((uint16_t)port);
    *ret_len = sizeof(ret_address->v4);
    return inet_pton(AF_INET, host, &ret_address->v4.sin_addr) == 1;
}

static bool bind_and_listen(int fd, const union any_address *address, socklen_t len)
{
    int on = 1;
    return fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 &&
           setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
           fcntl(fd, F_SETFL, O_NONBLOCK) == 0 && bind(fd, &address->any, len) == 0 &&
           listen(fd, BACKLOG) == 0;
}

static enum err fail(struct str address, int error, struct fault *fault)
{
    enum err err =
        error == EADDRINUSE
            ? fault_set(fault, ERR_CONFLICT, "port_taken",
                        "Another program listens on %.*s already.", STR_ARG(address))
            : fault_set(fault, ERR_IO, "listen", "Cannot listen on %.*s.", STR_ARG(address));
    fault_add_detail(fault, "errno %d", error);
    return err;
}

enum err listen_open(struct str address, int *ret_fd, int *ret_port, struct fault *fault)
{
    union any_address where;
    socklen_t len;
    if (!parse(address, &where, &len))
        return fault_set(fault, ERR_INVALID, "address",
                         "\"%.*s\" is not an address and port, as in 127.0.0.1:8420 or [::1]:8420.",
                         STR_ARG(address));
    int fd = socket(where.any.sa_family, SOCK_STREAM, 0);
    if (fd < 0)
        return fail(address, errno, fault);
    if (!bind_and_listen(fd, &where, len) || getsockname(fd, &where.any, &len) != 0) {
        int error = errno;
        close(fd);
        return fail(address, error, fault);
    }
    /* Both families have the port at the same place. */
    *ret_port = ntohs(where.v4.sin_port);
    *ret_fd = fd;
    return OK;
}
