/* One thread, two sockets, and a bad character. */
#include "tests/support/hostile_dns.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "tests/support/test.h"

enum {
    MESSAGE_MAX = 65535,
    UDP_NOISE = 4096,
    LATE_MS = 250,
    HELD_MAX = 16, /* TCP connections that are left open */
    TEXT_MAX = 200,
    BOMB_RECORDS = 1500
};

struct hostile_dns {
    enum hostile_way way;
    struct dns_address address, told;
    struct in_addr in;
    pthread_t thread;
    int udp, tcp, other;
    int held[HELD_MAX];
    size_t held_count;
    atomic_bool stopping;
    atomic_int questions;
    atomic_uint serial;
    pthread_mutex_t lock; /* of the text */
    char text[TEXT_MAX];
};

/* A message under construction. */
struct answer {
    uint8_t bytes[MESSAGE_MAX];
    size_t len;
    struct arena arena;
    struct dns_message asked;
    size_t question_len; /* header and question */
};

/* ---- writing ---- */

static void put_8(struct answer *answer, unsigned value)
{
    if (answer->len < MESSAGE_MAX)
        answer->bytes[answer->len++] = (uint8_t)value;
}

static void put_16(struct answer *answer, unsigned value)
{
    put_8(answer, value >> 8);
    put_8(answer, value & 0xff);
}

static void put_32(struct answer *answer, uint32_t value)
{
    put_16(answer, value >> 16);
    put_16(answer, value & 0xffff);
}

static void put_name(struct answer *answer, const char *name)
{
    struct str rest = str_from_c(name), label;
    while (rest.len && str_split(&rest, '.', &label)) {
        put_8(answer, (unsigned)label.len);
        for (size_t i = 0; i < label.len; i++)
            put_8(answer, (unsigned char)label.ptr[i]);
    }
    put_8(answer, 0);
}

static const char *below(struct answer *answer, const char *label)
{
    return arena_format(&answer->arena, "%s.%.*s", label, STR_ARG(answer->asked.question)).ptr;
}

static void count(struct answer *answer, int section)
{
    size_t at = 6 + 2 * (size_t)section;
    unsigned value = (unsigned)answer->bytes[at] << 8 | answer->bytes[at + 1];
    answer->bytes[at] = (uint8_t)((value + 1) >> 8);
    answer->bytes[at + 1] = (uint8_t)(value + 1);
}

/* The owner is the question's name, by a pointer. Returns where the length of the data stands. */
static size_t begin_record(struct answer *answer, int section, const char *owner, unsigned type)
{
    count(answer, section);
    if (owner)
        put_name(answer, owner);
    else
        put_16(answer, 0xc00c);
    put_16(answer, type);
    put_16(answer, 1);
    put_32(answer, 60);
    put_16(answer, 0);
    return answer->len;
}

static void end_record(struct answer *answer, size_t began)
{
    size_t len = answer->len - began;
    answer->bytes[began - 2] = (uint8_t)(len >> 8);
    answer->bytes[began - 1] = (uint8_t)len;
}

static void put_name_record(struct answer *answer, int section, const char *owner, unsigned type,
                            const char *target)
{
    size_t began = begin_record(answer, section, owner, type);
    if (type == DNS_TYPE_MX)
        put_16(answer, 10);
    put_name(answer, target);
    end_record(answer, began);
}

static void put_address(struct answer *answer, int section, const char *owner,
                        const struct dns_address *address)
{
    size_t began = begin_record(answer, section, owner, DNS_TYPE_A);
    for (size_t i = 0; i < 4; i++)
        put_8(answer, address->bytes[i]);
    end_record(answer, began);
}

static void begin(struct answer *answer, unsigned flags)
{
    answer->bytes[2] = (uint8_t)(0x80 | flags >> 8);
    answer->bytes[3] = (uint8_t)flags;
    for (size_t i = 6; i < 12; i++)
        answer->bytes[i] = 0;
    answer->len = answer->question_len;
}

/* ---- what it says ---- */

enum { AUTHORITATIVE = 0x400, TRUNCATED = 0x200 };

static void put_soa(struct hostile_dns *server, struct answer *answer, int section)
{
    size_t began = begin_record(answer, section, NULL, DNS_TYPE_SOA);
    put_name(answer, below(answer, "ns1"));
    put_name(answer, below(answer, "hostmaster"));
    put_32(answer, atomic_load(&server->serial));
    for (int i = 0; i < 4; i++)
        put_32(answer, 3600);
    end_record(answer, began);
}

static void put_text(struct hostile_dns *server, struct answer *answer)
{
    pthread_mutex_lock(&server->lock);
    if (server->text[0]) {
        size_t began = begin_record(answer, 0, NULL, DNS_TYPE_TXT);
        put_8(answer, (unsigned)strlen(server->text));
        for (size_t i = 0; server->text[i]; i++)
            put_8(answer, (unsigned char)server->text[i]);
        end_record(answer, began);
    }
    pthread_mutex_unlock(&server->lock);
}

static void say_truth(struct hostile_dns *server, struct answer *answer, unsigned flags)
{
    begin(answer, flags);
    switch (answer->asked.question_type) {
    case DNS_TYPE_SOA:
        put_soa(server, answer, 0);
        break;
    case DNS_TYPE_NS:
        put_name_record(answer, 0, NULL, DNS_TYPE_NS, below(answer, "ns1"));
        put_address(answer, 2, below(answer, "ns1"), &server->told);
        break;
    case DNS_TYPE_A:
        put_address(answer, 0, NULL, &server->told);
        break;
    case DNS_TYPE_MX:
        put_name_record(answer, 0, NULL, DNS_TYPE_MX, below(answer, "mail"));
        break;
    case DNS_TYPE_TXT:
        put_text(server, answer);
        break;
    default:
        put_soa(server, answer, 1);
        break;
    }
}

static void put_noise(struct answer *answer, size_t len)
{
    uint32_t noise = 2463534242U;
    answer->len = answer->question_len;
    begin(answer, AUTHORITATIVE);
    answer->bytes[7] = 200;
    while (answer->len < len) {
        noise ^= noise << 13;
        noise ^= noise >> 17;
        noise ^= noise << 5;
        put_8(answer, noise & 0xff);
    }
}

static void put_bomb(struct answer *answer, bool is_tcp)
{
    int records = is_tcp ? BOMB_RECORDS : 200;
    begin(answer, AUTHORITATIVE);
    size_t first = answer->len;
    count(answer, 0);
    /* One long name, and then it again and again in two bytes. */
    for (int i = 0; i < 4; i++) {
        put_8(answer, i == 3 ? 50 : 60);
        for (int j = 0; j < (i == 3 ? 50 : 60); j++)
            put_8(answer, 1);
    }
    put_8(answer, 0);
    put_16(answer, DNS_TYPE_NS);
    put_16(answer, 1);
    put_32(answer, 60);
    put_16(answer, 2);
    put_16(answer, 0xc000U | (unsigned)first);
    for (int i = 1; i < records; i++) {
        count(answer, 0);
        put_16(answer, 0xc000U | (unsigned)first);
        put_16(answer, DNS_TYPE_NS);
        put_16(answer, 1);
        put_32(answer, 60);
        put_16(answer, 2);
        put_16(answer, 0xc000U | (unsigned)first);
    }
}

static void put_pointer_loop(struct answer *answer)
{
    begin(answer, AUTHORITATIVE);
    count(answer, 0);
    put_16(answer, 0xc000U | (unsigned)answer->len);
    put_16(answer, DNS_TYPE_NS);
    put_16(answer, 1);
    put_32(answer, 60);
    put_16(answer, 0);
}

static void refer(struct answer *answer, const char *zone, const char *server)
{
    begin(answer, 0);
    put_name_record(answer, 1, zone, DNS_TYPE_NS, server);
}

/* False: it says nothing. */
static bool speak(struct hostile_dns *server, struct answer *answer, bool is_tcp)
{
    switch (server->way) {
    case HOSTILE_SILENT:
    case HOSTILE_WAYS:
        return false;
    case HOSTILE_REFUSES:
        begin(answer, DNS_REFUSED);
        return true;
    case HOSTILE_NO_NAME:
        begin(answer, AUTHORITATIVE | DNS_NO_SUCH_NAME);
        return true;
    case HOSTILE_NO_RECORD:
        begin(answer, AUTHORITATIVE);
        put_soa(server, answer, 1);
        return true;
    case HOSTILE_CACHE:
        say_truth(server, answer, 0x80);
        return true;
    case HOSTILE_ECHO:
        return true;
    case HOSTILE_OTHER_NAME:
        say_truth(server, answer, AUTHORITATIVE);
        answer->bytes[13] ^= 1;
        return true;
    case HOSTILE_WRONG_ID:
        say_truth(server, answer, AUTHORITATIVE);
        answer->bytes[0] ^= 0x55;
        return true;
    case HOSTILE_TRUNCATES:
        say_truth(server, answer, AUTHORITATIVE | (is_tcp ? 0 : TRUNCATED));
        return true;
    case HOSTILE_TRUNCATES_TWICE:
        begin(answer, AUTHORITATIVE | TRUNCATED);
        return true;
    case HOSTILE_GARBAGE:
        put_noise(answer, is_tcp ? MESSAGE_MAX : UDP_NOISE);
        return true;
    case HOSTILE_GARBAGE_TCP:
        if (is_tcp)
            put_noise(answer, MESSAGE_MAX);
        else
            begin(answer, TRUNCATED);
        return true;
    case HOSTILE_HANGS_TCP:
        begin(answer, TRUNCATED);
        return !is_tcp;
    case HOSTILE_BOMB:
        put_bomb(answer, is_tcp);
        return true;
    case HOSTILE_POINTER_LOOP:
        put_pointer_loop(answer);
        return true;
    case HOSTILE_CNAME_LOOP:
        say_truth(server, answer, AUTHORITATIVE);
        if (answer->asked.question_type == DNS_TYPE_A) {
            begin(answer, AUTHORITATIVE);
            put_name_record(answer, 0, NULL, DNS_TYPE_CNAME, below(answer, "x"));
        }
        return true;
    case HOSTILE_REFERS_UP:
        refer(answer, "", "ns.other.test");
        return true;
    case HOSTILE_REFERS_ROUND:
        refer(answer, "test", below(answer, "ns"));
        return true;
    case HOSTILE_REFERS_ON:
        refer(answer, "test", below(answer, "n"));
        put_name_record(answer, 1, "test", DNS_TYPE_NS, below(answer, "m"));
        return true;
    case HOSTILE_NO_EDNS:
        if (answer->bytes[11])
            begin(answer, DNS_FORMAT_ERROR);
        else
            say_truth(server, answer, AUTHORITATIVE);
        return true;
    case HOSTILE_HONEST:
    case HOSTILE_LATE:
    case HOSTILE_OTHER_ADDRESS:
        say_truth(server, answer, AUTHORITATIVE);
        return true;
    }
    return false;
}

static bool make_answer(struct hostile_dns *server, struct answer *answer, size_t len, bool is_tcp)
{
    struct str bytes = {(const char *)answer->bytes, len};
    atomic_fetch_add(&server->questions, 1);
    arena_reset(&answer->arena);
    if (!dns_message_parse(bytes, &answer->arena, &answer->asked))
        return false;
    answer->len = len;
    answer->question_len = 12;
    while (answer->bytes[answer->question_len])
        answer->question_len += answer->bytes[answer->question_len] + 1U;
    answer->question_len += 5;
    return speak(server, answer, is_tcp);
}

/* ---- sockets ---- */

static void wait_ms(int ms)
{
    struct timespec rest = {0, ms * 1000000L};
    nanosleep(&rest, NULL);
}

static void serve_udp(struct hostile_dns *server, struct answer *answer)
{
    struct sockaddr_in peer;
    socklen_t peer_len = sizeof(peer);
    ssize_t len =
        recvfrom(server->udp, answer->bytes, 2048, 0, (struct sockaddr *)(void *)&peer, &peer_len);
    if (len < 12 || !make_answer(server, answer, (size_t)len, false))
        return;
    if (server->way == HOSTILE_LATE)
        wait_ms(LATE_MS);
    ssize_t sent =
        sendto(server->way == HOSTILE_OTHER_ADDRESS ? server->other : server->udp, answer->bytes,
               answer->len, 0, (struct sockaddr *)(void *)&peer, peer_len);
    (void)sent;
}

static bool read_all(int fd, uint8_t *bytes, size_t len)
{
    for (size_t got = 0; got < len;) {
        ssize_t count = recv(fd, bytes + got, len - got, 0);
        if (count <= 0)
            return false;
        got += (size_t)count;
    }
    return true;
}

static void serve_tcp(struct hostile_dns *server, struct answer *answer)
{
    struct timeval limit = {1, 0};
    uint8_t head[2];
    int fd = accept(server->tcp, NULL, NULL);
    if (fd < 0)
        return;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
    bool asked = read_all(fd, head, 2);
    size_t len = (size_t)head[0] << 8 | head[1];
    if (asked && len >= 12 && len < 2048 && read_all(fd, answer->bytes, len) &&
        make_answer(server, answer, len, true)) {
        head[0] = (uint8_t)(answer->len >> 8);
        head[1] = (uint8_t)answer->len;
        if (send(fd, head, 2, MSG_NOSIGNAL) == 2)
            send(fd, answer->bytes, answer->len, MSG_NOSIGNAL);
    }
    if (server->way == HOSTILE_HANGS_TCP && server->held_count < HELD_MAX)
        server->held[server->held_count++] = fd;
    else
        close(fd);
}

static void *run(void *self)
{
    struct hostile_dns *server = self;
    struct answer *answer = calloc(1, sizeof(*answer));
    if (!answer)
        abort();
    arena_init(&answer->arena, 1024 * 1024);
    while (!atomic_load(&server->stopping)) {
        struct pollfd fds[] = {{server->udp, POLLIN, 0}, {server->tcp, POLLIN, 0}};
        if (poll(fds, 2, 20) <= 0)
            continue;
        if (fds[0].revents)
            serve_udp(server, answer);
        if (fds[1].revents)
            serve_tcp(server, answer);
    }
    arena_finish(&answer->arena);
    free(answer);
    return NULL;
}

static int bind_at(struct hostile_dns *server, int type, uint16_t port)
{
    struct sockaddr_in there = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = server->in};
    int one = 1, fd = socket(AF_INET, type, 0);
    CHECK(fd >= 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (bind(fd, (struct sockaddr *)(void *)&there, sizeof(there)) == 0)
        return fd;
    close(fd);
    return -1;
}

static uint16_t port_of(int fd)
{
    struct sockaddr_in there = {0};
    socklen_t len = sizeof(there);
    CHECK(getsockname(fd, (struct sockaddr *)(void *)&there, &len) == 0);
    return ntohs(there.sin_port);
}

/* The same port for both, which somebody else may have in one of them. */
static void open_sockets(struct hostile_dns *server, uint16_t port)
{
    for (int tries = 0; tries < 50; tries++) {
        server->udp = bind_at(server, SOCK_DGRAM, port);
        server->tcp = server->udp < 0 ? -1 : bind_at(server, SOCK_STREAM, port_of(server->udp));
        if (server->tcp >= 0)
            break;
        if (server->udp >= 0)
            close(server->udp);
    }
    CHECK(server->tcp >= 0 && listen(server->tcp, 16) == 0);
    server->other = bind_at(server, SOCK_DGRAM, 0);
    CHECK(server->other >= 0);
}

struct hostile_dns *hostile_dns_start(enum hostile_way way, const char *address, uint16_t port)
{
    struct hostile_dns *server = calloc(1, sizeof(*server));
    CHECK(server && inet_pton(AF_INET, address, &server->in) == 1);
    server->way = way;
    atomic_store(&server->serial, 1);
    pthread_mutex_init(&server->lock, NULL);
    open_sockets(server, port);
    CHECK(dns_address_parse(str_from_c(address), port_of(server->udp), &server->address));
    server->told = server->address;
    CHECK(pthread_create(&server->thread, NULL, run, server) == 0);
    return server;
}

void hostile_dns_stop(struct hostile_dns *server)
{
    if (!server)
        return;
    atomic_store(&server->stopping, true);
    pthread_join(server->thread, NULL);
    for (size_t i = 0; i < server->held_count; i++)
        close(server->held[i]);
    close(server->udp);
    close(server->tcp);
    close(server->other);
    pthread_mutex_destroy(&server->lock);
    free(server);
}

struct dns_address hostile_dns_address(const struct hostile_dns *server)
{
    return server->address;
}

int hostile_dns_questions(const struct hostile_dns *server)
{
    return atomic_load(&((struct hostile_dns *)(uintptr_t)server)->questions);
}

void hostile_dns_set_serial(struct hostile_dns *server, uint32_t serial)
{
    atomic_store(&server->serial, serial);
}

void hostile_dns_set_text(struct hostile_dns *server, const char *text)
{
    pthread_mutex_lock(&server->lock);
    snprintf(server->text, sizeof(server->text), "%s", text);
    pthread_mutex_unlock(&server->lock);
}

void hostile_dns_point(struct hostile_dns *server, const struct dns_address *address)
{
    server->told = *address;
}
