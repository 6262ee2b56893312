/* Checks of domains at a local NSD, beside a bare c-ares loop that asks the same questions. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* Behind <sys/select.h>, which it needs and does not include. */
#include <ares.h>

#include "src/app/app.h"
#include "src/domain/domain.h"
#include "tests/bench/process.h"

enum {
    DOMAINS = 10000,
    ZONES = 1000,
    BARE_IN_FLIGHT = 100,
    ARENA_BYTES = 4 * 1024 * 1024,
    PATH_BYTES = 300,
    NAME_BYTES = 64,
    START_TRIES = 200,
    ROUNDS = 3
};

/* What a check of a domain asks that is in order and has one name server. */
static const int types[] = {DNS_TYPE_NS, DNS_TYPE_DS, DNS_TYPE_SOA,
                            DNS_TYPE_NS, DNS_TYPE_MX, DNS_TYPE_DNSKEY};

static struct str domain_of(int number, struct arena *arena)
{
    return arena_format(arena, "z%d.test", number % ZONES);
}

/* ---- the server ---- */

static uint16_t free_port(void)
{
    struct sockaddr_in there = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof(there);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)(void *)&there, len) ||
        getsockname(fd, (struct sockaddr *)(void *)&there, &len))
        bench_fail("there is no free port");
    close(fd);
    return ntohs(there.sin_port);
}

static FILE *create(const char *name)
{
    char path[PATH_BYTES];
    snprintf(path, sizeof(path), "%s/%s", bench_directory(), name);
    FILE *file = fopen(path, "w");
    if (!file)
        bench_fail("%s cannot be written", path);
    return file;
}

static void write_zones(uint16_t port)
{
    const char *directory = bench_directory();
    FILE *conf = create("nsd.conf"), *zone = create("zone"), *root = create("root");
    fprintf(zone, "$TTL 60\n@ SOA ns1 hostmaster 1 3600 600 86400 60\n@ NS ns1\n"
                  "ns1 A 127.0.0.1\n@ MX 10 mail\nmail A 127.0.0.1\n");
    fprintf(root, "$TTL 60\n. SOA a. h. 1 3600 600 86400 60\n. NS a.\na. A 127.0.0.1\n");
    fprintf(conf,
            "server:\n ip-address: 127.0.0.1@%d\n server-count: 1\n username: \"\"\n"
            " chroot: \"\"\n database: \"\"\n zonesdir: \"%s\"\n pidfile: \"%s/pid\"\n"
            " xfrdfile: \"%s/xfrd\"\n zonelistfile: \"%s/list\"\n xfrdir: \"%s\"\n"
            " logfile: \"%s/log\"\n rrl-ratelimit: 0\nremote-control:\n control-enable: no\n"
            "zone:\n name: \".\"\n zonefile: root\n",
            port, directory, directory, directory, directory, directory, directory);
    for (int i = 0; i < ZONES; i++)
        fprintf(conf, "zone:\n name: \"z%d.test\"\n zonefile: zone\n", i);
    fclose(zone);
    fclose(root);
    fclose(conf);
}

static pid_t start_server(void)
{
    char path[PATH_BYTES];
    snprintf(path, sizeof(path), "%s/nsd.conf", bench_directory());
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        if (!freopen("/dev/null", "w", stderr))
            _exit(126);
        execl("/usr/sbin/nsd", "nsd", "-d", "-c", path, (char *)NULL);
        _exit(127);
    }
    return pid;
}

/* ---- the product ---- */

struct counting {
    pthread_mutex_t lock;
    pthread_cond_t all;
    int left, healthy;
};

struct check {
    struct domain_ask ask;
    struct arena arena;
    struct counting *counting;
};

static void checked(struct domain_ask *ask)
{
    struct check *check = ask->self;
    struct counting *counting = check->counting;
    bool healthy = ask->finding && ask->finding->verdict == DOMAIN_HEALTHY;
    arena_finish(&check->arena);
    pthread_mutex_lock(&counting->lock);
    counting->healthy += healthy;
    if (--counting->left == 0)
        pthread_cond_signal(&counting->all);
    pthread_mutex_unlock(&counting->lock);
}

static double check_all(struct domain_service *service, const struct domain_settings *settings,
                        struct check *checks, int count, int *ret_healthy)
{
    struct counting counting = {.left = count};
    pthread_mutex_init(&counting.lock, NULL);
    pthread_cond_init(&counting.all, NULL);
    double began = bench_now_s();
    for (int i = 0; i < count; i++) {
        struct check *check = &checks[i];
        *check = (struct check){.counting = &counting};
        arena_init(&check->arena, ARENA_BYTES);
        check->ask.settings = *settings;
        check->ask.request.domain = domain_of(i, &check->arena);
        check->ask.arena = &check->arena;
        check->ask.done = checked;
        check->ask.self = check;
        domain_service_ask(service, &check->ask);
    }
    pthread_mutex_lock(&counting.lock);
    while (counting.left)
        pthread_cond_wait(&counting.all, &counting.lock);
    pthread_mutex_unlock(&counting.lock);
    *ret_healthy = counting.healthy;
    return bench_now_s() - began;
}

/* ---- the bare loop ---- */

struct bare {
    ares_channel channel;
    int next, in_flight, answered;
};

static void bare_answered(void *self, int status, int timeouts, unsigned char *bytes, int len)
{
    struct bare *bare = self;
    (void)timeouts;
    (void)bytes;
    (void)len;
    bare->in_flight--;
    bare->answered += status == ARES_SUCCESS || status == ARES_ENODATA;
}

static void bare_ask(struct bare *bare)
{
    char name[NAME_BYTES];
    int total = DOMAINS * (int)ARRAY_LEN(types);
    while (bare->next < total && bare->in_flight < BARE_IN_FLIGHT) {
        int number = bare->next / (int)ARRAY_LEN(types);
        snprintf(name, sizeof(name), "z%d.test", number % ZONES);
        bare->in_flight++;
        ares_query(bare->channel, name, 1, types[(size_t)bare->next++ % ARRAY_LEN(types)],
                   bare_answered, bare);
    }
}

static void bare_wait(struct bare *bare)
{
    ares_socket_t sockets[ARES_GETSOCK_MAXNUM];
    int bits = ares_getsock(bare->channel, sockets, ARES_GETSOCK_MAXNUM);
    struct pollfd fd = {ARES_GETSOCK_READABLE(bits, 0) ? sockets[0] : -1, POLLIN, 0};
    poll(&fd, 1, 20);
    ares_process_fd(bare->channel, fd.revents ? fd.fd : ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

static double bare_seconds(uint16_t port)
{
    struct bare bare = {.next = 0};
    struct ares_options options = {.flags = ARES_FLAG_EDNS | ARES_FLAG_NOCHECKRESP,
                                   .timeout = 1500,
                                   .tries = 2,
                                   .socket_receive_buffer_size = 1024 * 1024,
                                   .ednspsz = DNS_EDNS_BYTES};
    struct ares_addr_port_node server = {.family = AF_INET, .udp_port = port, .tcp_port = port};
    server.addr.addr4.s_addr = htonl(INADDR_LOOPBACK);
    int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_RCVBUF |
               ARES_OPT_EDNSPSZ;
    if (ares_init_options(&bare.channel, &options, mask) != ARES_SUCCESS ||
        ares_set_servers_ports(bare.channel, &server) != ARES_SUCCESS)
        bench_fail("c-ares does not start");
    double began = bench_now_s();
    for (bare_ask(&bare); bare.in_flight; bare_ask(&bare))
        bare_wait(&bare);
    double seconds = bench_now_s() - began;
    ares_destroy(bare.channel);
    if (bare.answered != DOMAINS * (int)ARRAY_LEN(types))
        bench_fail("the bare loop got %d answers", bare.answered);
    return seconds;
}

/* ---- all of it ---- */

static double memory_mib(void)
{
    struct process self = {.pid = getpid()};
    return process_memory_mib(&self);
}

static void wait_for_server(struct domain_service *service, const struct domain_settings *settings,
                            struct check *checks)
{
    struct timespec pause = {0, 50000000};
    int healthy = 0;
    for (int i = 0; i < START_TRIES && !healthy; i++) {
        nanosleep(&pause, NULL);
        check_all(service, settings, checks, 1, &healthy);
    }
    if (!healthy)
        bench_fail("NSD does not answer");
}

static void measure(struct domain_service *service, const struct domain_settings *settings,
                    struct check *checks)
{
    double best = 1e9, bare = 1e9, first_mib = 0, last_mib = 0;
    int healthy = 0;
    for (int round = 0; round < ROUNDS; round++) {
        double seconds = bare_seconds((uint16_t)settings->port);
        bare = seconds < bare ? seconds : bare;
        seconds = check_all(service, settings, checks, DOMAINS, &healthy);
        best = seconds < best ? seconds : best;
        if (healthy != DOMAINS)
            bench_fail("only %d of %d domains are healthy", healthy, DOMAINS);
        last_mib = memory_mib();
        if (round == 0)
            first_mib = last_mib;
    }
    bench_title("DNS: %d domains on %d zones at a local NSD, %zu questions each", DOMAINS, ZONES,
                ARRAY_LEN(types));
    bench_print(&(struct bench_figure){.name = "domains checked",
                                       .value = DOMAINS / best,
                                       .unit = "domains/s",
                                       .baseline_name = "bare c-ares, the same questions",
                                       .baseline = DOMAINS / bare,
                                       .goal = 0.7});
    bench_print(&(struct bench_figure){.name = "memory after the last round",
                                       .value = last_mib,
                                       .unit = "MiB",
                                       .baseline_name = "after the first",
                                       .baseline = first_mib,
                                       .goal = 1.1,
                                       .at_most = true});
}

int main(void)
{
    if (access("/usr/sbin/nsd", X_OK)) {
        bench_note("DNS: there is no NSD (script/bootstrap test installs it)");
        return 0;
    }
    struct services services = app_bare_services(STR(""), STR(""));
    struct domain_settings settings = {
        .allow_private = true, .port = free_port(), .root_count = 1, .version = 1};
    if (!dns_address_parse(STR("127.0.0.1"), (uint16_t)settings.port, &settings.roots[0]))
        bench_fail("no address");
    struct check *checks = calloc(DOMAINS, sizeof(*checks));
    if (!checks)
        bench_fail("no memory");
    write_zones((uint16_t)settings.port);
    pid_t server = start_server();
    struct domain_service *service = domain_service_new(&services, false);
    wait_for_server(service, &settings, checks);
    measure(service, &settings, checks);
    domain_service_free(service);
    kill(server, SIGTERM);
    waitpid(server, NULL, 0);
    free(checks);
    bench_end();
    return 0;
}
