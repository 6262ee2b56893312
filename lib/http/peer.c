/* One client must have one text, whichever way it came. */
#include "lib/http/peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

enum { NETWORK_BYTES = 8 };

static void render_v6(const struct in6_addr *address, char ret_text[PEER_TEXT_MAX])
{
    if (IN6_IS_ADDR_V4MAPPED(address))
        inet_ntop(AF_INET, &address->s6_addr[12], ret_text, PEER_TEXT_MAX);
    else
        inet_ntop(AF_INET6, address, ret_text, PEER_TEXT_MAX);
}

void peer_render(const struct sockaddr *address, char ret_text[PEER_TEXT_MAX])
{
    ret_text[0] = '\0';
    if (address && address->sa_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, address, sizeof(v4));
        inet_ntop(AF_INET, &v4.sin_addr, ret_text, PEER_TEXT_MAX);
    } else if (address && address->sa_family == AF_INET6) {
        struct sockaddr_in6 v6;
        memcpy(&v6, address, sizeof(v6));
        render_v6(&v6.sin6_addr, ret_text);
    }
}

static bool to_c(struct str text, char ret_text[PEER_TEXT_MAX])
{
    if (!text.len || text.len >= PEER_TEXT_MAX || memchr(text.ptr, 0, text.len))
        return false;
    memcpy(ret_text, text.ptr, text.len);
    ret_text[text.len] = '\0';
    return true;
}

bool peer_normalise(struct str text, char ret_text[PEER_TEXT_MAX])
{
    char given[PEER_TEXT_MAX];
    struct in_addr v4;
    struct in6_addr v6;
    if (!to_c(text, given))
        return false;
    if (inet_pton(AF_INET, given, &v4) == 1)
        return inet_ntop(AF_INET, &v4, ret_text, PEER_TEXT_MAX) != NULL;
    if (inet_pton(AF_INET6, given, &v6) != 1)
        return false;
    render_v6(&v6, ret_text);
    return true;
}

struct str peer_network(struct str peer, char bytes[PEER_TEXT_MAX])
{
    char given[PEER_TEXT_MAX];
    struct in6_addr v6;
    if (!str_find_char(peer, ':', NULL) || !to_c(peer, given) ||
        inet_pton(AF_INET6, given, &v6) != 1)
        return peer;
    memcpy(bytes, v6.s6_addr, NETWORK_BYTES);
    return (struct str){bytes, NETWORK_BYTES};
}
