/* The loop around c-ares: which channel a question goes to, when it is sent, what came of it. */
#include "lib/dns/client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* Behind <sys/select.h>, which it needs and does not include. */
#include <ares.h>

#include "lib/base/map.h"

enum {
    EVENTS = 128,
    BUCKETS = 512,
    TICK_US = 20000, /* how often time-outs are looked for */
    US_PER_MS = 1000,
    US_PER_SECOND = 1000000,
    RANDOM_BYTES = 512,
    PARSED_BYTES_MAX = 8 * 1024 * 1024,
    RECEIVE_BYTES = 1024 * 1024 /* answers of many questions wait in the socket */
};

struct channel;

/* A question on its way; freed when it is answered. */
struct asked {
    struct asked *next;
    struct dns_client *client;
    struct channel *channel;
    dns_answered *answered;
    void *self;
    struct dns_address server;
    enum dns_type type;
    bool wants_recursion;
    bool edns;
    enum dns_outcome outcome; /* of those that are not sent */
    int64_t began_us;
    size_t name_len;
    char name[];
};

struct queue {
    struct asked *first, *last;
};

struct channel {
    struct channel *next_in_bucket, *next_active;
    struct dns_client *client;
    struct dns_address server;
    ares_channel ares;
    struct queue waiting;
    size_t in_flight;
    bool is_active; /* something waits or is in flight: it is in the list */
    double tokens;
    int64_t refilled_us, used_us;
};

struct dns_client {
    struct dns_client_options options;
    int epoll_fd, wake_fd;
    struct channel *buckets[BUCKETS];
    struct channel *active;
    size_t channels;
    struct queue incoming, unsent; /* to be given a channel; those that are not to be sent */
    struct channel **channel_of_fd;
    size_t fds;
    size_t pending;
    int64_t ticked_us;
    struct arena arena; /* of the answer that is looked at */
    uint8_t random[RANDOM_BYTES];
    size_t random_used;
};

static int64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * US_PER_SECOND + now.tv_nsec / 1000;
}

/* ---- queues ---- */

static void put(struct queue *queue, struct asked *asked)
{
    asked->next = NULL;
    if (queue->last)
        queue->last->next = asked;
    else
        queue->first = asked;
    queue->last = asked;
}

static struct asked *take(struct queue *queue)
{
    struct asked *asked = queue->first;
    if (!asked)
        return NULL;
    queue->first = asked->next;
    if (!queue->first)
        queue->last = NULL;
    return asked;
}

/* ---- answers ---- */

static void finish(struct asked *asked, const struct dns_reply *reply)
{
    dns_answered *answered = asked->answered;
    void *self = asked->self;
    asked->client->pending--;
    free(asked);
    answered(self, reply);
}

static void finish_without(struct asked *asked, enum dns_outcome outcome)
{
    struct dns_reply reply = {.outcome = outcome};
    if (asked->began_us)
        reply.latency_us = now_us() - asked->began_us;
    finish(asked, &reply);
}

static enum dns_outcome outcome_of(int status)
{
    switch (status) {
    case ARES_ETIMEOUT:
        return DNS_TIMED_OUT;
    case ARES_ECANCELLED:
    case ARES_EDESTRUCTION:
        return DNS_CANCELLED;
    case ARES_ECONNREFUSED:
    case ARES_EFILE:
        return DNS_UNREACHABLE;
    default:
        return DNS_GARBAGE;
    }
}

/* What servers made before EDNS say of it (RFC 6891, section 7). */
static bool is_without_edns(const struct dns_message *message)
{
    return message->rcode == DNS_FORMAT_ERROR || message->rcode == DNS_NOT_IMPLEMENTED;
}

static void take_answer(struct asked *asked, struct str bytes)
{
    struct dns_client *client = asked->client;
    struct dns_message message;
    struct dns_reply reply = {.outcome = DNS_GARBAGE, .latency_us = now_us() - asked->began_us};
    if (dns_message_parse(bytes, &client->arena, &message) && message.is_response) {
        reply.outcome = DNS_ANSWERED;
        reply.message = &message;
    }
    if (reply.message && asked->edns && is_without_edns(&message)) {
        asked->edns = false;
        put(&client->incoming, asked);
    } else {
        finish(asked, &reply);
    }
    arena_reset(&client->arena);
}

static void ares_answered(void *self, int status, int timeouts, unsigned char *bytes, int len)
{
    struct asked *asked = self;
    (void)timeouts;
    asked->channel->in_flight--;
    asked->channel = NULL;
    if (status == ARES_SUCCESS && bytes && len > 0)
        take_answer(asked, (struct str){(const char *)bytes, (size_t)len});
    else
        finish_without(asked, outcome_of(status));
}

/* ---- channels ---- */

static void watch_socket(void *self, ares_socket_t fd, int readable, int writable)
{
    struct channel *channel = self;
    struct dns_client *client = channel->client;
    struct epoll_event event = {.events = (readable ? EPOLLIN : 0U) | (writable ? EPOLLOUT : 0U),
                                .data = {.fd = fd}};
    if (fd < 0)
        return;
    if ((size_t)fd >= client->fds) {
        size_t fds = (size_t)fd * 2 + 64;
        client->channel_of_fd = realloc(client->channel_of_fd, fds * sizeof(struct channel *));
        if (!client->channel_of_fd)
            abort();
        memset(client->channel_of_fd + client->fds, 0,
               (fds - client->fds) * sizeof(struct channel *));
        client->fds = fds;
    }
    client->channel_of_fd[fd] = event.events ? channel : NULL;
    if (!event.events)
        epoll_ctl(client->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
    else if (epoll_ctl(client->epoll_fd, EPOLL_CTL_MOD, fd, &event))
        epoll_ctl(client->epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

static bool set_server(struct channel *channel)
{
    struct ares_addr_port_node node = {.udp_port = channel->server.port,
                                       .tcp_port = channel->server.port};
    node.family = channel->server.family == 6 ? AF_INET6 : AF_INET;
    memcpy(&node.addr, channel->server.bytes, channel->server.family == 6 ? 16 : 4);
    return ares_set_servers_ports(channel->ares, &node) == ARES_SUCCESS;
}

static bool open_ares(struct channel *channel)
{
    const struct dns_client_options *wanted = &channel->client->options;
    struct ares_options options = {
        /* Raw answers, whatever they say; and EDNS as we put it into the queries. */
        .flags = ARES_FLAG_NOCHECKRESP | ARES_FLAG_EDNS | ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES,
        .timeout = wanted->timeout_ms,
        .tries = wanted->tries,
        .socket_receive_buffer_size = RECEIVE_BYTES,
        .ednspsz = DNS_EDNS_BYTES,
        .sock_state_cb = watch_socket,
        .sock_state_cb_data = channel,
    };
    int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_RCVBUF |
               ARES_OPT_EDNSPSZ | ARES_OPT_SOCK_STATE_CB;
    if (ares_init_options(&channel->ares, &options, mask) != ARES_SUCCESS)
        return false;
    if (set_server(channel))
        return true;
    ares_destroy(channel->ares);
    return false;
}

static struct channel **bucket_of(struct dns_client *client, const struct dns_address *server)
{
    uint64_t hash = hash_bytes((struct str){(const char *)server->bytes, 16}, server->port);
    return &client->buckets[hash % BUCKETS];
}

static void close_channel(struct channel *channel)
{
    struct channel **at = bucket_of(channel->client, &channel->server);
    while (*at != channel)
        at = &(*at)->next_in_bucket;
    *at = channel->next_in_bucket;
    ares_destroy(channel->ares);
    channel->client->channels--;
    free(channel);
}

/* The one that was used least recently of those that have nothing to do. */
static struct channel *idle_channel(struct dns_client *client)
{
    struct channel *oldest = NULL;
    for (size_t i = 0; i < BUCKETS; i++)
        for (struct channel *at = client->buckets[i]; at; at = at->next_in_bucket)
            if (!at->is_active && (!oldest || at->used_us < oldest->used_us))
                oldest = at;
    return oldest;
}

static struct channel *open_channel(struct dns_client *client, const struct dns_address *server)
{
    struct channel **bucket = bucket_of(client, server);
    struct channel *channel = calloc(1, sizeof(*channel));
    if (!channel)
        abort();
    channel->client = client;
    channel->server = *server;
    channel->tokens = 1;
    channel->refilled_us = now_us();
    if (!open_ares(channel)) {
        free(channel);
        return NULL;
    }
    channel->next_in_bucket = *bucket;
    *bucket = channel;
    client->channels++;
    return channel;
}

static struct channel *find_channel(struct dns_client *client, const struct dns_address *server)
{
    struct channel *at = *bucket_of(client, server);
    while (at && !dns_address_equal(&at->server, server))
        at = at->next_in_bucket;
    return at;
}

/* False: none is free, it has to wait. */
static bool channel_for(struct asked *asked, struct channel **ret_channel)
{
    struct dns_client *client = asked->client;
    *ret_channel = find_channel(client, &asked->server);
    if (*ret_channel)
        return true;
    if (client->channels >= client->options.channels_max) {
        struct channel *idle = idle_channel(client);
        if (!idle)
            return false;
        close_channel(idle);
    }
    *ret_channel = open_channel(client, &asked->server);
    return true;
}

/* ---- sending ---- */

static uint16_t next_id(struct dns_client *client)
{
    uint16_t id;
    if (client->random_used + sizeof(id) > sizeof(client->random)) {
        client->options.random(client->options.random_self, client->random, sizeof(client->random));
        client->random_used = 0;
    }
    memcpy(&id, client->random + client->random_used, sizeof(id));
    client->random_used += sizeof(id);
    return id;
}

static void send_question(struct channel *channel, struct asked *asked)
{
    uint8_t bytes[DNS_QUERY_BYTES_MAX];
    struct dns_query query = {.id = next_id(channel->client),
                              .name = {asked->name, asked->name_len},
                              .type = (uint16_t)asked->type,
                              .wants_recursion = asked->wants_recursion,
                              .edns = asked->edns};
    size_t len = dns_query_render(&query, bytes);
    if (!len) {
        finish_without(asked, DNS_GARBAGE);
        return;
    }
    asked->channel = channel;
    asked->began_us = now_us();
    channel->used_us = asked->began_us;
    channel->in_flight++;
    ares_send(channel->ares, bytes, (int)len, ares_answered, asked);
}

static bool may_send(struct channel *channel)
{
    const struct dns_client_options *options = &channel->client->options;
    if (channel->in_flight >= options->in_flight_max)
        return false;
    if (!options->per_second)
        return true;
    double most = options->per_second / 10.0;
    int64_t now = now_us();
    channel->tokens +=
        (double)(now - channel->refilled_us) * options->per_second / (double)US_PER_SECOND;
    channel->refilled_us = now;
    if (channel->tokens > (most < 1 ? 1 : most))
        channel->tokens = most < 1 ? 1 : most;
    if (channel->tokens < 1)
        return false;
    channel->tokens -= 1;
    return true;
}

static void pump(struct channel *channel)
{
    while (channel->waiting.first && may_send(channel))
        send_question(channel, take(&channel->waiting));
}

static void pump_all(struct dns_client *client)
{
    struct channel **at = &client->active;
    while (*at) {
        struct channel *channel = *at;
        pump(channel);
        if (channel->waiting.first || channel->in_flight) {
            at = &channel->next_active;
            continue;
        }
        *at = channel->next_active;
        channel->is_active = false;
    }
}

static void give_to(struct channel *channel, struct asked *asked)
{
    put(&channel->waiting, asked);
    if (channel->is_active)
        return;
    channel->is_active = true;
    channel->next_active = channel->client->active;
    channel->client->active = channel;
}

static void route(struct dns_client *client)
{
    struct queue left = {NULL, NULL};
    struct asked *asked;
    struct channel *channel;
    while ((asked = take(&client->incoming))) {
        if (!channel_for(asked, &channel)) {
            put(&left, asked);
        } else if (channel) {
            give_to(channel, asked);
        } else {
            asked->outcome = DNS_UNREACHABLE;
            put(&client->unsent, asked);
        }
    }
    client->incoming = left;
}

/* ---- the turn ---- */

static void look_at_time(struct dns_client *client)
{
    int64_t now = now_us();
    if (now - client->ticked_us < TICK_US)
        return;
    client->ticked_us = now;
    for (struct channel *channel = client->active; channel; channel = channel->next_active)
        ares_process_fd(channel->ares, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

static void handle_event(struct dns_client *client, const struct epoll_event *event)
{
    int fd = event->data.fd;
    uint64_t count;
    if (fd == client->wake_fd) {
        ssize_t got = read(fd, &count, sizeof(count));
        (void)got; /* it is only there to end the wait */
        return;
    }
    struct channel *channel = client->channel_of_fd[fd];
    if (!channel)
        return;
    bool in = event->events & (EPOLLIN | EPOLLERR | EPOLLHUP);
    ares_process_fd(channel->ares, in ? fd : ARES_SOCKET_BAD,
                    event->events & EPOLLOUT ? fd : ARES_SOCKET_BAD);
}

static int wait_for(const struct dns_client *client, int wait_ms)
{
    if (client->unsent.first)
        return 0;
    if (client->active && wait_ms > TICK_US / US_PER_MS)
        return TICK_US / US_PER_MS;
    return wait_ms;
}

void dns_client_turn(struct dns_client *client, int wait_ms)
{
    struct epoll_event events[EVENTS];
    struct asked *asked;
    route(client);
    pump_all(client);
    int count = epoll_wait(client->epoll_fd, events, EVENTS, wait_for(client, wait_ms));
    for (int i = 0; i < count; i++)
        handle_event(client, &events[i]);
    look_at_time(client);
    struct queue unsent = client->unsent;
    client->unsent = (struct queue){NULL, NULL};
    while ((asked = take(&unsent)))
        finish_without(asked, asked->outcome);
    route(client);
    pump_all(client);
}

/* ---- the rest of the header ---- */

void dns_client_ask(struct dns_client *client, const struct dns_question *question,
                    dns_answered *answered, void *self)
{
    struct asked *asked = calloc(1, sizeof(*asked) + question->name.len + 1);
    if (!asked)
        abort();
    asked->client = client;
    asked->answered = answered;
    asked->self = self;
    asked->server = question->server;
    asked->type = question->type;
    asked->wants_recursion = question->wants_recursion;
    asked->edns = true;
    asked->name_len = question->name.len;
    if (question->name.len)
        memcpy(asked->name, question->name.ptr, question->name.len);
    client->pending++;
    if (dns_address_is_private(&asked->server) && !client->options.allow_private) {
        asked->outcome = DNS_FORBIDDEN;
        put(&client->unsent, asked);
    } else {
        put(&client->incoming, asked);
    }
}

struct dns_client *dns_client_new(const struct dns_client_options *options)
{
    struct dns_client *client = calloc(1, sizeof(*client));
    if (!client)
        abort();
    client->options = *options;
    client->random_used = RANDOM_BYTES;
    client->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    client->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN, .data = {.fd = client->wake_fd}};
    if (client->epoll_fd < 0 || client->wake_fd < 0 ||
        epoll_ctl(client->epoll_fd, EPOLL_CTL_ADD, client->wake_fd, &event))
        abort();
    arena_init(&client->arena, PARSED_BYTES_MAX);
    return client;
}

static void cancel(struct queue *queue)
{
    struct asked *asked;
    while ((asked = take(queue)))
        finish_without(asked, DNS_CANCELLED);
}

void dns_client_free(struct dns_client *client)
{
    if (!client)
        return;
    for (size_t i = 0; i < BUCKETS; i++) {
        struct channel *channel = client->buckets[i], *next;
        for (; channel; channel = next) {
            next = channel->next_in_bucket;
            cancel(&channel->waiting);
            ares_destroy(channel->ares);
            free(channel);
        }
    }
    cancel(&client->incoming);
    cancel(&client->unsent);
    close(client->epoll_fd);
    close(client->wake_fd);
    free(client->channel_of_fd);
    arena_finish(&client->arena);
    free(client);
}

void dns_client_set_private(struct dns_client *client, bool allow_private)
{
    client->options.allow_private = allow_private;
}

void dns_client_set_rate(struct dns_client *client, int per_second)
{
    client->options.per_second = per_second;
}

size_t dns_client_pending(const struct dns_client *client)
{
    return client->pending;
}

void dns_client_wake(struct dns_client *client)
{
    uint64_t one = 1;
    ssize_t wrote = write(client->wake_fd, &one, sizeof(one));
    (void)wrote; /* it fails only where a wake-up waits already */
}

bool dns_client_has_ipv6(void)
{
    /* A root server; connecting a datagram socket sends nothing. */
    struct sockaddr_in6 there = {.sin6_family = AF_INET6, .sin6_port = htons(DNS_PORT)};
    int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || inet_pton(AF_INET6, "2001:500:2f::f", &there.sin6_addr) != 1)
        return false;
    bool has = connect(fd, (const struct sockaddr *)(const void *)&there, sizeof(there)) == 0;
    close(fd);
    return has;
}
